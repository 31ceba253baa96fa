/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading a module with its patches, by a plan, and unloading it with them.  The helper,
 * klpdep_load() and klpdep_sync() use this. */
#ifndef KLP_JOB_H
#define KLP_JOB_H

#include "libklpdep/tree/index.h"
#include "libklpdep/live/loader.h"
#include "shared/message.h"
#include "libklpdep/plan/plan.h"
#include "libklpdep/live/transition.h"

struct klp_job {
	struct klpdep_ctx *ctx;
	struct klp_kmod *kmod;
	const struct klpdep_view *view;
	struct klp_loader loader;
	char name[KLP_MODULE_NAME_LEN]; /* the module to load or unload */
	const char *options; /* the module's options; NULL: those of modprobe.d(5) */
	bool required;       /* policy require */
	bool fatal;	     /* the user asked for just this: a failure is an error */
	bool late;           /* policy late: wait for nothing */
	bool inner;          /* inside a rule, whose plan has the softdeps */
	struct klp_strv failed;   /* patches that could not be loaded */
	struct klp_strv reloaded; /* patches that were reloaded for the target */
	bool target_inserted;   /* we inserted it */
	bool gave_up;           /* waiting for a transition that does not end */
	bool reload;            /* --reload: targets may run unpatched for a while */
	size_t n_left;          /* superseded patches that are still loaded */
};

/* Free the job's lists and its kmod context; all else belongs to the caller. */
void klp_job_clear(struct klp_job *job);

/* Load the module: with its patches, by a plan; or alone.  0 or an errno, which has been
 * logged. */
int klp_job_load(struct klp_job *job);
int klp_job_load_plainly(struct klp_job *job);

/* The hooks of a target that modprobe handles itself (hooks.c, unload.c): before and
 * after it is loaded, before and after it is removed.  They neither load nor remove the
 * target, nor do they keep modprobe from that. */
int klp_job_before(struct klp_job *job);
int klp_job_after(struct klp_job *job);
int klp_job_going(struct klp_job *job);
int klp_job_gone(struct klp_job *job);

/* The rules are for all kernels, so they replace the softdeps of a target also where it has
 * no patches.  Load those of its softdeps that the rule does not have: those before it, or
 * @behind it.  The job needs no view.  Whether the rule has a hook after the target. */
bool klp_job_load_softdeps(struct klp_job *job, const char *kernel, bool behind);
/* The hooks of a target that is loaded without patches. */
void klp_job_before_plainly(struct klp_job *job, const char *kernel);
void klp_job_after_plainly(struct klp_job *job, const char *kernel);

/* Remove the module and its patches.  With an empty index, this does the same as
 * modprobe -r without a remove rule, which also removes unused dependencies. */
int klp_job_unload(struct klp_job *job);
/* Whether an index is that of the running kernel: 0, or -EINVAL, which has been
 * logged. */
int klp_job_check_running(struct klpdep_ctx *ctx, const struct klpdep_index *index);
/* A patch of the index; NULL: there is none of that name, which has been logged. */
const struct klpdep_patch *klp_job_find_patch(const struct klp_job *job,
					      const char *name);
/* Prepare a job that no target waits for; its context and view are set. */
int klp_job_prepare(struct klp_job *job);

/* Whether freeze of klpdep.d(5) forbids changes of the running kernel.  It does not
 * count while the machine starts, until klpdep sync was run.  @where may be NULL. */
bool klp_job_is_frozen(const struct klpdep_config *config, const char **where);
/* Note that klpdep sync was run. */
void klp_job_note_synced(void);

/* Whether a patch that is loaded by name is masked, which has been logged.  A blacklist
 * does not count then, as in modprobe. */
bool klp_job_is_masked(const struct klp_job *job, const struct klpdep_patch *patch);

/* Why a patch is blocked, or NULL.  A later release of its own series does not count. */
const char *klp_job_blocked(const struct klp_job *job, const char *name);

/* ---- the target itself (target.c) -------------------------------------------------- */

/* Insert the job's target, without dependencies: 0 or an errno, which has been logged. */
int klp_job_insert_target(struct klp_job *job);
/* Log that it could not be inserted; @err. */
int klp_job_not_inserted(const struct klp_job *job, bool fatal, int err);
/* The kernel has refused the target because of a patch; @what is the reason.  Log that,
 * and take the patch out if nothing needs it.  Whether the target can be loaded now. */
bool klp_job_handle_misfit(struct klp_job *job, const char *patch,
			   const struct klp_failure *failure, const char *what);
/* Reload those patches of the job's target that the kernel cannot apply to it again. */
int klp_job_reload_used_up(struct klp_job *job);

/* ---- steps (load.c) ---------------------------------------------------------------- */

/* Log that there is no plan; @err. */
int klp_job_no_plan(const struct klp_job *job, int err);
/* Log that a step has loaded its module; before it, @n_inserted patches had been
 * inserted. */
void klp_job_report_step(const struct klp_job *job, const struct klpdep_step *step,
			 size_t n_inserted);
/* Check that the active patches of the job's target, which is loaded, are applied to
 * it.  Logs those that are not; under policy require they are an error. */
int klp_job_check_patched(struct klp_job *job);

/* The message for a patch that is left out. */
enum klp_message klp_job_deferral(const struct klp_job *job, const char *name);

/* Carry out one step of loading.  A failure has been logged, with @about as its
 * subject: the module that the step is for. */
int klp_job_step(struct klp_job *job, const struct klpdep_step *step, const char *about);

/* ---- for both ---------------------------------------------------------------------- */

/* Why @module could not be loaded or unloaded, as text, which may be in @text. */
#define KLP_JOB_TEXT_SIZE (KLP_TRANSITION_TEXT_SIZE + 128)
const char *klp_job_why(const struct klp_job *job, const char *module,
			const struct klp_failure *failure, char text[KLP_JOB_TEXT_SIZE]);
/* The same if only an errno is known. */
const char *klp_job_error(const struct klp_job *job, const char *module, int err,
			  char text[KLP_JOB_TEXT_SIZE]);

/* The class of the reason. */
enum klpdep_refusal klp_job_class(const struct klp_job *job, const char *module,
				  const struct klp_failure *failure);
/* Note for klpdep status why a patch of the index was not loaded; or, with a @target,
 * why the kernel refused that because of the patch. */
void klp_job_note_why(const struct klp_job *job, const char *patch, const char *target,
		      enum klpdep_refusal class, const char *text);

/* The limit that ended a wait, to be added to a sentence; or "". */
const char *klp_job_limit(enum klp_limit limit);

/* ", held up by ..." if that patch is in transition, or "". */
const char *klp_job_held_up(const char *patch, char text[KLP_JOB_TEXT_SIZE]);

/* Unload one patch; a failure has been logged. */
int klp_job_unload_patch(struct klp_job *job, const char *patch);
/* Whether the index has the module as an object of the patch, and the patch is not left
 * to kpatch.service. */
bool klp_job_is_patch_of(const struct klp_job *job, const char *patch,
			 const char *module);
/* The state of a patch now; or the state after a @plan and the running transition
 * (users.c). */
enum klp_patch_state klp_job_state(const struct klp_job *job,
				   const struct klpdep_plan *plan, const char *name);
/* A loaded patch that requires @name, or that requires a patch which is not loaded and
 * which @name supersedes; NULL: there is none.  With a @plan, patches count that are
 * loaded after it. */
const char *klp_job_requirer(const struct klp_job *job, const struct klpdep_plan *plan,
			     const char *name);
/* The same, or a module that holds a reference to @name, whose name is then in
 * @holder. */
const char *klp_job_user(const struct klp_job *job, const struct klpdep_plan *plan,
			 const char *name, char holder[KLP_MODULE_NAME_LEN]);
/* Whether a patch has a loaded object other than @except.  The object's name is then in
 * @other.  Both may be NULL. */
bool klp_job_serves_others(const struct klp_job *job, const char *name,
			   const char *except, char other[KLP_MODULE_NAME_LEN]);

#endif /* KLP_JOB_H */

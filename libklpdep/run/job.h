/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading a module with its patches, by the plan, and unloading it with them: what the
 * helper does, klpdep_load() and klpdep_sync(). */
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
	char name[KLP_MODULE_NAME_LEN]; /* of a load or unload: the module */
	const char *options; /* of what is loaded; NULL: those of modprobe.d(5) */
	bool required;       /* policy require */
	bool fatal;	     /* just this was asked for: that it fails is an error */
	bool late;           /* nothing may be waited for */
	bool inner;          /* within a rule, whose plan has what softdeps bring */
	struct klp_strv failed;   /* patches that could not be loaded */
	struct klp_strv reloaded; /* patches that had to be, for the target's sake */
	bool target_inserted;   /* by us */
	bool gave_up;           /* on a transition that does not end */
	bool reload;            /* patches may be taken out before others come in */
	size_t n_left;          /* superseded patches that are still loaded */
};

/* Free what a job has gathered, and the kmod context; the rest is the caller's. */
void klp_job_clear(struct klp_job *job);

/* What to do; 0 or an errno, which has been logged. */
int klp_job_load(struct klp_job *job);
int klp_job_load_plainly(struct klp_job *job);

/* What the hooks of a target do (hooks.c), around what modprobe does by itself: in front of
 * its loading and behind it, in front of its removal and behind it.  None of them loads or
 * removes the target, and none keeps it from being loaded or removed. */
int klp_job_before(struct klp_job *job);
int klp_job_after(struct klp_job *job);
int klp_job_going(struct klp_job *job);
int klp_job_gone(struct klp_job *job);

/* With an empty index this is plain removal: what modprobe -r would have done without a
 * remove rule, unused dependencies included. */
int klp_job_unload(struct klp_job *job);
/* Whether an index is that of the running kernel: 0, or -EINVAL, which has been logged. */
int klp_job_check_running(struct klpdep_ctx *ctx, const struct klpdep_index *index);
/* Get a job ready that no target waits for; its context and view are set. */
int klp_job_prepare(struct klp_job *job);

/* Whether nothing may be changed in the running kernel: freeze of klpdep.d(5), which does not
 * count while the machine starts, until klpdep sync was run.  @where may be NULL. */
bool klp_job_is_frozen(const struct klpdep_config *config, const char **where);
/* That it was run. */
void klp_job_note_synced(void);

/* Whether a patch that is loaded by name is masked, which has been logged.  A blacklist does not
 * count then, as in modprobe. */
bool klp_job_is_masked(const struct klp_job *job, const struct klpdep_patch *patch);

/* What is in the way of a patch that is blocked, or NULL.  A later release of its own is no
 * matter. */
const char *klp_job_blocked(const struct klp_job *job, const char *name);

/* ---- the target itself (target.c) -------------------------------------------------- */

/* Insert the job's target, without dependencies: 0 or an errno, which has been logged. */
int klp_job_insert_target(struct klp_job *job);
/* Log that it could not be inserted; @err. */
int klp_job_not_inserted(const struct klp_job *job, bool fatal, int err);
/* The kernel has refused the target because of a patch, for the reason @what: log that, and take
 * the patch out, if it may go.  Whether the target can be loaded now. */
bool klp_job_handle_misfit(struct klp_job *job, const char *patch,
			   const struct klp_failure *failure, const char *what);
/* Reload those patches of the job's target that the kernel cannot apply to it again. */
int klp_job_reload_used_up(struct klp_job *job);

/* ---- steps (load.c) ---------------------------------------------------------------- */

/* Log that there is no plan; @err. */
int klp_job_no_plan(const struct klp_job *job, int err);
/* Say that a step has loaded its module; @n_inserted patches had been before it. */
void klp_job_report_step(const struct klp_job *job, const struct klpdep_step *step,
			 size_t n_inserted);
/* Whether the loaded patches of the job's target, which is there, are applied to it; what is
 * not has been logged, and is an error under policy require. */
int klp_job_check_patched(struct klp_job *job);

/* What to call it that a patch is left out. */
enum klp_message klp_job_deferral(const struct klp_job *job, const char *name);

/* One step of loading; what fails has been logged, as something about @about: the module
 * that it is a step for. */
int klp_job_step(struct klp_job *job, const struct klpdep_step *step, const char *about);

/* ---- for both ---------------------------------------------------------------------- */

/* Why @module could not be loaded or unloaded, in words; they are in @text. */
#define KLP_JOB_TEXT_SIZE (KLP_TRANSITION_TEXT_SIZE + 128)
const char *klp_job_why(const struct klp_job *job, const char *module,
			const struct klp_failure *failure, char text[KLP_JOB_TEXT_SIZE]);
/* The same where all that is known is an errno. */
const char *klp_job_error(const struct klp_job *job, const char *module, int err,
			  char text[KLP_JOB_TEXT_SIZE]);

/* Of which class the reason is. */
enum klpdep_refusal klp_job_class(const struct klp_job *job, const char *module,
				  const struct klp_failure *failure);
/* Note for klpdep status why a patch of the index was not loaded, or why the kernel has refused
 * @target, which may be NULL, because of it. */
void klp_job_note_why(const struct klp_job *job, const char *patch, const char *target,
		      enum klpdep_refusal class, const char *text);

/* What has ended a wait for others' sake, to be added to a sentence; or "". */
const char *klp_job_limit(enum klp_limit limit);

/* ", held up by ..." when that is the patch in transition, or "". */
const char *klp_job_held_up(const char *patch, char text[KLP_JOB_TEXT_SIZE]);

/* Unload one patch, and log it when that fails. */
int klp_job_unload_patch(struct klp_job *job, const char *patch);
/* Whether the index has the module as an object of the patch, and that is not left to kpatch. */
bool klp_job_is_patch_of(const struct klp_job *job, const char *patch,
			 const char *module);
/* The state of a patch; with a @plan, after that and after the running transition (users.c). */
enum klp_patch_state klp_job_state(const struct klp_job *job, const struct klpdep_plan *plan,
				   const char *name);
/* A patch that is loaded (with a @plan, after that) and requires @name by the index, or requires
 * a patch that is not loaded and that @name supersedes; or NULL. */
const char *klp_job_requirer(const struct klp_job *job, const struct klpdep_plan *plan,
			     const char *name);
/* The same, or a module that holds a reference to @name, whose name is then in @holder. */
const char *klp_job_user(const struct klp_job *job, const struct klpdep_plan *plan,
			 const char *name, char holder[KLP_MODULE_NAME_LEN]);
/* Whether a patch is in effect for something that is loaded, other than @except, which may be
 * NULL; @other, which may be NULL, is its name then. */
bool klp_job_serves_others(const struct klp_job *job, const char *name,
			   const char *except, char other[KLP_MODULE_NAME_LEN]);

#endif /* KLP_JOB_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading: carries out a plan, and then retires superseded patches. */
#include "config.h"

#include "libklpdep/live/late.h"
#include "libklpdep/run/job.h"
#include "libklpdep/run/retire.h"

/* ---- patches ----------------------------------------------------------------------- */

/* The target is not loaded: take out the patches that were inserted for it, unless they
 * serve something else by now.  A patch in transition goes anyway: if it stalls, the
 * kernel takes no other patch. */
static void undo_patches(struct klp_job *job)
{
	for (size_t i = job->loader.inserted.n; i-- > 0;) {
		const char *patch = job->loader.inserted.v[i];

		if (klp_live_patch(patch) == KLP_PATCH_ENABLING ||
		    (!klp_job_serves_others(job, patch, job->name, NULL) &&
		     !klp_job_requirer(job, NULL, patch)))
			klp_job_unload_patch(job, patch);
	}
}

/* Whether a patch that it requires has failed.  Its successor counts in its place. */
static bool has_failed_requirement(const struct klp_job *job, const char *name,
				   const char **required)
{
	const struct klpdep_patch *patch = klp_index_find(job->view->index, name);
	const struct klp_link *links = NULL;
	size_t n = 0;

	if (patch && job->failed.n)
		links = klp_index_requires_of(job->view->index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		const struct klpdep_patch *successor =
			klp_view_standing(job->view, links[i].to)->successor;

		*required = successor ? successor->name : links[i].to->name;
		if (klp_strv_has(&job->failed, *required))
			return true;
	}
	return false;
}

/* Note why the patch is taken out. */
static void note_stalled(const struct klp_job *job, const char *patch, const char *held_up)
{
	char text[KLP_JOB_TEXT_SIZE + 64];

	snprintf(text, sizeof(text), "its transition does not finish%s", held_up);
	klp_job_note_why(job, patch, NULL, KLPDEP_REFUSAL_BUSY, text);
}

/* If a patch that we inserted stalls in its transition, the kernel takes no other
 * patch: take it out.  Whether another patch can be inserted now. */
static bool retire_stalled(struct klp_job *job, const char *about,
			   const struct klp_failure *failure)
{
	char held_up[KLP_JOB_TEXT_SIZE];

	if (failure->err != -ETIMEDOUT || failure->limit != KLP_LIMIT_TIME ||
	    !job->loader.retry_timeout ||
	    !klp_strv_has(&job->loader.inserted, failure->blocker) ||
	    klp_strv_has(&job->failed, failure->blocker))
		return false;
	klp_job_held_up(failure->blocker, held_up);
	klp_say(job->ctx, KLP_SAY_STALLED, false, about,
		"the transition of patch %s does not finish%s; taking it out",
		failure->blocker, held_up);
	note_stalled(job, failure->blocker, held_up);
	klp_strv_add_unique(&job->failed, failure->blocker);
	job->gave_up = true;
	return klp_job_unload_patch(job, failure->blocker) == 0;
}

/* modprobe's options are for the module that it was asked for, and for no other. */
static const char *options_for(const struct klp_job *job, const char *module)
{
	return klp_streq(module, job->name) ? job->options : NULL;
}

static int fail_patch(struct klp_job *job, const char *about, const char *patch, int err,
		      enum klpdep_refusal class, const char *why, const char *rest)
{
	klp_say(job->ctx, KLP_SAY_PATCH_FAILED, job->required || job->fatal, about,
		"patch %s was not loaded: %s%s", patch, why, rest);
	klp_job_note_why(job, patch, NULL, class, why);
	klp_strv_add_unique(&job->failed, patch);
	return err;
}

#define LEFT_TO_SYNC "; it is left to klpdep sync"

/* Leave a patch to klpdep sync that this helper does not wait for any longer.  sync
 * also loads a target of policy require, if the wait has ended for the sake of other
 * helpers; if the patch has failed, it does not. */
static bool leave_to_sync(const struct klp_job *job, enum klp_limit limit)
{
	bool is_patch = klp_index_find(job->view->index, job->name);
	bool is_for_others = limit == KLP_LIMIT_PLACES || limit == KLP_LIMIT_BUDGET;

	return job->loader.wait && (!job->required || is_for_others) &&
	       klp_late_add(is_patch ? NULL : job->name) == 0;
}

static int give_up_patch(struct klp_job *job, const char *about, const char *patch,
			 const struct klp_failure *failure, int err)
{
	char text[KLP_JOB_TEXT_SIZE];
	bool is_left = err == -ETIMEDOUT && leave_to_sync(job, failure->limit);

	job->gave_up |= err == -ETIMEDOUT;
	return fail_patch(job, about, patch, err, klp_job_class(job, patch, failure),
			  klp_job_why(job, patch, failure, text),
			  is_left ? LEFT_TO_SYNC : "");
}

/* Tasks may run unpatched code until the transition ends: policy require forbids that. */
static int leave_unsettled(struct klp_job *job, const struct klpdep_step *step,
			   const char *about, enum klp_limit limit)
{
	bool is_left = leave_to_sync(job, limit);
	const char *rest = !job->required ? "; tasks may run unpatched code until it ends" :
			   is_left	  ? LEFT_TO_SYNC :
					    "";
	char held_up[KLP_JOB_TEXT_SIZE], after[64] = "";

	if (limit == KLP_LIMIT_TIME)
		snprintf(after, sizeof(after), " after %u s", job->loader.settle_timeout);
	job->gave_up = true;
	klp_say(job->ctx, KLP_SAY_UNSETTLED, job->required, about,
		"the transition of patch %s is still running%s%s%s%s", step->module, after,
		klp_job_limit(limit), klp_job_held_up(step->module, held_up), rest);
	if (job->required)
		note_stalled(job, step->module, held_up);
	return job->required ? -ETIMEDOUT : 0;
}

static int load_patch(struct klp_job *job, const struct klpdep_step *step,
		      const char *about)
{
	const char *options = options_for(job, step->module);
	const char *command = klp_kmod_install_command(job->kmod, step->module);
	const char *required;
	struct klp_failure failure = { 0 };
	char text[KLP_JOB_TEXT_SIZE];
	bool settled = true;
	int err;

	if (has_failed_requirement(job, step->module, &required)) {
		snprintf(text, sizeof(text), "it requires %s", required);
		return fail_patch(job, about, step->module, -ECANCELED,
				  KLPDEP_REFUSAL_OTHER, text, "");
	}
	if (command && !strstr(command, HELPER_PATH)) {
		snprintf(text, sizeof(text),
			 "modprobe.d has another install rule for it: %s", command);
		return fail_patch(job, about, step->module, -ECANCELED,
				  KLPDEP_REFUSAL_OTHER, text, "");
	}
	do {
		err = klp_loader_load(&job->loader, step->module, options, &settled,
				      &failure);
	} while (err < 0 && retire_stalled(job, about, &failure));
	if (err < 0)
		return give_up_patch(job, about, step->module, &failure, err);
	if (!settled && job->loader.settle_timeout)
		return leave_unsettled(job, step, about, failure.limit);
	return 0;
}

/* Load a dependency or softdep, by its own rules. */
static int load_module(struct klp_job *job, const struct klpdep_step *step,
		       const char *about)
{
	int err = klp_kmod_probe(job->kmod, step->module);
	char text[KLP_JOB_TEXT_SIZE];

	if (err < 0)
		klp_say(job->ctx,
			step->required ? KLP_SAY_DEPENDENCY_FAILED :
					 KLP_SAY_SOFTDEP_FAILED,
			step->required, about, "%s was not loaded: %s", step->module,
			klp_job_error(job, step->module, err, text));
	return err;
}

/* Only klpdep sync inserts unproven patches.  It then also loads a target whose rule
 * has failed without them. */
static void leave_unproven(const struct klp_job *job, const char *patch)
{
	bool is_patch = klp_index_find(job->view->index, job->name);

	if (!job->loader.wait)
		return;
	klp_late_add(is_patch ? NULL : job->name);
	if (klp_live_in_initrd())
		klp_mark_put(KLP_MARK_IMAGE, patch);
}

static int defer_patch(struct klp_job *job, const struct klpdep_step *step,
		       const char *about)
{
	const char *why = klp_job_blocked(job, step->module);
	enum klp_message message = klp_job_deferral(job, step->module);
	bool itself = klp_streq(about, step->module);

	if (message == KLP_SAY_UNPROVEN)
		leave_unproven(job, step->module);
	klp_say(job->ctx, message, step->required, about, "%s%s%sis not loaded: %s", itself ? "" : "patch ",
		itself ? "" : step->module, itself ? "" : " ", why ? why : step->reason);
	klp_strv_add_unique(&job->failed, step->module);
	return -ECANCELED;
}

int klp_job_step(struct klp_job *job, const struct klpdep_step *step, const char *about)
{
	if (step->action == KLPDEP_ACTION_DEFER)
		return defer_patch(job, step, about);
	if (step->action == KLPDEP_ACTION_EVICT) {
		/* The kernel has kept the foreign patch if the new one failed. */
		if (klp_live_patch(step->module) == KLP_PATCH_DEAD)
			klp_say(job->ctx, KLP_SAY_EVICTED, false, about,
				"replaces the foreign patch %s", step->module);
		return 0;
	}
	if (step->patch)
		return load_patch(job, step, about);
	if (klp_streq(step->module, job->name))
		return klp_job_insert_target(job);
	return load_module(job, step, about);
}

/* What is wrong with a patch of the target, which is loaded; or NULL.  Since Linux 6.1,
 * sysfs shows whether the patch is applied. */
static const char *what_is_wrong(const struct klp_job *job, const char *patch)
{
	if (klp_live_patched(patch, job->name) == 0)
		return "is loaded, but not applied";
	if (klp_live_visible() < 0)
		return NULL;
	switch (klp_live_patch(patch)) {
	case KLP_PATCH_ABSENT:
	case KLP_PATCH_DEAD:
	case KLP_PATCH_DISABLING:
		return "has been taken out meanwhile";
	default:
		return NULL;
	}
}

int klp_job_check_patched(struct klp_job *job)
{
	const struct klpdep_edge *edges;
	int err = 0;
	size_t n;

	edges = klp_index_edges_of(job->view->index, job->name, &n);
	for (size_t i = 0; i < n; i++) {
		const char *patch = edges[i].patch->name;
		const char *wrong;

		/* A superseded patch may be on its way out.  Failures have been
		 * logged. */
		if (!klp_view_is_active(job->view, edges[i].patch) ||
		    klp_strv_has(&job->failed, patch) ||
		    !(wrong = what_is_wrong(job, patch)))
			continue;
		klp_say(job->ctx, KLP_SAY_UNAPPLIED, job->required, job->name,
			"patch %s %s", patch, wrong);
		klp_strv_add_unique(&job->failed, patch);
		err = -ECANCELED;
	}
	return job->required ? err : 0;
}

/* Log each module that this process has loaded; not those that another one has. */
void klp_job_report_step(const struct klp_job *job, const struct klpdep_step *step,
			size_t n_inserted)
{
	if (!step->patch || job->loader.inserted.n > n_inserted)
		klp_say(job->ctx, KLP_SAY_PATCH_LOADED, false, step->module,
			"loaded (%s)", step->reason);
}

/* Log one line for the target with its patches. */
static void report_success(const struct klp_job *job)
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	_cleanup_free_ char *text = NULL;

	for (size_t i = 0; i < job->loader.inserted.n; i++) {
		const char *patch = job->loader.inserted.v[i];

		if (!klp_streq(patch, job->name) && !klp_strv_has(&job->failed, patch))
			klp_strv_add(&names, patch);
	}
	text = klp_strv_join(&names, " ");
	if (names.n && text)
		klp_say(job->ctx, KLP_SAY_LOADED, false, job->name, "loaded with %s",
			text);
}

static void undo(struct klp_job *job)
{
	if (job->target_inserted && klp_kmod_remove(job->kmod, job->name) < 0) {
		klp_say(job->ctx, KLP_SAY_LEFT_UNPATCHED, true, job->name,
			"is loaded without a patch that policy require asks for, and "
			"cannot be removed again");
		return;
	}
	undo_patches(job);
}

int klp_job_no_plan(const struct klp_job *job, int err)
{
	char text[KLP_JOB_TEXT_SIZE];

	klp_say(job->ctx, KLP_SAY_NO_PLAN, true, job->name, "no plan for loading it: %s",
		klp_job_error(job, job->name, err, text));
	return err;
}

int klp_job_load(struct klp_job *job)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	unsigned int flags = KLPDEP_PLAN_LIVE | (job->inner ? KLP_PLAN_NO_SOFTDEPS : 0);
	int err = klp_plan_of(job->ctx, job->view, job->name, flags, &plan);

	if (err < 0) {
		klp_job_no_plan(job, err);
		return job->required ? err : klp_job_load_plainly(job);
	}
	for (size_t i = 0; i < plan->n_steps; i++) {
		err = klp_job_step(job, &plan->steps[i], job->name);
		if (err < 0 && plan->steps[i].required)
			break;
		err = 0;
	}
	if (err == 0)
		err = klp_job_check_patched(job);
	if (err < 0) {
		undo(job);
		return err;
	}
	report_success(job);
	klp_retire(job, job->name);
	return 0;
}

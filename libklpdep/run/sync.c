/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The running kernel is brought to what the index says: the patches of vmlinux, and of
 * the targets that came in past the rules, out of an initrd, by insmod, before there were
 * patches for them, or while the kernel was busy and policy late did not wait.
 *
 * What is loaded changes meanwhile, by others like this one, too.  So a plan is made of
 * what is there, carried out, and made anew, until it has nothing that was not tried.
 */
#include "config.h"

#include <time.h>

#include "libklpdep/run/job.h"
#include "libklpdep/run/retire.h"

#define POLL_NS 50000000L
#define OTHER_BUILD "another build of it is loaded"

/* One line on each thing that was done; not on what another process has done before. */
static void report_step(const struct klp_job *job, const struct klp_plan_step *step,
			size_t n_inserted)
{
	if (!step->patch || job->loader.inserted.n > n_inserted)
		klp_say(job->ctx, KLP_SAY_PATCH_LOADED, false, step->module,
			"loaded (%s)", step->reason);
}

/* While another's transition stalls, all patches would be waited for in vain, one after
 * the other: the kernel takes none of them. */
static void stop_waiting(struct klp_job *job, const char *patch, int err)
{
	char name[KLP_MODULE_NAME_LEN];

	klp_live_transition(name);
	if (err == -ETIMEDOUT && *name && !klp_streq(name, patch))
		job->loader.retry_timeout = 0;
}

/* Carry out what of a plan was not tried before.  How many steps that were, or an errno.
 */
static int run_plan(struct klp_job *job, const struct klpdep_plan *plan,
		    struct klp_strv *tried)
{
	int n = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct klp_plan_step *step = &plan->steps[i];
		size_t n_inserted = job->loader.inserted.n;
		struct klpdep_step public;
		int err;

		if (step->action == KLPDEP_ACTION_DEFER ||
		    step->action == KLPDEP_ACTION_UNLOAD ||
		    klp_strv_has(tried, step->module))
			continue;
		err = klp_strv_add(tried, step->module);
		if (err < 0)
			return err;
		klpdep_plan_get_step(plan, i, &public);
		err = klp_job_step(job, &public, step->of);
		if (err == 0)
			report_step(job, step, n_inserted);
		else
			stop_waiting(job, step->module, err);
		n++;
	}
	return n;
}

/* A patch that hard-depends on a module whose init is running goes in behind that.
 * Whether one waits for such a module. */
static bool waits_for_init(const struct klpdep_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (plan->steps[i].action == KLPDEP_ACTION_DEFER &&
		    klp_live_module(plan->steps[i].of) == KLP_MODULE_COMING)
			return true;
	}
	return false;
}

/* Whether the wait is over, so that it is worth looking again. */
static bool wait_for_init(const struct klp_job *job, const struct klpdep_plan *plan,
			  const struct timespec *start)
{
	const struct timespec interval = { .tv_nsec = POLL_NS };
	struct timespec now;

	if (!waits_for_init(plan))
		return false;
	do {
		nanosleep(&interval, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (waits_for_init(plan) &&
		 now.tv_sec - start->tv_sec < (time_t)job->loader.retry_timeout);
	return !waits_for_init(plan);
}

static bool has_unload(const struct klpdep_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (plan->steps[i].action == KLPDEP_ACTION_UNLOAD)
			return true;
	}
	return false;
}

/* Have the patches of all that is in the kernel loaded, and retire what is superseded.
 * What could not be done is in the plan. */
static int sync_all(struct klp_job *job, struct klpdep_plan **plan)
{
	_cleanup_strv_ struct klp_strv tried = { 0 };
	struct timespec start;
	bool retired = false;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		int n;

		*plan = klpdep_plan_unref(*plan);
		n = klpdep_plan_new_sync(job->ctx, job->view, plan);
		if (n == 0)
			n = run_plan(job, *plan, &tried);
		if (n < 0)
			return n;
		if (n > 0 || wait_for_init(job, *plan, &start)) {
			retired = false;
			continue;
		}
		/* Also where it has only to be said that an older patch stays. */
		if (retired || (!job->loader.inserted.n && !has_unload(*plan)))
			return 0;
		klp_retire(job, NULL);
		retired = true;
	}
}

/* ---- other builds ------------------------------------------------------------------ */

/* An active patch that is at work for what is there, and is not the one of the tree: what
 * is fixed in that need not be in this. */
static bool is_other_build(const struct klp_job *job, const struct klpdep_patch *patch)
{
	return klp_view_is_active(job->view, patch) &&
	       klp_live_patch(patch->name) == KLP_PATCH_ENABLED &&
	       klp_live_other_build(patch->name, patch->srcversion) &&
	       klp_job_serves_others(job, patch->name, NULL);
}

/* The kernel does not take two modules of one name.  So that one would have to go first,
 * and its targets would run unpatched from then until the next transition has ended: who
 * wants that is told how to do it; or, where there is a @plan, it is added to that. */
static size_t report_other_builds(const struct klp_job *job, struct klpdep_plan *plan)
{
	const struct klpdep_index *index = job->view->index;
	size_t n = 0;

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];
		const struct klpdep_step step = { .action = KLPDEP_ACTION_DEFER,
						  .module = patch->name,
						  .patch = true,
						  .reason = OTHER_BUILD };

		if (!is_other_build(job, patch))
			continue;
		n++;
		if (!plan)
			klp_say(job->ctx, KLP_SAY_OTHER_BUILD, false, patch->name,
				OTHER_BUILD "; klpdep unload %s and then klpdep sync "
				"load the one that is installed", patch->name);
		else if (klp_plan_add(plan, &step, "") < 0)
			break;
	}
	return n;
}

/* What is left was tried in vain, which was said; but for what another has taken out
 * again since. */
static size_t count_undone(const struct klp_job *job, const struct klpdep_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct klp_plan_step *step = &plan->steps[i];

		if (step->action == KLPDEP_ACTION_DEFER) {
			klp_info(job->ctx, "%s: %s: %s",
				 klp_message_id(KLP_SAY_PATCH_DEFERRED), step->module,
				 step->reason);
			continue;
		}
		n++;
		if (klp_strv_has(&job->loader.inserted, step->module) &&
		    !klp_strv_has(&job->failed, step->module) &&
		    klp_live_patch(step->module) != KLP_PATCH_ENABLING)
			klp_say(job->ctx, KLP_SAY_PATCH_LOST, false, step->module,
				"was loaded, and is not at work any more");
	}
	return n;
}

/* ---- for the library's users ------------------------------------------------------- */

static int check_running(struct klpdep_ctx *ctx, const struct klpdep_index *index)
{
	if (klp_is_running(ctx, index->kernel))
		return 0;
	klp_say(ctx, KLP_SAY_NOT_INDEXED, true, index->kernel,
		"is not the kernel that is running");
	return -EINVAL;
}

int klpdep_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view, size_t *undone)
{
	_cleanup_(klp_job_clear) struct klp_job job = { .ctx = ctx, .view = view };
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	size_t n_undone = 0;
	int err = check_running(ctx, view->index);

	if (err == 0 && klp_live_switched_off()) {
		klp_say(ctx, KLP_SAY_SWITCHED_OFF, true, view->index->kernel,
			"nothing is loaded: klpdep=off");
		return -ECANCELED;
	}
	if (err == 0)
		err = klp_job_prepare(&job);
	if (err == 0)
		err = sync_all(&job, &plan);
	if (err == 0)
		n_undone = count_undone(&job, plan) + report_other_builds(&job, NULL);
	if (undone)
		*undone = n_undone;
	if (err == 0 && n_undone && job.gave_up)
		err = -EBUSY;
	return err;
}

int klpdep_plan_new_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			 struct klpdep_plan **out)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	const struct klp_job job = { .ctx = ctx, .view = view };
	int err = check_running(ctx, view->index);

	if (err == 0)
		err = klp_plan_of_loaded(ctx, view, &plan);
	if (err < 0)
		return err;
	klp_retire_plan(&job, plan);
	report_other_builds(&job, plan);
	*out = klp_take(plan);
	return 0;
}

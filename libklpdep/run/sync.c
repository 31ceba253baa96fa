/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sync makes the running kernel match the index.  It loads the patches of vmlinux, and
 * those of targets that were loaded without the rules: in an initrd, by insmod, before
 * the index had patches for them, or while the kernel was busy and policy late did not
 * wait.
 *
 * Other processes load and unload modules meanwhile.  So sync makes a plan of what is
 * loaded, carries it out, and makes a new plan, until a plan has only steps that were
 * tried before.
 */
#include "config.h"

#include <time.h>

#include "libklpdep/live/late.h"
#include "libklpdep/run/guarded.h"
#include "libklpdep/run/job.h"
#include "libklpdep/run/mend.h"
#include "libklpdep/run/retire.h"
#include "libklpdep/view/row.h"

#define POLL_NS 50000000L
#define OTHER_BUILD "another build of it is loaded"

struct sync {
	struct klp_job job;
	struct klpdep_view *view; /* the job's, by what is loaded now */
	unsigned int view_flags;
	struct klp_strv only; /* the patches to sync; none: all */
	struct klp_strv late; /* targets that helpers have left to this run */
	struct klp_guard guard;
	size_t n_masked_stay;
};

static void sync_clear(struct sync *sync)
{
	klp_job_clear(&sync->job);
	klpdep_view_unref(sync->view);
	klp_strv_clear(&sync->only);
	klp_strv_clear(&sync->late);
	klp_guard_clear(&sync->guard);
}

/* While another patch's transition stalls, the kernel takes no patch.  Waiting for each
 * of our patches in turn would be in vain. */
static void stop_waiting(struct klp_job *job, const char *patch, int err)
{
	char name[KLP_MODULE_NAME_LEN];

	klp_live_transition(name);
	if (err == -ETIMEDOUT && *name && !klp_streq(name, patch))
		job->loader.retry_timeout = 0;
}

/* Carry out the steps that were not tried before.  Their number, or an errno. */
static int run_plan(struct klp_job *job, const struct klpdep_plan *plan,
		    struct klp_strv *tried)
{
	int n = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct klpdep_step *step = &plan->steps[i];
		size_t n_inserted = job->loader.inserted.n;
		int err;

		if (step->action == KLPDEP_ACTION_DEFER ||
		    step->action == KLPDEP_ACTION_UNLOAD ||
		    step->action == KLPDEP_ACTION_KEEP ||
		    klp_strv_has(tried, step->module))
			continue;
		err = klp_strv_add(tried, step->module);
		if (err < 0)
			return err;
		err = klp_job_step(job, step, step->of);
		if (err == 0 && step->action != KLPDEP_ACTION_EVICT)
			klp_job_report_step(job, step, n_inserted);
		else
			stop_waiting(job, step->module, err);
		n++;
	}
	return n;
}

/* Whether a patch waits for a module whose init function is running.  A patch that
 * hard-depends on the module is loaded after it. */
static bool waits_for_init(const struct klpdep_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (plan->steps[i].action == KLPDEP_ACTION_DEFER &&
		    klp_live_module(plan->steps[i].of) == KLP_MODULE_COMING)
			return true;
	}
	return false;
}

/* Wait for such modules.  True if they are there now, so that a new plan has more
 * steps. */
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

/* ---- other builds ------------------------------------------------------------------ */

/* Whether another build of a patch that is asked for is loaded, and in effect for
 * something.  That build may lack fixes that the one in the tree has. */
static bool is_other_build(const struct sync *sync, const struct klpdep_patch *patch)
{
	const struct klp_job *job = &sync->job;

	return (!sync->only.n || klp_strv_has(&sync->only, patch->name)) &&
	       klp_view_is_active(job->view, patch) &&
	       klp_live_patch(patch->name) == KLP_PATCH_ENABLED &&
	       klp_live_other_build(patch) &&
	       klp_job_serves_others(job, patch->name, NULL, NULL);
}

/* The kernel does not take two modules of one name.  So the loaded build would have to go
 * first, and its targets would run unpatched until the next transition has ended.  Only
 * --reload allows that. */
static void add_other_builds(const struct sync *sync, struct klpdep_plan *plan)
{
	const struct klpdep_index *index = sync->job.view->index;

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];
		const struct klpdep_step step = {
			.action = sync->job.reload ? KLPDEP_ACTION_RELOAD :
						     KLPDEP_ACTION_DEFER,
			.module = patch->name,
			.patch = true,
			.reason = OTHER_BUILD,
		};

		if (is_other_build(sync, patch) && klp_plan_add(plan, &step, "") < 0)
			break;
	}
}

/* Take out the builds that are to be replaced by those of the tree. */
static void unload_other_builds(struct sync *sync)
{
	const struct klpdep_index *index = sync->job.view->index;
	char holder[KLP_MODULE_NAME_LEN];

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];
		const char *user;

		if (!is_other_build(sync, patch))
			continue;
		user = klp_job_user(&sync->job, NULL, patch->name, holder);
		if (user)
			klp_say(sync->job.ctx, KLP_SAY_UNLOAD_FAILED, false, patch->name,
				"could not be unloaded: %s requires it", user);
		else
			klp_job_unload_patch(&sync->job, patch->name);
	}
}

static size_t report_other_builds(const struct sync *sync)
{
	const struct klpdep_index *index = sync->job.view->index;
	size_t n = 0;

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (!is_other_build(sync, patch))
			continue;
		n++;
		klp_say(sync->job.ctx, KLP_SAY_OTHER_BUILD, false, patch->name,
			OTHER_BUILD "; klpdep sync --reload %s loads the one that is "
			"installed", patch->name);
	}
	return n;
}

/* ---- in rounds --------------------------------------------------------------------- */

/* Each step changes the state of the kernel, so decide by the new state. */
static int renew(struct sync *sync)
{
	struct klpdep_view *view = NULL;
	int err = klp_view_renew(sync->job.ctx, sync->job.view, sync->view_flags, &view);

	if (err < 0)
		return err;
	klpdep_view_unref(sync->view);
	sync->job.view = sync->view = view;
	return 0;
}

static int make_plan(struct sync *sync, struct klpdep_plan **plan)
{
	int err = renew(sync);

	if (err == 0)
		err = klp_plan_of_loaded(sync->job.ctx, sync->view, &sync->only, plan);
	if (err < 0)
		return klp_said(sync->job.ctx, err);
	sync->n_masked_stay = sync->only.n ? 0 : klp_retire_plan(&sync->job, *plan);
	if (!sync->only.n && klp_mend_idle(&sync->job, *plan) < 0)
		return klp_said(sync->job.ctx, -ENOMEM);
	add_other_builds(sync, *plan);
	return 0;
}

static void retire(struct sync *sync)
{
	if (!sync->only.n) {
		klp_retire(&sync->job, NULL);
		klp_mend_idle(&sync->job, NULL);
	}
	for (size_t i = 0; i < sync->only.n; i++)
		klp_retire(&sync->job, sync->only.v[i]);
}

/* Load the patches of everything in the kernel, and retire superseded patches.  The last
 * plan has what could not be done. */
static int sync_all(struct sync *sync, struct klpdep_plan **plan)
{
	_cleanup_strv_ struct klp_strv tried = { 0 };
	struct klp_job *job = &sync->job;
	struct timespec start;
	bool retired = false;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		int n;

		*plan = klpdep_plan_unref(*plan);
		n = make_plan(sync, plan);
		if (n == 0)
			n = run_plan(job, *plan, &tried);
		if (n < 0)
			return n;
		if (n > 0 || wait_for_init(job, *plan, &start)) {
			retired = false;
			continue;
		}
		/* This is also needed just to log that an older or masked patch stays. */
		if (retired || (!job->loader.inserted.n && !has_unload(*plan) &&
				!sync->n_masked_stay))
			return 0;
		retire(sync);
		retired = true;
	}
}

/* Patches often wait for a module that is not loaded: that is worth LOG_INFO only. */
static void say_deferred(const struct klp_job *job, const struct klpdep_step *step)
{
	enum klp_message message = klp_job_deferral(job, step->module);
	const char *why = klp_job_blocked(job, step->module);

	if (message != KLP_SAY_PATCH_DEFERRED && message != KLP_SAY_PATCH_INCOMPATIBLE)
		klp_say(job->ctx, message, false, step->module, "is not loaded: %s",
			why ? why : step->reason);
	else
		klp_info(job->ctx, "%s: %s: %s",
			 klp_message_id(KLP_SAY_PATCH_DEFERRED), step->module,
			 step->reason);
}

/* Count the steps that are left.  They were tried without success, which has been logged,
 * unless another process has taken the patch out again since. */
static size_t count_undone(const struct klp_job *job, const struct klpdep_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct klpdep_step *step = &plan->steps[i];

		if (step->action == KLPDEP_ACTION_DEFER) {
			say_deferred(job, step);
			continue;
		}
		/* These have been logged. */
		if (step->action == KLPDEP_ACTION_UNLOAD ||
		    step->action == KLPDEP_ACTION_KEEP ||
		    step->action == KLPDEP_ACTION_EVICT)
			continue;
		n++;
		if (klp_strv_has(&job->loader.inserted, step->module) &&
		    !klp_strv_has(&job->failed, step->module) &&
		    klp_live_patch(step->module) != KLP_PATCH_ENABLING)
			klp_say(job->ctx, KLP_SAY_PATCH_LOST, false, step->module,
				"was loaded, and is not in effect any more");
	}
	return n;
}

/* ---- for the library's users ------------------------------------------------------- */

static int add_patch(struct sync *sync, const char *given)
{
	char name[KLP_MODULE_NAME_LEN];
	bool is_name = klp_name_normalize(given, name) == 0;
	const struct klpdep_patch *patch =
		klp_job_find_patch(&sync->job, is_name ? name : given);

	return patch ? klp_strv_add_unique(&sync->only, patch->name) : -ENOENT;
}

static int prepare(struct sync *sync, const char *const *patches, size_t n,
		   unsigned int flags)
{
	int err = klp_job_check_running(sync->job.ctx, sync->job.view->index);

	if (err == 0)
		err = klp_status_check_visible(sync->job.ctx);
	if (err == 0)
		err = klp_check_flags(sync->job.ctx, flags,
				      KLPDEP_SYNC_TAKE_OVER | KLPDEP_SYNC_RELOAD |
					      KLPDEP_SYNC_LATE | KLPDEP_SYNC_SHUTDOWN);
	for (size_t i = 0; i < n && err == 0; i++)
		err = add_patch(sync, patches[i]);
	sync->view_flags = KLP_VIEW_SYNC |
			   (flags & KLPDEP_SYNC_TAKE_OVER ? KLPDEP_VIEW_TAKE_OVER : 0);
	if (err == 0)
		err = klp_guard_read(sync->job.ctx, sync->job.view->config,
				     sync->job.view->index, &sync->guard);
	sync->job.loader.guard = sync->guard.on ? &sync->guard : NULL;
	sync->job.reload = flags & KLPDEP_SYNC_RELOAD;
	return err;
}

static int run(struct sync *sync, size_t *undone)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	/* Under guard there are several runs with one job. */
	int err = sync->job.kmod ? 0 : klp_job_prepare(&sync->job);

	if (err == 0)
		err = renew(sync);
	if (err == 0)
		klp_mend_late(&sync->job, &sync->late);
	if (err == 0 && sync->job.reload)
		unload_other_builds(sync);
	/* With --reload, masked patches also go first. */
	if (err == 0 && sync->job.reload)
		retire(sync);
	if (err == 0)
		err = sync_all(sync, &plan);
	if (err == 0)
		*undone = count_undone(&sync->job, plan) + report_other_builds(sync);
	return err;
}

/* One run, unless klpdep.d(5) says freeze, which is logged. */
static int run_unless_frozen(struct sync *sync, size_t *undone)
{
	const struct klpdep_view *view = sync->job.view;
	const char *where;

	if (!klp_job_is_frozen(view->config, &where))
		return run(sync, undone);
	klp_say(sync->job.ctx, KLP_SAY_FROZEN, false, view->index->kernel,
		"nothing is changed: freeze in %s", where);
	return 0;
}

/* Under guard, late patches go in one after the other: if the machine goes down, the
 * mark says which patch it was. */
static int run_guarded(struct sync *sync, unsigned int flags, size_t *undone)
{
	struct klp_guard *guard = &sync->guard;
	const struct klpdep_patch *late;
	int err;

	if (flags & KLPDEP_SYNC_SHUTDOWN)
		return klp_guarded_end(sync->job.ctx, guard);
	if (flags & KLPDEP_SYNC_LATE)
		klp_guard_take_call();
	klp_guard_note_lasting(guard);
	for (;;) {
		err = run_unless_frozen(sync, undone);
		if (err == 0 && flags & KLPDEP_SYNC_LATE)
			err = klp_guarded_watch(sync->job.ctx, guard, sync->job.view->config);
		late = klp_guarded_find_late(guard, sync->job.view);
		if (err < 0 || !late || !(flags & KLPDEP_SYNC_LATE))
			break;
		klp_mark_put(KLP_MARK_ADMITTED, late->name);
	}
	if (late)
		klp_guard_call();
	return err;
}

int klpdep_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		const char *const *patches, size_t n, unsigned int flags, size_t *undone)
{
	_cleanup_(sync_clear) struct sync sync = { .job = { .ctx = ctx, .view = view } };
	const char *kernel = view->index->kernel, *off = klp_live_switched_off();
	unsigned int before = ctx->n_errors;
	size_t n_undone = 0;
	int err = prepare(&sync, patches, n, flags);

	/* Take the mark before looking at what is loaded: later modules make a new
	 * mark. */
	if (err == 0 && !n)
		err = klp_late_take(&sync.late);
	if (err == 0 && off) {
		klp_say(ctx, KLP_SAY_SWITCHED_OFF, true, kernel, "nothing is loaded: %s",
			off);
		return -ECANCELED;
	}
	if (err == 0)
		err = sync.guard.on ? run_guarded(&sync, flags, &n_undone) :
				      run_unless_frozen(&sync, &n_undone);
	if (err == 0)
		klp_job_note_synced();
	if (undone)
		*undone = n_undone;
	if (err == 0 && n_undone && sync.job.gave_up)
		return -EBUSY; /* logged for each patch */
	return klp_ended(ctx, before, err, kernel);
}

int klpdep_plan_new_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			 const char *const *patches, size_t n, unsigned int flags,
			 struct klpdep_plan **out)
{
	_cleanup_(sync_clear) struct sync sync = { .job = { .ctx = ctx, .view = view } };
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	unsigned int before = ctx->n_errors;
	int err = prepare(&sync, patches, n, flags);

	if (err == 0 && klp_job_is_frozen(view->config, NULL))
		err = klp_plan_new_empty(&plan);
	else if (err == 0)
		err = make_plan(&sync, &plan);
	if (err == 0)
		*out = klp_take(plan);
	return klp_ended(ctx, before, err, view->index->kernel);
}

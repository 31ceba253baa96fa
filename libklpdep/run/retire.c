/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Retiring: disabling and unloading superseded patches. */
#include "config.h"

#include "libklpdep/live/late.h"
#include "libklpdep/run/job.h"
#include "libklpdep/run/retire.h"
#include "libklpdep/view/older.h"

/* The state of retiring. */
struct retirement {
	struct klp_job *job;
	struct klpdep_view *view; /* by what is loaded; made anew before each round */
	struct klpdep_plan *plan; /* NULL; or change nothing, and add steps to this */
	struct klp_strv subjects; /* the newer patches; none: all of them */
	struct klp_strv failed;
	struct klp_strv kept; /* those reported as staying beneath */
	size_t n_stay, n_masked_stay;
};

static void retirement_clear(struct retirement *r)
{
	klp_strv_clear(&r->subjects);
	klp_strv_clear(&r->failed);
	klp_strv_clear(&r->kept);
	klpdep_view_unref(r->view);
}

/* ---- the newer patches ------------------------------------------------------------- */

/* Find the newer patches: those that the job inserted, those of the target @name, or
 * the patch @name; and the patches that these require. */
static int find_subjects(const struct klp_job *job, const char *name,
			 struct klp_strv *subjects)
{
	const struct klpdep_index *index = job->view->index;
	const struct klpdep_edge *edges;
	size_t n;
	int err = klp_strv_merge(subjects, &job->loader.inserted);

	edges = klp_index_edges_of(index, name, &n);
	for (size_t i = 0; i < n && err == 0; i++)
		err = klp_strv_add_unique(subjects, edges[i].patch->name);
	if (err == 0 && klp_index_find(index, name))
		err = klp_strv_add_unique(subjects, name);
	for (size_t i = 0; i < subjects->n && err == 0; i++) {
		const struct klpdep_patch *patch = klp_index_find(index, subjects->v[i]);
		const struct klp_link *links = NULL;

		n = 0;
		if (patch)
			links = klp_index_requires_of(index, patch, &n);
		for (size_t j = 0; j < n && err == 0; j++)
			err = klp_strv_add_unique(subjects, links[j].to->name);
	}
	return err;
}

static bool is_about(const struct retirement *r, const struct klp_older *older)
{
	for (size_t i = 0; i < older->newer.n && r->subjects.n; i++) {
		if (klp_strv_has(&r->subjects, older->newer.v[i]))
			return true;
	}
	return r->subjects.n == 0;
}

/* ---- retiring ---------------------------------------------------------------------- */

static bool serves_something(const struct klp_older *older)
{
	for (size_t i = 0; i < older->objects.n; i++) {
		if (klp_live_has_object(older->objects.v[i]))
			return true;
	}
	return older->objects.n == 0;
}

/* The newer patches of one object of an older patch. */
struct succession {
	const char *in_effect; /* in effect for every task */
	const char *running;   /* it will be in effect */
	const char *missing;   /* the object is not loaded */
};

static struct succession find_succession(const struct retirement *r,
					 const struct klp_older *older,
					 const char *object)
{
	struct succession found = { 0 };

	for (size_t i = 0; i < older->newer.n; i++) {
		const char *name = older->newer.v[i];

		if (!klp_patch_find_object(klp_index_find(r->view->index, name), object))
			continue;
		switch (klp_job_state(r->job, r->plan, name)) {
		case KLP_PATCH_ENABLED:
			if (klp_live_patched(name, object) != 0)
				found.in_effect = name;
			break;
		case KLP_PATCH_ENABLING:
			found.running = name;
			break;
		default:
			found.missing = name;
		}
	}
	return found;
}

/* The newer patch for messages: one in effect, else one that will be. */
static const char *find_alive(const struct retirement *r, const struct klp_older *older,
			      enum klp_patch_state *state)
{
	const char *alive = NULL;

	*state = KLP_PATCH_ABSENT;
	for (size_t i = 0; i < older->newer.n && *state != KLP_PATCH_ENABLED; i++) {
		enum klp_patch_state now =
			klp_job_state(r->job, r->plan, older->newer.v[i]);

		if (now == KLP_PATCH_ENABLED || now == KLP_PATCH_ENABLING) {
			alive = older->newer.v[i];
			*state = now;
		}
	}
	return alive;
}

/* Whether an older patch must stay, since on a loaded object no newer patch is in
 * effect; the reason is in @text.  A masked patch also goes without a successor. */
static bool is_needed(const struct retirement *r, const struct klp_older *older,
		      char text[KLP_JOB_TEXT_SIZE])
{
	for (size_t i = 0; i < older->objects.n; i++) {
		const char *object = older->objects.v[i];
		struct succession by = find_succession(r, older, object);

		if (!klp_live_has_object(object) || by.in_effect ||
		    (older->masked && !by.running && !by.missing))
			continue;
		if (by.running)
			snprintf(text, KLP_JOB_TEXT_SIZE,
				 "the transition of %s is still running", by.running);
		else if (older->masked)
			snprintf(text, KLP_JOB_TEXT_SIZE,
				 "%s, which is to come back for %s, is not in effect",
				 by.missing, object);
		else
			snprintf(text, KLP_JOB_TEXT_SIZE,
				 "it patches %s, for which no newer patch is in effect",
				 object);
		return true;
	}
	return false;
}

/* Whether a masked patch blocks the release that is to come back. */
static bool is_in_the_way(const struct retirement *r, const struct klp_older *older)
{
	for (size_t i = 0; i < older->newer.n; i++) {
		const struct klpdep_patch *patch =
			klp_index_find(r->view->index, older->newer.v[i]);

		if (klp_view_standing(r->view, patch)->state == KLPDEP_STATE_BLOCKED)
			return true;
	}
	return false;
}

/* Whether an older patch must stay; the reason is in @text. */
static bool must_stay(const struct retirement *r, const struct klp_older *older,
		      const char *newer, enum klp_patch_state newer_state,
		      char text[KLP_JOB_TEXT_SIZE])
{
	char holder[KLP_MODULE_NAME_LEN];
	const char *requirer = klp_job_user(r->job, r->plan, older->loaded->name, holder);

	if (requirer) {
		snprintf(text, KLP_JOB_TEXT_SIZE, "%s requires it", requirer);
		return true;
	}
	if (older->masked && r->job->reload && is_in_the_way(r, older))
		return false;
	if (newer && newer_state != KLP_PATCH_ENABLED) {
		snprintf(text, KLP_JOB_TEXT_SIZE, "the transition of %s is still running",
			 newer);
		return true;
	}
	return klp_job_state(r->job, r->plan, older->loaded->name) != KLP_PATCH_DEAD &&
	       is_needed(r, older, text);
}

/* Whether the older patch is on top of its successors. */
static bool is_on_top(const struct retirement *r, const struct klp_older *older,
		      const char *newer)
{
	const struct klp_stack *stack = &r->view->stack;
	size_t own = klp_stack_find(stack, older->loaded->name);
	size_t other = klp_stack_find(stack, newer);

	return other < stack->n && own > other;
}

/* Whether an older patch stays beneath the newer one.  Its unpatch callbacks would run
 * after the newer one's patch callbacks, and could undo their work.  The kernel's own
 * replace runs no callbacks of replaced patches. */
static bool stays_beneath(const struct retirement *r, const struct klp_older *older,
			  const char *newer)
{
	if (!older->stays_beneath || !newer || (older->masked && r->job->reload))
		return false;
	/* If the older one is on top, no newer callback has run after its own. */
	return older->masked || !is_on_top(r, older, newer);
}

/* The results of retire(). */
enum outcome {
	NOTHING_TO_DO,
	RETIRED,
	STAYS, /* maybe it can go after another */
	FAILED,
};

static enum outcome plan_to_retire(struct klpdep_plan *plan,
				   const struct klp_older *older, const char *newer)
{
	const struct klpdep_step step = { .action = KLPDEP_ACTION_UNLOAD,
					  .module = older->loaded->name,
					  .patch = true,
					  .reason = older->masked  ? "masked" :
						    older->is_rest ? "dead" :
								     "superseded by" };

	if (!newer)
		newer = older->newer.n ? older->newer.v[0] : "";
	return klp_plan_add(plan, &step, older->masked || older->is_rest ? "" : newer) < 0 ?
		       FAILED :
		       RETIRED;
}

static enum outcome unload(struct klp_job *job, const struct klp_older *older,
			   const char *newer)
{
	const char *name = older->loaded->name;
	enum klp_limit limit = klp_wait_go_on(job->loader.wait);
	struct klp_failure failure;
	char text[KLP_JOB_TEXT_SIZE];

	if (limit != KLP_LIMIT_NONE) {
		klp_say(job->ctx, KLP_SAY_OLDER_STAYS, false, newer ? newer : name,
			"the %s patch %s stays loaded: unloading it would take a wait"
			"%s%s",
			older->masked ? "masked" : "older", name, klp_job_limit(limit),
			klp_late_add(NULL) == 0 ? "; it is left to klpdep sync" : "");
		return FAILED;
	}
	if (klp_loader_unload(&job->loader, name, &failure) < 0) {
		klp_say(job->ctx, KLP_SAY_OLDER_FAILED, false, newer ? newer : name,
			"the %s patch %s could not be unloaded: %s",
			older->masked ? "masked" : "older", name,
			klp_job_why(job, name, &failure, text));
		return FAILED;
	}
	if (newer)
		klp_say(job->ctx, KLP_SAY_REPLACED, false, newer,
			"took the place of %s, which was unloaded", name);
	else
		klp_say(job->ctx, KLP_SAY_UNLOADED, false, name, "unloaded, since it is %s",
			older->masked  ? "masked" :
			older->is_rest ? "dead, and its file has gone" :
					 "superseded");
	return RETIRED;
}

/* Log that an older patch stays beneath, or add that to the plan, if the newer patch
 * was inserted in this run. */
static enum outcome keep_beneath(struct retirement *r, const struct klp_older *older,
				 const char *newer)
{
	const struct klpdep_step step = { .action = KLPDEP_ACTION_KEEP,
					  .module = older->loaded->name,
					  .patch = true,
					  .reason = "it stays beneath" };
	bool is_new = r->plan ? klp_live_patch(newer) != KLP_PATCH_ENABLED :
				klp_strv_has(&r->job->loader.inserted, newer);

	if (!is_new || klp_strv_has(&r->kept, step.module))
		return NOTHING_TO_DO;
	klp_strv_add(&r->kept, step.module);
	if (r->plan)
		return klp_plan_add(r->plan, &step, newer) < 0 ? FAILED : NOTHING_TO_DO;
	klp_say(r->job->ctx, KLP_SAY_OLDER_STAYS, false, newer,
		"the older patch %s stays loaded beneath: its unpatch callbacks could undo "
		"what the newer one has set, or it is configured so", step.module);
	return NOTHING_TO_DO;
}

static void say_stays(const struct retirement *r, const struct klp_older *older,
		      const char *newer, const char *why)
{
	if (older->masked)
		klp_say(r->job->ctx, KLP_SAY_MASKED_STAYS, false, older->loaded->name,
			"stays loaded, though it is masked: %s; klpdep sync --reload takes "
			"it out", why);
	else
		klp_say(r->job->ctx, KLP_SAY_OLDER_STAYS, false, newer,
			"the older patch %s stays loaded: %s", older->loaded->name, why);
}

/* The newer patch, in effect if possible.  klpdep sync waits for a transition that a
 * helper did not wait for, since no target waits for sync. */
static const char *find_settled(const struct retirement *r, const struct klp_older *older,
				enum klp_patch_state *state)
{
	struct klp_loader *loader = &r->job->loader;
	const char *newer = find_alive(r, older, state);
	struct klp_failure failure;
	bool settled;

	if (*state != KLP_PATCH_ENABLING || r->plan || loader->wait)
		return newer;
	klp_loader_load(loader, newer, NULL, &settled, &failure);
	return find_alive(r, older, state);
}

static enum outcome retire(struct retirement *r, const struct klp_older *older, bool say)
{
	enum klp_patch_state state;
	const char *name = older->loaded->name, *newer = find_settled(r, older, &state);
	char text[KLP_JOB_TEXT_SIZE];

	/* If no newer patch is there, a failure has been logged.  An older patch whose
	 * objects are not loaded goes all the same. */
	if (klp_job_state(r->job, r->plan, name) == KLP_PATCH_ABSENT ||
	    (!newer && !older->masked && !older->is_rest &&
	     (r->subjects.n || serves_something(older))))
		return NOTHING_TO_DO;
	if (must_stay(r, older, newer, state, text)) {
		if (say)
			say_stays(r, older, newer, text);
		return STAYS;
	}
	if (stays_beneath(r, older, newer)) {
		if (!older->masked || !is_on_top(r, older, newer))
			return keep_beneath(r, older, newer);
		if (say)
			say_stays(r, older, newer,
				  "its unpatch callbacks could clear what only it has "
				  "set");
		return STAYS;
	}
	return r->plan ? plan_to_retire(r->plan, older, newer) :
			 unload(r->job, older, newer);
}

/* Try to retire each older patch of the subjects once.  Whether one was retired. */
static bool retire_all(struct retirement *r, bool say)
{
	bool progress = false;

	r->n_stay = r->n_masked_stay = 0;
	r->view = klpdep_view_unref(r->view);
	if (klp_view_renew(r->job->ctx, r->job->view, 0, &r->view) < 0)
		return false;
	for (size_t i = 0; i < r->view->stack.n; i++) {
		const struct klp_loaded *loaded = &r->view->stack.v[i];
		_cleanup_(klp_older_clear) struct klp_older older = { 0 };

		if (klp_strv_has(&r->failed, loaded->name) ||
		    !klp_view_find_older(r->view, loaded, &older) || !is_about(r, &older))
			continue;
		switch (retire(r, &older, say)) {
		case RETIRED:
			progress = true;
			break;
		case FAILED:
			klp_strv_add(&r->failed, loaded->name);
			break;
		case STAYS:
			r->n_stay++;
			r->n_masked_stay += older.masked;
			break;
		case NOTHING_TO_DO:
			break;
		}
	}
	return progress;
}

void klp_retire(struct klp_job *job, const char *name)
{
	_cleanup_(retirement_clear) struct retirement r = { .job = job };

	/* Policy late waits for nothing, and retiring waits for a transition. */
	if (job->late || (name && (find_subjects(job, name, &r.subjects) < 0 ||
				   !r.subjects.n)))
		return;
	/* A required patch can go after the patch that requires it. */
	while (retire_all(&r, false))
		;
	if (r.n_stay)
		retire_all(&r, true);
	job->n_left += r.n_stay + r.failed.n;
}

size_t klp_retire_plan(struct klp_job *job, struct klpdep_plan *plan)
{
	_cleanup_(retirement_clear) struct retirement r = { .job = job, .plan = plan };

	while (retire_all(&r, false))
		;
	return r.n_masked_stay;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "libklpdep/graph.h"
#include "libklpdep/job.h"

/* A patch that is in the kernel and whose place others take. */
struct older {
	const char *name;
	struct klp_strv objects; /* none where the kernel has dropped them: it is dead */
	struct klp_strv newer;   /* those patches of the index */
	struct klpdep_patch *gone; /* what the kernel shows of it, not the index */
};

static void older_clear(struct older *older)
{
	klp_strv_clear(&older->objects);
	klp_strv_clear(&older->newer);
	klpdep_patch_unref(older->gone);
}

/* The patch's state; where the job only plans, as it would be then. */
static enum klp_patch_state state_of(const struct klp_job *job, const char *name)
{
	for (size_t i = job->plan ? job->plan->n_steps : 0; i-- > 0;) {
		const struct klp_step *step = &job->plan->steps[i];

		if (klp_streq(step->module, name) &&
		    step->action != KLPDEP_ACTION_DEFER)
			return step->action == KLPDEP_ACTION_UNLOAD ? KLP_PATCH_ABSENT :
								      KLP_PATCH_ENABLED;
	}
	return klp_live_patch(name);
}

/* ---- what takes whose place -------------------------------------------------------- */

static int add_objects(const struct klpdep_patch *patch, struct klp_strv *objects)
{
	int err = 0;

	for (size_t i = 0; patch && i < patch->n_objects && err == 0; i++)
		err = klp_strv_add_unique(objects, patch->objects[i].name);
	return err;
}

static bool patches_object(const struct klpdep_patch *patch, const char *object)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		if (klp_streq(patch->objects[i].name, object))
			return true;
	}
	return false;
}

static bool patches_one_of(const struct klpdep_patch *patch,
			   const struct klp_strv *objects)
{
	for (size_t i = 0; i < objects->n; i++) {
		if (patches_object(patch, objects->v[i]))
			return true;
	}
	return objects->n == 0;
}

static int add_claimant(const struct klp_job *job, const struct klpdep_patch *patch,
			const char *name, const struct klp_strv *objects,
			struct klp_strv *newer)
{
	if (klp_streq(patch->name, name) || !patches_one_of(patch, objects) ||
	    klp_config_masked(job->config, patch->name, NULL))
		return 0;
	return klp_strv_add_unique(newer, patch->name);
}

/* Append the patches that say of themselves, or of which configuration says, that they
 * take the place of @name. */
static int add_claimants(const struct klp_job *job, const char *name,
			 const struct klp_strv *objects, struct klp_strv *newer)
{
	const struct klpdep_index *index = job->index;
	const struct klpdep_patch *older = klp_index_find(index, name);
	const struct klp_link *links = NULL;
	size_t n = 0;
	int err = 0;

	if (older)
		links = klp_index_superseders_of(index, older, &n);
	for (size_t i = 0; i < n && err == 0; i++)
		err = add_claimant(job, links[i].from, name, objects, newer);
	if (!klp_config_supersedes(job->config, NULL, name, NULL))
		return err;
	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (klp_config_supersedes(job->config, patch->name, name, NULL))
			err = add_claimant(job, patch, name, objects, newer);
	}
	return err;
}

/* Append those that say it, or show it by their names, of a patch whose file has gone
 * from the tree: an upgrade takes it away. */
static int add_successors_of_gone(const struct klp_job *job, const struct older *older,
				  struct klp_strv *newer)
{
	int err = 0;

	for (size_t i = 0; i < job->index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = job->index->patches[i];

		if (klp_graph_supersedes(patch, older->gone))
			err = add_claimant(job, patch, older->name, &older->objects,
					   newer);
	}
	return err;
}

/* All patches that take the place of @older: those of a release take that of the release
 * before the last one, too.  Of patches that claim each other's place the later name
 * wins, as in klp_graph_state(). */
static int find_newer(const struct klp_job *job, struct older *older)
{
	_cleanup_strv_ struct klp_strv all = { 0 };
	int err = add_claimants(job, older->name, &older->objects, &all);

	if (err == 0 && older->gone)
		err = add_successors_of_gone(job, older, &all);
	for (size_t i = 0; i < all.n && err == 0; i++) {
		_cleanup_strv_ struct klp_strv objects = { 0 };

		err = add_objects(klp_index_find(job->index, all.v[i]), &objects);
		if (err == 0)
			err = add_claimants(job, all.v[i], &objects, &all);
	}
	for (size_t i = 0; i < all.n && err == 0; i++) {
		const char *name = all.v[i];

		if (!klp_streq(name, older->name) &&
		    patches_one_of(klp_index_find(job->index, name), &older->objects) &&
		    (!klp_strv_has(&all, older->name) ||
		     klp_name_cmp(name, older->name) > 0))
			err = klp_strv_add(&older->newer, name);
	}
	return err;
}

/* ---- what a job is about ----------------------------------------------------------- */

/* The patches of its target, or the patch; what it inserted; and what these require. */
static int find_subjects(const struct klp_job *job, struct klp_strv *subjects)
{
	const struct klpdep_index *index = job->index;
	const struct klp_edge *edges;
	size_t n;
	int err = klp_strv_merge(subjects, &job->loader.inserted);

	for (size_t i = 0; !*job->name && i < index->n_patches && err == 0; i++)
		err = klp_strv_add(subjects, index->patches[i]->name);
	if (!*job->name)
		return err;
	edges = klp_index_edges_of(index, job->name, &n);
	for (size_t i = 0; i < n && err == 0; i++)
		err = klp_strv_add_unique(subjects, edges[i].patch->name);
	if (err == 0 && klp_index_find(index, job->name))
		err = klp_strv_add_unique(subjects, job->name);
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

static bool have_one_in_common(const struct klp_strv *a, const struct klp_strv *b)
{
	for (size_t i = 0; i < a->n; i++) {
		if (klp_strv_has(b, a->v[i]))
			return true;
	}
	return false;
}

/* Whether it is superseded by one of @subjects.  A patch that has gone from the tree can
 * be: as the kernel shows it, or because configuration names it. */
static bool is_older(const struct klp_job *job, const char *name,
		     const struct klp_strv *subjects, struct older *older)
{
	const struct klpdep_patch *patch = klp_index_find(job->index, name);
	const char *ignored;

	older->name = name;
	if (!patch && klp_live_read(name, &older->gone) < 0 &&
	    !klp_config_supersedes(job->config, NULL, name, NULL))
		return false;
	if (patch && klp_graph_state(job->index, job->config, patch, &ignored) ==
			     KLPDEP_STATE_ACTIVE)
		return false;
	if (add_objects(patch, &older->objects) < 0 ||
	    klp_live_objects(name, &older->objects) < 0 || find_newer(job, older) < 0)
		return false;
	return have_one_in_common(&older->newer, subjects) &&
	       (patch || klp_live_is_patch(name));
}

/* ---- what requires it -------------------------------------------------------------- */

/* As the plan has it: a requirement is also met by a successor, unless it is for
 * symbols. */
static bool is_met_by(const struct klp_job *job, const struct klp_link *link,
		      const char *name)
{
	const struct klpdep_patch *successor;

	if (klp_streq(link->reason, "import") ||
	    state_of(job, link->to->name) != KLP_PATCH_ABSENT)
		return false;
	successor = klp_graph_successor(job->index, job->config, link->to);
	return successor && klp_streq(successor->name, name);
}

const char *klp_job_requirer(const struct klp_job *job, const char *name)
{
	for (size_t i = 0; i < job->index->n_requires; i++) {
		const struct klp_link *link = &job->index->requires[i];

		if (state_of(job, link->from->name) != KLP_PATCH_ABSENT &&
		    (klp_streq(link->to->name, name) || is_met_by(job, link, name)))
			return link->from->name;
	}
	return NULL;
}

const char *klp_job_user(const struct klp_job *job, const char *name,
			     char holder[KLP_MODULE_NAME_LEN])
{
	const char *requirer = klp_job_requirer(job, name);
	_cleanup_strv_ struct klp_strv holders = { 0 };

	klp_live_holders(name, &holders);
	for (size_t i = 0; i < holders.n && !requirer; i++) {
		if (state_of(job, holders.v[i]) != KLP_PATCH_ABSENT &&
		    klp_name_normalize(holders.v[i], holder) == 0)
			requirer = holder;
	}
	return requirer;
}

/* ---- retiring ---------------------------------------------------------------------- */

static bool is_there(const char *object)
{
	return klp_streq(object, "vmlinux") ||
	       klp_live_module(object) != KLP_MODULE_ABSENT;
}

/* Whether a newer patch is in effect for an object, for every task.  If not, *running is
 * one that is going to be, or NULL. */
static bool has_successor(const struct klp_job *job, const struct older *older,
			  const char *object, const char **running)
{
	*running = NULL;
	for (size_t i = 0; i < older->newer.n; i++) {
		const char *name = older->newer.v[i];
		enum klp_patch_state state;

		if (!patches_object(klp_index_find(job->index, name), object))
			continue;
		state = state_of(job, name);
		if (state == KLP_PATCH_ENABLED && klp_live_patched(name, object) != 0)
			return true;
		if (state == KLP_PATCH_ENABLING)
			*running = name;
	}
	return false;
}

/* The newer patch to speak of: one in effect, else one that is going to be. */
static const char *find_alive(const struct klp_job *job, const struct older *older,
			      enum klp_patch_state *state)
{
	const char *alive = NULL;

	*state = KLP_PATCH_ABSENT;
	for (size_t i = 0; i < older->newer.n && *state != KLP_PATCH_ENABLED; i++) {
		enum klp_patch_state now = state_of(job, older->newer.v[i]);

		if (now == KLP_PATCH_ENABLED || now == KLP_PATCH_ENABLING) {
			alive = older->newer.v[i];
			*state = now;
		}
	}
	return alive;
}

/* Why an older patch has to stay, in @text; or false. */
static bool must_stay(const struct klp_job *job, const struct older *older,
		      const char *newer, enum klp_patch_state newer_state,
		      char text[KLP_JOB_TEXT_SIZE])
{
	char holder[KLP_MODULE_NAME_LEN];
	const char *requirer = klp_job_user(job, older->name, holder);
	const char *running;

	if (requirer) {
		snprintf(text, KLP_JOB_TEXT_SIZE, "%s requires it", requirer);
		return true;
	}
	if (newer_state != KLP_PATCH_ENABLED) {
		snprintf(text, KLP_JOB_TEXT_SIZE, "the transition of %s is still running",
			 newer);
		return true;
	}
	if (state_of(job, older->name) == KLP_PATCH_DEAD)
		return false;
	for (size_t i = 0; i < older->objects.n; i++) {
		const char *object = older->objects.v[i];

		if (!is_there(object) || has_successor(job, older, object, &running))
			continue;
		if (running)
			snprintf(text, KLP_JOB_TEXT_SIZE,
				 "the transition of %s is still running", running);
		else
			snprintf(text, KLP_JOB_TEXT_SIZE,
				 "it patches %s, for which no newer patch is in effect",
				 object);
		return true;
	}
	return false;
}

/* What retire() says. */
enum outcome {
	NOTHING_TO_DO,
	RETIRED,
	STAYS, /* perhaps not when another has gone */
	FAILED,
};

static enum outcome plan_to_retire(struct klp_job *job, const char *older,
				   const char *newer)
{
	const struct klpdep_step step = { .action = KLPDEP_ACTION_UNLOAD,
					  .module = older,
					  .patch = true,
					  .reason = "superseded by" };

	return klp_plan_add(job->plan, &step, newer) < 0 ? FAILED : RETIRED;
}

static enum outcome retire(struct klp_job *job, const struct older *older, bool say)
{
	enum klp_patch_state state;
	const char *newer = find_alive(job, older, &state);
	struct klp_failure failure;
	char text[KLP_JOB_TEXT_SIZE];

	/* Where no newer patch came in, that has been said. */
	if (!newer || state_of(job, older->name) == KLP_PATCH_ABSENT)
		return NOTHING_TO_DO;
	if (must_stay(job, older, newer, state, text)) {
		if (say)
			klp_say(job->ctx, KLP_SAY_OLDER_STAYS, false, newer,
				"the older patch %s stays loaded: %s", older->name, text);
		return STAYS;
	}
	if (job->plan)
		return plan_to_retire(job, older->name, newer);
	if (klp_loader_unload(&job->loader, older->name, &failure) < 0) {
		klp_say(job->ctx, KLP_SAY_OLDER_FAILED, false, newer,
			"the older patch %s could not be unloaded: %s", older->name,
			klp_job_why(job, older->name, &failure, text));
		return FAILED;
	}
	klp_say(job->ctx, KLP_SAY_REPLACED, false, newer,
		"took the place of %s, which was unloaded", older->name);
	return RETIRED;
}

/* Go through all older patches of @subjects.  Whether one was retired; those that could
 * not be are in @failed. */
static bool retire_all(struct klp_job *job, const struct klp_strv *subjects,
		       struct klp_strv *failed, bool say, size_t *n_stay)
{
	_cleanup_strv_ struct klp_strv modules = { 0 };
	bool progress = false;

	*n_stay = 0;
	klp_live_modules(&modules);
	for (size_t i = 0; i < modules.n; i++) {
		_cleanup_(older_clear) struct older older = { 0 };

		if (klp_strv_has(failed, modules.v[i]) ||
		    !is_older(job, modules.v[i], subjects, &older))
			continue;
		switch (retire(job, &older, say)) {
		case RETIRED:
			progress = true;
			break;
		case FAILED:
			klp_strv_add(failed, modules.v[i]);
			break;
		case STAYS:
			(*n_stay)++;
			break;
		case NOTHING_TO_DO:
			break;
		}
	}
	return progress;
}

void klp_replace(struct klp_job *job)
{
	_cleanup_strv_ struct klp_strv subjects = { 0 }, failed = { 0 };
	size_t n_stay;

	/* Under policy late nothing is waited for, and here a transition would be. */
	if (job->late || find_subjects(job, &subjects) < 0)
		return;
	/* One that is required can go after that which requires it. */
	while (retire_all(job, &subjects, &failed, false, &n_stay))
		;
	if (n_stay && !job->plan)
		retire_all(job, &subjects, &failed, true, &n_stay);
	job->n_left += n_stay + failed.n;
}

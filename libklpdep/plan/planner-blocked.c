/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a patch can go in now, with everything that it requires; and later attempts for
 * the others. */
#include "config.h"

#include "libklpdep/plan/planner.h"

static int block(struct planner *planner, const char *why, const char *of)
{
	planner->why = why;
	planner->of = klp_set_intern(&planner->names, of);
	return planner->of ? BLOCKED : -ENOMEM;
}

static bool depends_on(const struct planner *planner, const char *name, const char *other)
{
	_cleanup_strv_ struct klp_strv deps = { 0 };

	return planner->source->deps(planner->source->data, name, &deps) == 0 &&
	       klp_strv_has(&deps, other);
}

/* Whether @dep, which a patch of @target needs, must not be loaded for that patch. */
static bool is_out_of_reach(const struct planner *planner,
			    const struct klpdep_patch *patch, const char *target,
			    const char *dep)
{
	size_t n = 0;

	if (klp_patch_find_object(patch, dep) || depends_on(planner, dep, target))
		return true;
	if (!planner->sync)
		return false;
	klp_index_edges_of(planner->view->index, dep, &n);
	for (size_t i = 0; i < patch->n_objects && n == 0; i++)
		n = depends_on(planner, dep, patch->objects[i].name);
	return n > 0;
}

/* What a patch needs itself, without other patches. */
static int check_deps(struct planner *planner, const struct klpdep_patch *patch,
		      const char *target)
{
	_cleanup_strv_ struct klp_strv deps = { 0 };
	int result = 0;
	int err = planner->source->deps(planner->source->data, patch->name, &deps);

	if (err < 0)
		return err == -ENOENT ? 0 : err;
	for (size_t i = 0; i < deps.n; i++) {
		const char *dep = deps.v[i];

		if (klp_planner_loaded(planner, dep) || klp_set_has(&planner->done, dep))
			continue;
		if (klp_set_has(&planner->visited, dep))
			result = DELAYED;
		else if (target && is_out_of_reach(planner, patch, target, dep))
			return block(planner, "waits for a module that is not loaded:", dep);
	}
	return result;
}

/* A patch whose requirements are being visited. */
struct checking {
	const struct klpdep_patch *patch;
	size_t next;
};

struct checks {
	struct checking *v;
	size_t n;
};

static void checks_clear(struct checks *checks)
{
	free(checks->v);
}

static int check(struct planner *planner, struct checks *checks,
		 const struct klpdep_patch *patch, const char *target)
{
	const struct klp_standing *standing;
	struct checking *checking;

	if (klp_set_has(&planner->checked, patch->name))
		return 0;
	standing = klp_view_standing(planner->view, patch);
	/* The user asked for this superseded or masked patch by name. */
	if (standing->state == KLPDEP_STATE_QUARANTINED)
		return block(planner, "quarantined:", standing->why);
	if (standing->state == KLPDEP_STATE_BLOCKED && klp_view_is_held(standing))
		return block(planner, standing->why, "");
	if (standing->state == KLPDEP_STATE_BLOCKED)
		return block(planner, "blocked:", standing->why);
	if (standing->state == KLPDEP_STATE_INCOMPATIBLE)
		return block(planner, "incompatible:", standing->why);
	if (standing->state == KLPDEP_STATE_UNMET)
		return block(planner, standing->why, "");
	checking = klp_append(checks->v, checks->n);
	if (!checking || klp_set_add(&planner->checked, patch->name) < 0)
		return -ENOMEM;
	checking->patch = patch;
	return check_deps(planner, patch, target);
}

static int check_all(struct planner *planner, const struct klpdep_patch *patch,
		     const char *target)
{
	_cleanup_(checks_clear) struct checks checks = { 0 };
	bool delayed = false;
	int result = check(planner, &checks, patch, target);

	while (checks.n && result >= 0 && result != BLOCKED) {
		struct checking *last = &checks.v[checks.n - 1];
		const struct klpdep_patch *needed;
		const struct klp_link *link;
		size_t n;

		delayed |= result == DELAYED;
		result = 0;
		link = klp_index_requires_of(planner->view->index, last->patch, &n);
		if (last->next == n) {
			checks.n--;
			continue;
		}
		link += last->next++;
		needed = klp_view_met_by(planner->view, link);
		if (!needed)
			return block(planner, "requires a patch that is masked or superseded:",
				     link->to->name);
		result = check(planner, &checks, needed, target);
	}
	return result == 0 && delayed ? DELAYED : result;
}

int klp_planner_blocked(struct planner *planner, const struct klpdep_patch *patch,
			const char *target)
{
	int result = check_all(planner, patch, target);

	/* Everything visited for a patch that goes in goes in with it, and need not be
	 * visited again for the next one.  What is blocked is not remembered. */
	if (result != 0)
		klp_set_clear(&planner->checked);
	return result;
}

/* ---- later attempts ---------------------------------------------------------------- */

int klp_planner_defer(struct planner *planner, const char *patch, bool required)
{
	return klp_planner_add(planner, KLPDEP_ACTION_DEFER, patch, true, required, planner->why,
			       planner->of);
}

int klp_planner_put_off(struct planner *planner, const struct klpdep_patch *patch,
			const char *target, bool required, int blocked)
{
	int err;

	if (!planner->at_the_end && (blocked == DELAYED || !required))
		return klp_strv_add_unique(&planner->delayed, target);
	if (blocked == DELAYED || klp_set_has(&planner->deferred, patch->name))
		return 0;
	err = klp_set_add(&planner->deferred, patch->name);
	return err < 0 ? err : klp_planner_defer(planner, patch->name, required);
}

/* Try the postponed patches once more. */
static int visit_delayed_once(struct planner *planner)
{
	int err = 0;

	for (size_t i = 0; i < planner->delayed.n && err == 0; i++) {
		const char *target = planner->delayed.v[i];

		err = klp_planner_visit_patches_of(planner, target, KLPDEP_ORDER_BEFORE);
		if (err == 0)
			err = klp_planner_visit_patches_of(planner, target,
							   KLPDEP_ORDER_AFTER);
	}
	return err;
}

/* One patch can bring what another one waits for: repeat until nothing changes. */
int klp_planner_visit_delayed(struct planner *planner)
{
	size_t before;
	int err;

	do {
		before = planner->plan->n_steps;
		err = visit_delayed_once(planner);
	} while (err == 0 && planner->plan->n_steps > before);
	planner->at_the_end = true;
	return err < 0 ? err : visit_delayed_once(planner);
}

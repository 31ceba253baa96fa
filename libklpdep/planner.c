/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Working the plan out: a walk, depth first.  What a module needs comes before it, and
 * what it brings along after it.  Where modules and patches need each other in a circle,
 * the step that was begun first is the one that comes last. */
#include "config.h"

#include "libklpdep/planner.h"

static bool is_loaded(const struct planner *planner, const char *name)
{
	return planner->source->loaded &&
	       planner->source->loaded(planner->source->data, name);
}

int klp_planner_add(struct planner *planner, enum klpdep_action action, const char *name,
		    bool patch, bool required, const char *reason, const char *of)
{
	_cleanup_free_ char *file = NULL;

	errno = 0;
	file = planner->source->file(planner->source->data, name);
	if (!file && errno == ENOMEM)
		return -ENOMEM;

	const struct klpdep_step step = { .action = action,
					  .module = name,
					  .file = file,
					  .patch = patch,
					  .required = required,
					  .reason = reason };

	return klp_plan_add(planner->plan, &step, of);
}

static bool is_object_of(const struct klpdep_patch *patch, const char *name)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		if (klp_streq(patch->objects[i].name, name))
			return true;
	}
	return false;
}

/* ---- softdeps ---------------------------------------------------------------------- */

bool klp_planner_counts(const struct planner *planner, const char *name)
{
	const struct klpdep_patch *patch = klp_index_find(planner->index, name);
	const char *ignored;

	return !patch || klp_graph_state(planner->index, planner->config, patch,
					 &ignored) == KLPDEP_STATE_ACTIVE;
}

static int visit_softdeps(struct planner *planner, const char *name,
			  const struct klp_strv *softdeps)
{
	int err = 0;

	/* For sync, they are not needed, and may be targets. */
	if (planner->sync || planner->source->no_softdeps)
		return 0;
	for (size_t i = 0; i < softdeps->n && err == 0; i++) {
		_cleanup_strv_ struct klp_strv names = { 0 };

		/* What does not resolve is passed over, as kmod does. */
		if (planner->source->lookup(planner->source->data, softdeps->v[i],
					    &names) == -ENOMEM)
			return -ENOMEM;
		for (size_t j = 0; j < names.n && err == 0; j++) {
			if (klp_planner_counts(planner, names.v[j]))
				err = klp_planner_visit_module(planner, names.v[j], false,
							       "softdep of", name);
		}
	}
	return err;
}

/* ---- patches ----------------------------------------------------------------------- */

/* The patch that a requirement is met by, or NULL: where another has its place, that one;
 * but not for symbols, which the kernel takes from the one that exports them. */
static const struct klpdep_patch *meant_by(const struct planner *planner,
					   const struct klp_link *link)
{
	if (klp_planner_counts(planner, link->to->name))
		return link->to;
	return klp_streq(link->reason, "import") ?
		       NULL :
		       klp_graph_successor(planner->index, planner->config, link->to);
}

static int block(const char **why, char **of, const char *text, const char *name)
{
	*why = text;
	*of = strdup(name);
	return *of ? BLOCKED : -ENOMEM;
}

static bool depends_on(const struct planner *planner, const char *name, const char *other)
{
	_cleanup_strv_ struct klp_strv deps = { 0 };

	return planner->source->deps(planner->source->data, name, &deps) == 0 &&
	       klp_strv_has(&deps, other);
}

/* Whether @dep, which a patch of @target needs, may not be loaded for its sake. */
static bool is_out_of_reach(const struct planner *planner,
			    const struct klpdep_patch *patch, const char *target,
			    const char *dep)
{
	size_t n = 0;

	if (is_object_of(patch, dep) || depends_on(planner, dep, target))
		return true;
	if (!planner->sync)
		return false;
	klp_index_edges_of(planner->index, dep, &n);
	for (size_t i = 0; i < patch->n_objects && n == 0; i++)
		n = depends_on(planner, dep, patch->objects[i].name);
	return n > 0;
}

static int check_blocked(struct planner *planner, const struct klpdep_patch *patch,
			 const char *target, const char **why, char **of)
{
	_cleanup_strv_ struct klp_strv deps = { 0 };
	const struct klp_link *links;
	int result = 0, err;
	size_t n;

	if (klp_set_has(&planner->checked, patch->name))
		return 0;
	err = klp_set_add(&planner->checked, patch->name);
	if (err == 0)
		err = planner->source->deps(planner->source->data, patch->name, &deps);
	if (err < 0)
		return err == -ENOENT ? 0 : err;
	for (size_t i = 0; i < deps.n; i++) {
		const char *dep = deps.v[i];

		if (is_loaded(planner, dep) || klp_set_has(&planner->done, dep))
			continue;
		if (klp_set_has(&planner->visited, dep))
			result = DELAYED;
		else if (target && is_out_of_reach(planner, patch, target, dep))
			return block(why, of,
				     "waits for a module that is not loaded:", dep);
	}
	links = klp_index_requires_of(planner->index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		const struct klpdep_patch *needed = meant_by(planner, &links[i]);

		if (!needed)
			return block(why, of,
				     "requires a patch that is masked or "
				     "superseded:",
				     links[i].to->name);
		err = check_blocked(planner, needed, target, why, of);
		if (err < 0 || err == BLOCKED)
			return err;
		if (err == DELAYED)
			result = DELAYED;
	}
	return result;
}

int klp_planner_blocked(struct planner *planner, const struct klpdep_patch *patch,
			const char *target, const char **why, char **of)
{
	int result = check_blocked(planner, patch, target, why, of);

	/* What was gone through for a patch that goes in goes in with it, and need not be
	 * gone through again for the next; of what is in the way nothing is kept. */
	if (result != 0)
		klp_set_clear(&planner->checked);
	return result;
}

int klp_planner_visit_patch(struct planner *planner, const struct klpdep_patch *patch,
			    bool required, const char *reason, const char *of)
{
	const struct klpdep_index *index = planner->index;
	const struct klp_softdep *softdep = klp_index_find_softdep(index, patch->name);
	_cleanup_strv_ struct klp_strv needed = { 0 }, deps = { 0 };
	int action = KLPDEP_ACTION_INSERT;
	const struct klp_link *links;
	size_t n;
	int err;

	if (klp_set_has(&planner->visited, patch->name))
		return 0;
	err = klp_set_add(&planner->visited, patch->name);
	links = klp_index_requires_of(index, patch, &n);
	for (size_t i = 0; i < n && err == 0; i++) {
		const struct klpdep_patch *other = meant_by(planner, &links[i]);

		if (other)
			err = klp_strv_add_unique(&needed, other->name);
	}
	klp_strv_sort(&needed);
	for (size_t i = 0; i < needed.n && err == 0; i++)
		err = klp_planner_visit_patch(planner, klp_index_find(index, needed.v[i]),
					      required, "required by", patch->name);
	if (err == 0)
		err = planner->source->deps(planner->source->data, patch->name, &deps);
	/* A file that has gone since: inserting it will say so. */
	if (err == -ENOENT)
		err = 0;
	for (size_t i = 0; i < deps.n && err == 0; i++)
		err = klp_planner_visit_module(planner, deps.v[i], required,
					       "dependency of", patch->name);
	if (err == 0 && softdep)
		err = visit_softdeps(planner, patch->name, &softdep->pre);
	if (planner->source->patch_action)
		action = planner->source->patch_action(planner->source->data,
						       patch->name);
	if (err == 0 && action >= 0)
		err = klp_planner_add(planner, (enum klpdep_action)action, patch->name,
				      true, required, reason, of);
	if (err == 0)
		err = klp_set_add(&planner->done, patch->name);
	if (err == 0 && softdep)
		err = visit_softdeps(planner, patch->name, &softdep->post);
	return err;
}

/* A patch that cannot go in now is looked at again when all else is planned; unless the
 * target must not be loaded without it. */
static int put_off(struct planner *planner, const struct klpdep_patch *patch,
		   const char *target, bool required, int blocked, const char *why,
		   const char *of)
{
	int err;

	if (!planner->at_the_end && (blocked == DELAYED || !required))
		return klp_strv_add_unique(&planner->delayed, target);
	if (blocked == DELAYED || klp_set_has(&planner->deferred, patch->name))
		return 0;
	err = klp_set_add(&planner->deferred, patch->name);
	return err < 0 ? err :
			 klp_planner_add(planner, KLPDEP_ACTION_DEFER, patch->name, true,
					 required, why, of);
}

int klp_planner_visit_patches_of(struct planner *planner, const char *target,
				 enum klpdep_order order)
{
	bool required = klpdep_config_get_policy(planner->config, target) ==
			KLPDEP_POLICY_REQUIRE;
	const struct klp_edge *edges;
	size_t n;
	int err = 0;

	if (planner->sync)
		return 0; /* all patches are gone through there */
	edges = klp_index_edges_of(planner->index, target, &n);
	for (size_t i = 0; i < n && err == 0; i++) {
		const struct klpdep_patch *patch = edges[i].patch;
		_cleanup_free_ char *of = NULL;
		const char *why = "";

		if (klp_graph_order(&edges[i], planner->config, &why) != order ||
		    !klp_planner_counts(planner, patch->name) ||
		    klp_set_has(&planner->visited, patch->name))
			continue;
		err = klp_planner_blocked(planner, patch, target, &why, &of);
		if (err == 0)
			err = klp_planner_visit_patch(planner, patch, required,
						      "patch of", target);
		else if (err > 0)
			err = put_off(planner, patch, target, required, err, why,
				      of ? of : "");
	}
	return err;
}

/* ---- modules ----------------------------------------------------------------------- */

int klp_planner_visit_module(struct planner *planner, const char *name, bool required,
			     const char *reason, const char *of)
{
	const struct klpdep_patch *patch = klp_index_find(planner->index, name);
	const struct klp_softdep *softdep = klp_index_find_softdep(planner->index, name);
	_cleanup_strv_ struct klp_strv deps = { 0 };
	int err;

	if (patch)
		return klp_planner_visit_patch(planner, patch, required, reason, of);
	if (klp_set_has(&planner->visited, name))
		return 0;
	err = klp_set_add(&planner->visited, name);
	if (err == 0)
		err = planner->source->deps(planner->source->data, name, &deps);
	for (size_t i = 0; i < deps.n && err == 0; i++)
		err = klp_planner_visit_module(planner, deps.v[i], required,
					       "dependency of", name);
	if (err == 0 && softdep)
		err = visit_softdeps(planner, name, &softdep->pre);
	if (err == 0)
		err = klp_planner_visit_patches_of(planner, name, KLPDEP_ORDER_BEFORE);
	if (err == 0 && !is_loaded(planner, name))
		err = klp_planner_add(planner, KLPDEP_ACTION_INSERT, name, false,
				      required, reason, of);
	if (err == 0)
		err = klp_set_add(&planner->done, name);
	if (err == 0)
		err = klp_planner_visit_patches_of(planner, name, KLPDEP_ORDER_AFTER);
	if (err == 0 && softdep)
		err = visit_softdeps(planner, name, &softdep->post);
	return err;
}

/* Go through what was put off once more. */
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

/* One patch can bring what another waits for: until nothing changes any more. */
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

void klp_planner_clear(struct planner *planner)
{
	klp_set_clear(&planner->visited);
	klp_set_clear(&planner->done);
	klp_strv_clear(&planner->delayed);
	klp_set_clear(&planner->deferred);
	klp_set_clear(&planner->checked);
}

static int visit_asked_for(struct planner *planner, const char *name)
{
	const struct klpdep_patch *patch = klp_index_find(planner->index, name);
	_cleanup_free_ char *of = NULL;
	const char *why = "";
	int err = 0;

	if (patch)
		err = klp_planner_blocked(planner, patch, NULL, &why, &of);
	if (err > 0)
		return klp_planner_add(planner, KLPDEP_ACTION_DEFER, name, true, true,
				       why, of ? of : "");
	return err < 0 ? err :
			 klp_planner_visit_module(planner, name, true, "asked for", "");
}

int klp_plan_build(const struct klpdep_index *index, const struct klpdep_config *config,
		   const char *name, const struct klp_plan_source *source,
		   struct klpdep_plan **out)
{
	_cleanup_plan_ struct klpdep_plan *plan = calloc(1, sizeof(*plan));
	struct planner planner = {
		.index = index, .config = config, .source = source, .plan = plan
	};
	int err;

	if (!plan)
		return -ENOMEM;
	plan->refs = 1;
	err = visit_asked_for(&planner, name);
	if (err == 0)
		err = klp_planner_visit_delayed(&planner);
	klp_planner_clear(&planner);
	if (err == 0)
		*out = klp_take(plan);
	return err;
}

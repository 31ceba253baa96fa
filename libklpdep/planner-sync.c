/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan of what the patches of all that is in the kernel take: by name, each after
 * what it needs, and without a target coming in. */
#include "config.h"

#include "libklpdep/planner.h"

/* An object of a patch that is in the kernel, or NULL. */
static const char *find_object_there(const struct planner *planner,
				     const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		const char *name = patch->objects[i].name;

		if (klp_streq(name, "vmlinux") ||
		    planner->source->there(planner->source->data, name))
			return name;
	}
	return NULL;
}

static int visit_if_needed(struct planner *planner, const struct klpdep_patch *patch)
{
	const char *object = find_object_there(planner, patch), *why = "";
	_cleanup_free_ char *of = NULL;
	int err;

	if (!object || klp_set_has(&planner->visited, patch->name) ||
	    !klp_planner_counts(planner, patch->name))
		return 0;
	err = klp_planner_blocked(planner, patch, object, &why, &of);
	if (err == 0)
		return klp_planner_visit(planner, patch->name, false, "patch of", object);
	/* One that is at work already has had what it needs. */
	if (err < 0 || !planner->at_the_end ||
	    planner->source->patch_action(planner->source->data, patch->name) < 0)
		return err < 0 ? err : 0;
	return klp_planner_add(planner, KLPDEP_ACTION_DEFER, patch->name, true, false,
			       why, of);
}

static int visit_needed(struct planner *planner, const struct klp_strv *names)
{
	int err = 0;

	for (size_t i = 0; i < names->n && err == 0; i++)
		err = visit_if_needed(planner,
				      klp_index_find(planner->index, names->v[i]));
	return err;
}

int klp_plan_build_sync(const struct klpdep_index *index,
			const struct klpdep_config *config,
			const struct klp_plan_source *source, struct klpdep_plan **out)
{
	_cleanup_plan_ struct klpdep_plan *plan = calloc(1, sizeof(*plan));
	_cleanup_strv_ struct klp_strv names = { 0 };
	struct planner planner = { .index = index,
				   .config = config,
				   .source = source,
				   .plan = plan,
				   .sync = true };
	size_t before;
	int err = 0;

	if (!plan)
		return -ENOMEM;
	plan->refs = 1;
	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = klp_strv_add(&names, index->patches[i]->name);
	klp_strv_sort(&names);
	/* One patch can bring what another waits for. */
	do {
		before = plan->n_steps;
		if (err == 0)
			err = visit_needed(&planner, &names);
	} while (err == 0 && plan->n_steps > before);
	planner.at_the_end = true;
	if (err == 0)
		err = visit_needed(&planner, &names);
	klp_planner_clear(&planner);
	if (err == 0)
		*out = klp_take(plan);
	return err;
}

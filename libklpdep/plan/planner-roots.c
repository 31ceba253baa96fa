/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the walk begins: at a requested module, at the patches of a target that modprobe
 * loads, at everything that is loaded, or at the modules of an initrd. */
#include "config.h"

#include "libklpdep/plan/planner.h"

static int planner_init(struct planner *planner, const struct klpdep_view *view,
			const struct klp_plan_source *source)
{
	*planner = (struct planner){ .view = view, .source = source, .why = "", .of = "" };
	return klp_plan_new_empty(&planner->plan);
}

/* The caller gets the plan, or it is freed. */
static int planner_finish(struct planner *planner, int err, struct klpdep_plan **plan)
{
	klp_planner_clear(planner);
	if (err == 0)
		*plan = planner->plan;
	else
		klpdep_plan_unref(planner->plan);
	return err;
}

/* Load again the active patches that a patch with replace evicts. */
static int put_back_evicted(struct planner *planner)
{
	const struct klpdep_index *index = planner->view->index;
	int err = 0;

	for (size_t i = 0; i < index->n_patches && planner->evictor && err == 0; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (klp_view_is_active(planner->view, patch) &&
		    !klp_set_has(&planner->visited, patch->name) &&
		    planner->source->patch_action &&
		    planner->source->patch_action(planner->source->data, patch->name) < 0)
			err = klp_planner_visit(planner, patch->name, false,
						"evicted by", planner->evictor);
	}
	return err;
}

/* ---- a module ---------------------------------------------------------------------- */

static int visit_asked_for(struct planner *planner, const char *name)
{
	const struct klpdep_patch *patch = klp_index_find(planner->view->index, name);
	int err = patch ? klp_planner_blocked(planner, patch, NULL) : 0;

	if (err > 0)
		return klp_planner_defer(planner, name, true);
	return err < 0 ? err : klp_planner_visit(planner, name, true, "asked for", "");
}

int klp_plan_build(const struct klpdep_view *view, const char *name,
		   const struct klp_plan_source *source, struct klpdep_plan **plan)
{
	struct planner planner;
	int err = planner_init(&planner, view, source);

	if (err == 0)
		err = visit_asked_for(&planner, name);
	if (err == 0)
		err = klp_planner_visit_delayed(&planner);
	if (err == 0)
		err = put_back_evicted(&planner);
	return planner_finish(&planner, err, plan);
}

/* ---- around a target that modprobe loads ------------------------------------------- */

int klp_plan_build_around(const struct klpdep_view *view, const char *target, bool behind,
			  const struct klp_plan_source *source, struct klpdep_plan **plan)
{
	struct planner planner;
	int err = planner_init(&planner, view, source);

	/* modprobe loads it and its dependencies, even if a softdep of a patch names it. */
	if (err == 0)
		err = klp_set_add(&planner.visited, target);
	if (err == 0 && behind)
		err = klp_set_add(&planner.done, target);
	if (err == 0)
		err = klp_planner_visit_patches_of(&planner, target, KLPDEP_ORDER_BEFORE);
	if (err == 0 && behind)
		err = klp_planner_visit_patches_of(&planner, target, KLPDEP_ORDER_AFTER);
	if (err == 0 && behind)
		err = klp_planner_visit_delayed(&planner);
	planner.at_the_end = true;
	/* A patch that cannot go in before the target may go in after it.  The plan gives
	 * the reasons for the rest. */
	if (err == 0 && !behind)
		err = klp_planner_visit_patches_of(&planner, target, KLPDEP_ORDER_BEFORE);
	if (err == 0)
		err = put_back_evicted(&planner);
	return planner_finish(&planner, err, plan);
}

/* ---- everything that is loaded: each patch after what it needs, and no target ------ */

/* A loaded object of a patch, or NULL. */
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
	const char *object = find_object_there(planner, patch);
	int err;

	if (!object || klp_set_has(&planner->visited, patch->name) ||
	    !klp_view_is_wanted(planner->view, patch))
		return 0;
	err = klp_planner_blocked(planner, patch, object);
	if (err == 0)
		return klp_planner_visit(planner, patch->name, false, "patch of", object);
	/* What a working patch needs is loaded. */
	if (err < 0 || !planner->at_the_end ||
	    planner->source->patch_action(planner->source->data, patch->name) < 0)
		return err < 0 ? err : 0;
	return klp_planner_defer(planner, patch->name, false);
}

static int visit_needed(struct planner *planner, struct klpdep_patch **patches, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++)
		err = visit_if_needed(planner, patches[i]);
	return err;
}

int klp_plan_build_sync(const struct klpdep_view *view, const struct klp_strv *only,
			const struct klp_plan_source *source, struct klpdep_plan **plan)
{
	const struct klpdep_index *index = view->index;
	_cleanup_free_ struct klpdep_patch **patches = calloc(index->n_patches + 1,
							      sizeof(*patches));
	struct planner planner;
	size_t before, n = 0;
	int err = planner_init(&planner, view, source);

	if (!patches)
		err = -ENOMEM;
	planner.sync = true;
	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		if (!only->n || klp_strv_has(only, index->patches[i]->name))
			patches[n++] = index->patches[i];
	}
	klp_sort(patches, n, klp_planner_cmp);
	/* One patch can bring what another one waits for. */
	do {
		before = planner.plan ? planner.plan->n_steps : 0;
		if (err == 0)
			err = visit_needed(&planner, patches, n);
	} while (err == 0 && planner.plan->n_steps > before);
	planner.at_the_end = true;
	if (err == 0)
		err = visit_needed(&planner, patches, n);
	if (err == 0)
		err = put_back_evicted(&planner);
	return planner_finish(&planner, err, plan);
}

/* ---- an initrd: the loading of its modules, without the steps that have no patches -- */

/* Whether a step exists because of a patch that goes in, which is then in @names. */
static bool is_added(const struct klpdep_step *step, const struct klp_strv *names)
{
	if (step->action != KLPDEP_ACTION_INSERT)
		return false;
	return step->patch || klp_strv_has(names, step->of);
}

/* Keep patches, and the steps that exist for them, directly or indirectly. */
static int keep_added(struct klpdep_plan *plan)
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	size_t before, n = 0;
	int err = 0;

	do {
		before = names.n;
		for (size_t i = 0; i < plan->n_steps && err == 0; i++) {
			if (is_added(&plan->steps[i], &names))
				err = klp_strv_add_unique(&names, plan->steps[i].module);
		}
	} while (err == 0 && names.n > before);
	if (err < 0)
		return err;
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (is_added(&plan->steps[i], &names))
			plan->steps[n++] = plan->steps[i];
	}
	plan->n_steps = n;
	return 0;
}

int klp_plan_build_initrd(const struct klpdep_view *view, const struct klp_strv *names,
			  const struct klp_plan_source *source, struct klpdep_plan **plan)
{
	struct planner planner;
	int err = planner_init(&planner, view, source);

	for (size_t i = 0; i < names->n && err == 0; i++) {
		if (klp_planner_counts(&planner, names->v[i]))
			err = klp_planner_visit(&planner, names->v[i], false,
						"asked for", "");
		if (err == -ENOENT)
			err = 0; /* the image may have modules that the tree does not */
	}
	if (err == 0 && klp_config_initrd_vmlinux(view->config))
		err = klp_planner_visit_patches_of(&planner, "vmlinux",
						   KLPDEP_ORDER_NONE);
	if (err == 0)
		err = klp_planner_visit_delayed(&planner);
	if (err == 0)
		err = keep_added(planner.plan);
	return planner_finish(&planner, err, plan);
}

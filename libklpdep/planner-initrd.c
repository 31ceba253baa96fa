/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan of what an initrd needs beside the modules that it has: what loading these
 * would take, less what patches have no part in. */
#include "config.h"

#include "libklpdep/planner.h"

/* Whether a step is there because of a patch that goes in: then it is in @names. */
static bool is_added(const struct klp_step *step, const struct klp_strv *names)
{
	if (step->action != KLPDEP_ACTION_INSERT)
		return false;
	return step->patch || klp_strv_has(names, step->of);
}

/* Leave only what patches and, in turn, what is there for their sake. */
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
		struct klp_step step = plan->steps[i];

		if (!is_added(&step, &names))
			continue;
		plan->steps[i] = plan->steps[n];
		plan->steps[n++] = step;
	}
	while (plan->n_steps > n)
		klp_step_clear(&plan->steps[--plan->n_steps]);
	return 0;
}

int klp_plan_build_initrd(const struct klpdep_index *index,
			  const struct klpdep_config *config,
			  const struct klp_strv *names,
			  const struct klp_plan_source *source, struct klpdep_plan **out)
{
	_cleanup_plan_ struct klpdep_plan *plan = calloc(1, sizeof(*plan));
	struct planner planner = { .index = index,
				   .config = config,
				   .source = source,
				   .plan = plan };
	int err = 0;

	if (!plan)
		return -ENOMEM;
	plan->refs = 1;
	for (size_t i = 0; i < names->n && err == 0; i++) {
		if (klp_planner_counts(&planner, names->v[i]))
			err = klp_planner_visit(&planner, names->v[i], false,
						       "asked for", "");
		if (err == -ENOENT)
			err = 0; /* the image may hold modules that the tree has not */
	}
	if (err == 0 && klp_config_initrd_vmlinux(config))
		err = klp_planner_visit_patches_of(&planner, "vmlinux",
						   KLPDEP_ORDER_NONE);
	if (err == 0)
		err = klp_planner_visit_delayed(&planner);
	klp_planner_clear(&planner);
	if (err == 0)
		err = keep_added(plan);
	if (err == 0)
		*out = klp_take(plan);
	return err;
}

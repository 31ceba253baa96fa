/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan ROOT KERNEL MODULE: what loading a module would do, patches included, one line for each
 * step in order:
 *
 *	ACTION MODULE FILE (REASON)[, required]
 *
 * What has the mark "required" fails the load when it fails.  ROOT is "/", or where another
 * system is; "klpdep depmod" has been run for it.  What is loaded already is left out where
 * KERNEL is the one that runs.  Exit status 1: something failed; 2: usage.
 *
 *	cc -o plan plan.c $(pkg-config --cflags --libs libklpdep)
 */
#include <klpdep.h>

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "plan: %s\n", message);
}

static void print_steps(const struct klpdep_plan *plan)
{
	const struct klpdep_step *step;

	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++) {
		const char *file = klpdep_step_get_file(step);

		printf("%s %s %s (%s)%s\n", klpdep_action_name(klpdep_step_get_action(step)),
		       klpdep_step_get_module(step), file ? file : "-",
		       klpdep_step_get_reason(step),
		       klpdep_step_is_required(step) ? ", required" : "");
	}
}

int main(int argc, char **argv)
{
	struct klpdep_ctx *ctx;
	struct klpdep_config *config = NULL;
	struct klpdep_index *index = NULL;
	struct klpdep_view *view = NULL;
	struct klpdep_plan *plan = NULL;
	bool live;

	if (argc != 4) {
		fprintf(stderr, "Usage: plan ROOT KERNEL MODULE\n");
		return 2;
	}
	if (klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, NULL);
	if (klpdep_set_root(ctx, argv[1]) == 0 && klpdep_config_new(ctx, NULL, &config) == 0 &&
	    klpdep_index_open(ctx, argv[2], 0, &index) == 0) {
		live = klpdep_is_running(ctx, argv[2]);
		if (klpdep_view_new(ctx, index, config, live ? KLPDEP_VIEW_LIVE : 0, &view) == 0 &&
		    klpdep_plan_new(ctx, view, argv[3], live ? KLPDEP_PLAN_LIVE : 0, &plan) == 0)
			print_steps(plan);
	}
	klpdep_plan_unref(plan);
	klpdep_view_unref(view);
	klpdep_index_unref(index);
	klpdep_config_unref(config);
	klpdep_unref(ctx);
	return plan ? 0 : 1;
}

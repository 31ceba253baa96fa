/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan ROOT KERNEL MODULE...: which files belong into an image that is to load these
 * modules, patches included, in the order in which they are loaded: a line each.  The
 * modules' tree is below ROOT; "klpdep depmod" need not have been run for it.
 *
 * Exit status 0; 1: something failed; 2: usage.
 *
 *	cc -o plan plan.c $(pkg-config --cflags --libs libklpdep)
 */
#include <errno.h>
#include <klpdep.h>

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "plan: %s\n", message);
}

static int print_plan(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		      const char *module)
{
	struct klpdep_plan *plan;
	const struct klpdep_step *step;
	/* Without KLPDEP_PLAN_LIVE: what this machine has loaded does not matter. */
	int err = klpdep_plan_new(ctx, view, module, 0, &plan);

	if (err < 0)
		return err; /* print_message() has been told why */
	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++) {
		/* Only what the kernel would be asked to load now. */
		if (klpdep_step_get_action(step) == KLPDEP_ACTION_INSERT &&
		    klpdep_step_get_file(step))
			printf("%s (%s)\n", klpdep_step_get_file(step),
			       klpdep_step_get_reason(step));
	}
	klpdep_plan_unref(plan);
	return 0;
}

int main(int argc, char **argv)
{
	struct klpdep_ctx *ctx;
	struct klpdep_config *config = NULL;
	struct klpdep_index *index = NULL;
	struct klpdep_view *view = NULL;
	int err, status = 0;

	if (argc < 4) {
		fprintf(stderr, "Usage: plan ROOT KERNEL MODULE...\n");
		return 2;
	}
	if (klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, NULL);
	err = klpdep_set_root(ctx, argv[1]);
	if (err == 0)
		err = klpdep_config_new(ctx, NULL, &config);
	/* No scan cache: nothing is written below ROOT. */
	if (err == 0)
		err = klpdep_index_scan(ctx, argv[2], 0, KLPDEP_SCAN_NO_CACHE, NULL, NULL,
					&index, NULL);
	if (err == 0)
		err = klpdep_view_new(ctx, index, config, 0, &view);
	if (err < 0)
		status = 1;
	for (int i = 3; i < argc && err == 0; i++) {
		if (print_plan(ctx, view, argv[i]) < 0)
			status = 1;
	}
	klpdep_view_unref(view);
	klpdep_index_unref(index);
	klpdep_config_unref(config);
	klpdep_unref(ctx);
	return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * postinst ROOT KERNEL...: what a package with livepatches has to do when it is configured: take them
 * up into the indexes of these kernels and the rules, and tell which do not count, and why.  ROOT
 * is "/", or a system that is being made.  Exit status 0; 1: something failed; 2: usage.
 *
 *	cc -o postinst postinst.c $(pkg-config --cflags --libs libklpdep)
 */
#include <klpdep.h>

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "postinst: %s\n", message);
}

static int tell(struct klpdep_ctx *ctx, struct klpdep_index *index)
{
	struct klpdep_config *config = NULL;
	struct klpdep_view *view = NULL;
	const struct klpdep_patch *patch;
	int err = klpdep_config_new(ctx, NULL, &config);

	if (err == 0)
		err = klpdep_view_new(ctx, index, config, 0, &view);
	for (size_t i = 0; err == 0 && (patch = klpdep_index_get_patch(index, i)); i++) {
		enum klpdep_state state = klpdep_view_get_state(view, patch);
		const struct klpdep_patch *successor = klpdep_view_get_successor(view, patch);
		const char *reason = klpdep_view_get_reason(view, patch);

		if (successor)
			reason = klpdep_patch_get_name(successor);
		if (state != KLPDEP_STATE_ACTIVE)
			printf("%s is %s: %s\n", klpdep_patch_get_name(patch),
			       klpdep_state_name(state), reason ? reason : "");
	}
	klpdep_view_unref(view);
	klpdep_config_unref(config);
	return err;
}

static int take_up(struct klpdep_ctx *ctx, struct klpdep_publisher *publisher, const char *kernel)
{
	struct klpdep_index *index = NULL;
	int err = klpdep_publisher_add(publisher, kernel, NULL, NULL, &index, NULL);

	if (err == 0)
		err = tell(ctx, index);
	klpdep_index_unref(index);
	return err;
}

int main(int argc, char **argv)
{
	struct klpdep_ctx *ctx;
	struct klpdep_publisher *publisher = NULL;
	int err;

	if (argc < 3) {
		fprintf(stderr, "Usage: postinst ROOT KERNEL...\n");
		return 2;
	}
	if (klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, NULL);
	err = klpdep_set_root(ctx, argv[1]);
	if (err == 0)
		err = klpdep_publisher_new(ctx, NULL, NULL, 0, 0, &publisher);
	for (int i = 2; i < argc && err == 0; i++)
		err = take_up(ctx, publisher, argv[i]);
	if (err == 0)
		err = klpdep_publisher_write_rules(publisher);
	klpdep_publisher_unref(publisher);
	klpdep_unref(ctx);
	return err == 0 ? 0 : 1;
}

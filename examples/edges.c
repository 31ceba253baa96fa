/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * edges FILE...: which objects livepatch modules patch, one line each:
 *
 *	PATCH OBJECT FUNCTIONS
 *
 * A module that is no livepatch is said to be none, and passed over.  Exit status 1 when
 * a file cannot be read, or when what a livepatch patches cannot be known from it.
 *
 *	cc -o edges edges.c $(pkg-config --cflags --libs libklpdep)
 */
#include <errno.h>
#include <klpdep.h>

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "edges: %s\n", message);
}

/* 0, or 1 when something is wrong. */
static int print_edges(struct klpdep_ctx *ctx, const char *file)
{
	struct klpdep_patch *patch = NULL;
	int err = klpdep_patch_new_from_file(ctx, file, &patch);

	if (err == -ENODATA)
		return 0;
	if (err < 0)
		return 1; /* print_message() has been told why */
	if (!klpdep_patch_get_format(patch)) {
		fprintf(stderr, "edges: %s: its objects are made at run time\n", file);
		err = 1;
	}
	for (size_t i = 0; i < klpdep_patch_count_objects(patch); i++) {
		const struct klpdep_object *object = klpdep_patch_get_object(patch, i);

		printf("%s %s %zu\n", klpdep_patch_get_name(patch),
		       klpdep_object_get_name(object), klpdep_object_count_funcs(object));
	}
	klpdep_patch_unref(patch);
	return err;
}

int main(int argc, char **argv)
{
	struct klpdep_ctx *ctx;
	int status = 0;

	if (klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, NULL);
	for (int i = 1; i < argc; i++)
		status |= print_edges(ctx, argv[i]);
	klpdep_unref(ctx);
	return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rpm-requires: a dependency generator for rpm: reads the names of files from standard input, a line
 * each, and prints what the livepatches among them have to do with other modules:
 *
 *	kmod(kvm.ko)		its target: for Supplements or Enhances
 *	kmod(klp_base.ko)	another livepatch, with --requires: for Requires
 *
 * Exit status 1 when a module cannot be read, or when what a livepatch patches cannot be known from
 * it: then the package must not be built like this.
 *
 *	cc -o rpm-requires rpm-requires.c $(pkg-config --cflags --libs libklpdep)
 */
#include <errno.h>
#include <klpdep.h>
#include <string.h>

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "rpm-requires: %s\n", message);
}

static void print_targets(const struct klpdep_patch *patch)
{
	const struct klpdep_object *object;

	for (size_t i = 0; (object = klpdep_patch_get_object(patch, i)); i++) {
		if (strcmp(klpdep_object_get_name(object), "vmlinux") != 0)
			printf("kmod(%s.ko)\n", klpdep_object_get_name(object));
	}
}

static void print_requires(const struct klpdep_patch *patch)
{
	const char *name;

	for (size_t i = 0; (name = klpdep_patch_get_requires(patch, i)); i++)
		printf("kmod(%s.ko)\n", name);
}

/* 0, or 1 when something is wrong. */
static int print_one(struct klpdep_ctx *ctx, const char *file, bool requires)
{
	struct klpdep_patch *patch = NULL;
	int err = klpdep_patch_new_from_file(ctx, file, &patch), status = 0;

	if (err < 0)
		return err != -ENODATA; /* no livepatch: an answer */
	if (requires)
		print_requires(patch);
	else if (klpdep_patch_get_format(patch))
		print_targets(patch);
	else
		status = 1;
	klpdep_patch_unref(patch);
	return status;
}

int main(int argc, char **argv)
{
	bool requires = argc > 1 && strcmp(argv[1], "--requires") == 0;
	struct klpdep_ctx *ctx;
	char line[4096];
	int status = 0;

	if (klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, NULL);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, ".ko"))
			status |= print_one(ctx, line, requires);
	}
	klpdep_unref(ctx);
	return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rpm-provides: a dependency generator for rpm, called by klpdep.attr: reads names of files
 * from standard input, a line each, and prints for each object that a livepatch among them
 * changes
 *
 *	klp(kvm)
 *
 * so that "rpm -q --whatprovides 'klp(kvm)'" finds the livepatches of kvm.  Exit status 1: a
 * module cannot be read; what a livepatch patches cannot be known from it, or has an odd name.
 * rpmbuild shows what was said, and goes on.
 *
 *	cc -o rpm-provides rpm-provides.c $(pkg-config --cflags --libs libklpdep)
 */
#include <errno.h>
#include <klpdep.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "rpm-provides: %s\n", message);
}

/* 0, or 1 when something is wrong. */
static int print_provides(struct klpdep_ctx *ctx, const char *file)
{
	const struct klpdep_object *object;
	struct klpdep_patch *patch = NULL;
	int err = klpdep_patch_new_from_file(ctx, file, &patch);

	if (err < 0)
		return err != -ENODATA; /* print_message() has been told why */
	if (!klpdep_patch_get_format(patch)) {
		fprintf(stderr, "rpm-provides: %s: its objects are made at run time\n", file);
		err = 1;
	}
	for (size_t i = 0; (object = klpdep_patch_get_object(patch, i)); i++) {
		const char *name = klpdep_object_get_name(object);

		/* The name is from a file: nothing else may get into the package by it. */
		if (*name && !name[strspn(name, NAME_CHARACTERS)]) {
			printf("klp(%s)\n", name);
		} else {
			fprintf(stderr, "rpm-provides: %s: an object has an odd name\n", file);
			err = 1;
		}
	}
	klpdep_patch_unref(patch);
	return err;
}

int main(void)
{
	struct klpdep_ctx *ctx;
	char *line = NULL;
	size_t size = 0;
	int status = 0;

	if (klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, NULL);
	while (getline(&line, &size, stdin) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		status |= print_provides(ctx, line);
	}
	free(line);
	klpdep_unref(ctx);
	return status;
}

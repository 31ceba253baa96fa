// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * readmodule FILE.ko: read a module, ask for all of it, and print what that took:
 *
 *   MILLISECONDS KIBIBYTES RESULT
 *
 * user time, the most memory that was in use, and what was found or what was wrong.
 */
#include "config.h"

#include <sys/resource.h>

#include <stdio.h>
#include <string.h>

#include "libklpdep/klpdep.h"

static void print_message(void *data, int priority, const char *message)
{
	(void)priority;
	snprintf(data, 160, "%s", message);
}

int main(int argc, char **argv)
{
	struct klpdep_ctx *ctx = NULL;
	struct klpdep_patch *patch = NULL;
	size_t funcs = 0, relocs = 0, objects = 0;
	char message[160] = "";
	struct rusage usage;
	int err;

	if (argc != 2) {
		fprintf(stderr, "usage: readmodule FILE.ko\n");
		return 2;
	}
	if (klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, message);
	err = klpdep_patch_new_from_file(ctx, argv[1], &patch);
	if (err == 0)
		objects = klpdep_patch_count_objects(patch);
	for (size_t i = 0; i < objects; i++) {
		const struct klpdep_object *object = klpdep_patch_get_object(patch, i);

		funcs += klpdep_object_count_funcs(object);
		relocs += klpdep_object_count_relocs(object);
	}
	klpdep_patch_unref(patch);
	klpdep_unref(ctx);

	getrusage(RUSAGE_SELF, &usage);
	printf("%lld %ld ",
	       (long long)usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000,
	       usage.ru_maxrss);
	if (err == 0)
		printf("%zu objects, %zu functions, %zu symbols\n", objects, funcs,
		       relocs);
	else
		printf("%s\n", message + strnlen(argv[1], sizeof(message) - 1));
	return 0;
}

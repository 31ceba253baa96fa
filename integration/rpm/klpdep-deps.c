/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klpdep-deps --provides|--requires|--supplements: a dependency generator of rpm's, called by
 * klpdep.attr: reads names of files from standard input, a line each, and prints for each
 * livepatch among them
 *
 *	klp(kvm)		provides: for each object, so that "rpm -q --whatprovides
 *				'klp(kvm)'" finds the livepatches of kvm
 *	klpdep			requires
 *	kernel-core = 6.12-1	supplements: for each object, the package that has it here.  The
 *				kernel is that in the name of the file, ".../lib/modules/KERNEL/..."
 *
 * Exit status 1: a module cannot be read; what a livepatch patches cannot be known from it, or has
 * an odd name; or no package has it.  rpmbuild shows what was said, and goes on.  2: usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <klpdep.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define MODULES "/lib/modules/"

enum kind { PROVIDES, REQUIRES, SUPPLEMENTS, KINDS };

struct generator {
	enum kind kind;
	struct klpdep_ctx *ctx;
	struct klpdep_tree *tree; /* of the kernel that was asked for last, or NULL */
	char *kernel;
};

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "klpdep-deps: %s\n", message);
}

/* Have rpm print the package that has a file.  Returns whether there is one. */
static bool print_owner(const char *file)
{
	const char *argv[] = { "rpm", "-qf", "--qf", "%{NAME} = %{EVR}\\n", file, NULL };
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	fflush(stdout);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

/* The modules of the kernel that @file is for; NULL: they are not here. */
static const struct klpdep_tree *find_tree(struct generator *gen, const char *file)
{
	const char *at = file, *begin = NULL;

	while ((at = strstr(at, MODULES)))
		begin = at += strlen(MODULES);
	if (!begin)
		return NULL;
	if (gen->kernel && strncmp(gen->kernel, begin, strlen(gen->kernel)) == 0 &&
	    begin[strlen(gen->kernel)] == '/')
		return gen->tree;
	free(gen->kernel);
	gen->tree = klpdep_tree_unref(gen->tree);
	gen->kernel = strndup(begin, strcspn(begin, "/"));
	if (gen->kernel)
		klpdep_tree_new(gen->ctx, gen->kernel, &gen->tree);
	return gen->tree;
}

/* 0, or 1 where nothing could be printed. */
static int print_supplements(struct generator *gen, const char *file, const char *object)
{
	const struct klpdep_tree *tree = find_tree(gen, file);
	const struct klpdep_module *module;
	char builtin[4096];

	if (!tree)
		return 1; /* print_message() has been told why */
	module = klpdep_tree_find_module(tree, object);
	/* The package of the kernel itself has this. */
	snprintf(builtin, sizeof(builtin), "%s/modules.builtin",
		 klpdep_tree_get_directory(tree));
	if (strcmp(object, "vmlinux") == 0 ? print_owner(builtin) :
	    module && print_owner(klpdep_module_get_file(module)))
		return 0;
	fprintf(stderr, "klpdep-deps: %s: no package here has %s\n", file, object);
	return 1;
}

static int print_dependency(struct generator *gen, const char *file, const char *object)
{
	switch (gen->kind) {
	case PROVIDES:
		printf("klp(%s)\n", object);
		return 0;
	case REQUIRES:
		printf("klpdep\n");
		return 0;
	default:
		return print_supplements(gen, file, object);
	}
}

static int print_dependencies(struct generator *gen, const char *file)
{
	const struct klpdep_object *object;
	struct klpdep_patch *patch = NULL;
	int err = klpdep_patch_new_from_file(gen->ctx, file, &patch);

	if (err < 0)
		return err != -ENODATA; /* print_message() has been told why */
	if (!klpdep_patch_get_format(patch)) {
		fprintf(stderr, "klpdep-deps: %s: its objects are made at run time\n", file);
		err = 1;
	}
	for (size_t i = 0; (object = klpdep_patch_get_object(patch, i)); i++) {
		const char *name = klpdep_object_get_name(object);

		/* The name is from a file: nothing else may get into the package by it. */
		if (*name && !name[strspn(name, NAME_CHARACTERS)]) {
			err |= print_dependency(gen, file, name);
		} else {
			fprintf(stderr, "klpdep-deps: %s: an object has an odd name\n", file);
			err = 1;
		}
	}
	klpdep_patch_unref(patch);
	return err;
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "--provides", "--requires", "--supplements" };
	struct generator gen = { .kind = KINDS };
	char *line = NULL;
	size_t size = 0;
	int status = 0;

	for (int i = 0; argc == 2 && i < KINDS; i++) {
		if (strcmp(argv[1], kinds[i]) == 0)
			gen.kind = (enum kind)i;
	}
	if (gen.kind == KINDS) {
		fprintf(stderr, "Usage: klpdep-deps --provides|--requires|--supplements\n");
		return 2;
	}
	if (klpdep_new(&gen.ctx) < 0)
		return 1;
	klpdep_set_log_fn(gen.ctx, print_message, NULL);
	while (getline(&line, &size, stdin) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		status |= print_dependencies(&gen, line);
	}
	free(line);
	free(gen.kernel);
	klpdep_tree_unref(gen.tree);
	klpdep_unref(gen.ctx);
	return status;
}

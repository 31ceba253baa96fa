/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * owners ROOT KERNEL FILE...: what livepatch modules patch, and which packages have that, one
 * line for each object:
 *
 *	PATCH OBJECT OBJECT'S-FILE PACKAGE
 *
 * with "-" for what is not there.  ROOT is "/", or where another system is.  A module that is
 * no livepatch is passed over.  Exit status 1: a file cannot be read, or what a livepatch
 * patches cannot be known from it; 2: usage.
 *
 *	cc -o owners owners.c $(pkg-config --cflags --libs libklpdep)
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

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "owners: %s\n", message);
}

/* Run a program, without a shell, for its first line.  Returns whether it has succeeded. */
static bool ask(const char *const *argv, char *line, int size)
{
	posix_spawn_file_actions_t actions;
	FILE *stream;
	pid_t pid;
	int fds[2], err, status = -1;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	err = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	stream = fdopen(fds[0], "r");
	if (!stream || !fgets(line, size, stream))
		*line = '\0';
	if (stream)
		fclose(stream);
	if (err == 0)
		waitpid(pid, &status, 0);
	return status == 0 && *line;
}

/* The package that has @file, whose name begins with @root; "-": none. */
static void find_package(const char *root, const char *file, char *package, int size)
{
	const char *name = file + (strcmp(root, "/") == 0 ? 0 : strlen(root));
	char below[4096];
	const char *dpkg[] = { "dpkg-query", below, "-S", name, NULL };
	const char *rpm[] = { "rpm", "--root", root, "-qf", "--qf", "%{NAME}\\n", name, NULL };

	snprintf(below, sizeof(below), "--root=%s", root);
	/* For dpkg-query, a name with such characters is a pattern. */
	if (!strpbrk(name, "*?[\\") && ask(dpkg, package, size))
		package[strcspn(package, ":\n")] = '\0'; /* PACKAGE[:ARCHITECTURE]: FILE */
	else if (ask(rpm, package, size))
		package[strcspn(package, "\n")] = '\0';
	else
		strcpy(package, "-");
}

/* 0, or 1 when something is wrong. */
static int print_owners(struct klpdep_ctx *ctx, const struct klpdep_tree *tree,
			const char *root, const char *file)
{
	const struct klpdep_object *object;
	struct klpdep_patch *patch = NULL;
	char package[256], kernel[4096];
	int err = klpdep_patch_new_from_file(ctx, file, &patch);

	if (err < 0)
		return err != -ENODATA; /* print_message() has been told why */
	if (!klpdep_patch_get_format(patch)) {
		fprintf(stderr, "owners: %s: its objects are made at run time\n", file);
		err = 1;
	}
	/* A kernel's package has its tree, too. */
	snprintf(kernel, sizeof(kernel), "%s/modules.builtin", klpdep_tree_get_directory(tree));
	for (size_t i = 0; (object = klpdep_patch_get_object(patch, i)); i++) {
		const char *name = klpdep_object_get_name(object);
		const struct klpdep_module *module = klpdep_tree_find_module(tree, name);
		bool vmlinux = strcmp(name, "vmlinux") == 0;

		strcpy(package, "-");
		if (vmlinux || module)
			find_package(root, vmlinux ? kernel : klpdep_module_get_file(module),
				     package, sizeof(package));
		printf("%s %s %s %s\n", klpdep_patch_get_name(patch), name,
		       module ? klpdep_module_get_file(module) : "-", package);
	}
	klpdep_patch_unref(patch);
	return err;
}

int main(int argc, char **argv)
{
	struct klpdep_ctx *ctx = NULL;
	struct klpdep_tree *tree = NULL;
	char *root = argc < 4 ? NULL : realpath(argv[1], NULL);
	int status = 0;

	if (!root) {
		fprintf(stderr, "Usage: owners ROOT KERNEL FILE...\n");
		return 2;
	}
	if (klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, NULL);
	if (klpdep_set_root(ctx, root) < 0 || klpdep_tree_new(ctx, argv[2], &tree) < 0)
		status = 1;
	for (int i = 3; i < argc && tree; i++)
		status |= print_owners(ctx, tree, root, argv[i]);
	klpdep_tree_unref(tree);
	klpdep_unref(ctx);
	free(root);
	return status;
}

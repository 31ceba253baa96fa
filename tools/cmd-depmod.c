/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep depmod: write the index of module trees, and the modprobe rules. */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/index.h"
#include "libklpdep/rules.h"
#include "libklpdep/scan.h"
#include "tools/tool.h"

enum { OPTION_NO_CACHE = OPTION_OF_COMMAND, OPTION_NO_RULES, OPTION_REMOVE };

static const struct option depmod_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "outdir", required_argument, NULL, 'o' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "show", no_argument, NULL, 'n' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "no-cache", no_argument, NULL, OPTION_NO_CACHE },
	{ "no-rules", no_argument, NULL, OPTION_NO_RULES },
	{ "remove", no_argument, NULL, OPTION_REMOVE },
	{ 0 },
};

static struct {
	const char *outdir;
	struct klpdep_ctx *out; /* below whose root is written */
	bool dry_run;
	unsigned int threads;
	bool no_cache;
	bool no_rules;
	bool remove;
} options;

static int depmod_option(struct tool *tool, int option, const char *argument)
{
	char *end;
	unsigned long threads;

	switch (option) {
	case 'a':
		return 0;
	case 'o':
		options.outdir = argument;
		return 0;
	case 'n':
		options.dry_run = true;
		return 0;
	case OPTION_NO_CACHE:
		options.no_cache = true;
		return 0;
	case OPTION_NO_RULES:
		options.no_rules = true;
		return 0;
	case OPTION_REMOVE:
		options.remove = true;
		return 0;
	default: /* -j */
		threads = strtoul(argument, &end, 10);
		if (*end || end == argument || *argument == '-' || threads == 0 ||
		    threads > 1024)
			return tool_usage(tool, "'%s' is not a number of threads",
					  argument);
		options.threads = (unsigned int)threads;
		return 0;
	}
}

/* ---- scanning ---------------------------------------------------------------------- */

/* One line that is written over, and wiped in the end. */
static void show_progress(void *data, size_t done, size_t total)
{
	(void)data;
	if (done < total)
		fprintf(stderr, "\rklpdep: %zu of %zu modules", done, total);
	else
		fprintf(stderr, "\r%60s\r", "");
}

static int scan(struct tool *tool, const char *kernel, struct klpdep_index **index)
{
	bool terminal = isatty(STDERR_FILENO) && !tool->quiet;
	unsigned int flags = 0;
	size_t unreadable = 0;
	int err;

	if (options.no_cache || options.dry_run)
		flags |= KLPDEP_SCAN_NO_CACHE;
	err = klpdep_index_scan(tool->ctx, kernel, options.threads, flags,
				terminal ? show_progress : NULL, NULL, index,
				&unreadable);
	if (err == -ENOENT)
		tool_missing(tool, kernel, "modules.dep", "depmod");
	else if (err < 0)
		tool_error(tool, "%s: no index: %s", kernel, klpdep_strerror(err));
	return err < 0 || unreadable ? TOOL_FAILED : TOOL_OK;
}

/* ---- writing ----------------------------------------------------------------------- */

static int say_written(struct tool *tool, const char *path, int err)
{
	if (err < 0) {
		tool_error(tool, "%s: cannot be written: %s", path ? path : "",
			   klpdep_strerror(err));
		tool_hint_root(tool);
		return TOOL_FAILED;
	}
	return TOOL_OK;
}

static int write_index(struct tool *tool, const struct klpdep_index *index)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	size_t size;
	int err;

	if (options.dry_run) {
		err = klpdep_index_write(index, stdout);
		return say_written(tool, "standard output", err);
	}
	path = klp_module_path(options.out, index->kernel, KLP_INDEX_FILE);
	err = path ? klp_index_format(index, &text, &size) : -ENOMEM;
	if (err == 0)
		err = klp_publish_if_changed(path, text, size);
	/* One that is older than modules.dep would be called stale. */
	if (err == 0 && utimensat(AT_FDCWD, path, NULL, 0) < 0)
		err = -errno;
	if (err == 0)
		klp_info(tool->ctx, "%s: %zu livepatches", path, index->n_patches);
	return say_written(tool, path, err);
}

/* A file of rules, or none. */
static int write_rules_file(struct tool *tool, const char *absolute, const char *text)
{
	_cleanup_free_ char *path = klp_path(options.out, absolute);
	int err;

	if (!path)
		err = -ENOMEM;
	else if (text)
		err = klp_publish_if_changed(path, text, strlen(text));
	else
		err = klp_unpublish(path);
	return say_written(tool, path, err);
}

/* ---- the rules, for all installed kernels ------------------------------------------ */

struct indexes {
	struct klpdep_index **v;
	size_t n;
};

static void indexes_clear(struct indexes *indexes)
{
	for (size_t i = 0; i < indexes->n; i++)
		klpdep_index_unref(indexes->v[i]);
	free(indexes->v);
}

static int add_index(struct indexes *indexes, struct klpdep_index *index)
{
	struct klpdep_index **slot = klp_append(indexes->v, indexes->n);

	if (!slot)
		return -ENOMEM;
	*slot = index;
	return 0;
}

static bool has_kernel(const struct indexes *indexes, const char *kernel)
{
	for (size_t i = 0; i < indexes->n; i++) {
		if (klp_streq(indexes->v[i]->kernel, kernel))
			return true;
	}
	return false;
}

/* The indexes of the kernels that this run was not about.  An error where the rules had
 * better stay as they are, since one is missing that they were made from. */
static int add_others(struct tool *tool, struct indexes *indexes, int *status)
{
	_cleanup_free_ char *dir = klp_path(tool->ctx, MODULES_DIR);
	_cleanup_closedir_ DIR *d = dir ? opendir(dir) : NULL;
	_cleanup_strv_ struct klp_strv kernels = { 0 };
	struct dirent *entry;
	int err;

	if (!d && (!dir || klp_is_passing(-errno))) {
		err = dir ? -errno : -ENOMEM;
		tool_error(tool, "%s: %s", dir ? dir : MODULES_DIR, klpdep_strerror(err));
		return err;
	}
	for (errno = 0; d && (entry = readdir(d)); errno = 0) {
		if (klp_kernel_valid(entry->d_name) &&
		    !has_kernel(indexes, entry->d_name) &&
		    klp_strv_add(&kernels, entry->d_name) < 0)
			return klp_said(tool->ctx, -ENOMEM);
	}
	if (d && errno) {
		err = -errno;
		tool_error(tool, "%s: %s", dir, klpdep_strerror(err));
		return err;
	}
	klp_strv_sort(&kernels);
	for (size_t i = 0; i < kernels.n; i++) {
		struct klpdep_index *index;

		err = klpdep_index_open(tool->ctx, kernels.v[i], &index);
		/* What is wrong with an index has been said. */
		if (err == 0 && add_index(indexes, index) < 0) {
			klpdep_index_unref(index);
			err = klp_said(tool->ctx, -ENOMEM);
		}
		if (err < 0 && err != -ENOENT)
			*status = TOOL_FAILED;
		if (klp_is_passing(err))
			return err;
	}
	return 0;
}

static int write_rules(struct tool *tool, struct indexes *indexes)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_rules_ struct klp_rules rules = { 0 };
	int status = TOOL_OK, written;
	int err = add_others(tool, indexes, &status);

	if (err == 0)
		err = klpdep_config_new(tool->ctx, tool->config_dir, &config);
	if (err < 0)
		return TOOL_FAILED; /* why has been said; the rules stay as they are */
	err = klp_rules_make(tool->ctx, indexes->v, indexes->n, config, &rules);
	if (err < 0) {
		tool_error(tool, "the rules cannot be made: %s", klpdep_strerror(err));
		return TOOL_FAILED;
	}
	/* The softdeps name patches that the rules know how to load: those come first. */
	written = write_rules_file(tool, RULES_DIR "/" RULES_FILE, rules.rules);
	if (written == TOOL_OK)
		written = write_rules_file(tool, RULES_DIR "/" SOFTDEP_FILE,
					   rules.softdeps);
	if (written != TOOL_OK)
		return written;
	/* Elsewhere, they are not in force yet. */
	for (size_t i = 0; i < indexes->n && !options.outdir && err == 0; i++)
		err = klp_rules_check(tool->ctx, indexes->v[i], config);
	return status;
}

/* ---- all of it --------------------------------------------------------------------- */

/* Take out what was written for a kernel, whether it is there still or not. */
static int remove_kernel(struct tool *tool, const char *kernel)
{
	_cleanup_free_ char *path = klp_module_path(options.out, kernel, KLP_INDEX_FILE);
	int err = path ? klp_unpublish(path) : -ENOMEM, status = TOOL_OK;

	if (err < 0) {
		tool_error(tool, "%s: cannot be removed: %s", path ? path : kernel,
			   klpdep_strerror(err));
		status = TOOL_FAILED;
	}
	klp_scan_cache_remove(tool->ctx, kernel);
	return status;
}

static int add_kernel(struct tool *tool, const char *kernel, struct indexes *indexes)
{
	struct klpdep_index *index = NULL;
	int status = scan(tool, kernel, &index);

	if (!index)
		return status;
	if (add_index(indexes, index) < 0) {
		tool_error(tool, "%s: no index: %s", kernel, klpdep_strerror(-ENOMEM));
		klpdep_index_unref(index);
		return TOOL_FAILED;
	}
	return write_index(tool, index) == TOOL_OK ? status : TOOL_FAILED;
}

/* With -o, as with depmod(8), only what is written goes to another root. */
static int choose_output(struct tool *tool, struct klpdep_ctx **out)
{
	int err = 0;

	if (!options.outdir)
		*out = klpdep_ref(tool->ctx);
	else
		err = klpdep_new(out);
	if (err == 0 && options.outdir)
		err = klpdep_set_root(*out, options.outdir);
	options.out = *out;
	return err;
}

static int depmod_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_(indexes_clear) struct indexes indexes = { 0 };
	_cleanup_ctx_ struct klpdep_ctx *out = NULL;
	char *running[] = { tool->kernel };
	int result = TOOL_OK;

	if (argc > 0 && tool->kernel_given)
		return tool_usage(tool, "kernels both as --kernel and as arguments");
	if (options.remove && argc == 0 && !tool->kernel_given)
		return tool_usage(tool, "--remove wants to know which kernels");
	if (options.remove && options.dry_run)
		return tool_usage(tool, "--remove and --dry-run exclude each other");
	if (choose_output(tool, &out) < 0)
		return tool_no_memory(tool);
	if (argc == 0) {
		argc = 1;
		argv = running;
	}
	for (int i = 0; i < argc; i++) {
		int status = TOOL_OK;

		if (!klp_kernel_valid(argv[i]))
			return tool_usage(tool, "'%s' is not a kernel version", argv[i]);
		if (options.remove)
			status = remove_kernel(tool, argv[i]);
		else if (!has_kernel(&indexes, argv[i]))
			status = add_kernel(tool, argv[i], &indexes);
		if (status != TOOL_OK)
			result = TOOL_FAILED;
	}
	if (!options.dry_run && !options.no_rules &&
	    write_rules(tool, &indexes) != TOOL_OK)
		result = TOOL_FAILED;
	return result;
}

const struct command command_depmod = {
	.name = "depmod",
	.arguments = "[KERNEL...]",
	.summary = "write the index of module trees, and the modprobe rules",
	.help = "  -a, --all           the running kernel; the same as no kernel\n"
		"  -o, --outdir DIR    write below DIR\n"
		"  -n, --dry-run       print the index, write nothing\n"
		"      --show          the same\n"
		"  -j, --jobs N        read modules with N threads\n"
		"      --no-cache      read every module\n"
		"      --no-rules      write no modprobe rules\n"
		"      --remove        remove the kernels' indexes, and their rules\n",
	.short_options = "ao:nj:",
	.long_options = depmod_options,
	.option = depmod_option,
	.run = depmod_run,
};

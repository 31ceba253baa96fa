/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep depmod: write the index of module trees, and the modprobe rules. */
#include "config.h"

#include "tools/tool.h"

/* getopt_long(3) sets the integers. */
static struct {
	const char *outdir;
	unsigned int threads;
	int dry_run, boot, directories, due, no_cache, no_rules, remove, rules;
} options;

static const struct option depmod_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "outdir", required_argument, NULL, 'o' },
	{ "dry-run", no_argument, &options.dry_run, true },
	{ "show", no_argument, &options.dry_run, true },
	{ "jobs", required_argument, NULL, 'j' },
	{ "boot", no_argument, &options.boot, true },
	{ "directories", no_argument, &options.directories, true },
	{ "due", no_argument, &options.due, true },
	{ "no-cache", no_argument, &options.no_cache, true },
	{ "no-rules", no_argument, &options.no_rules, true },
	{ "remove", no_argument, &options.remove, true },
	{ "rules", no_argument, &options.rules, true },
	{ 0 },
};

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

/* Print one progress line again and again, and wipe it in the end. */
static int show_progress(void *data, size_t done, size_t total)
{
	(void)data;
	if (done < total)
		fprintf(stderr, "\rklpdep: %zu of %zu modules", done, total);
	else
		fprintf(stderr, "\r%60s\r", "");
	return 0;
}

/* An exit status; or an errno, whose reason has been logged. */
static int add_kernel(struct tool *tool, struct klpdep_publisher *publisher, const char *kernel)
{
	bool terminal = isatty(STDERR_FILENO) && !tool->quiet;
	_cleanup_index_ struct klpdep_index *index = NULL;
	size_t unreadable;
	int err = klpdep_publisher_add(publisher, kernel, terminal ? show_progress : NULL, NULL,
				       &index, &unreadable);

	if (err == 0 && options.dry_run)
		err = klpdep_index_write(tool->ctx, index, stdout);
	return err < 0 ? err : unreadable ? TOOL_FAILED : TOOL_OK;
}

/* ---- the command ------------------------------------------------------------------- */

/* Whether depmod(8) is due for one of the kernels. */
static int check_due(struct tool *tool, int argc, char **argv)
{
	int status = TOOL_FAILED;

	for (int i = 0; i < argc; i++) {
		bool due = false;

		if (klpdep_depmod_is_due(tool->ctx, argv[i], &due) == 0 && due)
			status = TOOL_OK;
	}
	return status;
}

/* Print them as klpdep.d(5) has them, for the systemd units. */
static int print_directories(struct tool *tool)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	const char *directory;
	int result = tool_read_config(tool, &config);

	for (size_t i = 0; result == TOOL_OK &&
			   (directory = klpdep_config_get_directory(config, i)); i++)
		puts(directory);
	return result;
}

static int check_usage(const struct tool *tool, int argc)
{
	if (argc > 0 && tool->kernel_given)
		return tool_usage(tool, "kernels both as --kernel and as arguments");
	if (options.remove && argc == 0 && !tool->kernel_given)
		return tool_usage(tool, "--remove wants to know which kernels");
	if (options.remove && options.dry_run)
		return tool_usage(tool, "--remove and --dry-run exclude each other");
	if (options.rules && (argc > 0 || tool->kernel_given))
		return tool_usage(tool, "--rules is about all kernels");
	if (options.rules && (options.remove || options.dry_run || options.no_rules))
		return tool_usage(tool, "--rules excludes --remove, --dry-run and "
					"--no-rules");
	return TOOL_OK;
}

/* This runs at boot, or after a change of modprobe.d, and nobody watches: use the log. */
static int renew_rules(struct tool *tool, struct klpdep_publisher *publisher)
{
	if (klpdep_is_running(tool->ctx, tool->kernel) && !options.outdir &&
	    tool_live(tool) != TOOL_OK)
		return TOOL_FAILED;
	return klpdep_publisher_renew_rules(publisher) < 0 ? TOOL_FAILED : TOOL_OK;
}

static unsigned int publish_flags(void)
{
	return (options.dry_run ? (unsigned int)KLPDEP_PUBLISH_DRY_RUN : 0) |
	       (options.no_cache ? (unsigned int)KLPDEP_PUBLISH_NO_CACHE : 0) |
	       (options.boot ? (unsigned int)KLPDEP_PUBLISH_BOOT : 0);
}

/* Indexes and rules. */
static int publish(struct tool *tool, struct klpdep_publisher *publisher, int argc, char **argv)
{
	bool denied = false, failed = false;
	int err;

	for (int i = 0; i < argc; i++) {
		if (!klp_kernel_valid(argv[i]))
			return tool_usage(tool, "'%s' is not a kernel version", argv[i]);
		err = options.remove ? klpdep_publisher_remove(publisher, argv[i]) :
				       add_kernel(tool, publisher, argv[i]);
		failed |= err != 0;
		denied |= err == -EACCES || err == -EPERM;
		/* The owner of the lock is stuck. */
		if (err == -ETIMEDOUT)
			return TOOL_FAILED;
	}
	err = options.no_rules ? 0 : klpdep_publisher_write_rules(publisher);
	if (denied || err == -EACCES || err == -EPERM)
		return tool_say_if_not_root(tool);
	return failed || err < 0 ? TOOL_FAILED : TOOL_OK;
}

static int depmod_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_publisher_ struct klpdep_publisher *publisher = NULL;
	char *running[] = { tool->kernel };
	int result = check_usage(tool, argc);

	if (result != TOOL_OK || options.directories)
		return result != TOOL_OK ? result : print_directories(tool);
	if (klpdep_publisher_new(tool->ctx, tool->config_dir, options.outdir, options.threads,
				 publish_flags(), &publisher) < 0)
		return TOOL_FAILED;
	if (options.rules)
		return renew_rules(tool, publisher);
	if (argc == 0) {
		argc = 1;
		argv = running;
	}
	return options.due ? check_due(tool, argc, argv) : publish(tool, publisher, argc, argv);
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
		"      --boot          skip modules of the kernel's own build\n"
		"      --directories   print the directories beside the tree, and exit\n"
		"      --due           only tell, by exit status, whether depmod is due\n"
		"      --no-cache      read every module\n"
		"      --no-rules      write no modprobe rules\n"
		"      --remove        remove the kernels' indexes, and their rules\n"
		"      --rules         write the rules only, if modprobe.d has changed\n",
	.short_options = "ao:nj:",
	.long_options = depmod_options,
	.option = depmod_option,
	.run = depmod_run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep depmod: write the index of module trees, and the modprobe rules. */
#include "config.h"

#include "libklpdep/publish/publish.h"
#include "libklpdep/tree/due.h"
#include "libklpdep/tree/scan.h"
#include "tools/tool.h"

enum { OPTION_DUE = OPTION_OF_COMMAND, OPTION_NO_CACHE, OPTION_NO_RULES, OPTION_REMOVE,
       OPTION_RULES };

static const struct option depmod_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "outdir", required_argument, NULL, 'o' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "show", no_argument, NULL, 'n' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "due", no_argument, NULL, OPTION_DUE },
	{ "no-cache", no_argument, NULL, OPTION_NO_CACHE },
	{ "no-rules", no_argument, NULL, OPTION_NO_RULES },
	{ "remove", no_argument, NULL, OPTION_REMOVE },
	{ "rules", no_argument, NULL, OPTION_RULES },
	{ 0 },
};

static struct {
	const char *outdir;
	bool dry_run;
	unsigned int threads;
	bool due;
	bool no_cache;
	bool no_rules;
	bool remove;
	bool rules;
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
	case OPTION_DUE:
		options.due = true;
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
	case OPTION_RULES:
		options.rules = true;
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

static int scan(struct tool *tool, const char *kernel, struct klp_moddep *moddep,
		struct klpdep_index **index)
{
	bool terminal = isatty(STDERR_FILENO) && !tool->quiet;
	unsigned int flags = 0;
	size_t unreadable = 0;
	int err;

	if (options.no_cache || options.dry_run)
		flags |= KLPDEP_SCAN_NO_CACHE;
	err = klp_index_scan(tool->ctx, kernel, options.threads, flags,
			     terminal ? show_progress : NULL, NULL, moddep, index,
			     &unreadable);
	if (err == -ENOENT)
		tool_missing(tool, kernel, "modules.dep", "depmod");
	else if (err < 0)
		tool_error(tool, "%s: no index: %s", kernel, klpdep_strerror(err));
	return err < 0 || unreadable ? TOOL_FAILED : TOOL_OK;
}

/* ---- depmod(8) --------------------------------------------------------------------- */

/* What it has not seen, we have not either. */
static void warn_if_due(struct tool *tool, const char *kernel)
{
	_cleanup_due_ struct klp_due due = { 0 };
	_cleanup_free_ char *what = NULL;

	if (klp_due_find(tool->ctx, kernel, false, &due) == 0)
		what = klp_due_text(&due);
	if (what)
		klp_warn(tool->ctx, "kernel %s: %s; run depmod %s, and this again", kernel,
			 what, kernel);
}

/* Whether it is, for one of the kernels. */
static int check_due(struct tool *tool, int argc, char **argv)
{
	int status = TOOL_FAILED;

	for (int i = 0; i < argc; i++) {
		_cleanup_due_ struct klp_due due = { 0 };
		int err = klp_kernel_valid(argv[i]) ?
				  klp_due_find(tool->ctx, argv[i], true, &due) :
				  -EINVAL;

		if (err < 0)
			tool_error(tool, "%s: %s", argv[i], klpdep_strerror(err));
		if (err == 0 && (due.come.n || due.gone.n || due.changed))
			status = TOOL_OK;
	}
	return status;
}

/* ---- all of it --------------------------------------------------------------------- */

static int print_index(struct tool *tool, const struct klpdep_index *index)
{
	int err = klpdep_index_write(index, stdout);

	if (err < 0)
		tool_error(tool, "standard output: cannot be written: %s",
			   klpdep_strerror(err));
	return err;
}

static int add_kernel(struct tool *tool, const char *kernel, struct klp_publisher *to)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_index_ struct klpdep_index *index = NULL;
	int status = scan(tool, kernel, &moddep, &index), err;

	if (!index)
		return status;
	warn_if_due(tool, kernel);
	err = klp_publish_misfits(to, &moddep, index);
	if (err > 0)
		status = TOOL_FAILED;
	if (err >= 0)
		err = klp_publisher_add(to, index);
	if (err < 0)
		tool_error(tool, "%s: no index: %s", kernel, klpdep_strerror(err));
	else
		err = options.dry_run ? print_index(tool, index) :
					klp_publish_index(to, index);
	return err < 0 ? TOOL_FAILED : status;
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
	return err;
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

/* Nobody looks on when it is run at boot, or since modprobe.d has changed. */
static int renew_rules(struct tool *tool, struct klp_publisher *publisher)
{
	if (!*tool->ctx->root && !options.outdir && tool_live(tool) != TOOL_OK)
		return TOOL_FAILED;
	return klp_renew_rules(publisher) < 0 ? TOOL_FAILED : TOOL_OK;
}

static int depmod_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_ctx_ struct klpdep_ctx *out = NULL;
	_cleanup_(klp_publisher_clear) struct klp_publisher publisher = {
		.ctx = tool->ctx,
		.config_dir = tool->config_dir,
		.threads = options.threads,
		.no_cache = options.no_cache || options.dry_run,
	};
	char *running[] = { tool->kernel };
	int result = check_usage(tool, argc);

	if (result != TOOL_OK)
		return result;
	if (choose_output(tool, &out) < 0)
		return tool_no_memory(tool);
	publisher.out = out;
	if (options.rules)
		return renew_rules(tool, &publisher);
	if (argc == 0) {
		argc = 1;
		argv = running;
	}
	if (options.due)
		return check_due(tool, argc, argv);
	if (!options.dry_run && klp_publish_lock(&publisher) < 0)
		return TOOL_FAILED;
	for (int i = 0; i < argc; i++) {
		int status = TOOL_OK;

		if (!klp_kernel_valid(argv[i]))
			return tool_usage(tool, "'%s' is not a kernel version", argv[i]);
		if (options.remove)
			status = klp_publish_removal(&publisher, argv[i]) < 0 ?
					 TOOL_FAILED :
					 TOOL_OK;
		else if (!klp_publisher_has(&publisher, argv[i]))
			status = add_kernel(tool, argv[i], &publisher);
		if (status != TOOL_OK)
			result = TOOL_FAILED;
	}
	if (!options.dry_run && !options.no_rules &&
	    klp_publish_rules(&publisher) < 0)
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
		"      --due           only tell, by exit status, whether depmod is due\n"
		"      --no-cache      read every module\n"
		"      --no-rules      write no modprobe rules\n"
		"      --remove        remove the kernels' indexes, and their rules\n"
		"      --rules         only rules, where modprobe.d has changed since\n",
	.short_options = "ao:nj:",
	.long_options = depmod_options,
	.option = depmod_option,
	.run = depmod_run,
};

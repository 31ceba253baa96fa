/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands share: messages, and the system in question. */
#include "config.h"

#include <stdarg.h>
#include <sys/utsname.h>

#include "shared/message.h"
#include "libklpdep/live/live.h"
#include "libklpdep/tree/index.h"
#include "tools/log.h"
#include "tools/tool.h"

/* ---- messages ---------------------------------------------------------------------- */

static void print_message(const struct tool *tool, const char *message)
{
	fprintf(stderr, "klpdep%s%s: %s\n", tool->command ? " " : "",
		tool->command ? tool->command : "", message);
}

static void vprint_message(const struct tool *tool, const char *format, va_list args)
	KLP_PRINTF(2, 0);

static void vprint_message(const struct tool *tool, const char *format, va_list args)
{
	_cleanup_free_ char *message = NULL;

	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	print_message(tool, message ? message : "out of memory");
}

void tool_error(const struct tool *tool, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprint_message(tool, format, args);
	va_end(args);
}

int tool_suggest_help(const struct tool *tool)
{
	fprintf(stderr, "Try 'klpdep%s%s --help' for more information.\n",
		tool->command ? " " : "", tool->command ? tool->command : "");
	return TOOL_USAGE;
}

int tool_usage(const struct tool *tool, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprint_message(tool, format, args);
	va_end(args);
	return tool_suggest_help(tool);
}

int tool_read_patch(const struct tool *tool, const char *file, struct klpdep_patch **patch)
{
	int err = klpdep_patch_new_from_file(tool->ctx, file, patch);

	/* To the library that is an answer. */
	if (err == -ENODATA)
		tool_error(tool, "%s: %s", file, klpdep_strerror(err));
	return err;
}

int tool_no_memory(const struct tool *tool)
{
	tool_error(tool, "out of memory");
	return TOOL_FAILED;
}

static int print_priority(const struct tool *tool)
{
	return tool->quiet ? LOG_ERR : LOG_WARNING + 2 * tool->verbosity;
}

static void log_event(int priority, const char *message)
{
	_cleanup_free_ char *line = NULL;

	if (asprintf(&line, "%s%s", klp_message_prefix(message), message) < 0)
		line = NULL;
	if (line)
		log_write(priority, line);
}

static void log_message(void *data, int priority, const char *message)
{
	static const char *const words[] = {
		[LOG_ERR] = "",
		[LOG_WARNING] = "warning: ",
	};
	const char *word = priority <= LOG_WARNING ? words[priority] : "";
	const struct tool *tool = data;

	if (priority <= print_priority(tool))
		tool_error(tool, "%s%s", word ? word : "", message);
	if (tool->to_log && priority <= LOG_NOTICE)
		log_event(priority, message);
}

/* ---- the system in question -------------------------------------------------------- */

int tool_set_up(struct tool *tool)
{
	struct utsname uts;

	if (!tool->kernel && uname(&uts) == 0)
		tool->kernel = strdup(uts.release);
	if (!tool->kernel || klpdep_set_root(tool->ctx, tool->basedir) < 0)
		return tool_no_memory(tool);
	if (!klp_kernel_valid(tool->kernel))
		return tool_usage(tool, "'%s' is not a kernel version", tool->kernel);
	klpdep_set_log_fn(tool->ctx, log_message, tool);
	klpdep_set_log_priority(tool->ctx, print_priority(tool));
	return 0;
}

int tool_live(struct tool *tool)
{
	if (!klp_is_running(tool->ctx, tool->kernel))
		return tool_usage(tool, "only the running system is worked on: "
					"--basedir and other kernels are of no use");
	tool->to_log = true;
	if (print_priority(tool) < LOG_NOTICE)
		klpdep_set_log_priority(tool->ctx, LOG_NOTICE);
	return TOOL_OK;
}

void tool_missing(const struct tool *tool, const char *kernel, const char *what,
		  const char *maker)
{
	const struct klpdep_ctx *ctx = tool->ctx;
	_cleanup_free_ char *tree = klp_module_path(ctx, kernel, "");
	_cleanup_free_ char *only = *ctx->root ? klp_only_kernel(ctx) : NULL;
	/* depmod knows of one place. */
	const char *usr = klp_streq(maker, "depmod") ? ctx->usr : "";

	if (!tree || access(tree, F_OK) == 0)
		tool_error(tool, "there is no %s for kernel %s; run '%s%s%s%s %s'", what,
			   kernel, maker, *ctx->root ? " -b " : "", ctx->root, usr, kernel);
	else if (klp_is_running(ctx, kernel))
		tool_error(tool, "there is no %s: the running kernel's modules are not "
				 "here; in a container, they are on its host",
			   tree);
	else if (only)
		tool_error(tool, "there is no %s: the kernel installed there is %s; use -k %s",
			   tree, only, only);
	else
		tool_error(tool, "there is no %s: kernel %s is not installed here", tree,
			   kernel);
}

bool tool_is_file_name(const char *given, char name[KLP_MODULE_NAME_LEN])
{
	/* No module of the kernel's has a dot in its name. */
	return strstr(given, ".ko") && klp_name_from_path(given, name) == 0 &&
	       !strchr(name, '.');
}

void tool_no_module(const struct tool *tool, const char *what, const char *given)
{
	char name[KLP_MODULE_NAME_LEN];

	if (tool_is_file_name(given, name))
		tool_error(tool, "kernel %s has no %s %s: without path and .ko it is %s",
			   tool->kernel, what, given, name);
	else if (klp_name_normalize(given, name) < 0)
		tool_error(tool, "%s: not the name of a module", given);
	else
		tool_error(tool, "kernel %s has no %s %s", tool->kernel, what, given);
}

int tool_open(struct tool *tool, unsigned int flags, struct klpdep_view **view)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	int err = klpdep_config_new(tool->ctx, tool->config_dir, &config);

	if (err < 0)
		return TOOL_FAILED; /* why has been said */
	if (!klp_is_running(tool->ctx, tool->kernel))
		flags &= ~(unsigned int)KLPDEP_VIEW_LIVE;
	err = klpdep_index_open(tool->ctx, tool->kernel, &index);
	if (err == -ENOENT)
		tool_missing(tool, tool->kernel, "index", "klpdep depmod");
	if (err < 0)
		index = klp_index_new(tool->kernel);
	if (!index || klpdep_view_new(index, config, flags, view) < 0)
		return tool_no_memory(tool);
	return err < 0 ? TOOL_FAILED : TOOL_OK;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions that the commands share: messages, and the selected system. */
#include "config.h"

#include <stdarg.h>
#include <sys/utsname.h>

#include "shared/message.h"
#include "tools/log.h"
#include "tools/tool.h"

/* ---- messages ---------------------------------------------------------------------- */

void tool_error(const struct tool *tool, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list args;

	va_start(args, format);
	message = klp_vformat(format, args);
	va_end(args);
	fprintf(stderr, "klpdep%s%s: %s\n", tool->command ? " " : "",
		tool->command ? tool->command : "", message ? message : "out of memory");
}

int tool_suggest_help(const struct tool *tool)
{
	fprintf(stderr, "Try 'klpdep%s%s --help' for more information.\n",
		tool->command ? " " : "", tool->command ? tool->command : "");
	return TOOL_USAGE;
}

int tool_read_patch(const struct tool *tool, const char *file, struct klpdep_patch **patch)
{
	int err = klpdep_patch_new_from_file(tool->ctx, file, patch);

	/* The library does not log this: it answers a question. */
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
	_cleanup_free_ char *line =
		klp_format("%s%s", klp_message_prefix(message), message);

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

void tool_warn(const struct tool *tool, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list args;

	va_start(args, format);
	message = klp_vformat(format, args);
	va_end(args);
	log_message((void *)tool, LOG_WARNING, message ? message : "out of memory");
}

int tool_say_if_not_root(const struct tool *tool)
{
	if (geteuid() != 0)
		tool_error(tool, "this was not run as root, which may be why");
	return TOOL_FAILED;
}

/* ---- the selected system ----------------------------------------------------------- */

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
	if (!klpdep_is_running(tool->ctx, tool->kernel))
		return tool_usage(tool, "only the running system is worked on: "
					"--basedir and other kernels are of no use");
	tool->to_log = true;
	if (print_priority(tool) < LOG_NOTICE)
		klpdep_set_log_priority(tool->ctx, LOG_NOTICE);
	return TOOL_OK;
}

bool tool_is_file_name(const char *given, char name[KLP_MODULE_NAME_LEN])
{
	/* No module of the kernel has a dot in its name. */
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

const char *tool_find_name(const struct tool *tool, const struct klpdep_index *index,
			   const char *given)
{
	const struct klpdep_edge *edge = klpdep_index_find_edge(index, given, 0);
	const struct klpdep_patch *patch = klpdep_index_find_patch(index, given);

	if (!edge && !patch) {
		tool_no_module(tool, "patch and no target", given);
		return NULL;
	}
	return edge ? klpdep_object_get_name(klpdep_edge_get_object(edge)) :
		      klpdep_patch_get_name(patch);
}

int tool_read_names(const struct tool *tool, int n, char **given, struct klp_strv *names)
{
	for (int i = 0; i < n; i++) {
		char name[KLP_MODULE_NAME_LEN];

		if (tool_is_file_name(given[i], name))
			return tool_usage(tool,
					  "'%s' is a file's name: the module's is %s",
					  given[i], name);
		if (klp_name_normalize(given[i], name) < 0)
			return tool_usage(tool, "'%s' is not the name of a module",
					  given[i]);
		if (klp_strv_add_unique(names, name) < 0)
			return tool_no_memory(tool);
	}
	return 0;
}

bool tool_is_asked_for(const struct klp_strv *names, struct klp_strv *seen, const char *patch,
		       const char *target)
{
	bool by_patch = klp_strv_has(names, patch);
	bool by_target = target && klp_strv_has(names, target);

	if (by_patch)
		klp_strv_add_unique(seen, patch);
	if (by_target)
		klp_strv_add_unique(seen, target);
	return !names->n || by_patch || by_target;
}

int tool_check_seen(const struct tool *tool, const struct klp_strv *names,
		    const struct klp_strv *seen)
{
	int status = TOOL_OK;

	for (size_t i = 0; i < names->n; i++) {
		if (klp_strv_has(seen, names->v[i]))
			continue;
		tool_no_module(tool, "patch and no target", names->v[i]);
		status = TOOL_FAILED;
	}
	return status;
}

int tool_read_config(const struct tool *tool, struct klpdep_config **config)
{
	return klpdep_config_new(tool->ctx, tool->config_dir, config) < 0 ? TOOL_FAILED : TOOL_OK;
}

int tool_open(struct tool *tool, unsigned int flags, struct klpdep_view **view)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	int err;

	if (tool_read_config(tool, &config) != TOOL_OK)
		return TOOL_FAILED;
	if (!klpdep_is_running(tool->ctx, tool->kernel))
		flags &= ~(unsigned int)KLPDEP_VIEW_LIVE;
	err = klpdep_index_open(tool->ctx, tool->kernel, 0, &index);
	if ((err < 0 && klpdep_index_new(tool->ctx, tool->kernel, &index) < 0) ||
	    klpdep_view_new(tool->ctx, index, config, flags, view) < 0)
		return TOOL_FAILED;
	return err < 0 ? TOOL_FAILED : TOOL_OK;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the commands of klpdep: the table of commands, options, messages. */
#ifndef KLPDEP_TOOL_H
#define KLPDEP_TOOL_H

#include <getopt.h>

#include "shared/cleanup.h"

/* Exit statuses, as grep(1) and depmod(8) users know them. */
enum {
	TOOL_OK = 0,
	TOOL_FAILED = 1, /* or: the answer is negative */
	TOOL_USAGE = 2,
	TOOL_BUSY = 3, /* failed, and may succeed later */
};

struct tool {
	struct klpdep_ctx *ctx;
	const char *command;
	const char *basedir;
	const char *config_dir;
	char *kernel;
	bool kernel_given;
	bool quiet;
	int verbosity; /* how many -v */
	bool to_log;   /* changes of the running kernel also go to the system's log */
	/* For tables: */
	const char *columns; /* -o; NULL: the usual ones */
	int json, raw, noheadings; /* getopt_long(3) sets them */
};

struct layout;

struct command {
	const char *name;
	const char *arguments; /* for the usage line */
	const char *summary;
	const char *help; /* help for the command's own options, or NULL */
	const char *short_options;
	const struct option *long_options; /* ends with a zero entry; or NULL */
	const struct layout *layouts;	   /* of its tables, if it prints any; see table.h */
	/* One of the command's own options that sets no flag.  0, or TOOL_USAGE. */
	int (*option)(struct tool *tool, int option, const char *argument);
	/* @argv: the @argc words after the options. */
	int (*run)(struct tool *tool, int argc, char **argv);
};

extern const struct command command_depmod;
extern const struct command command_deps;
extern const struct command command_graph;
extern const struct command command_info;
extern const struct command command_list;
extern const struct command command_mask;
extern const struct command command_plan;
extern const struct command command_report;
extern const struct command command_reset_failed;
extern const struct command command_status;
extern const struct command command_sync;
extern const struct command command_unload;
extern const struct command command_unmask;
extern const struct command command_verify;

/* The first number for a command's long options without a letter. */
enum { OPTION_OF_COMMAND = 256 };

/* "klpdep COMMAND: MESSAGE" on standard error. */
void tool_error(const struct tool *tool, const char *format, ...) KLP_PRINTF(2, 3);

/* Say how to get help.  TOOL_USAGE. */
int tool_suggest_help(const struct tool *tool);
/* Report a wrong use of the command, and say how to get help.  TOOL_USAGE. */
#define tool_usage(tool, ...) (tool_error(tool, __VA_ARGS__), tool_suggest_help(tool))

/* Report a warning in the same way. */
void tool_warn(const struct tool *tool, const char *format, ...) KLP_PRINTF(2, 3);

/* After a failure that may come from missing privileges: say so, unless root runs us.
 * TOOL_FAILED. */
int tool_say_if_not_root(const struct tool *tool);

/* Read a livepatch.  0 or an errno, whose reason has been logged. */
int tool_read_patch(const struct tool *tool, const char *file, struct klpdep_patch **patch);

/* Report that there is no memory; TOOL_FAILED. */
int tool_no_memory(const struct tool *tool);

/* After all options are read, set kernel, root and log by them.  0, TOOL_USAGE or
 * TOOL_FAILED. */
int tool_set_up(struct tool *tool);

/* Report that the kernel has no @what of that name; if a file was @given, also the
 * module's name. */
void tool_no_module(const struct tool *tool, const char *what, const char *given);

/* The name of a patch or target as in the index; or NULL, which is reported. */
const char *tool_find_name(const struct tool *tool, const struct klpdep_index *index,
			   const char *given);

/* Read names of modules, and write them as the kernel does, each once.  0, TOOL_USAGE or
 * TOOL_FAILED, which has been reported. */
int tool_read_names(const struct tool *tool, int n, char **given, struct klp_strv *names);

/* Whether a row is asked for, by the name of its patch or of its @target, which may be
 * NULL.  Without @names, every row is.  Adds the name to @seen. */
bool tool_is_asked_for(const struct klp_strv *names, struct klp_strv *seen, const char *patch,
		       const char *target);

/* TOOL_OK if all names were seen; else TOOL_FAILED, and the missing ones are reported. */
int tool_check_seen(const struct tool *tool, const struct klp_strv *names,
		    const struct klp_strv *seen);

/* Whether @given is a file's name, and no module's; the module's name is then in
 * @name. */
bool tool_is_file_name(const char *given, char name[KLP_MODULE_NAME_LEN]);

/* The configuration: TOOL_FAILED if it cannot be read, which has been logged. */
int tool_read_config(const struct tool *tool, struct klpdep_config **config);

/* The view (@flags: enum klpdep_view_flags) of the selected kernel, by its index and the
 * configuration; errors are reported.  Without a readable index: TOOL_FAILED, and a view
 * without patches.  What is loaded counts only for the running system. */
int tool_open(struct tool *tool, unsigned int flags, struct klpdep_view **view);

/* For commands on the running kernel: also send messages to the system's log, and report
 * (TOOL_USAGE) if another system was selected. */
int tool_live(struct tool *tool);

/* (cmd-sync.c) Make the running kernel match the index, for these patches or for all:
 * enum klpdep_sync_flags.  An exit status. */
int tool_sync(struct tool *tool, const struct klpdep_view *view, int n, char **names,
	      unsigned int sync_flags);

#endif /* KLPDEP_TOOL_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep status: what is patched in the running kernel. */
#include "config.h"

#include "tools/status.h"

enum {
	STATUS_TARGET,
	STATUS_PATCH,
	STATUS_LOADED,
	STATUS_ENABLED,
	STATUS_PATCHED,
	STATUS_TRANSITION,
	STATUS_STATE,
	STATUS_TARGET_LOADED,
	STATUS_SET,
	STATUS_SECONDS,
	STATUS_TASKS,
	STATUS_HELD_UP_BY,
	STATUS_REASON,
	STATUS_FIXES,
	STATUS_BLOCK_LOST,
};

static const struct column status_columns[] = {
	[STATUS_TARGET] = { "target", COLUMN_TEXT },
	[STATUS_PATCH] = { "patch", COLUMN_TEXT },
	[STATUS_LOADED] = { "loaded", COLUMN_BOOLEAN },
	[STATUS_ENABLED] = { "enabled", COLUMN_BOOLEAN },
	[STATUS_PATCHED] = { "patched", COLUMN_BOOLEAN },
	[STATUS_TRANSITION] = { "transition", COLUMN_BOOLEAN },
	[STATUS_STATE] = { "state", COLUMN_TEXT },
	[STATUS_TARGET_LOADED] = { "target_loaded", COLUMN_BOOLEAN, .on_request = true },
	[STATUS_SET] = { "set", COLUMN_TEXT, .on_request = true },
	[STATUS_SECONDS] = { "seconds", COLUMN_NUMBER, .on_request = true },
	[STATUS_TASKS] = { "tasks", COLUMN_NUMBER, .on_request = true },
	[STATUS_HELD_UP_BY] = { "held_up_by", COLUMN_TEXT, .on_request = true },
	[STATUS_REASON] = { "reason", COLUMN_TEXT, .on_request = true },
	[STATUS_FIXES] = { "fixes", COLUMN_TEXT, .on_request = true },
	[STATUS_BLOCK_LOST] = { "block_lost", COLUMN_BOOLEAN, .on_request = true },
};

static const struct layout status_layouts[] = {
	LAYOUT("status", NULL, status_columns),
	LAYOUT("fixes", "--fixes", fixes_columns),
	{ 0 },
};

/* Of those that matter. */
static const char *const colours[] = {
	[KLPDEP_CONDITION_PATCHED] = GREEN,
	[KLPDEP_CONDITION_UNPATCHED] = RED,
	[KLPDEP_CONDITION_TRANSITION] = YELLOW,
	[KLPDEP_CONDITION_OVERRIDDEN] = RED,
	[KLPDEP_CONDITION_INCOMPATIBLE] = RED,
	[KLPDEP_CONDITION_QUARANTINED] = RED,
	[KLPDEP_CONDITION_BLOCKED] = YELLOW,
	[KLPDEP_CONDITION_UNMET] = RED,
	[KLPDEP_CONDITION_FOREIGN] = MAGENTA,
};

/* ---- options ----------------------------------------------------------------------- */

enum { OPTION_CHECK = OPTION_OF_COMMAND, OPTION_FIXES, OPTION_OPENMETRICS };

static const struct option status_options[] = {
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "fixes", no_argument, NULL, OPTION_FIXES },
	{ "openmetrics", no_argument, NULL, OPTION_OPENMETRICS },
	{ 0 }
};

static bool check, fixes, openmetrics;

static int status_option(struct tool *tool, int option, const char *argument)
{
	(void)tool;
	(void)argument;
	if (option == OPTION_CHECK)
		check = true;
	else if (option == OPTION_FIXES)
		fixes = true;
	else
		openmetrics = true;
	return 0;
}

/* Whether it is the running system that is asked for.  0, or TOOL_USAGE. */
static int check_usage(const struct tool *tool, int argc, char **argv)
{
	if (argc > 0 && !fixes)
		return tool_usage(tool, "unexpected argument '%s'", argv[0]);
	for (int i = 0; i < argc; i++) {
		if (!klp_fix_valid(argv[i]))
			return tool_usage(tool, "'%s' is no identifier of a fix", argv[i]);
	}
	if (fixes && (check || openmetrics))
		return tool_usage(tool, "--fixes excludes --check and --openmetrics");
	if (openmetrics && tool->json)
		return tool_usage(tool, "--json and --openmetrics are two formats");
	if (!klpdep_is_running(tool->ctx, tool->kernel))
		return tool_usage(tool, "there is a status of the running system only: "
					"--basedir and other kernels are of no use");
	return 0;
}

/* ---- the table --------------------------------------------------------------------- */

static void put_flag(struct table *table, size_t column, bool value)
{
	table_cell(table, column, value ? "yes" : "no");
}

static void put_transition(struct table *table,
			   const struct klpdep_transition *transition)
{
	long seconds = klpdep_transition_get_seconds(transition);
	long tasks = klpdep_transition_get_tasks(transition);

	if (seconds >= 0)
		table_cellf(table, STATUS_SECONDS, "%ld", seconds);
	if (tasks >= 0)
		table_cellf(table, STATUS_TASKS, "%ld", tasks);
	table_cell(table, STATUS_HELD_UP_BY, klpdep_transition_get_held_up_by(transition));
}

static void put_row(struct table *table, const struct klpdep_view *view,
		    const struct klpdep_row *row)
{
	const struct klpdep_patch *patch =
		klpdep_index_find_patch(klpdep_view_get_index(view), klpdep_row_get_patch(row));
	enum klpdep_condition condition = klpdep_row_get_condition(row);

	table_row(table);
	table_cell(table, STATUS_TARGET, klpdep_row_get_target(row));
	table_cell(table, STATUS_PATCH, klpdep_row_get_patch(row));
	put_flag(table, STATUS_LOADED, klpdep_row_is_loaded(row));
	put_flag(table, STATUS_ENABLED, klpdep_row_is_enabled(row));
	put_flag(table, STATUS_PATCHED, klpdep_row_is_patched(row));
	put_flag(table, STATUS_TRANSITION, klpdep_row_is_in_transition(row));
	table_cell(table, STATUS_STATE, klpdep_condition_name(condition));
	put_flag(table, STATUS_TARGET_LOADED, klpdep_row_is_target_loaded(row));
	table_cell(table, STATUS_SET, klpdep_row_get_set(row));
	table_cell(table, STATUS_REASON, klpdep_row_get_reason(row));
	if (patch)
		table_fixes(table, STATUS_FIXES, view, patch);
	if (condition < KLP_ARRAY_SIZE(colours) && colours[condition])
		table_colour(table, STATUS_STATE, colours[condition]);
	else
		table_dim(table);
}

/* ---- install lines that are not in force ------------------------------------------- */

struct lost {
	struct klp_strv names, messages; /* as many */
};

static void lost_clear(struct lost *lost)
{
	klp_strv_clear(&lost->names);
	klp_strv_clear(&lost->messages);
}

static int add_lost(void *data, const struct klpdep_finding *finding)
{
	const char *object = klpdep_finding_get_object(finding);
	struct lost *lost = data;
	int err = klp_strv_add(&lost->names,
			       object ? object : klpdep_finding_get_patch(finding));

	return err < 0 ? err :
			 klp_strv_add(&lost->messages, klpdep_finding_get_message(finding));
}

/* What a row has no place for: modules need not be loaded, and patches have many. */
static void tell_of_lost(const struct tool *tool, const struct lost *lost)
{
	fflush(stdout);
	for (size_t i = 0; i < lost->messages.n; i++)
		tool_error(tool, "%s: %s", lost->names.v[i], lost->messages.v[i]);
}

static int print_status(struct tool *tool, const struct klpdep_view *view,
			const struct klpdep_status *status, const struct lost *lost, struct table *table)
{
	const struct klpdep_transition *transition = klpdep_status_get_transition(status);
	const struct klpdep_row *row;

	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		const char *target = klpdep_row_get_target(row);
		const char *patch = klpdep_row_get_patch(row);

		put_row(table, view, row);
		put_flag(table, STATUS_BLOCK_LOST,
			 klp_strv_has(&lost->names, patch) ||
				 (target && klp_strv_has(&lost->names, target)));
		if (transition && klp_streq(patch, klpdep_transition_get_patch(transition)))
			put_transition(table, transition);
	}
	if (!klpdep_status_count_rows(status) && !tool->json) {
		if (!tool->quiet)
			tool_error(tool, "there are no livepatches");
		return TOOL_OK;
	}
	return table_print(table);
}

/* What a table has no place for, to whoever looks at it. */
static void tell_of_transition(const struct tool *tool,
			       const struct klpdep_transition *transition)
{
	const char *tasks = klpdep_transition_get_held_up_by(transition);
	long seconds = klpdep_transition_get_seconds(transition);
	char since[48] = "";

	if (seconds >= 0)
		snprintf(since, sizeof(since), " for %ld s", seconds);
	fflush(stdout); /* behind the table */
	tool_error(tool, "%s has been %s%s%s%s", klpdep_transition_get_patch(transition),
		   klpdep_transition_is_patching(transition) ? "patching" : "unpatching", since,
		   tasks ? ", held up by " :
		   klpdep_transition_get_tasks(transition) == 0 ?
			   ", held up by no task that can be seen" :
			   "",
		   tasks ? tasks : "");
}

static int show_fixes(struct tool *tool, const struct klpdep_status *status, int argc,
		      char **argv, struct table *table)
{
	_cleanup_fixes_ struct klpdep_fixes *found = NULL;

	if (klpdep_fixes_new(tool->ctx, status, argc ? (const char *const *)argv : NULL,
			     (size_t)argc, &found) < 0)
		return TOOL_FAILED;
	return print_fixes(tool, found, table);
}

static int status_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_status_ struct klpdep_status *status = NULL;
	_cleanup_table_ struct table *table = NULL;
	_cleanup_fixes_ struct klpdep_fixes *known = NULL;
	_cleanup_(lost_clear) struct lost lost = { 0 };
	int result = check_usage(tool, argc, argv);
	bool has_index;

	if (result == 0)
		result = table_new(tool, &status_layouts[fixes], &table);
	if (result != 0)
		return result;
	/* Without an index, what is loaded can still be shown. */
	result = tool_open(tool, KLPDEP_VIEW_LIVE, &view);
	has_index = result == TOOL_OK;
	if (!view || klpdep_status_new(tool->ctx, view, &status) < 0)
		return TOOL_FAILED; /* why has been said */
	if (fixes)
		return show_fixes(tool, status, argc, argv, table);
	if (klpdep_check_blocks(tool->ctx, view, add_lost, &lost) < 0)
		return TOOL_FAILED; /* likewise */
	if (openmetrics) {
		if (klpdep_fixes_new(tool->ctx, status, NULL, 0, &known) < 0)
			return TOOL_FAILED;
		print_metrics(tool, status, known, has_index, &lost.names);
		result = TOOL_OK; /* they say it */
	} else if (!(check && tool->quiet)) {
		if (print_status(tool, view, status, &lost, table) != TOOL_OK)
			return TOOL_FAILED;
		if (!tool->quiet && !tool->json && klpdep_status_get_transition(status))
			tell_of_transition(tool, klpdep_status_get_transition(status));
	}
	if (!tool->quiet)
		tell_of_lost(tool, &lost);
	if (check && !(has_index && klpdep_status_is_patched(status) && !lost.names.n))
		result = TOOL_FAILED;
	return result;
}

const struct command command_status = {
	.name = "status",
	.arguments = "[--fixes [ID...]]",
	.summary = "show what is patched in the running kernel",
	.help = "      --check         exit status 1 unless all that is loaded is "
		"patched\n"
		"      --fixes         show which fixes are in effect; exit status 0: all that are\n"
		"                      asked for are, or not loaded, 1: one is not, 3: one is in\n"
		"                      transition, 4: no livepatch here names one\n"
		"      --openmetrics   print metrics in the place of a table\n",
	.long_options = status_options,
	.layouts = status_layouts,
	.option = status_option,
	.run = status_run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep status: what is patched in the running kernel. */
#include "config.h"

#include "libklpdep/run/job.h"
#include "tools/status.h"
#include "tools/table.h"

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
	[STATUS_BLOCK_LOST] = { "block_lost", COLUMN_BOOLEAN, .on_request = true },
};

static const struct layout status_layouts[] = {
	LAYOUT("status", NULL, status_columns),
	{ 0 },
};

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define MAGENTA "\033[35m"

static const struct {
	const char *name;
	const char *colour; /* NULL: nothing that matters */
} conditions[N_CONDITIONS] = {
	[KLPDEP_CONDITION_PATCHED] = { "patched", GREEN },
	[KLPDEP_CONDITION_UNPATCHED] = { "unpatched", RED },
	[KLPDEP_CONDITION_IDLE] = { "idle", NULL },
	[KLPDEP_CONDITION_TRANSITION] = { "transition", YELLOW },
	[KLPDEP_CONDITION_SUPERSEDED] = { "superseded", NULL },
	[KLPDEP_CONDITION_MASKED] = { "masked", NULL },
	[KLPDEP_CONDITION_OVERRIDDEN] = { "overridden", RED },
	[KLPDEP_CONDITION_INCOMPATIBLE] = { "incompatible", RED },
	[KLPDEP_CONDITION_QUARANTINED] = { "quarantined", RED },
	[KLPDEP_CONDITION_BLOCKED] = { "blocked", YELLOW },
	[KLPDEP_CONDITION_UNMET] = { "unmet", RED },
	[KLPDEP_CONDITION_FOREIGN] = { "foreign", MAGENTA },
};

const char *condition_name(enum klpdep_condition condition)
{
	return conditions[condition].name;
}

/* ---- options ----------------------------------------------------------------------- */

enum { OPTION_CHECK = OPTION_OF_COMMAND, OPTION_OPENMETRICS };

static const struct option status_options[] = {
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "openmetrics", no_argument, NULL, OPTION_OPENMETRICS },
	{ 0 }
};

static bool check, openmetrics;

static int status_option(struct tool *tool, int option, const char *argument)
{
	(void)tool;
	(void)argument;
	if (option == OPTION_CHECK)
		check = true;
	else
		openmetrics = true;
	return 0;
}

/* Whether it is the running system that is asked for.  0, or TOOL_USAGE. */
static int check_usage(const struct tool *tool, int argc, char **argv)
{
	if (argc > 0)
		return tool_usage(tool, "unexpected argument '%s'", argv[0]);
	if (openmetrics && tool->json)
		return tool_usage(tool, "--json and --openmetrics are two formats");
	if (!klp_is_running(tool->ctx, tool->kernel))
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
	if (transition->seconds >= 0)
		table_cellf(table, STATUS_SECONDS, "%ld", transition->seconds);
	if (transition->tasks >= 0)
		table_cellf(table, STATUS_TASKS, "%ld", transition->tasks);
	table_cell(table, STATUS_HELD_UP_BY, transition->held_up_by);
}

static void put_row(struct table *table, const struct klpdep_status_row *row)
{
	table_row(table);
	table_cell(table, STATUS_TARGET, row->target);
	table_cell(table, STATUS_PATCH, row->patch);
	put_flag(table, STATUS_LOADED, row->loaded);
	put_flag(table, STATUS_ENABLED, row->enabled);
	put_flag(table, STATUS_PATCHED, row->patched);
	put_flag(table, STATUS_TRANSITION, row->transition);
	table_cell(table, STATUS_STATE, condition_name(row->condition));
	put_flag(table, STATUS_TARGET_LOADED, row->target_loaded);
	table_cell(table, STATUS_SET, row->set);
	table_cell(table, STATUS_REASON, row->reason);
	if (conditions[row->condition].colour)
		table_colour(table, STATUS_STATE, conditions[row->condition].colour);
	else
		table_dim(table);
}

/* ---- install lines that are not in force ------------------------------------------- */

struct lost {
	struct klp_strv names, messages; /* as many */
	bool failed;
};

static void lost_clear(struct lost *lost)
{
	klp_strv_clear(&lost->names);
	klp_strv_clear(&lost->messages);
}

static void add_lost(void *data, const struct klpdep_finding *finding)
{
	struct lost *lost = data;

	if (klp_strv_add(&lost->names, finding->object ? finding->object : finding->patch) < 0 ||
	    klp_strv_add(&lost->messages, finding->message) < 0)
		lost->failed = true;
}

/* What a row has no place for: modules need not be loaded, and patches have many. */
static void tell_of_lost(const struct tool *tool, const struct lost *lost)
{
	fflush(stdout);
	for (size_t i = 0; i < lost->messages.n; i++)
		tool_error(tool, "%s: %s", lost->names.v[i], lost->messages.v[i]);
}

static int print_status(struct tool *tool, const struct klpdep_status *status,
			const struct lost *lost, struct table *table)
{
	struct klpdep_transition transition = { 0 };
	struct klpdep_status_row row;

	klpdep_status_get_transition(status, &transition);
	for (size_t i = 0; klpdep_status_get_row(status, i, &row) == 0; i++) {
		put_row(table, &row);
		put_flag(table, STATUS_BLOCK_LOST,
			 klp_strv_has(&lost->names, row.patch) ||
				 (row.target && klp_strv_has(&lost->names, row.target)));
		if (transition.patch && klp_streq(row.patch, transition.patch))
			put_transition(table, &transition);
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
			       const struct klpdep_status *status)
{
	struct klpdep_transition transition;
	char since[48] = "";

	if (klpdep_status_get_transition(status, &transition) < 0)
		return;
	if (transition.seconds >= 0)
		snprintf(since, sizeof(since), " for %ld s", transition.seconds);
	fflush(stdout); /* behind the table */
	tool_error(tool, "%s has been %s%s%s%s", transition.patch,
		   transition.patching ? "patching" : "unpatching", since,
		   transition.held_up_by ? ", held up by " :
		   transition.tasks == 0 ? ", held up by no task that can be seen" :
					   "",
		   transition.held_up_by ? transition.held_up_by : "");
}

static int status_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_status_ struct klpdep_status *status = NULL;
	_cleanup_table_ struct table *table = NULL;
	_cleanup_(lost_clear) struct lost lost = { 0 };
	int result = check_usage(tool, argc, argv);
	bool has_index;

	if (result == 0)
		result = table_new(tool, status_layouts, &table);
	if (result != 0)
		return result;
	/* Without an index, what is loaded can still be shown. */
	result = tool_open(tool, KLPDEP_VIEW_LIVE, &view);
	has_index = result == TOOL_OK;
	if (!view || klpdep_status_new(tool->ctx, view, &status) < 0)
		return TOOL_FAILED; /* why has been said */
	if (klpdep_check_blocks(tool->ctx, view, add_lost, &lost) < 0)
		return TOOL_FAILED; /* likewise */
	if (lost.failed)
		return tool_no_memory(tool);
	if (openmetrics) {
		print_metrics(tool, status, has_index, &lost.names);
		result = TOOL_OK; /* they say it */
	} else if (!(check && tool->quiet)) {
		if (print_status(tool, status, &lost, table) != TOOL_OK)
			return TOOL_FAILED;
		if (!tool->quiet && !tool->json)
			tell_of_transition(tool, status);
	}
	if (!tool->quiet)
		tell_of_lost(tool, &lost);
	if (check && !(has_index && klpdep_status_is_patched(status) && !lost.names.n))
		result = TOOL_FAILED;
	return result;
}

const struct command command_status = {
	.name = "status",
	.arguments = "",
	.summary = "show what is patched in the running kernel",
	.help = "      --check         exit status 1 unless all that is loaded is "
		"patched\n"
		"      --openmetrics   print metrics in the place of a table\n",
	.long_options = status_options,
	.layouts = status_layouts,
	.option = status_option,
	.run = status_run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep status: what is patched in the running kernel. */
#include "config.h"

#include "tools/status.h"

enum {
	STATUS_TARGET,
	STATUS_PATCH,
	STATUS_STATE,
	STATUS_SINCE,
	STATUS_REASON,
	STATUS_LOADED,
	STATUS_ENABLED,
	STATUS_PATCHED,
	STATUS_TRANSITION,
	STATUS_TARGET_LOADED,
	STATUS_SET,
	STATUS_SECONDS,
	STATUS_TASKS,
	STATUS_HELD_UP_BY,
	STATUS_REFUSAL,
	STATUS_FIXES,
	STATUS_BLOCK_LOST,
};

static const struct column status_columns[] = {
	[STATUS_TARGET] = { "target", COLUMN_TEXT },
	[STATUS_PATCH] = { "patch", COLUMN_TEXT },
	[STATUS_STATE] = { "state", COLUMN_TEXT },
	[STATUS_SINCE] = { "since", COLUMN_TEXT },
	[STATUS_REASON] = { "reason", COLUMN_TEXT, .below = true },
	[STATUS_LOADED] = { "loaded", COLUMN_BOOLEAN, .on_request = true },
	[STATUS_ENABLED] = { "enabled", COLUMN_BOOLEAN, .on_request = true },
	[STATUS_PATCHED] = { "patched", COLUMN_BOOLEAN, .on_request = true },
	[STATUS_TRANSITION] = { "transition", COLUMN_BOOLEAN, .on_request = true },
	[STATUS_TARGET_LOADED] = { "target_loaded", COLUMN_BOOLEAN, .on_request = true },
	[STATUS_SET] = { "set", COLUMN_TEXT, .on_request = true },
	[STATUS_SECONDS] = { "seconds", COLUMN_NUMBER, .on_request = true },
	[STATUS_TASKS] = { "tasks", COLUMN_NUMBER, .on_request = true },
	[STATUS_HELD_UP_BY] = { "held_up_by", COLUMN_TEXT, .on_request = true },
	[STATUS_REFUSAL] = { "refusal", COLUMN_TEXT, .on_request = true },
	[STATUS_FIXES] = { "fixes", COLUMN_TEXT, .on_request = true },
	[STATUS_BLOCK_LOST] = { "block_lost", COLUMN_BOOLEAN, .on_request = true },
};

static const struct layout status_layouts[] = {
	LAYOUT("status", NULL, status_columns),
	LAYOUT("fixes", "--fixes", fixes_columns),
	{ 0 },
};

/* The colours of conditions; others are dim. */
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

static bool all;
static int check, fixes, openmetrics;
static const char *textfile;

static const struct option status_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "check", no_argument, &check, true },
	{ "fixes", no_argument, &fixes, true },
	{ "openmetrics", no_argument, &openmetrics, true },
	{ "textfile", required_argument, NULL, OPTION_OF_COMMAND },
	{ 0 },
};

static int status_option(struct tool *tool, int option, const char *argument)
{
	(void)tool;
	if (option == 'a') {
		all = true;
	} else { /* --textfile */
		openmetrics = true;
		textfile = argument;
	}
	return 0;
}

/* Check that the options go together, and that the running system is selected.  0, or
 * TOOL_USAGE. */
static int check_usage(const struct tool *tool, int argc, char **argv)
{
	if (argc > 0 && openmetrics)
		return tool_usage(tool, "--openmetrics takes no argument '%s'", argv[0]);
	for (int i = 0; i < argc && fixes; i++) {
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

/* The data of one run. */
struct report {
	struct tool *tool;
	struct table *table;
	struct klpdep_view *view;
	struct klpdep_status *status;
	bool has_index;
	struct klp_strv names, seen;	     /* names that were asked for, and found */
	struct klp_strv lost, lost_messages; /* install lines not in force, and why */
	size_t n_idle;			     /* rows that are not shown */
};

static void report_clear(struct report *report)
{
	table_free(report->table);
	klpdep_view_unref(report->view);
	klpdep_status_unref(report->status);
	klp_strv_clear(&report->names);
	klp_strv_clear(&report->seen);
	klp_strv_clear(&report->lost);
	klp_strv_clear(&report->lost_messages);
}

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

/* Programs get UTC, as RFC 3339 has it. */
static void put_since(struct table *table, bool utc, long long since)
{
	const time_t when = (time_t)since;
	struct tm tm;
	char text[64];

	if (since >= 0 && (utc ? gmtime_r(&when, &tm) : localtime_r(&when, &tm)) &&
	    strftime(text, sizeof(text), utc ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%d %H:%M:%S",
		     &tm))
		table_cell(table, STATUS_SINCE, text);
}

static bool is_lost(const struct report *report, const struct klpdep_row *row)
{
	const char *target = klpdep_row_get_target(row);

	return klp_strv_has(&report->lost, klpdep_row_get_patch(row)) ||
	       (target && klp_strv_has(&report->lost, target));
}

static void put_row(const struct report *report, const struct klpdep_row *row)
{
	const struct klpdep_transition *transition = klpdep_status_get_transition(report->status);
	const char *name = klpdep_row_get_patch(row), *target = klpdep_row_get_target(row);
	enum klpdep_condition condition = klpdep_row_get_condition(row);
	struct table *table = report->table;
	const struct klpdep_patch *patch =
		klpdep_index_find_patch(klpdep_view_get_index(report->view), name);

	table_row(table);
	table_cell(table, STATUS_TARGET, target);
	table_cell(table, STATUS_PATCH, name);
	table_cell(table, STATUS_STATE, klpdep_condition_name(condition));
	put_since(table, report->tool->json || report->tool->raw, klpdep_row_get_since(row));
	table_cell(table, STATUS_REASON, klpdep_row_get_reason(row));
	put_flag(table, STATUS_LOADED, klpdep_row_is_loaded(row));
	put_flag(table, STATUS_ENABLED, klpdep_row_is_enabled(row));
	put_flag(table, STATUS_PATCHED, klpdep_row_is_patched(row));
	put_flag(table, STATUS_TRANSITION, klpdep_row_is_in_transition(row));
	put_flag(table, STATUS_TARGET_LOADED, klpdep_row_is_target_loaded(row));
	table_cell(table, STATUS_SET, klpdep_row_get_set(row));
	if (klpdep_row_get_refusal(row))
		table_cell(table, STATUS_REFUSAL,
			   klpdep_refusal_name(klpdep_row_get_refusal(row)));
	if (patch)
		table_fixes(table, STATUS_FIXES, report->view, patch);
	put_flag(table, STATUS_BLOCK_LOST, is_lost(report, row));
	if (transition && klp_streq(name, klpdep_transition_get_patch(transition)))
		put_transition(table, transition);
	if (condition < KLP_ARRAY_SIZE(colours) && colours[condition])
		table_colour(table, STATUS_STATE, colours[condition]);
	else
		table_dim(table);
}

/* On a terminal, the rows of one target name it once. */
static bool is_same_target(const struct klpdep_row *row, const struct klpdep_row *last)
{
	const char *target = klpdep_row_get_target(row);

	return last && target && klpdep_row_get_target(last) &&
	       klp_streq(target, klpdep_row_get_target(last));
}

static void put_rows(struct report *report)
{
	bool looked_at = table_is_looked_at(report->table);
	const struct klpdep_row *row, *last = NULL;

	for (size_t i = 0; (row = klpdep_status_get_row(report->status, i)); i++) {
		if (!tool_is_asked_for(&report->names, &report->seen, klpdep_row_get_patch(row),
				       klpdep_row_get_target(row)))
			continue;
		if (looked_at && !all && !report->names.n &&
		    klpdep_row_get_condition(row) == KLPDEP_CONDITION_IDLE) {
			report->n_idle++;
			continue;
		}
		put_row(report, row);
		if (looked_at && is_same_target(row, last))
			table_cell(report->table, STATUS_TARGET, "");
		last = row;
	}
}

/* ---- texts below the table --------------------------------------------------------- */

static int add_lost(void *data, const struct klpdep_finding *finding)
{
	const char *object = klpdep_finding_get_object(finding);
	struct report *report = data;
	int err = klp_strv_add(&report->lost,
			       object ? object : klpdep_finding_get_patch(finding));

	return err < 0 ? err :
			 klp_strv_add(&report->lost_messages,
				      klpdep_finding_get_message(finding));
}

/* These have no row of their own: the module need not be loaded, and a patch has many
 * rows. */
static void tell_of_lost(const struct report *report)
{
	fflush(stdout);
	for (size_t i = 0; i < report->lost_messages.n; i++)
		tool_error(report->tool, "%s: %s", report->lost.v[i],
			   report->lost_messages.v[i]);
}

static void tell_of_transition(const struct tool *tool,
			       const struct klpdep_transition *transition)
{
	const char *tasks = klpdep_transition_get_held_up_by(transition);
	long seconds = klpdep_transition_get_seconds(transition);
	char since[48] = "";

	if (seconds >= 0)
		snprintf(since, sizeof(since), " for %ld s", seconds);
	fflush(stdout); /* this comes after the table */
	tool_error(tool, "%s has been %s%s%s%s", klpdep_transition_get_patch(transition),
		   klpdep_transition_is_patching(transition) ? "patching" : "unpatching", since,
		   tasks ? ", held up by " :
		   klpdep_transition_get_tasks(transition) == 0 ?
			   ", held up by no task that can be seen" :
			   "",
		   tasks ? tasks : "");
}

/* ---- the command ------------------------------------------------------------------- */

static int print_status(const struct report *report)
{
	const struct klpdep_transition *transition = klpdep_status_get_transition(report->status);
	struct tool *tool = report->tool;

	if (!klpdep_status_count_rows(report->status) && !tool->json) {
		if (report->has_index && !tool->quiet)
			tool_error(tool, "there are no livepatches");
		return TOOL_OK;
	}
	if (table_print(report->table) != TOOL_OK)
		return TOOL_FAILED;
	if (report->n_idle)
		printf("\n%zu idle: their modules are not loaded. --all lists them.\n",
		       report->n_idle);
	if (transition && !tool->quiet && !tool->json)
		tell_of_transition(tool, transition);
	return TOOL_OK;
}

/* The answer to --check, for the rows that are asked for.  Install lines without a row
 * count if no row is named. */
static bool is_all_well(struct report *report)
{
	const struct klpdep_row *row;

	for (size_t i = 0; (row = klpdep_status_get_row(report->status, i)); i++) {
		if ((klpdep_row_is_failing(row) || is_lost(report, row)) &&
		    tool_is_asked_for(&report->names, &report->seen, klpdep_row_get_patch(row),
				      klpdep_row_get_target(row)))
			return false;
	}
	return report->has_index && (report->names.n || !report->lost.n);
}

static int show_status(struct report *report)
{
	struct tool *tool = report->tool;
	int result;

	put_rows(report);
	if (!(check && tool->quiet) && print_status(report) != TOOL_OK)
		return TOOL_FAILED;
	if (!tool->quiet)
		tell_of_lost(report);
	result = tool_check_seen(tool, &report->names, &report->seen);
	return report->has_index && !(check && !is_all_well(report)) ? result : TOOL_FAILED;
}

static int show_fixes(const struct report *report, int argc, char **argv)
{
	_cleanup_fixes_ struct klpdep_fixes *found = NULL;

	if (klpdep_fixes_new(report->tool->ctx, report->status,
			     argc ? (const char *const *)argv : NULL, (size_t)argc, &found) < 0)
		return TOOL_FAILED;
	return print_fixes(report->tool, found, report->table);
}

/* The metrics themselves say what is wrong. */
static int show_metrics(struct report *report)
{
	_cleanup_fixes_ struct klpdep_fixes *known = NULL;
	struct metrics metrics = { .status = report->status,
				   .lost = &report->lost,
				   .index = report->has_index };

	if (klpdep_fixes_new(report->tool->ctx, report->status, NULL, 0, &known) < 0)
		return TOOL_FAILED;
	metrics.fixes = known;
	if (print_metrics(report->tool, &metrics, textfile) != TOOL_OK)
		return TOOL_FAILED;
	return check && !is_all_well(report) ? TOOL_FAILED : TOOL_OK;
}

static int status_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_(report_clear) struct report report = { .tool = tool };
	int result = check_usage(tool, argc, argv);

	if (result == 0 && !fixes)
		result = tool_read_names(tool, argc, argv, &report.names);
	if (result == 0)
		result = table_new(tool, &status_layouts[fixes], &report.table);
	if (result != 0)
		return result;
	/* Without an index, the status still shows loaded patches. */
	report.has_index = tool_open(tool, KLPDEP_VIEW_LIVE, &report.view) == TOOL_OK;
	if (!report.view || klpdep_status_new(tool->ctx, report.view, &report.status) < 0)
		return TOOL_FAILED; /* the reason has been logged */
	if (fixes)
		return show_fixes(&report, argc, argv);
	if (klpdep_check_blocks(tool->ctx, report.view, add_lost, &report) < 0)
		return TOOL_FAILED; /* likewise */
	return openmetrics ? show_metrics(&report) : show_status(&report);
}

const struct command command_status = {
	.name = "status",
	.arguments = "[NAME...|--fixes [ID...]]",
	.summary = "show what is patched in the running kernel",
	.help = "  -a, --all           list what is idle on a terminal, too\n"
		"      --check         exit status 1 unless all that is loaded is patched\n"
		"      --fixes         show which fixes are in effect; exit status 0: all that\n"
		"                      are asked for are, or not loaded, 1: one is not, 3: one\n"
		"                      is in transition, 4: no livepatch here names one\n"
		"      --openmetrics   print metrics in the place of a table\n"
		"      --textfile FILE  write metrics to FILE, for node_exporter\n",
	.short_options = "a",
	.long_options = status_options,
	.layouts = status_layouts,
	.option = status_option,
	.run = status_run,
};

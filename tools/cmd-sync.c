/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep sync: bring the running kernel to what the index says. */
#include "config.h"

#include "libklpdep/run/job.h"
#include "tools/table.h"

enum { SYNC_STEP, SYNC_ACTION, SYNC_MODULE, SYNC_REASON, SYNC_FILE };

static const struct column sync_columns[] = {
	[SYNC_STEP] = { "step", COLUMN_NUMBER },
	[SYNC_ACTION] = { "action", COLUMN_TEXT },
	[SYNC_MODULE] = { "module", COLUMN_TEXT },
	[SYNC_REASON] = { "reason", COLUMN_TEXT },
	[SYNC_FILE] = { "file", COLUMN_TEXT, .below = true },
};

static const struct layout sync_layouts[] = {
	LAYOUT("steps", NULL, sync_columns),
	{ 0 },
};

static bool dry_run;

static int sync_option(struct tool *tool, int option, const char *argument)
{
	(void)tool, (void)option, (void)argument;
	dry_run = true;
	return 0;
}

static int show(struct tool *tool, const struct klpdep_view *view, struct table *table)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	struct klpdep_step step;
	int err = klpdep_plan_new_sync(tool->ctx, view, &plan);

	if (err < 0) {
		tool_error(tool, "%s", klpdep_strerror(err));
		return TOOL_FAILED;
	}
	for (size_t i = 0; klpdep_plan_get_step(plan, i, &step) == 0; i++) {
		table_row(table);
		table_cellf(table, SYNC_STEP, "%zu", i + 1);
		table_cell(table, SYNC_ACTION, klp_action_name(step.action));
		table_cell(table, SYNC_MODULE, step.module);
		table_cell(table, SYNC_REASON, step.reason);
		table_cell(table, SYNC_FILE, step.file);
	}
	if (klpdep_plan_count_steps(plan) > 0 || tool->json)
		return table_print(table);
	if (!tool->quiet)
		puts("nothing to do");
	return TOOL_OK;
}

static int carry_out(struct tool *tool, const struct klpdep_view *view)
{
	size_t undone = 0;
	int err = klpdep_sync(tool->ctx, view, &undone);

	if (err == -EBUSY)
		return TOOL_BUSY; /* which was said, with the transition's name */
	if (err < 0)
		tool_error(tool, "%s", klpdep_strerror(err));
	if (err == 0 && !undone)
		return TOOL_OK;
	klp_say_if_not_root(tool->ctx);
	return TOOL_FAILED;
}

static int sync_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_table_ struct table *table = NULL;
	int status;

	if (argc > 0)
		return tool_usage(tool, "unexpected argument '%s'", argv[0]);
	status = table_new(tool, sync_layouts, &table);
	if (status == 0)
		status = tool_live(tool);
	if (status != 0)
		return status;
	if (klp_live_switched_off()) {
		if (!tool->quiet)
			tool_error(tool, "klpdep=off on the kernel command line: nothing "
					 "is done");
		return TOOL_OK;
	}
	status = tool_open(tool, &view);
	if (status != 0)
		return status;
	return dry_run ? show(tool, view, table) :
			 carry_out(tool, view);
}

static const struct option sync_options[] = {
	{ "dry-run", no_argument, NULL, 'n' },
	{ 0 },
};

const struct command command_sync = {
	.name = "sync",
	.arguments = "",
	.summary = "load what patches loaded modules and the kernel, retire what is "
		   "superseded",
	.help = "  -n, --dry-run       show what would be done, and do nothing\n",
	.short_options = "n",
	.long_options = sync_options,
	.layouts = sync_layouts,
	.option = sync_option,
	.run = sync_run,
};

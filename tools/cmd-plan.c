/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep plan NAME: what loading a module will do. */
#include "config.h"

#include "tools/table.h"

enum { PLAN_STEP, PLAN_ACTION, PLAN_MODULE, PLAN_REQUIRED, PLAN_REASON, PLAN_FILE };

static const struct column plan_columns[] = {
	[PLAN_STEP] = { "step", COLUMN_NUMBER },
	[PLAN_ACTION] = { "action", COLUMN_TEXT },
	[PLAN_MODULE] = { "module", COLUMN_TEXT },
	[PLAN_REQUIRED] = { "required", COLUMN_BOOLEAN },
	[PLAN_REASON] = { "reason", COLUMN_TEXT, .below = true },
	[PLAN_FILE] = { "file", COLUMN_TEXT, .below = true },
};

static const struct layout plan_layouts[] = {
	LAYOUT("steps", NULL, plan_columns),
	{ 0 },
};

static int initrd;

static void add_step(struct table *table, size_t number, const struct klpdep_step *step)
{
	table_row(table);
	table_cellf(table, PLAN_STEP, "%zu", number);
	table_cell(table, PLAN_ACTION, klpdep_action_name(klpdep_step_get_action(step)));
	table_cell(table, PLAN_MODULE, klpdep_step_get_module(step));
	table_cell(table, PLAN_REQUIRED, klpdep_step_is_required(step) ? "yes" : "no");
	table_cell(table, PLAN_REASON, klpdep_step_get_reason(step));
	table_cell(table, PLAN_FILE, klpdep_step_get_file(step));
}

static int make_plan(struct tool *tool, const struct klpdep_view *view, int n, char **names,
		     struct klpdep_plan **plan)
{
	char name[KLP_MODULE_NAME_LEN];
	unsigned int flags = 0;

	if (initrd)
		return klpdep_plan_new_initrd(tool->ctx, view, (const char *const *)names,
					      (size_t)n, plan);
	if (tool_is_file_name(names[0], name)) {
		tool_no_module(tool, "module", names[0]);
		return -EINVAL;
	}
	/* What is loaded counts only for the running system. */
	if (klpdep_is_running(tool->ctx, tool->kernel))
		flags |= KLPDEP_PLAN_LIVE;
	return klpdep_plan_new(tool->ctx, view, names[0], flags, plan);
}

static int plan_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	_cleanup_table_ struct table *table = NULL;
	const struct klpdep_step *step;
	int status;

	if (argc != 1 && !initrd)
		return tool_usage(tool, argc ? "only one argument NAME is taken" :
					       "the argument NAME is missing");
	status = table_new(tool, plan_layouts, &table);
	if (status == 0)
		/* An image is for the next boot: what is loaded now, and this kernel's
		 * command line, do not count. */
		status = tool_open(tool, initrd ? 0 : KLPDEP_VIEW_LIVE, &view);
	if (status != 0)
		return status;
	if (make_plan(tool, view, argc, argv, &plan) < 0)
		return TOOL_FAILED;
	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++)
		add_step(table, i + 1, step);
	if (klpdep_plan_count_steps(plan) == 0 && !tool->json) {
		if (!tool->quiet && !initrd)
			printf("%s: nothing to do, all of it is loaded\n", argv[0]);
		return TOOL_OK;
	}
	return table_print(table);
}

static const struct option plan_options[] = {
	{ "initrd", no_argument, &initrd, true },
	{ 0 },
};

const struct command command_plan = {
	.name = "plan",
	.arguments = "NAME|--initrd [NAME...]",
	.summary = "show what loading a module will do, in order",
	.help = "      --initrd        show what an initrd with these modules needs "
		"in addition\n",
	.long_options = plan_options,
	.layouts = plan_layouts,
	.run = plan_run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep plan NAME: what loading a module will do. */
#include "config.h"

#include "libklpdep/run/job.h"
#include "libklpdep/plan/plan.h"
#include "tools/table.h"

enum { PLAN_STEP, PLAN_ACTION, PLAN_MODULE, PLAN_REQUIRED, PLAN_REASON, PLAN_FILE };

static const struct column plan_columns[] = {
	[PLAN_STEP] = { "step", COLUMN_NUMBER },
	[PLAN_ACTION] = { "action", COLUMN_TEXT },
	[PLAN_MODULE] = { "module", COLUMN_TEXT },
	[PLAN_REQUIRED] = { "required", COLUMN_BOOLEAN },
	[PLAN_REASON] = { "reason", COLUMN_TEXT },
	[PLAN_FILE] = { "file", COLUMN_TEXT, .below = true },
};

static const struct layout plan_layouts[] = {
	LAYOUT("steps", NULL, plan_columns),
	{ 0 },
};

enum { OPTION_INITRD = OPTION_OF_COMMAND };

static bool initrd;

static int plan_option(struct tool *tool, int option, const char *argument)
{
	(void)tool, (void)option, (void)argument;
	initrd = true;
	return 0;
}

static void add_step(struct table *table, size_t number, const struct klpdep_step *step)
{
	table_row(table);
	table_cellf(table, PLAN_STEP, "%zu", number);
	table_cell(table, PLAN_ACTION, klp_action_name(step->action));
	table_cell(table, PLAN_MODULE, step->module);
	table_cell(table, PLAN_REQUIRED, step->required ? "yes" : "no");
	table_cell(table, PLAN_REASON, step->reason);
	table_cell(table, PLAN_FILE, step->file);
}

static int plan_load(struct tool *tool, const struct klpdep_view *view, const char *name,
		     struct klpdep_plan **plan)
{
	unsigned int flags = 0;
	int err;

	/* What is loaded counts only for the system that is running. */
	if (klp_is_running(tool->ctx, tool->kernel))
		flags |= KLPDEP_PLAN_LIVE;
	err = klpdep_plan_new(tool->ctx, view, name, flags, plan);
	if (err == -ENOENT || err == -EINVAL)
		tool_no_module(tool, "module", name);
	else if (err < 0)
		tool_error(tool, "%s: %s", name, klpdep_strerror(err));
	return err;
}

static int plan_initrd(struct tool *tool, const struct klpdep_view *view, int n,
		       char **names,
		       struct klpdep_plan **plan)
{
	_cleanup_strv_ struct klp_strv modules = { 0 };
	char normalized[KLP_MODULE_NAME_LEN];
	int err = 0;

	for (int i = 0; i < n && err == 0; i++) {
		if (klp_name_normalize(names[i], normalized) == 0)
			err = klp_strv_add(&modules, normalized);
	}
	if (err == 0)
		err = klp_plan_new_initrd(tool->ctx, view, &modules, plan);
	if (err < 0)
		tool_error(tool, "%s", klpdep_strerror(err));
	return err;
}

static int plan_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	_cleanup_table_ struct table *table = NULL;
	struct klpdep_step step;
	int status, err;

	if (argc != 1 && !initrd)
		return tool_usage(tool, argc ? "only one module at a time" :
					       "a module is missing");
	status = table_new(tool, plan_layouts, &table);
	if (status == 0)
		/* An image is for the next start: what is loaded now, and what this kernel
		 * was started with, does not count. */
		status = tool_open(tool, initrd ? 0 : KLPDEP_VIEW_LIVE, &view);
	if (status != 0)
		return status;
	err = initrd ? plan_initrd(tool, view, argc, argv, &plan) :
		       plan_load(tool, view, argv[0], &plan);
	if (err < 0)
		return TOOL_FAILED;
	for (size_t i = 0; klpdep_plan_get_step(plan, i, &step) == 0; i++)
		add_step(table, i + 1, &step);
	if (klpdep_plan_count_steps(plan) == 0 && !tool->json) {
		if (!tool->quiet && !initrd)
			printf("%s: nothing to do, all of it is loaded\n", argv[0]);
		return TOOL_OK;
	}
	return table_print(table);
}

static const struct option plan_options[] = {
	{ "initrd", no_argument, NULL, OPTION_INITRD },
	{ 0 },
};

const struct command command_plan = {
	.name = "plan",
	.arguments = "NAME|--initrd [NAME...]",
	.summary = "show what loading a module will do, in order",
	.help = "      --initrd        show what an initrd with these modules needs "
		"beside them\n",
	.long_options = plan_options,
	.layouts = plan_layouts,
	.option = plan_option,
	.run = plan_run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep plan NAME: what loading a module will do. */
#include "config.h"

#include "libklpdep/job.h"
#include "tools/table.h"

enum { PLAN_STEP, PLAN_ACTION, PLAN_MODULE, PLAN_REQUIRED, PLAN_REASON, PLAN_FILE };

static const struct column plan_columns[] = {
	[PLAN_STEP] = { "step", COLUMN_NUMBER },
	[PLAN_ACTION] = { "action", COLUMN_TEXT },
	[PLAN_MODULE] = { "module", COLUMN_TEXT },
	[PLAN_REQUIRED] = { "required", COLUMN_BOOLEAN },
	[PLAN_REASON] = { "reason", COLUMN_TEXT },
	[PLAN_FILE] = { "file", COLUMN_TEXT },
};

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

static int plan_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	_cleanup_table_ struct table *table = NULL;
	struct klpdep_step step;
	unsigned int flags = 0;
	int status, err;

	if (argc != 1)
		return tool_usage(tool, argc ? "only one module at a time" :
					       "a module is missing");
	status = table_new(tool, "steps", plan_columns, KLP_ARRAY_SIZE(plan_columns),
			   &table);
	if (status == 0)
		status = tool_open(tool, &index, &config);
	if (status != 0)
		return status;
	/* What is loaded counts only for the system that is running. */
	if (klp_job_is_running(tool->ctx, tool->kernel))
		flags |= KLPDEP_PLAN_LIVE;
	err = klpdep_plan_new(tool->ctx, index, config, argv[0], flags, &plan);
	if (err < 0) {
		if (err == -ENOENT)
			tool_error(tool, "kernel %s has no module %s", tool->kernel,
				   argv[0]);
		else
			tool_error(tool, "%s: %s", argv[0],
				   err == -EINVAL ? "not the name of a module" :
						    klpdep_strerror(err));
		return TOOL_FAILED;
	}
	for (size_t i = 0; klpdep_plan_get_step(plan, i, &step) == 0; i++)
		add_step(table, i + 1, &step);
	if (klpdep_plan_count_steps(plan) == 0 && !tool->json) {
		if (!tool->quiet)
			printf("%s: nothing to do, all of it is loaded\n", argv[0]);
		return TOOL_OK;
	}
	return table_print(table);
}

const struct command command_plan = {
	.name = "plan",
	.arguments = "NAME",
	.summary = "show what loading a module will do, in order",
	.table = true,
	.run = plan_run,
};

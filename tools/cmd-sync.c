/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep sync: make the running kernel match the index. */
#include "config.h"

#include "tools/table.h"

enum { SYNC_STEP, SYNC_ACTION, SYNC_MODULE, SYNC_REASON, SYNC_FILE };

static const struct column sync_columns[] = {
	[SYNC_STEP] = { "step", COLUMN_NUMBER },
	[SYNC_ACTION] = { "action", COLUMN_TEXT },
	[SYNC_MODULE] = { "module", COLUMN_TEXT },
	[SYNC_REASON] = { "reason", COLUMN_TEXT, .below = true },
	[SYNC_FILE] = { "file", COLUMN_TEXT, .below = true },
};

static const struct layout sync_layouts[] = {
	LAYOUT("steps", NULL, sync_columns),
	{ 0 },
};

static bool dry_run;
static unsigned int flags;

static int sync_option(struct tool *tool, int option, const char *argument)
{
	(void)tool, (void)argument;
	if (option == 'n')
		dry_run = true;
	else
		flags |= (unsigned int)(option - OPTION_OF_COMMAND);
	return 0;
}

static int show(struct tool *tool, const struct klpdep_view *view, int n, char **names,
		struct table *table)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	const struct klpdep_step *step;

	if (klpdep_plan_new_sync(tool->ctx, view, (const char *const *)names, (size_t)n, flags,
				 &plan) < 0)
		return TOOL_FAILED;
	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++) {
		table_row(table);
		table_cellf(table, SYNC_STEP, "%zu", i + 1);
		table_cell(table, SYNC_ACTION, klpdep_action_name(klpdep_step_get_action(step)));
		table_cell(table, SYNC_MODULE, klpdep_step_get_module(step));
		table_cell(table, SYNC_REASON, klpdep_step_get_reason(step));
		table_cell(table, SYNC_FILE, klpdep_step_get_file(step));
	}
	if (klpdep_plan_count_steps(plan) > 0 || tool->json)
		return table_print(table);
	if (!tool->quiet)
		puts("nothing to do");
	return TOOL_OK;
}

int tool_sync(struct tool *tool, const struct klpdep_view *view, int n, char **names,
	      unsigned int sync_flags)
{
	size_t undone = 0;
	int err = klpdep_sync(tool->ctx, view, (const char *const *)names, (size_t)n,
			      sync_flags, &undone);

	if (err == -EBUSY)
		return TOOL_BUSY;
	if (err == -ENOENT)
		return TOOL_FAILED;
	return err == 0 && !undone ? TOOL_OK : tool_say_if_not_root(tool);
}

static int sync_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_table_ struct table *table = NULL;
	const char *off = klpdep_get_switched_off(tool->ctx);
	int status;

	status = table_new(tool, sync_layouts, &table);
	if (status == 0)
		status = tool_live(tool);
	if (status != 0)
		return status;
	if (off) {
		if (!tool->quiet)
			tool_error(tool, "%s: nothing is done", off);
		return TOOL_OK;
	}
	status = tool_open(tool, KLPDEP_VIEW_LIVE, &view);
	if (status != 0)
		return status;
	return dry_run ? show(tool, view, argc, argv, table) :
			 tool_sync(tool, view, argc, argv, flags);
}

static const struct option sync_options[] = {
	{ "dry-run", no_argument, NULL, 'n' },
	{ "take-over", no_argument, NULL, OPTION_OF_COMMAND + KLPDEP_SYNC_TAKE_OVER },
	{ "reload", no_argument, NULL, OPTION_OF_COMMAND + KLPDEP_SYNC_RELOAD },
	{ "late", no_argument, NULL, OPTION_OF_COMMAND + KLPDEP_SYNC_LATE },
	{ "shutdown", no_argument, NULL, OPTION_OF_COMMAND + KLPDEP_SYNC_SHUTDOWN },
	{ 0 },
};

const struct command command_sync = {
	.name = "sync",
	.arguments = "[PATCH...]",
	.summary = "load missing patches, retire superseded and masked ones",
	.help = "  -n, --dry-run       show what would be done, and do nothing\n"
		"      --take-over     also insert patches on top of foreign ones\n"
		"      --reload        also take steps that leave targets unpatched\n"
		"      --late          the machine is up: try late patches, for guard-time\n"
		"      --shutdown      the machine goes down in good order: no patch failed\n",
	.short_options = "n",
	.long_options = sync_options,
	.layouts = sync_layouts,
	.option = sync_option,
	.run = sync_run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep unload PATCH...: take patches out of the running kernel. */
#include "config.h"

#include "tools/tool.h"

/* Any livepatch can be unloaded, even without an index; klpdep then does not know which
 * patches require it. */
static int open_view(struct tool *tool, struct klpdep_view **view)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;

	if (klpdep_index_open(tool->ctx, tool->kernel, KLPDEP_OPEN_OPTIONAL, &index) < 0 ||
	    tool_read_config(tool, &config) != TOOL_OK ||
	    klpdep_view_new(tool->ctx, index, config, KLPDEP_VIEW_LIVE, view) < 0)
		return TOOL_FAILED;
	return TOOL_OK;
}

static int unload_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_strv_ struct klp_strv names = { 0 };
	size_t left = 0;
	int status, err;

	if (argc == 0)
		return tool_usage(tool, "the argument PATCH is missing");
	status = tool_read_names(tool, argc, argv, &names);
	if (status == 0)
		status = tool_live(tool);
	if (status == 0)
		status = open_view(tool, &view);
	if (status != 0)
		return status;
	err = klpdep_unload(tool->ctx, view, (const char *const *)names.v, names.n,
			    &left);
	return err == 0 && !left ? TOOL_OK : tool_say_if_not_root(tool);
}

const struct command command_unload = {
	.name = "unload",
	.arguments = "PATCH...",
	.summary = "disable and unload patches",
	.run = unload_run,
};

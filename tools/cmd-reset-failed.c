/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep reset-failed: let patches in again that have taken the machine down. */
#include "config.h"

#include "tools/tool.h"

static int reset_failed_run(struct tool *tool, int argc, char **argv)
{
	if (klpdep_reset_failed(tool->ctx, tool->kernel, (const char *const *)argv,
				(size_t)argc) < 0)
		return tool_say_if_not_root(tool);
	return TOOL_OK;
}

const struct command command_reset_failed = {
	.name = "reset-failed",
	.arguments = "[PATCH...]",
	.summary = "let patches in again that have taken the machine down",
	.run = reset_failed_run,
};

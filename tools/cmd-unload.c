/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep unload PATCH...: take patches out of the running kernel. */
#include "config.h"

#include "libklpdep/run/job.h"
#include "tools/tool.h"

/* Any livepatch can be unloaded: one without an index, too, which no patch is then known
 * to require. */
static int open_index(struct tool *tool, struct klpdep_index **index)
{
	int err = klpdep_index_open(tool->ctx, tool->kernel, index);

	if (err == -ENOENT)
		*index = klp_index_new(tool->kernel);
	return *index ? TOOL_OK : TOOL_FAILED; /* what is wrong with it has been said */
}

static int unload_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_(klp_job_clear) struct klp_job job = { .ctx = tool->ctx };
	_cleanup_strv_ struct klp_strv names = { 0 };
	size_t left = 0;
	int status, err = 0;

	if (argc == 0)
		return tool_usage(tool, "a patch is missing");
	for (int i = 0; i < argc; i++) {
		char name[KLP_MODULE_NAME_LEN];

		if (tool_is_file_name(argv[i], name))
			return tool_usage(tool,
					  "'%s' is a file's name: the module's is %s",
					  argv[i], name);
		if (klp_name_normalize(argv[i], name) < 0)
			return tool_usage(tool, "'%s' is not the name of a module",
					  argv[i]);
		if (klp_strv_add_unique(&names, name) < 0)
			err = -ENOMEM;
	}
	status = tool_live(tool);
	if (status == 0)
		status = open_index(tool, &index);
	if (status != 0)
		return status;
	if (err == 0)
		err = klpdep_config_new(tool->ctx, tool->config_dir, &config);
	if (err == 0)
		err = klpdep_view_new(index, config, KLPDEP_VIEW_LIVE, &view);
	job.view = view;
	if (err == 0)
		err = klp_job_prepare(&job);
	if (err == 0)
		err = klp_job_unload_named(&job, &names, &left);
	if (err < 0)
		tool_error(tool, "%s", klpdep_strerror(err));
	if (err == 0 && !left)
		return TOOL_OK;
	klp_say_if_not_root(tool->ctx);
	return TOOL_FAILED;
}

const struct command command_unload = {
	.name = "unload",
	.arguments = "PATCH...",
	.summary = "disable and unload patches",
	.run = unload_run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep mask, klpdep unmask: mask patches, and unmask them. */
#include "config.h"

#include "tools/tool.h"

/* Other lines may still mask it: patterns, or lines in earlier files. */
static int check_masked(struct tool *tool, const struct klp_strv *patches, bool mask)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	int status = tool_read_config(tool, &config);

	for (size_t i = 0; config && i < patches->n; i++) {
		const char *where = klpdep_config_get_mask(config, patches->v[i]);

		if (!where == !mask)
			continue;
		if (where)
			tool_error(tool, "%s is still masked, by %s", patches->v[i], where);
		else
			tool_error(tool, "%s is not masked: masked.conf is not among the files "
					 "that are read", patches->v[i]);
		status = TOOL_FAILED;
	}
	return status;
}

/* Whether a patch is loaded, or (@enabled) enabled.  The status says so even if the
 * index does not have the patch.  True if the status is not known. */
static bool is_loaded(struct tool *tool, const struct klpdep_view *view, const char *patch,
		      bool enabled)
{
	_cleanup_status_ struct klpdep_status *status = NULL;
	const struct klpdep_row *row;

	if (klpdep_status_new(tool->ctx, view, &status) < 0)
		return true;
	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		if (klp_streq(klpdep_row_get_patch(row), patch))
			return enabled ? klpdep_row_is_enabled(row) : klpdep_row_is_loaded(row);
	}
	return false;
}

/* Warn if unmasking has no effect: the kernel command line still masks the patch.  Warn
 * if the index has no such patch: the name may be mistyped. */
static void check_name(struct tool *tool, const struct klpdep_view *view, const char *patch,
		       bool mask)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	const struct klpdep_patch *found =
		klpdep_index_find_patch(klpdep_view_get_index(view), patch);
	const char *where = mask ? NULL : klpdep_view_get_mask(view, patch);

	if (where && tool_read_config(tool, &config) == TOOL_OK &&
	    !klpdep_config_get_mask(config, patch))
		tool_warn(tool, "%s is masked until the machine is started anew, by %s", patch,
			  where);
	/* A masked patch is not blocked by anything else. */
	if (mask && klpdep_view_get_state(view, found) == KLPDEP_STATE_BLOCKED)
		tool_warn(tool, "%s: %s", patch, klpdep_view_get_reason(view, found));
	if (!found && !is_loaded(tool, view, patch, false))
		tool_warn(tool, "kernel %s has no patch %s, proceeding anyway", tool->kernel,
			  patch);
}

static int apply(struct tool *tool, const struct klp_strv *patches, bool mask)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	int status;

	/* A container may hide what is loaded. */
	if (!klpdep_is_running(tool->ctx, tool->kernel) || access("/sys/module", F_OK) < 0 ||
	    klpdep_get_switched_off(tool->ctx))
		return TOOL_OK;
	status = tool_live(tool);
	if (status == TOOL_OK)
		status = tool_open(tool, KLPDEP_VIEW_LIVE, &view);
	if (status != TOOL_OK)
		return status;
	for (size_t i = 0; i < patches->n; i++)
		check_name(tool, view, patches->v[i], mask);
	status = tool_sync(tool, view, 0, NULL, 0);
	for (size_t i = 0; i < patches->n && mask && status == TOOL_OK; i++) {
		/* The reason why it stays has been logged. */
		if (is_loaded(tool, view, patches->v[i], true))
			status = TOOL_FAILED;
	}
	return status;
}

/* Write the file and the rules.  False if that was not possible; else *status has the
 * complaints. */
static bool publish(struct tool *tool, const struct klp_strv *patches, bool mask, int *status)
{
	_cleanup_publisher_ struct klpdep_publisher *publisher = NULL;

	if (klpdep_publisher_new(tool->ctx, tool->config_dir, NULL, 0, 0, &publisher) < 0)
		return false;
	if (klpdep_publisher_mask(publisher, (const char *const *)patches->v, patches->n,
				  mask) < 0) {
		tool_say_if_not_root(tool);
		return false;
	}
	*status = check_masked(tool, patches, mask);
	return klpdep_publisher_write_rules(publisher) == 0;
}

static int change(struct tool *tool, int argc, char **argv, bool mask)
{
	_cleanup_strv_ struct klp_strv patches = { 0 };
	int status, applied;

	if (argc == 0)
		return tool_usage(tool, "the argument PATCH is missing");
	status = tool_read_names(tool, argc, argv, &patches);
	if (status != 0)
		return status;
	if (!publish(tool, &patches, mask, &status))
		return TOOL_FAILED;
	applied = apply(tool, &patches, mask);
	return status == TOOL_OK ? applied : status;
}

static int mask_run(struct tool *tool, int argc, char **argv)
{
	return change(tool, argc, argv, true);
}

static int unmask_run(struct tool *tool, int argc, char **argv)
{
	return change(tool, argc, argv, false);
}

const struct command command_mask = {
	.name = "mask",
	.arguments = "PATCH...",
	.summary = "keep patches out, and bring back the releases before them",
	.run = mask_run,
};

const struct command command_unmask = {
	.name = "unmask",
	.arguments = "PATCH...",
	.summary = "undo klpdep mask",
	.run = unmask_run,
};

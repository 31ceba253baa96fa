/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep mask, klpdep unmask: keep patches out, and let them in again. */
#include "config.h"

#include "libklpdep/host/configuration.h"
#include "libklpdep/live/live.h"
#include "libklpdep/publish/publish.h"
#include "libklpdep/view/view.h"
#include "tools/tool.h"

/* What mask writes, and unmask takes away again; other files are their writers'. */
#define FILE_NAME SYSCONF_DIR "/klpdep.d/masked.conf"
#define HEADER "# By klpdep mask; klpdep unmask takes lines away.\n"
#define FILE_MAX ((size_t)1 << 20)

/* ---- the file ---------------------------------------------------------------------- */

static bool is_line_of(const char *line, const struct klp_strv *patches)
{
	const char *name = klp_after_prefix(line, "mask ");

	return name && klp_strv_has(patches, name);
}

/* The lines that are not about these patches. */
static int read_others(const char *path, const struct klp_strv *patches,
		       struct klp_strv *lines)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	int err = klp_read_text(path, FILE_MAX, &text);

	if (err < 0)
		return err == -ENOENT ? 0 : err;
	for (rest = text; (line = strsep(&rest, "\n")) && err == 0;) {
		if (*line && *line != '#' && !is_line_of(line, patches))
			err = klp_strv_add(lines, line);
	}
	return err;
}

static int write_lines(const char *path, const struct klp_strv *lines)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream;

	if (!lines->n)
		return klp_remove_file(path);
	stream = open_memstream(&text, &size);
	if (!stream)
		return -ENOMEM;
	fputs(HEADER, stream);
	for (size_t i = 0; i < lines->n; i++)
		fprintf(stream, "%s\n", lines->v[i]);
	if (klp_close_text(stream, &text) < 0)
		return -ENOMEM;
	return klp_write_if_changed(path, text, size);
}

static int change_file(const char *path, const struct klp_strv *patches, bool mask)
{
	_cleanup_strv_ struct klp_strv lines = { 0 };
	int err = read_others(path, patches, &lines);

	for (size_t i = 0; mask && i < patches->n && err == 0; i++) {
		_cleanup_free_ char *line = NULL;

		if (asprintf(&line, "mask %s", patches->v[i]) < 0) {
			line = NULL;
			return -ENOMEM;
		}
		err = klp_strv_add(&lines, line);
	}
	return err < 0 ? err : write_lines(path, &lines);
}

/* ---- what follows from it ---------------------------------------------------------- */

/* Other lines may say the opposite: patterns, or files that come first. */
static int check_masked(struct tool *tool, const struct klp_strv *patches, bool mask)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	int status = TOOL_OK;

	if (klpdep_config_new(tool->ctx, tool->config_dir, &config) < 0)
		return TOOL_FAILED; /* why has been said */
	for (size_t i = 0; i < patches->n; i++) {
		const char *where = NULL;
		bool masked = klp_config_masked(config, patches->v[i], &where);

		if (masked == mask)
			continue;
		if (masked)
			tool_error(tool, "%s is still masked, by %s", patches->v[i],
				   where);
		else
			tool_error(tool, "%s is not masked: %s is not among the files that "
					 "are read", patches->v[i], FILE_NAME);
		status = TOOL_FAILED;
	}
	return status;
}

/* Where the index has no such patch, it may have been mistyped; and what the kernel was
 * started with is not undone. */
static void check_names(struct tool *tool, const struct klpdep_view *view,
			const struct klp_strv *patches, bool mask)
{
	const char *where;

	for (size_t i = 0; i < patches->n; i++) {
		if (!mask && !klp_config_masked(view->config, patches->v[i], NULL) &&
		    klp_view_is_masked(view, patches->v[i], &where))
			klp_warn(tool->ctx, "%s is masked until the machine is started "
				 "anew, by %s", patches->v[i], where);
		if (!klp_index_find(view->index, patches->v[i]) &&
		    klp_live_module(patches->v[i]) == KLP_MODULE_ABSENT)
			klp_warn(tool->ctx, "kernel %s has no patch %s, proceeding anyway",
				 tool->kernel, patches->v[i]);
	}
}

static bool is_at_work(const struct klp_strv *patches)
{
	for (size_t i = 0; i < patches->n; i++) {
		enum klp_patch_state state = klp_live_patch(patches->v[i]);

		if (state == KLP_PATCH_ENABLED || state == KLP_PATCH_ENABLING)
			return true;
	}
	return false;
}

static int apply(struct tool *tool, const struct klp_strv *patches, bool mask)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	int status;

	if (!klp_is_running(tool->ctx, tool->kernel) || klp_live_visible() < 0 ||
	    klp_live_switched_off())
		return TOOL_OK;
	status = tool_live(tool);
	if (status == TOOL_OK)
		status = tool_open(tool, KLPDEP_VIEW_LIVE, &view);
	if (status != TOOL_OK)
		return status;
	check_names(tool, view, patches, mask);
	status = tool_sync(tool, view, 0, NULL, 0);
	/* Why it stays has been said. */
	return status == TOOL_OK && mask && is_at_work(patches) ? TOOL_FAILED : status;
}

/* The file, and the rules that follow from it.  False where that was not possible; else
 * *status is what there is to complain of. */
static bool publish(struct tool *tool, const char *path, const struct klp_strv *patches,
		    bool mask, int *status)
{
	_cleanup_(klp_publisher_clear) struct klp_publisher publisher = {
		.ctx = tool->ctx,
		.out = tool->ctx,
		.config_dir = tool->config_dir,
	};
	int err;

	if (klp_publish_lock(&publisher) < 0)
		return false; /* why has been said */
	err = change_file(path, patches, mask);
	if (err < 0) {
		tool_error(tool, "%s: %s", path, klpdep_strerror(err));
		klp_say_if_not_root(tool->ctx);
		return false;
	}
	*status = check_masked(tool, patches, mask);
	return klp_publish_rules(&publisher) == 0;
}

/* ---- the commands ------------------------------------------------------------------ */

static int change(struct tool *tool, int argc, char **argv, bool mask)
{
	_cleanup_free_ char *path = klp_path(tool->ctx, FILE_NAME);
	_cleanup_strv_ struct klp_strv patches = { 0 };
	int status = TOOL_OK, err = 0;

	if (argc == 0)
		return tool_usage(tool, "a patch is missing");
	for (int i = 0; i < argc && err == 0; i++) {
		char name[KLP_MODULE_NAME_LEN];

		if (klp_name_normalize(argv[i], name) < 0)
			return tool_usage(tool, "'%s' is not the name of a module",
					  argv[i]);
		err = klp_strv_add_unique(&patches, name);
	}
	if (err < 0 || !path)
		return tool_no_memory(tool);
	if (!publish(tool, path, &patches, mask, &status))
		return TOOL_FAILED;
	err = apply(tool, &patches, mask);
	return status == TOOL_OK ? err : status;
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
	.summary = "keep patches out, and bring back what they took the place of",
	.run = mask_run,
};

const struct command command_unmask = {
	.name = "unmask",
	.arguments = "PATCH...",
	.summary = "undo klpdep mask",
	.run = unmask_run,
};

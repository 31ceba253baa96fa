/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Masking patches: a file of klpdep.d(5) that only this code writes. */
#include "config.h"

#include "libklpdep/publish/publish.h"

#define FILE_NAME SYSCONF_DIR "/klpdep.d/masked.conf"
#define HEADER "# By klpdep mask; klpdep unmask takes lines away.\n"
#define FILE_MAX ((size_t)1 << 20)

static bool is_line_of(const char *line, const struct klp_strv *patches)
{
	const char *name = klp_after_prefix(line, "mask ");

	return name && klp_strv_has(patches, name);
}

/* The lines about other patches. */
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
	_cleanup_free_ char *joined = klp_strv_join(lines, "\n");
	_cleanup_free_ char *text = joined ? klp_format(HEADER "%s\n", joined) : NULL;

	if (!lines->n)
		return klp_remove_file(path);
	return text ? klp_write_if_changed(path, text, strlen(text)) : -ENOMEM;
}

static int change_file(const char *path, const struct klp_strv *patches, bool masked)
{
	_cleanup_strv_ struct klp_strv lines = { 0 };
	int err = read_others(path, patches, &lines);

	for (size_t i = 0; masked && i < patches->n && err == 0; i++)
		err = klp_strv_add_format(&lines, "mask %s", patches->v[i]);
	return err < 0 ? err : write_lines(path, &lines);
}

int klpdep_publisher_mask(struct klpdep_publisher *publisher, const char *const *patches,
			  size_t n, bool masked)
{
	_cleanup_free_ char *path = klp_path(publisher->ctx, FILE_NAME);
	_cleanup_strv_ struct klp_strv names = { 0 };
	unsigned int before = publisher->ctx->n_errors;
	int err = path ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && err == 0; i++) {
		char name[KLP_MODULE_NAME_LEN];

		err = klp_check_name(publisher->ctx, patches[i], name);
		if (err == 0)
			err = klp_strv_add_unique(&names, name);
	}
	if (err == 0)
		err = klp_publish_lock(publisher);
	if (err == 0 && !(publisher->flags & KLPDEP_PUBLISH_DRY_RUN))
		err = change_file(path, &names, masked);
	publisher->config = klpdep_config_unref(publisher->config);
	return klp_ended(publisher->ctx, before, err, path ? path : FILE_NAME);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which configuration files of several directories count, as in modprobe.d(5). */
#include "config.h"

#include <sys/stat.h>

#include "libklpdep/host/conf-files.h"
#include "libklpdep/host/kmod.h"

#define WRAPPED_MAX ((size_t)8 << 20)

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool has_base_name(const struct klp_strv *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++) {
		if (klp_streq(base_name(files->v[i]), name))
			return true;
	}
	return false;
}

static int cmp_base_names(const void *a, const void *b)
{
	return strcmp(base_name(*(char *const *)a), base_name(*(char *const *)b));
}

static int add_directory(const char *dir, struct klp_strv *files)
{
	_cleanup_closedir_ DIR *d = opendir(dir);
	struct dirent *entry;

	if (!d)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	for (;;) {
		int err;

		errno = 0;
		entry = readdir(d);
		if (!entry)
			return -errno;
		if (entry->d_name[0] == '.' || !klp_ends_with(entry->d_name, ".conf") ||
		    has_base_name(files, entry->d_name))
			continue;
		err = klp_strv_add_format(files, "%s/%s", dir, entry->d_name);
		if (err < 0)
			return err;
	}
}

static int drop_masked(struct klpdep_ctx *ctx, struct klp_strv *files)
{
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; i < files->n; i++) {
		struct stat st;
		int failed = stat(files->v[i], &st) < 0 ? -errno : 0;

		if (klp_is_passing(failed)) {
			klp_err(ctx, "%s: %s", files->v[i], klpdep_strerror(failed));
			err = failed;
		}
		if (failed == 0 && S_ISREG(st.st_mode))
			files->v[n++] = files->v[i];
		else
			free(files->v[i]);
	}
	files->n = n;
	return err;
}

int klp_conf_files(struct klpdep_ctx *ctx, const char *const *dirs,
		   struct klp_strv *files)
{
	int err = 0;

	for (; *dirs && err == 0; dirs++) {
		_cleanup_free_ char *dir = klp_path(ctx, *dirs);

		err = dir ? add_directory(dir, files) : -ENOMEM;
		if (err < 0 && err != -ENOMEM)
			klp_err(ctx, "%s: %s", dir, klpdep_strerror(err));
	}
	if (err == 0)
		err = drop_masked(ctx, files);
	if (err < 0)
		return err;
	if (files->n)
		qsort(files->v, files->n, sizeof(files->v[0]), cmp_base_names);
	return 0;
}

int klp_conf_modprobe_files(struct klpdep_ctx *ctx, unsigned int flags,
			    struct klp_strv *files)
{
	static const char *const dirs[] = {
		SYSCONF_DIR "/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d",
		"/usr/lib/modprobe.d",	   "/lib/modprobe.d", NULL
	};
	_cleanup_strv_ struct klp_strv all = { 0 };
	int err = klp_conf_files(ctx, dirs, &all);

	for (size_t i = 0; i < all.n && err == 0; i++) {
		const char *base = base_name(all.v[i]);
		bool own = klp_streq(base, RULES_FILE) || klp_streq(base, SOFTDEP_FILE);

		if (flags & (own ? KLP_KMOD_FOREIGN | KLP_KMOD_EARLIER : KLP_KMOD_OWN))
			continue;
		if ((flags & KLP_KMOD_EARLIER) && strcmp(base, SOFTDEP_FILE) > 0)
			continue;
		err = klp_strv_add(files, all.v[i]);
	}
	return err;
}

/* A backslash at the end continues a line.  An unreadable file counts as empty, as in
 * kmod. */
static int read_wrapped(const char *file, char **text)
{
	int err = klp_read_text(file, WRAPPED_MAX, text);
	char *to = *text;

	if (err < 0)
		return err == -ENOMEM ? err : 0;
	for (const char *from = *text; *from; from++) {
		if (from[0] == '\\' && from[1] == '\n')
			from++;
		else
			*to++ = *from;
	}
	*to = '\0';
	return 0;
}

static int take_line(const char *line, int (*take)(void *data, const struct klp_strv *words),
		     void *data)
{
	_cleanup_strv_ struct klp_strv words = { 0 };
	int err = klp_strv_split(&words, line, "\t ");

	return err == 0 && words.n ? take(data, &words) : err;
}

int klp_conf_lines(const struct klp_strv *files,
		   int (*take)(void *data, const struct klp_strv *words), void *data)
{
	int err = 0;

	for (size_t i = 0; i < files->n && err == 0; i++) {
		_cleanup_free_ char *text = NULL;
		char *line, *rest;

		err = read_wrapped(files->v[i], &text);
		for (rest = text; err == 0 && (line = strsep(&rest, "\n"));)
			err = take_line(line, take, data);
	}
	return err;
}

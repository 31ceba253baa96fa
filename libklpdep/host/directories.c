/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Patches beside the module tree: their directories, and the files there.
 *
 * A directory is read like depmod(8) reads a tree (tools/depmod.c of kmod): with all
 * subdirectories, even behind links, except "build", "source" and what depmod.d(5) excludes.
 * Unlike depmod, this reads each directory once, since links can lead around in circles, and
 * in a fixed order: first the files of a directory, by their names, then those one level
 * further down, and so on.
 */
#include "config.h"

#include <dirent.h>
#include <sys/stat.h>

#include "libklpdep/host/depmod-conf.h"
#include "libklpdep/host/directories.h"

/* The configuration has checked it: there is no other % than in %v and %%. */
static char *expand(const char *pattern, const char *kernel)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	for (; *pattern; pattern++) {
		if (*pattern != '%')
			fputc(*pattern, stream);
		else if (*++pattern == 'v')
			fputs(kernel, stream);
		else
			fputc('%', stream);
	}
	return klp_close_text(stream, &text) < 0 ? NULL : text;
}

/* The directories, without the root, each once. */
static int list_directories(const struct klpdep_config *config, const char *kernel,
			    struct klp_strv *dirs)
{
	const char *pattern;
	size_t n = 0;
	int err = 0;

	while (err == 0 && (pattern = klpdep_config_get_directory(config, n++))) {
		_cleanup_free_ char *dir = expand(pattern, kernel);

		err = dir ? klp_strv_add_unique(dirs, dir) : -ENOMEM;
	}
	return err;
}

/* ---- the files there --------------------------------------------------------------- */

/* A file of one of the directories. */
struct beside {
	char name[KLP_MODULE_NAME_LEN];
	char *path; /* without the root */
	size_t number;
};

struct gathering {
	struct klpdep_ctx *ctx;
	struct klp_depmod_conf conf;
	struct klp_set seen; /* directories, by device and inode */
	struct beside *files;
	size_t n;
};

static void gathering_clear(struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->n; i++)
		free(gathering->files[i].path);
	free(gathering->files);
	klp_set_clear(&gathering->seen);
	klp_depmod_conf_clear(&gathering->conf);
}

/* @path without the root, @file with it. */
static int gather_file(struct gathering *gathering, const char *path, const char *file)
{
	char name[KLP_MODULE_NAME_LEN];
	struct beside *beside;

	if (klp_name_from_path(path, name) < 0 || strchr(name, '.')) {
		klp_warn(gathering->ctx, "%s: that is not the name of a module; it is left out",
			 file);
		return 0;
	}
	beside = klp_append(gathering->files, gathering->n);
	if (!beside)
		return -ENOMEM;
	memcpy(beside->name, name, sizeof(name));
	beside->number = gathering->n;
	beside->path = strdup(path);
	return beside->path ? 0 : -ENOMEM;
}

/* A word, since the hooks of initrd tools read lists of files. */
static int gather_subdirectory(struct gathering *gathering, const char *path,
			       const char *file, struct klp_strv *dirs)
{
	if (klp_word_plain(strrchr(path, '/') + 1))
		return klp_strv_add(dirs, path);
	klp_warn(gathering->ctx, "%s: the name of this directory has a space, #, backslash or "
		 "a byte that is not ASCII; it is left out", file);
	return 0;
}

/* Modules that are unreadable just now must not be forgotten, so no new index is written. */
static int fail(const struct gathering *gathering, const char *path, int err, int priority)
{
	bool is_passing = klp_is_passing(err);

	if (err != -ENOENT && err != -ENOMEM)
		klp_log(gathering->ctx, is_passing ? LOG_ERR : priority, "%s: %s", path,
			klpdep_strerror(err));
	return is_passing ? err : 0;
}

/* A link may be dangling, and a directory may have a module's name. */
static int gather_entry(struct gathering *gathering, const char *dir, const char *entry,
			struct klp_strv *dirs)
{
	_cleanup_free_ char *path = klp_format("%s/%s", dir, entry);
	_cleanup_free_ char *file = path ? klp_path(gathering->ctx, path) : NULL;
	struct stat st;

	if (!file)
		return -ENOMEM;
	if (stat(file, &st) < 0)
		return fail(gathering, file, -errno, LOG_INFO);
	if (S_ISDIR(st.st_mode))
		return gather_subdirectory(gathering, path, file, dirs);
	return S_ISREG(st.st_mode) && klp_module_ending(entry) ?
		       gather_file(gathering, path, file) :
		       0;
}

/* The entries that may be modules or directories. */
static int read_entries(const struct gathering *gathering, DIR *d, struct klp_strv *entries)
{
	int err = 0;

	while (err == 0) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(d);
		if (!entry)
			return -errno;
		if ((entry->d_type != DT_REG || klp_module_ending(entry->d_name)) &&
		    !klp_depmod_conf_skips(&gathering->conf, entry->d_name))
			err = klp_strv_add(entries, entry->d_name);
	}
	return err;
}

/* Whether the directory was read already: 1 or 0; or an error. */
static int has_seen(struct gathering *gathering, DIR *d)
{
	char key[64];
	struct stat st;

	if (fstat(dirfd(d), &st) < 0)
		return -errno;
	snprintf(key, sizeof(key), "%jx:%jx", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return klp_set_has(&gathering->seen, key) ? 1 : klp_set_add(&gathering->seen, key);
}

static int read_directory(struct gathering *gathering, const char *path,
			  struct klp_strv *entries)
{
	_cleanup_closedir_ DIR *d = opendir(path);
	int err = d ? has_seen(gathering, d) : -errno;

	if (err == 0)
		err = read_entries(gathering, d, entries);
	return err < 0 ? err : 0;
}

/* Append its subdirectories to @dirs. */
static int gather(struct gathering *gathering, const char *dir, struct klp_strv *dirs)
{
	_cleanup_free_ char *path = klp_path(gathering->ctx, dir);
	_cleanup_strv_ struct klp_strv entries = { 0 };
	int err = path ? read_directory(gathering, path, &entries) : -ENOMEM;

	if (err < 0)
		return fail(gathering, path, err, LOG_WARNING);
	klp_sort(entries.v, entries.n, klp_cmp_strings);
	for (size_t i = 0; i < entries.n && err == 0; i++)
		err = gather_entry(gathering, dir, entries.v[i], dirs);
	return err;
}

static int gather_all(struct gathering *gathering, const char *dir)
{
	_cleanup_strv_ struct klp_strv dirs = { 0 };
	int err = klp_strv_add(&dirs, dir);

	for (size_t i = 0; i < dirs.n && err == 0; i++)
		err = gather(gathering, dirs.v[i], &dirs);
	return err;
}

static int cmp_beside(const void *p, const void *q)
{
	const struct beside *a = p, *b = q;
	int cmp = strcmp(a->name, b->name);

	return cmp ? cmp : (a->number > b->number) - (a->number < b->number);
}

/* A directory may be inside the tree, or be one of depmod.d(5): then this is the same
 * file. */
static int leave_out(struct klpdep_ctx *ctx, const char *path, const char *first)
{
	_cleanup_free_ char *file = klp_path(ctx, path);

	if (!first || !file)
		return -ENOMEM;
	if (!klp_is_same_file(first, file))
		klp_warn(ctx, "%s: %s has the same name and comes first; this one is left out",
			 file, first);
	return 0;
}

/* Keep the first file of each name, unless depmod(8) has selected one. */
static int keep_new(struct gathering *gathering, const char *kernel,
		    const struct klp_moddep *moddep)
{
	struct beside *files = gathering->files;
	size_t n = 0;
	int err = 0;

	if (gathering->n)
		qsort(files, gathering->n, sizeof(*files), cmp_beside);
	for (size_t i = 0; i < gathering->n && err == 0; i++) {
		const struct klp_module *known = klp_moddep_find(moddep, files[i].name);
		bool is_second = n && klp_streq(files[n - 1].name, files[i].name);
		_cleanup_free_ char *first = NULL;

		if (!known && !is_second) {
			struct beside kept = files[i];

			files[i] = files[n];
			files[n++] = kept;
			continue;
		}
		first = known ? klp_moddep_file(gathering->ctx, kernel, known) :
				klp_path(gathering->ctx, files[n - 1].path);
		err = leave_out(gathering->ctx, files[i].path, first);
	}
	while (gathering->n > n)
		free(files[--gathering->n].path);
	return err;
}

int klp_directories_add(struct klpdep_ctx *ctx, const struct klpdep_config *config,
			const char *kernel, struct klp_moddep *moddep)
{
	_cleanup_(gathering_clear) struct gathering gathering = { .ctx = ctx };
	_cleanup_strv_ struct klp_strv dirs = { 0 };
	int err = list_directories(config, kernel, &dirs);

	if (err == 0)
		err = klp_depmod_conf_read(ctx, kernel, &gathering.conf);
	for (size_t i = 0; i < dirs.n && err == 0; i++)
		err = gather_all(&gathering, dirs.v[i]);
	if (err == 0)
		err = keep_new(&gathering, kernel, moddep);
	for (size_t i = 0; i < gathering.n && err == 0; i++)
		err = klp_moddep_add_beside(moddep, gathering.files[i].name,
					    gathering.files[i].path);
	if (gathering.n)
		klp_moddep_sort(moddep);
	return err;
}

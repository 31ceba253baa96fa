/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patches beside the module tree: their directories, and the files there. */
#include "config.h"

#include <dirent.h>
#include <sys/stat.h>

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
	struct beside *files;
	size_t n;
};

static void gathering_clear(struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->n; i++)
		free(gathering->files[i].path);
	free(gathering->files);
}

static int gather_file(struct gathering *gathering, const char *dir, const char *entry)
{
	struct beside *beside = klp_append(gathering->files, gathering->n);
	_cleanup_free_ char *file = NULL;
	struct stat st;

	if (!beside)
		return -ENOMEM;
	beside->number = gathering->n;
	beside->path = klp_format("%s/%s", dir, entry);
	file = beside->path ? klp_path(gathering->ctx, beside->path) : NULL;
	if (!file)
		return -ENOMEM;
	/* A link may be dangling, and a directory may have such a name. */
	if (stat(file, &st) == 0 && S_ISREG(st.st_mode)) {
		if (klp_name_from_path(file, beside->name) == 0 && !strchr(beside->name, '.'))
			return 0;
		klp_warn(gathering->ctx, "%s: that is not the name of a module; it is left out",
			 file);
	}
	free(beside->path);
	gathering->n--;
	return 0;
}

static int gather_files(struct gathering *gathering, const char *dir, DIR *d)
{
	int err = 0;

	while (err == 0) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(d);
		if (!entry)
			return -errno;
		if (klp_module_ending(entry->d_name))
			err = gather_file(gathering, dir, entry->d_name);
	}
	return err;
}

/* Modules that are unreadable just now must not be forgotten, so no new index is written. */
static int gather(struct gathering *gathering, const char *dir)
{
	_cleanup_free_ char *path = klp_path(gathering->ctx, dir);
	_cleanup_closedir_ DIR *d = path ? opendir(path) : NULL;
	int err = d ? gather_files(gathering, dir, d) : path ? -errno : -ENOMEM;

	if (err == 0 || err == -ENOENT)
		return 0;
	if (err != -ENOMEM)
		klp_log(gathering->ctx, klp_is_passing(err) ? LOG_ERR : LOG_WARNING, "%s: %s",
			path, klpdep_strerror(err));
	return klp_is_passing(err) ? err : 0;
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

	for (size_t i = 0; i < dirs.n && err == 0; i++)
		err = gather(&gathering, dirs.v[i]);
	if (err == 0)
		err = keep_new(&gathering, kernel, moddep);
	for (size_t i = 0; i < gathering.n && err == 0; i++)
		err = klp_moddep_add_beside(moddep, gathering.files[i].name,
					    gathering.files[i].path);
	if (gathering.n)
		klp_moddep_sort(moddep);
	return err;
}

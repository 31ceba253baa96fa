/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/scan.h"

/* To be raised whenever a reader would find a livepatch that an older one did not. */
#define CACHE_HEADER "# klpdep scan 1\n"
#define CACHE_MAX ((size_t)64 << 20)
#define KEY_MAX 160

static char *cache_path(const struct klpdep_ctx *ctx, const char *kernel)
{
	char *path;

	return asprintf(&path, "%s" CACHE_DIR "/%s.scan", ctx->root, kernel) < 0 ? NULL :
										   path;
}

/* Everything that changes when a file is replaced or written to: a ctime cannot be
 * set. */
static void make_key(const struct stat *st, char key[KEY_MAX])
{
	snprintf(key, KEY_MAX, "%jx %jx %jx %jx.%lx %jx.%lx", (uintmax_t)st->st_dev,
		 (uintmax_t)st->st_ino, (uintmax_t)st->st_size,
		 (uintmax_t)st->st_mtim.tv_sec, (unsigned long)st->st_mtim.tv_nsec,
		 (uintmax_t)st->st_ctim.tv_sec, (unsigned long)st->st_ctim.tv_nsec);
}

static int cmp_entries(const void *p, const void *q)
{
	return strcmp(((const struct klp_scan_cached *)p)->path,
		      ((const struct klp_scan_cached *)q)->path);
}

/* PATH, a tab, and the key. */
static void parse(struct klp_scan_cache *cache, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *tab = strchr(line, '\t');
		struct klp_scan_cached *entry;

		if (!tab)
			continue;
		entry = klp_append(cache->entries, cache->n_entries);
		if (!entry)
			return;
		*tab = '\0';
		entry->path = line;
		entry->key = tab + 1;
	}
}

void klp_scan_cache_read(const struct klpdep_ctx *ctx, const char *kernel,
			 struct klp_scan_cache *cache)
{
	_cleanup_free_ char *path = cache_path(ctx, kernel);

	*cache = (struct klp_scan_cache){ 0 };
	if (!path || klp_read_file(path, CACHE_MAX, &cache->text, &cache->size) < 0)
		return;
	/* The last line says that nothing is missing. */
	if (!klp_after_prefix(cache->text, CACHE_HEADER) ||
	    !klp_ends_with(cache->text, "\nend\n"))
		return;
	parse(cache, cache->text);
	if (cache->n_entries)
		qsort(cache->entries, cache->n_entries, sizeof(*cache->entries),
		      cmp_entries);
}

void klp_scan_cache_clear(struct klp_scan_cache *cache)
{
	free(cache->entries);
	free(cache->text);
	*cache = (struct klp_scan_cache){ 0 };
}

bool klp_scan_cache_knows(const struct klp_scan_cache *cache, const char *path,
			  const struct stat *st)
{
	struct klp_scan_cached wanted = { .path = path }, *found = NULL;
	char key[KEY_MAX];

	if (cache->n_entries)
		found = bsearch(&wanted, cache->entries, cache->n_entries,
				sizeof(*cache->entries), cmp_entries);
	if (!found)
		return false;
	make_key(st, key);
	return klp_streq(found->key, key);
}

/* Whether the cache already says just this. */
static bool is_current(const struct klp_scan_cache *old,
		       const struct klp_scanned *scanned, size_t n)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		if (scanned[i].err != -ENODATA)
			continue;
		if (!klp_scan_cache_knows(old, scanned[i].file, &scanned[i].st))
			return false;
		known++;
	}
	return known == old->n_entries;
}

int klp_scan_cache_write(const struct klpdep_ctx *ctx, const char *kernel,
			 const struct klp_scan_cache *old,
			 const struct klp_scanned *scanned, size_t n)
{
	_cleanup_free_ char *path = cache_path(ctx, kernel), *text = NULL;
	size_t size;
	FILE *stream;

	if (is_current(old, scanned, n))
		return 0;
	stream = path ? open_memstream(&text, &size) : NULL;
	if (!stream)
		return -ENOMEM;
	fputs(CACHE_HEADER, stream);
	for (size_t i = 0; i < n; i++) {
		char key[KEY_MAX];

		if (scanned[i].err != -ENODATA || strpbrk(scanned[i].file, "\t\n"))
			continue;
		make_key(&scanned[i].st, key);
		fprintf(stream, "%s\t%s\n", scanned[i].file, key);
	}
	fputs("end\n", stream);
	if (klp_close_text(stream, &text) < 0)
		return -ENOMEM;
	return klp_publish(path, text, size);
}

/* It may be deleted at any time, and may stay. */
void klp_scan_cache_remove(const struct klpdep_ctx *ctx, const char *kernel)
{
	_cleanup_free_ char *path = cache_path(ctx, kernel);

	if (path)
		unlink(path);
}

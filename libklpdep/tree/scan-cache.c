/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The scan cache: files that are no livepatches. */
#include "config.h"

#include "libklpdep/tree/scan.h"

/* Raise it whenever a reader finds livepatches that an older one did not find. */
#define CACHE_HEADER "# klpdep scan 3\n"
#define CACHE_MAX ((size_t)64 << 20)
/* The lines after this one, except the last, do not belong to the scan. */
#define NOTES_HEADER "# notes\n"
#define END "end\n"

static char *cache_path(const struct klpdep_ctx *ctx, const char *kernel)
{
	return klp_format("%s" CACHE_DIR "/%s.scan", ctx->root, kernel);
}

/* File systems of images (erofs, squashfs) have one time for both, in whole seconds.  It can be the
 * same in each release of an image, and so can the inode.  Such a file is never known: each time it
 * has another ctime here. */
static struct timespec get_ctime(const struct stat *st)
{
	struct timespec time = st->st_ctim;

	if (!time.tv_nsec && klp_cmp_times(&time, &st->st_mtim) == 0)
		clock_gettime(CLOCK_REALTIME, &time);
	return time;
}

/* By hand: printf(3) would take more time than everything else for a known file. */
void klp_stat_key(const struct stat *st, char key[KLP_STAT_KEY_MAX])
{
	const struct timespec ctim = get_ctime(st);
	const uint64_t numbers[] = {
		(uint64_t)st->st_dev,	       (uint64_t)st->st_ino,
		(uint64_t)st->st_size,	       (uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec, (uint64_t)ctim.tv_sec,
		(uint64_t)ctim.tv_nsec,
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(numbers); i++) {
		unsigned int digits = 1;

		while (digits < 16 && numbers[i] >> 4 * digits)
			digits++;
		while (digits)
			*key++ = "0123456789abcdef"[numbers[i] >> 4 * --digits & 0xf];
		*key++ = ' ';
	}
	key[-1] = '\0';
}

static int cmp_entries(const void *p, const void *q)
{
	return strcmp(((const struct klp_scan_cached *)p)->path,
		      ((const struct klp_scan_cached *)q)->path);
}

/* PATH, a tab, and the key; out of order, the cache is damaged. */
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
		if (cache->n_entries > 1 && cmp_entries(entry - 1, entry) >= 0) {
			cache->n_entries = 0;
			return;
		}
	}
}

/* The last line shows that nothing is missing. */
static bool is_whole(const char *text)
{
	return klp_after_prefix(text, CACHE_HEADER) && klp_ends_with(text, "\n" END);
}

/* The notes of a whole cache, cut off from the scan's lines; or NULL. */
static char *cut_notes(char *text)
{
	char *notes = strstr(text, "\n" NOTES_HEADER);

	if (!notes)
		return NULL;
	notes[1] = '\0';
	notes += 1 + strlen(NOTES_HEADER);
	notes[strlen(notes) - strlen(END)] = '\0';
	return notes;
}

void klp_scan_cache_read(const struct klpdep_ctx *ctx, const char *kernel,
			 struct klp_scan_cache *cache)
{
	_cleanup_free_ char *path = cache_path(ctx, kernel);

	*cache = (struct klp_scan_cache){ 0 };
	if (!path || klp_read_file(path, CACHE_MAX, &cache->text, NULL) < 0)
		return;
	if (!is_whole(cache->text))
		return;
	cache->notes = cut_notes(cache->text);
	parse(cache, cache->text);
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
	const struct klp_scan_cached wanted = { .path = path };
	const struct klp_scan_cached *found =
		klp_search(&wanted, cache->entries, cache->n_entries, cmp_entries);
	char key[KLP_STAT_KEY_MAX];

	if (!found)
		return false;
	klp_stat_key(st, key);
	return klp_streq(found->key, key);
}

/* Whether the cache already has these contents. */
static bool is_current(const struct klp_scan_cache *old,
		       const struct klp_scanned *scanned, size_t n)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		if (scanned[i].err != -ENODATA)
			continue;
		if (!scanned[i].known)
			return false;
		known++;
	}
	return known == old->n_entries;
}

static int cmp_scanned(const void *p, const void *q)
{
	return strcmp((*(const struct klp_scanned *const *)p)->module->path,
		      (*(const struct klp_scanned *const *)q)->module->path);
}

static void put_notes(FILE *stream, const char *notes)
{
	if (notes) {
		fputs(NOTES_HEADER, stream);
		fputs(notes, stream);
	}
	fputs(END, stream);
}

int klp_scan_cache_write(const struct klpdep_ctx *ctx, const char *kernel,
			 const struct klp_scan_cache *old,
			 const struct klp_scanned *scanned, size_t n)
{
	_cleanup_free_ char *path = cache_path(ctx, kernel), *text = NULL;
	_cleanup_free_ const struct klp_scanned **sorted = NULL;
	size_t size, n_sorted = 0;
	FILE *stream;

	if (is_current(old, scanned, n))
		return 0;
	sorted = calloc(n + 1, sizeof(*sorted));
	stream = path && sorted ? open_memstream(&text, &size) : NULL;
	if (!stream)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (scanned[i].err == -ENODATA && !strchr(scanned[i].module->path, '\t'))
			sorted[n_sorted++] = &scanned[i];
	}
	klp_sort(sorted, n_sorted, cmp_scanned);
	fputs(CACHE_HEADER, stream);
	for (size_t i = 0; i < n_sorted; i++) {
		char key[KLP_STAT_KEY_MAX];

		klp_stat_key(&sorted[i]->module->st, key);
		fputs(sorted[i]->module->path, stream);
		fputc('\t', stream);
		fputs(key, stream);
		fputc('\n', stream);
	}
	put_notes(stream, old->notes);
	if (klp_close_text(stream, &text) < 0)
		return -ENOMEM;
	/* A crash may damage it; a damaged cache is ignored. */
	return klp_write_unsynced(path, text, size);
}

char *klp_scan_cache_read_notes(const struct klpdep_ctx *ctx, const char *kernel)
{
	_cleanup_free_ char *path = cache_path(ctx, kernel), *text = NULL;
	const char *notes = NULL;

	if (path && klp_read_file(path, CACHE_MAX, &text, NULL) == 0 && is_whole(text))
		notes = cut_notes(text);
	return notes ? strdup(notes) : NULL;
}

int klp_scan_cache_write_notes(const struct klpdep_ctx *ctx, const char *kernel,
			       const char *notes)
{
	_cleanup_free_ char *path = cache_path(ctx, kernel), *old = NULL, *text = NULL;
	const char *old_notes = NULL, *start = CACHE_HEADER;
	size_t size;
	FILE *stream;

	if (!path)
		return -ENOMEM;
	if (klp_read_file(path, CACHE_MAX, &old, NULL) == 0 && is_whole(old)) {
		start = old;
		old_notes = cut_notes(old);
		if (!old_notes)
			old[strlen(old) - strlen(END)] = '\0';
	}
	if (old_notes && klp_streq(old_notes, notes))
		return 0;
	stream = open_memstream(&text, &size);
	if (!stream)
		return -ENOMEM;
	fputs(start, stream);
	put_notes(stream, notes);
	if (klp_close_text(stream, &text) < 0)
		return -ENOMEM;
	return klp_write_unsynced(path, text, size);
}

/* It may be deleted at any time, and may stay. */
void klp_scan_cache_remove(const struct klpdep_ctx *ctx, const char *kernel)
{
	_cleanup_free_ char *path = cache_path(ctx, kernel);

	if (path)
		unlink(path);
}

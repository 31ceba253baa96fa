/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading all modules of a tree, with threads and a cache of what need not be read
 * again. */
#ifndef KLP_SCAN_H
#define KLP_SCAN_H

#include <sys/stat.h>

#include "libklpdep/tree/index.h"
#include "libklpdep/host/moddep.h"

/* What became of one module. */
struct klp_scanned {
	const struct klp_module *module;
	char *file;                 /* where it is, unless err is -ENODATA */
	struct stat st;             /* valid when err is 0 or -ENODATA */
	int err;                    /* -ENODATA: not a livepatch */
	bool known;                 /* the cache said so */
	char *why;                  /* on other errors, or NULL */
	struct klpdep_patch *patch; /* when err is 0; or, what the index had before */
};

/* Beside enum klpdep_scan_flags. */
enum {
	KLP_SCAN_KEEP_CACHE = 1 << 8, /* read the scan cache, but do not write it */
	KLP_SCAN_NOT_BUILT = 1 << 9,  /* likewise, and read no modules of the kernel's own build */
};

/* Read all modules of @moddep into @scanned, a zeroed array of as many, but for those
 * that have a patch there already.  The arguments are those of klpdep_index_scan(). */
int klp_scan(struct klpdep_ctx *ctx, const char *kernel, const struct klp_moddep *moddep,
	     unsigned int threads, unsigned int flags, klpdep_progress_fn progress,
	     void *data, struct klp_scanned *scanned);
void klp_scanned_clear(struct klp_scanned *scanned, size_t n);

/* klpdep_index_scan() for one who goes on with what modules.dep says: @moddep is zeroed, and to
 * be cleared in any case; where there are patches, dependencies are resolved. */
int klp_index_scan(struct klpdep_ctx *ctx, const char *kernel,
		   const struct klpdep_config *config, unsigned int threads, unsigned int flags,
		   klpdep_progress_fn progress, void *data, struct klp_moddep *moddep,
		   struct klpdep_index **index, size_t *unreadable);

/* Make the index out of what was read, whose patches it takes over.  What cannot be read
 * is in it where it was before, by the index that there is, so that policy require holds;
 * that it cannot be read is for the caller to say.  Dependencies are resolved. */
int klp_scan_to_index(struct klpdep_ctx *ctx, const char *kernel,
		      struct klp_moddep *moddep, struct klp_scanned *scanned,
		      struct klpdep_index **index);

/* ---- the cache --------------------------------------------------------------------- */

/*
 * The files that were found to be no livepatch, by all that changes when a file does.
 * Text, one line a module, sorted by its path in modules.dep, and notes of others; whatever is
 * not understood is as if it were not there.
 */
struct klp_scan_cache {
	char *text;
	size_t size;
	const char *notes; /* NULL: none */
	struct klp_scan_cached {
		const char *path;
		const char *key;
	} *entries;
	size_t n_entries;
};

/* Never fails: a cache that cannot be read is empty. */
void klp_scan_cache_read(const struct klpdep_ctx *ctx, const char *kernel,
			 struct klp_scan_cache *cache);
void klp_scan_cache_clear(struct klp_scan_cache *cache);
/* Whether the file of a path of modules.dep is known to be no livepatch.  May be called
 * from several threads. */
bool klp_scan_cache_knows(const struct klp_scan_cache *cache, const char *path,
			  const struct stat *st);
/* Write what a scan found, unless it is what @old has. */
int klp_scan_cache_write(const struct klpdep_ctx *ctx, const char *kernel,
			 const struct klp_scan_cache *old,
			 const struct klp_scanned *scanned, size_t n);
/* Everything that changes when a file is replaced or written to: a ctime cannot be set. */
#define KLP_STAT_KEY_MAX 160
void klp_stat_key(const struct stat *st, char key[KLP_STAT_KEY_MAX]);

/* Lines that somebody else keeps in the same file, behind what the scan has.  To be read: the
 * caller frees; NULL: there are none.  To be written: unless they are there already. */
char *klp_scan_cache_read_notes(const struct klpdep_ctx *ctx, const char *kernel);
int klp_scan_cache_write_notes(const struct klpdep_ctx *ctx, const char *kernel,
			       const char *notes);
void klp_scan_cache_remove(const struct klpdep_ctx *ctx, const char *kernel);

#endif /* KLP_SCAN_H */

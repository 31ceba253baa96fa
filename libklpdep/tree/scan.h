/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading all modules of a tree, with threads and a cache of known files. */
#ifndef KLP_SCAN_H
#define KLP_SCAN_H

#include <sys/stat.h>

#include "libklpdep/tree/index.h"
#include "libklpdep/host/moddep.h"

/* The result for one module. */
struct klp_scanned {
	struct klp_module *module;  /* its st is set if err is 0 or -ENODATA */
	char *file;                 /* its path, unless err is -ENODATA */
	int err;                    /* -ENODATA: not a livepatch */
	bool known;                 /* the cache said so */
	char *why;                  /* on other errors, or NULL */
	struct klpdep_patch *patch; /* if err is 0; or from the earlier index */
};

/* In addition to enum klpdep_scan_flags. */
enum {
	KLP_SCAN_KEEP_CACHE = 1 << 8, /* read the scan cache, but do not write it */
	KLP_SCAN_NOT_BUILT = 1 << 9,  /* likewise; skip modules of the kernel's build */
};

/* Read all modules of @moddep into @scanned, a zeroed array of the same size.  The arguments
 * are those of klpdep_index_scan(). */
int klp_scan(struct klpdep_ctx *ctx, const char *kernel, struct klp_moddep *moddep,
	     unsigned int threads, unsigned int flags, klpdep_progress_fn progress,
	     void *data, struct klp_scanned *scanned);
void klp_scanned_clear(struct klp_scanned *scanned, size_t n);

/* klpdep_index_scan() in two steps: list the modules, of modules.dep and of the directories
 * beside the tree; and read them.  @moddep is zeroed; clear it in any case.  If there are
 * patches, dependencies are resolved. */
int klp_scan_list(struct klpdep_ctx *ctx, const char *kernel,
		  const struct klpdep_config *config, struct klp_moddep *moddep);
int klp_index_scan(struct klpdep_ctx *ctx, const char *kernel, struct klp_moddep *moddep,
		   unsigned int threads, unsigned int flags, klpdep_progress_fn progress,
		   void *data, struct klpdep_index **index, size_t *unreadable);

/* Make the index from the scan's results, and take over their patches.  An unreadable patch
 * stays as it is in the existing index, so that policy require holds; the caller reports
 * it.  Dependencies are resolved. */
int klp_scan_to_index(struct klpdep_ctx *ctx, const char *kernel,
		      struct klp_moddep *moddep, struct klp_scanned *scanned,
		      struct klpdep_index **index);

/* ---- the cache --------------------------------------------------------------------- */

/*
 * The files that are no livepatches, with everything that changes when a file does.  A
 * text, with one line for each module, sorted by its path in modules.dep, and notes of
 * other code.  Lines that are not understood are ignored.
 */
struct klp_scan_cache {
	char *text;
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
/* Whether the file of a path of modules.dep is known to be no livepatch.  Threads may call
 * this in parallel. */
bool klp_scan_cache_knows(const struct klp_scan_cache *cache, const char *path,
			  const struct stat *st);
/* Write a scan's results, unless @old has the same. */
int klp_scan_cache_write(const struct klpdep_ctx *ctx, const char *kernel,
			 const struct klp_scan_cache *old,
			 const struct klp_scanned *scanned, size_t n);
/* Everything that changes when a file is replaced or written: nobody can set a ctime.  Without one,
 * it changes each time. */
#define KLP_STAT_KEY_MAX 160
void klp_stat_key(const struct stat *st, char key[KLP_STAT_KEY_MAX]);

/* Lines that other code keeps in the same file, after the scan's.  Reading: the caller
 * frees; NULL: there are none.  Writing: does nothing if the file has them already. */
char *klp_scan_cache_read_notes(const struct klpdep_ctx *ctx, const char *kernel);
int klp_scan_cache_write_notes(const struct klpdep_ctx *ctx, const char *kernel,
			       const char *notes);
void klp_scan_cache_remove(const struct klpdep_ctx *ctx, const char *kernel);

#endif /* KLP_SCAN_H */

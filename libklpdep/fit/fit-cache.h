/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Earlier results of fit, so that unchanged files are not read again: lines in the scan
 * cache, each with a key of everything on which it depends.
 */
#ifndef KLP_FIT_CACHE_H
#define KLP_FIT_CACHE_H

#include "libklpdep/fit/fit.h"

#define KLP_FIT_KEY_SIZE 17

struct klp_fit_cache;

/* Open it; fails with -ENOMEM only. */
int klp_fit_cache_read(const struct klp_fit *fit, struct klp_fit_cache **cache);
/* Store the results of an index whose patches and targets were checked.  If it cannot be
 * written, that is only logged. */
int klp_fit_cache_write(const struct klp_fit *fit, const struct klpdep_index *index);
void klp_fit_cache_free(struct klp_fit_cache *cache);

/* Add a patch's results to the index, if nothing has changed: 1; 0: something has. */
int klp_fit_cache_take_patch(const struct klp_fit *fit, struct klpdep_index *index,
			     const struct klpdep_patch *patch);
/* The same for a target's build-id; *build_id belongs to the cache, and is NULL for none. */
int klp_fit_cache_take_target(const struct klp_fit *fit, const struct klp_module *module,
			      const char **build_id);

#endif /* KLP_FIT_CACHE_H */

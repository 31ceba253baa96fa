/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What fit has found out before, so that nothing is read again while nothing has changed: lines
 * in the scan cache, each with a key of all that it depends on.
 */
#ifndef KLP_FIT_CACHE_H
#define KLP_FIT_CACHE_H

#include "libklpdep/fit/fit.h"

#define KLP_FIT_KEY_SIZE 17

struct klp_fit_cache;

/* What there is; never fails but with -ENOMEM. */
int klp_fit_cache_read(const struct klp_fit *fit, struct klp_fit_cache **cache);
/* Keep what an index has, whose patches and targets were looked at.  What cannot be written is
 * only logged. */
int klp_fit_cache_write(const struct klp_fit *fit, const struct klpdep_index *index);
void klp_fit_cache_free(struct klp_fit_cache *cache);

/* Add to the index what was found out about a patch, if all is as it was: 1; 0: it is not. */
int klp_fit_cache_take_patch(const struct klp_fit *fit, struct klpdep_index *index,
			     const struct klpdep_patch *patch);
/* The same of a target's build-id; *build_id belongs to the cache, and is NULL for none. */
int klp_fit_cache_take_target(const struct klp_fit *fit, const struct klp_module *module,
			      const char **build_id);

#endif /* KLP_FIT_CACHE_H */

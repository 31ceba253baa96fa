/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last results of fit for a whole tree, so that nothing is read again while nothing has
 * changed: lines in the scan cache, with a key of all files that fit reads.
 */
#ifndef KLP_FIT_CACHE_H
#define KLP_FIT_CACHE_H

#include "libklpdep/fit/fit.h"

#define KLP_FIT_KEY_SIZE 17

/* Compute the key.  Call it before any of the files are read: a file that is replaced
 * meanwhile must not look like the one that was read.  0 or -ENOMEM. */
int klp_fit_key(const struct klp_fit *fit, const struct klpdep_index *index,
		char key[KLP_FIT_KEY_SIZE]);

/* Add the misfits, and the build-ids of targets, to an index that has none: 1; 0 if the key
 * is another one; -ENOMEM. */
int klp_fit_cache_take(const struct klp_fit *fit, const char *key, struct klpdep_index *index);
/* Store them.  If they cannot be written, that is only logged.  0 or -ENOMEM. */
int klp_fit_cache_store(const struct klp_fit *fit, const char *key,
			const struct klpdep_index *index);

#endif /* KLP_FIT_CACHE_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Series: releases of one patch, whose names differ in a number or version at their end. */
#ifndef KLP_SERIES_H
#define KLP_SERIES_H

#include "libklpdep/livepatch/patch.h"

/* A patch as a release: its set's name or its own, and the length of the common beginning
 * of its series' names; 0: it has no series. */
struct klp_release {
	const struct klpdep_patch *patch;
	const char *name;
	size_t stem;
};

struct klp_release klp_series_release(const struct klpdep_patch *patch);

/* Which of two patches is the later release: positive, the first; negative, the second; 0:
 * they are not of one series. */
int klp_series_compare(const struct klpdep_patch *a, const struct klpdep_patch *b);

/* Whether a patch supersedes another as a later release of one series.  With replace it
 * always does.  Otherwise they need an object in common.  In a declared series, a release
 * is the complete fix of each of its objects, even if it does not have all objects of the
 * other one.  In a guessed series, it must cover the other one. */
bool klp_series_takes_place(const struct klpdep_patch *newer,
			    const struct klpdep_patch *older);

/* The same for releases, if many are compared. */
int klp_releases_compare(const struct klp_release *a, const struct klp_release *b);
bool klp_releases_take_place(const struct klp_release *newer, const struct klp_release *older);

#endif /* KLP_SERIES_H */

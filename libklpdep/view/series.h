/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Series: releases of one patch, whose names differ in a number or version at their
 * end. */
#ifndef KLP_SERIES_H
#define KLP_SERIES_H

#include "libklpdep/livepatch/patch.h"

/* A patch as a release: its set's name or its own, and the length of what the names of its
 * series begin with; 0: it is of none. */
struct klp_release {
	const struct klpdep_patch *patch;
	const char *name;
	size_t stem;
};

struct klp_release klp_series_release(const struct klpdep_patch *patch);

/* Which of two patches is the later release: positive, the first; negative, the second;
 * 0: they are of no one series. */
int klp_series_compare(const struct klpdep_patch *a, const struct klpdep_patch *b);

/* Whether a patch takes the place of another by being a later release of one series.  One that
 * replaces all others does in any case; else they have an object in common.  Where the series
 * is declared, its release is the whole of each object's fix, and *is_part says that it has
 * not all the objects; where a number in the names is all there is to go by, it must have all
 * that the other changes. */
bool klp_series_takes_place(const struct klpdep_patch *newer,
			    const struct klpdep_patch *older, bool *is_part);

/* The same of releases, where there are many to be compared. */
int klp_releases_compare(const struct klp_release *a, const struct klp_release *b);
bool klp_releases_take_place(const struct klp_release *newer, const struct klp_release *older,
			     bool *is_part);

#endif /* KLP_SERIES_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether one patch has all that another has. */
#ifndef KLP_COVERAGE_H
#define KLP_COVERAGE_H

#include "libklpdep/livepatch/patch.h"

/* Whether an object of a finished patch changes a function.  Position 0 means the only
 * one, so it equals position 1. */
bool klp_object_changes(const struct klpdep_object *object, const char *name,
			uint64_t sympos);
/* Whether @patch has all objects of @other, in each of them all functions, and callbacks
 * if @other has some.  False if the functions of @other are not known. */
bool klp_patch_covers(const struct klpdep_patch *patch, const struct klpdep_patch *other);
/* The first thing that @patch lacks for that: "f of kvm".  NULL: it lacks nothing, or
 * there is no memory.  The caller frees. */
char *klp_patch_uncovered(const struct klpdep_patch *patch,
			  const struct klpdep_patch *other);
/* Whether a patch has a pre_unpatch or post_unpatch callback. */
bool klp_patch_has_unpatch_callbacks(const struct klpdep_patch *patch);

#endif /* KLP_COVERAGE_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether one patch has all that another has. */
#ifndef KLP_COVERAGE_H
#define KLP_COVERAGE_H

#include "libklpdep/livepatch/patch.h"

/* Whether an object of a finished patch has a function: position 0, the only one, is the
 * first. */
bool klp_object_changes(const struct klpdep_object *object, const char *name,
			uint64_t sympos);
/* Whether two of the same object change a function both. */
bool klp_objects_overlap(const struct klpdep_object *a, const struct klpdep_object *b);
/* Whether @patch has all that @other has: its objects, in each its functions, and callbacks
 * where it has some.  False also where it is not known what @other changes. */
bool klp_patch_covers(const struct klpdep_patch *patch, const struct klpdep_patch *other);
/* The first that @patch does not have of that, in words: "f of kvm"; NULL: nothing, or no
 * memory.  The caller frees. */
char *klp_patch_uncovered(const struct klpdep_patch *patch,
			  const struct klpdep_patch *other);
/* Whether a patch has a pre_unpatch or post_unpatch callback. */
bool klp_patch_has_unpatch_callbacks(const struct klpdep_patch *patch);

#endif /* KLP_COVERAGE_H */

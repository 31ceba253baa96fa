/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The patches of ours that are in the kernel and should not be: superseded, or masked. */
#ifndef KLP_OLDER_H
#define KLP_OLDER_H

#include "libklpdep/view/view.h"

struct klp_older {
	const struct klp_loaded *loaded;
	struct klp_strv objects; /* none where the kernel has dropped them: it is dead */
	/* Those patches of the index that have its place; of a masked one, the releases that
	 * come back. */
	struct klp_strv newer;
	bool masked;
	/* It is dead, of our own insertion, and its file has gone. */
	bool is_rest;
	/* It has unpatch callbacks for something that is loaded, which may undo what newer
	 * ones have set; unless that was decided otherwise. */
	bool stays_beneath;
};

/* Whether a patch that is loaded is such a one; @older, which is zeroed, is to be cleared in
 * any case. */
bool klp_view_find_older(const struct klpdep_view *view, const struct klp_loaded *loaded,
			 struct klp_older *older);
void klp_older_clear(struct klp_older *older);

#endif /* KLP_OLDER_H */

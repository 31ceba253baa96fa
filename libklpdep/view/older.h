/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our patches that are loaded and should not be: superseded, or masked. */
#ifndef KLP_OLDER_H
#define KLP_OLDER_H

#include "libklpdep/view/view.h"

struct klp_older {
	const struct klp_loaded *loaded;
	struct klp_strv objects; /* none if the kernel has dropped them: it is dead */
	/* The patches of the index that supersede it; for a masked one, the releases that
	 * come back. */
	struct klp_strv newer;
	bool masked;
	/* It is dead, klpdep has inserted it, and its file is gone. */
	bool is_rest;
	/* It has unpatch callbacks for a loaded object, which may undo what newer patches
	 * have set, and nothing says to ignore that. */
	bool stays_beneath;
};

/* Whether a loaded patch is such a one.  @older is zeroed; clear it in any case. */
bool klp_view_find_older(const struct klpdep_view *view, const struct klp_loaded *loaded,
			 struct klp_older *older);
void klp_older_clear(struct klp_older *older);

#endif /* KLP_OLDER_H */

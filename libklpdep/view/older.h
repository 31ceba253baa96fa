/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The patches that are in the kernel and whose place others take. */
#ifndef KLP_OLDER_H
#define KLP_OLDER_H

#include "libklpdep/view/view.h"

struct klp_older {
	const char *name;
	struct klp_strv objects; /* none where the kernel has dropped them: it is dead */
	struct klp_strv newer;	 /* those patches of the index that take its place */
};

/* Whether a module that is in the kernel is such a patch; @older, which is zeroed, is to be
 * cleared in any case. */
bool klp_view_find_older(const struct klpdep_view *view, const char *name,
			 struct klp_older *older);
void klp_older_clear(struct klp_older *older);

#endif /* KLP_OLDER_H */

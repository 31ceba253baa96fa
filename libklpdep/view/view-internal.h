/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the view is worked out by, in this order. */
#ifndef KLP_VIEW_INTERNAL_H
#define KLP_VIEW_INTERNAL_H

#include "libklpdep/view/view.h"

/* What keeps patches out by the kernel command line; @boot is zeroed.  0 or -ENOMEM. */
int klp_boot_masks_read(struct klp_boot_masks *boot);
void klp_boot_masks_clear(struct klp_boot_masks *boot);
/* Whether a patch is blacklisted, and where. */
bool klp_view_is_blacklisted(const struct klpdep_view *view, const char *patch,
			     const char **where);

/* Who claims whose place: fills in ->claims, sorted by the older patch; what patches say
 * themselves comes before what is configured.  0 or -ENOMEM. */
int klp_view_find_claims(struct klpdep_view *view);
/* Who counts: fills in ->standings.  0 or -ENOMEM. */
int klp_view_find_states(struct klpdep_view *view);

#endif /* KLP_VIEW_INTERNAL_H */

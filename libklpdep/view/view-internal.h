/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The steps of making the view, in this order. */
#ifndef KLP_VIEW_INTERNAL_H
#define KLP_VIEW_INTERNAL_H

#include "libklpdep/view/view.h"

/* The patches that the kernel command line masks; @boot is zeroed.  0 or -ENOMEM. */
int klp_boot_masks_read(struct klp_boot_masks *boot);
void klp_boot_masks_clear(struct klp_boot_masks *boot);
/* Whether a patch is blacklisted, and where. */
bool klp_view_is_blacklisted(const struct klpdep_view *view, const char *patch,
			     const char **where);

/* Fill in ->claims, sorted by the older patch: which patch supersedes which.  Declarations
 * in patches come before the configuration.  0 or -ENOMEM. */
int klp_view_find_claims(struct klpdep_view *view);
/* Fill in ->standings: the state of each patch.  0 or -ENOMEM. */
int klp_view_find_states(struct klpdep_view *view);

/* A step of that: active patches that another one keeps out.  0 or -ENOMEM. */
int klp_view_find_blocked(struct klpdep_view *view);
/* Give a patch that state, with a reason.  0 or -ENOMEM. */
int klp_view_keep_out(struct klpdep_view *view, const struct klpdep_patch *patch,
		      enum klpdep_state state, const char *format, ...) KLP_PRINTF(4, 5);
/* Whether a patch is loaded and enabled. */
bool klp_view_is_in_kernel(const struct klpdep_view *view, const struct klpdep_patch *patch);

#endif /* KLP_VIEW_INTERNAL_H */

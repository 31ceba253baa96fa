/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a boot in which patches are tried: live/guard.h. */
#ifndef KLP_GUARDED_H
#define KLP_GUARDED_H

#include "libklpdep/view/view.h"

/* The machine is up: wait for guard-time, and prove the patches with a mark of this
 * boot that are in effect all that time.  Remove the marks of patches that are not in
 * the kernel.  0 or an errno. */
int klp_guarded_watch(struct klpdep_ctx *ctx, struct klp_guard *guard,
		      const struct klpdep_config *config);
/* The machine shuts down in good order: remove all marks of this boot.  If the boot was
 * complete, patches that are in effect are proven. */
int klp_guarded_end(struct klpdep_ctx *ctx, struct klp_guard *guard);
/* The next late patch that the view keeps out for no other reason, or NULL: a masked
 * patch, for example, need not go in. */
const struct klpdep_patch *klp_guarded_find_late(const struct klp_guard *guard,
						 const struct klpdep_view *view);

#endif /* KLP_GUARDED_H */

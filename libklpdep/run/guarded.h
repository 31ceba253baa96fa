/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What comes of a boot with patches that are being tried: live/guard.h. */
#ifndef KLP_GUARDED_H
#define KLP_GUARDED_H

#include "libklpdep/view/view.h"

/* The machine is up: wait for guard-time while patches with a mark of this boot are in effect, and
 * have them proven.  Marks of those that are not in the kernel go.  0 or an errno. */
int klp_guarded_watch(struct klpdep_ctx *ctx, struct klp_guard *guard,
		      const struct klpdep_config *config);
/* The machine goes down in good order: nothing has happened.  What is in effect is proven, if the
 * boot had been complete. */
int klp_guarded_end(struct klpdep_ctx *ctx, struct klp_guard *guard);
/* Let the next patch in that is late, and that the view keeps out for that alone; whether there was
 * one.  The same without doing it. */
bool klp_guarded_admit(const struct klp_guard *guard, const struct klpdep_view *view);
bool klp_guarded_is_late(const struct klp_guard *guard, const struct klpdep_view *view);

#endif /* KLP_GUARDED_H */

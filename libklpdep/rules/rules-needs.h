/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules are needed for, over all kernels. */
#ifndef KLP_RULES_NEEDS_H
#define KLP_RULES_NEEDS_H

#include "libklpdep/view/view.h"

struct klp_target_needs {
	char *name;
	bool bare; /* there is a kernel in which it has no softdep */
	struct klp_strv pre; /* softdeps apart from ours */
	struct klp_strv post;
	struct klp_strv before; /* patches, sorted */
	struct klp_strv after;
};

struct klp_needs {
	struct klp_target_needs *targets; /* sorted by name */
	size_t n_targets;
	/* Those that cannot be loaded by name without a rule; some more than once. */
	struct klp_strv patches;
};

/* Gather them from the views of @n kernels.  @needs is zeroed, and to be cleared even
 * on failure.  0, -ENOMEM or an errno of reading the module configuration. */
int klp_needs_gather(struct klpdep_ctx *ctx, struct klpdep_view *const *views, size_t n,
		     struct klp_needs *needs);
void klp_needs_clear(struct klp_needs *needs);

#endif /* KLP_RULES_NEEDS_H */

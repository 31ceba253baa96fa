/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which rules are needed, over all kernels. */
#ifndef KLP_RULES_NEEDS_H
#define KLP_RULES_NEEDS_H

#include "libklpdep/view/view.h"

/* modprobe loads a target itself, with hooks around it, where possible.  In two cases the
 * helper has to load it: */
enum klp_install_reason {
	KLP_INSTALL_NOT = 0,
	KLP_INSTALL_REQUIRE,   /* policy require */
	KLP_INSTALL_PRE_PATCH, /* a pre_patch callback may refuse the target */
};

struct klp_target_needs {
	char *name;
	enum klp_install_reason install;
	const char *refuser;	/* PRE_PATCH: the patch; it belongs to a view */
	char *built_into;	/* a kernel into which it is built, or NULL */
	bool has_tree;		/* some kernel has the target as a module */
	struct klp_strv pre;	/* softdeps common to all such kernels, without ours */
	struct klp_strv post;
	bool has_softdep;	/* some kernel has softdeps for it, without ours */
	bool has_more_post;	/* some kernel has others: the hook after it loads them */
	struct klp_strv before; /* patches, sorted */
	struct klp_strv after;
};

struct klp_needs {
	struct klp_target_needs *targets; /* sorted by name */
	size_t n_targets;
	/* Patches that cannot be loaded by name without a rule; may have duplicates. */
	struct klp_strv patches;
};

/* Collect the needs of @n kernels' views.  @needs is zeroed; clear it even on failure.  0,
 * -ENOMEM or an errno of reading the modprobe configuration. */
int klp_needs_gather(struct klpdep_ctx *ctx, struct klpdep_view *const *views, size_t n,
		     struct klp_needs *needs);
void klp_needs_clear(struct klp_needs *needs);

/* Why a target has an install rule, by one kernel's view; *refuser may be NULL. */
enum klp_install_reason klp_install_reason(const struct klpdep_view *view, const char *target,
					   const char **refuser);

#endif /* KLP_RULES_NEEDS_H */

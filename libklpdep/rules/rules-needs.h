/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules are needed for, over all kernels. */
#ifndef KLP_RULES_NEEDS_H
#define KLP_RULES_NEEDS_H

#include "libklpdep/view/view.h"

/* A target's loading is modprobe's own, with hooks around it, wherever that is possible.  The
 * helper has to be in charge of the loading itself for two reasons: */
enum klp_install_reason {
	KLP_INSTALL_NOT = 0,
	KLP_INSTALL_REQUIRE,   /* policy require */
	KLP_INSTALL_PRE_PATCH, /* a pre_patch callback may refuse the target */
};

struct klp_target_needs {
	char *name;
	enum klp_install_reason install;
	const char *refuser;	/* PRE_PATCH: the patch; it belongs to a view */
	char *built_into;	/* a kernel that has it built in, or NULL */
	bool has_tree;		/* a kernel has been seen that has the target */
	struct klp_strv pre;	/* softdeps that all such kernels agree on, apart from ours */
	struct klp_strv post;
	bool has_softdep;	/* in some kernel it has one, apart from ours */
	bool has_more_post;	/* some kernel has others: the hook behind the target loads them */
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

/* Why a target has an install rule, by one kernel's view; *refuser may be NULL. */
enum klp_install_reason klp_install_reason(const struct klpdep_view *view, const char *target,
					   const char **refuser);

#endif /* KLP_RULES_NEEDS_H */

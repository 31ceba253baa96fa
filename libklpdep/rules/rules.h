/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modprobe.d(5) lines that make plain modprobe load patches with their targets. */
#ifndef KLP_RULES_H
#define KLP_RULES_H

#include "libklpdep/view/view.h"

/* A hook is a name of no module: one of these and the target.  modprobe resolves it by its
 * install line. */
#define KLP_HOOK_BEFORE "klpdep_before_"
#define KLP_HOOK_AFTER "klpdep_after_"

struct klp_rules {
	char *rules;    /* install and remove lines, for RULES_FILE; NULL: none */
	char *softdeps; /* for SOFTDEP_FILE; NULL: none */
	char *none;     /* a file without rules, which hides another of its name */
};

/*
 * Make the rules for all installed kernels, which share one modprobe.d.
 *
 * @views: @n views, one for each kernel, with the same configuration
 *
 * The context's modprobe configuration tells whether an administrator has an install rule
 * for a module.  Such a module gets no rule, which is logged.  0, -ENOMEM or an errno of
 * reading that configuration.
 */
int klp_rules_make(struct klpdep_ctx *ctx, struct klpdep_view *const *views, size_t n,
		   struct klp_rules *rules);
/* Log a warning for each patch of @view that will not be loaded with its target, since
 * other lines of modprobe's configuration take precedence over the rules. */
int klp_rules_check(struct klpdep_ctx *ctx, const struct klpdep_view *view);

/* What in modprobe's configuration shadows the rules; klp_rules_check() uses it.
 * klp_shadows_find() sets *why, which the caller frees, to what keeps a patch from being
 * loaded with its target, or to NULL.  @written: the rules are in modprobe.d already; else
 * it works out how they will be. */
struct klp_shadows;

int klp_shadows_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    struct klp_shadows **shadows);
void klp_shadows_free(struct klp_shadows *shadows);
int klp_shadows_find(struct klp_shadows *shadows, const char *target, const char *patch,
		     bool written, char **why);

/* A block is lost if somebody's install line would run for a module without our files, and
 * does not run with them; libkmod itself decides that.  Sets *why, which the caller frees,
 * or NULL.  0 or -ENOMEM. */
int klp_shadows_find_lost(const struct klp_shadows *shadows, const char *name, char **why);

void klp_rules_clear(struct klp_rules *rules);

#endif /* KLP_RULES_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modprobe.d(5) lines that have plain modprobe load patches with their targets. */
#ifndef KLP_RULES_H
#define KLP_RULES_H

#include "libklpdep/live/coming.h"
#include "libklpdep/view/view.h"

/* A hook is the name of no module, which modprobe resolves by its install line: one of these,
 * and the target. */
#define KLP_HOOK_BEFORE "klpdep_before_"
#define KLP_HOOK_AFTER "klpdep_after_"

struct klp_rules {
	char *rules;    /* install and remove lines, for RULES_FILE; NULL: none */
	char *softdeps; /* for SOFTDEP_FILE; NULL: none */
	char *none;     /* a file of no rules, which hides another of its name */
};

/*
 * Make the rules for all installed kernels, which share one modprobe.d.
 *
 * @views: one a kernel, as many as @n, by the same configuration
 *
 * An administrator's own install rule for a module is found in the context's module
 * configuration; such a module gets no rule, which is logged.  0, -ENOMEM or an errno of
 * reading that configuration.
 */
int klp_rules_make(struct klpdep_ctx *ctx, struct klpdep_view *const *views, size_t n,
		   struct klp_rules *rules);
/* Log a warning for each patch of @view that is not going to be loaded with its target,
 * since other lines of the module configuration come before those of the rules. */
int klp_rules_check(struct klpdep_ctx *ctx, const struct klpdep_view *view);

/* What of the module configuration keeps the rules from working: in other words, what
 * klp_rules_check() goes by.  klp_shadows_find() sets *why, which the caller frees, to
 * what keeps a patch from being loaded with its target, or to NULL.  @written: the rules
 * are in modprobe.d by now; else, how it will be is found out. */
struct klp_shadows;

int klp_shadows_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    struct klp_shadows **shadows);
void klp_shadows_free(struct klp_shadows *shadows);
int klp_shadows_find(const struct klp_shadows *shadows, const char *target,
		     const char *patch, bool written, char **why);

/* A block is lost where somebody's install line would be run for a module without our files,
 * and is not run with them, as libkmod itself decides.  Sets *why, which the caller frees, or
 * NULL.  0 or -ENOMEM. */
int klp_shadows_find_lost(const struct klp_shadows *shadows, const char *name, char **why);

void klp_rules_clear(struct klp_rules *rules);
#define _cleanup_rules_ _cleanup_(klp_rules_clear)

#endif /* KLP_RULES_H */

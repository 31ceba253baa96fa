/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan: the steps of loading a module, in order. */
#ifndef KLP_PLAN_H
#define KLP_PLAN_H

#include "libklpdep/view/view.h"

/* An internal flag of klpdep_plan_new(): leave out softdeps.  Inside another rule, the
 * outer one's plan has them already.  Following them again in each rule would take
 * exponential time if modules name each other and none can be loaded. */
#define KLP_PLAN_NO_SOFTDEPS (1U << 31)

/* The strings belong to the plan. */
struct klpdep_step {
	enum klpdep_action action;
	const char *module;
	const char *file;   /* or NULL */
	const char *reason;
	const char *of; /* the end of @reason, or "" */
	bool patch;
	bool required;
};

struct klpdep_plan {
	unsigned int refs;
	struct klpdep_step *steps;
	size_t n_steps;
	struct klp_strv strings; /* of the steps */
};

/* Questions of the plan about modules that the index does not know. */
struct klp_plan_source {
	/* Append the hard dependencies of @name, in loading order.  -ENOENT: no such
	 * module. */
	int (*deps)(void *data, const char *name, struct klp_strv *deps);
	/* The module's file, which the caller frees; NULL: no such module. */
	char *(*file)(void *data, const char *name);
	/* Append the modules for a softdep's word. */
	int (*lookup)(void *data, const char *alias, struct klp_strv *names);
	/* Whether the module is in the kernel; NULL: no module is. */
	bool (*loaded)(void *data, const char *name);
	/* What to do with a patch that is in the kernel already; -1: nothing. */
	int (*patch_action)(void *data, const char *name);
	void *data;
	bool no_softdeps;
	/* Like loaded(), or the module's init is running: the kernel accepts patches of it
	 * then.  For klp_plan_build_sync(). */
	bool (*there)(void *data, const char *name);
};

/* Plan the loading of @name.  0, -ENOENT if there is no such module, -ENOMEM. */
int klp_plan_build(const struct klpdep_view *view, const char *name,
		   const struct klp_plan_source *source, struct klpdep_plan **plan);

/* Plan the loading of @name, for klpdep_plan_new(); KLP_PLAN_NO_SOFTDEPS: without softdeps
 * of patches. */
int klp_plan_of(struct klpdep_ctx *ctx, const struct klpdep_view *view, const char *name,
		unsigned int flags, struct klpdep_plan **plan);

/* Plan the loading of the patches of a target that modprobe itself loads next, or (@behind)
 * has just loaded.  0 or -ENOMEM. */
int klp_plan_build_around(const struct klpdep_view *view, const char *target, bool behind,
			  const struct klp_plan_source *source, struct klpdep_plan **plan);
/* The same, in the running kernel; KLP_PLAN_NO_SOFTDEPS: without softdeps of patches. */
int klp_plan_around(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    const char *target, bool behind, unsigned int flags,
		    struct klpdep_plan **plan);

/* Plan the loading of the patches of all loaded objects, or of those in @only if that is
 * not empty, without loading a target.  0 or -ENOMEM. */
int klp_plan_build_sync(const struct klpdep_view *view, const struct klp_strv *only,
			const struct klp_plan_source *source, struct klpdep_plan **plan);
/* The same, for the running kernel. */
int klp_plan_of_loaded(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		       const struct klp_strv *only, struct klpdep_plan **plan);

/* Plan what an initrd with the modules @names needs in addition: their patches and what
 * these need, and those of vmlinux if configured.  Names without a module in the tree are
 * ignored.  0 or -ENOMEM. */
int klp_plan_build_initrd(const struct klpdep_view *view, const struct klp_strv *names,
			  const struct klp_plan_source *source,
			  struct klpdep_plan **plan);

/* A plan without steps.  0 or -ENOMEM. */
int klp_plan_new_empty(struct klpdep_plan **plan);
/* Append @step, with copies of its strings; its reason is "@reason @of".  0 or -ENOMEM. */
int klp_plan_add(struct klpdep_plan *plan, const struct klpdep_step *step,
		 const char *of);

#endif /* KLP_PLAN_H */

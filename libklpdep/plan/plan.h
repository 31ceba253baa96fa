/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan: what loading a module takes, in order. */
#ifndef KLP_PLAN_H
#define KLP_PLAN_H

#include "libklpdep/view/view.h"

/* A flag of klpdep_plan_new() that is none of its users': what softdeps bring is left
 * out.  A rule within a rule has them in the outer one's plan already; to go through them
 * in each anew takes exponential time where modules name each other and none can be
 * loaded. */
#define KLP_PLAN_NO_SOFTDEPS (1U << 31)

/* In a plan, its strings are the plan's. */
struct klpdep_step {
	enum klpdep_action action;
	const char *module;
	const char *file;   /* or NULL */
	const char *reason; /* ends with @of, where that is not empty */
	const char *of;
	bool patch;
	bool required;
};

struct klpdep_plan {
	unsigned int refs;
	struct klpdep_step *steps;
	size_t n_steps;
};

/* What the plan asks about modules that the index does not know. */
struct klp_plan_source {
	/* Append what @name hard-depends on, in loading order.  -ENOENT: no such
	 * module. */
	int (*deps)(void *data, const char *name, struct klp_strv *deps);
	/* The module's file, which the caller frees; NULL: there is no such module. */
	char *(*file)(void *data, const char *name);
	/* Append the modules that a softdep's word stands for. */
	int (*lookup)(void *data, const char *alias, struct klp_strv *names);
	/* Whether the module is in the kernel; NULL: nothing is. */
	bool (*loaded)(void *data, const char *name);
	/* What to do for a patch that is in the kernel already: -1 nothing. */
	int (*patch_action)(void *data, const char *name);
	void *data;
	bool no_softdeps;
	/* As loaded(), or its init is running: the kernel takes a patch of it by then.
	 * For klp_plan_build_sync(). */
	bool (*there)(void *data, const char *name);
};

/* Work out what loading @name takes.  0, -ENOENT when there is no such module,
 * -ENOMEM. */
int klp_plan_build(const struct klpdep_view *view, const char *name,
		   const struct klp_plan_source *source, struct klpdep_plan **plan);

/* What loading @name takes, as klpdep_plan_new() works it out; with KLP_PLAN_NO_SOFTDEPS, those of
 * patches are left out. */
int klp_plan_of(struct klpdep_ctx *ctx, const struct klpdep_view *view, const char *name,
		unsigned int flags, struct klpdep_plan **plan);

/* Work out what the patches of a target take that modprobe itself loads next, or (@behind) has
 * just loaded.  0 or -ENOMEM. */
int klp_plan_build_around(const struct klpdep_view *view, const char *target, bool behind,
			  const struct klp_plan_source *source, struct klpdep_plan **plan);
/* The same, in the running kernel; KLP_PLAN_NO_SOFTDEPS: those of patches are left out. */
int klp_plan_around(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    const char *target, bool behind, unsigned int flags,
		    struct klpdep_plan **plan);

/* Work out what the patches of all that is in the kernel take, or those named in @only if it
 * is not empty, without loading a target.
 * 0 or -ENOMEM. */
int klp_plan_build_sync(const struct klpdep_view *view, const struct klp_strv *only,
			const struct klp_plan_source *source, struct klpdep_plan **plan);
/* The same, for the running kernel. */
int klp_plan_of_loaded(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		       const struct klp_strv *only, struct klpdep_plan **plan);

/* Work out what has to be added to an initrd that has the modules @names: their patches,
 * and what only these bring; of vmlinux where that is configured.  Names of which the
 * tree has no module are passed over.  0 or -ENOMEM. */
int klp_plan_build_initrd(const struct klpdep_view *view, const struct klp_strv *names,
			  const struct klp_plan_source *source,
			  struct klpdep_plan **plan);

/* A plan without steps.  0 or -ENOMEM. */
int klp_plan_new_empty(struct klpdep_plan **plan);
/* Append @step, of which all strings are copied; its reason is "@reason @of".  0 or
 * -ENOMEM. */
int klp_plan_add(struct klpdep_plan *plan, const struct klpdep_step *step,
		 const char *of);

/* Free what a step holds. */
void klp_plan_step_clear(struct klpdep_step *step);

#endif /* KLP_PLAN_H */

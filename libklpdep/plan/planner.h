/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The walk that plans are made by, as planner*.c share it. */
#ifndef KLP_PLANNER_H
#define KLP_PLANNER_H

#include "libklpdep/plan/plan.h"

struct planner {
	const struct klpdep_view *view;
	const struct klp_plan_source *source;
	struct klpdep_plan *plan;
	struct klp_set visited;
	struct klp_set done;	 /* of these, what has been dealt with */
	struct klp_strv delayed; /* targets of patches that could not go in then */
	struct klp_set deferred; /* patches that have a step saying so */
	struct klp_set checked;	 /* patches that nothing blocks */
	struct klp_set names;	 /* of modules that are still to be visited */
	struct todo *todo;	 /* the walk's stack */
	size_t n_todo;
	const char *evictor; /* the last patch in the plan that replaces all others */
	bool at_the_end;
	bool sync; /* it is about what is in the kernel: no target may come in */
};

void klp_planner_clear(struct planner *planner);

/* @of, which may be empty, is added to @reason. */
int klp_planner_add(struct planner *planner, enum klpdep_action action, const char *name,
		    bool patch, bool required, const char *reason, const char *of);

bool klp_planner_loaded(const struct planner *planner, const char *name);

/* Whether a name is not that of a patch that is masked or superseded. */
bool klp_planner_counts(const struct planner *planner, const char *name);

/* What klp_planner_blocked() says beside 0, that the patch can go in, and -ENOMEM. */
enum {
	BLOCKED = 1, /* not in this plan */
	DELAYED = 2, /* later in this plan: it needs what is being worked at */
};

/* Whether a patch of @target can go in now, which is then to be visited; if not, why, in
 * *why and *of.  What it requires must count, and it never has a target of its own, or a
 * user of its target, loaded that nobody asked for.  NULL for @target: the patch itself
 * was asked for, and its dependencies with it. */
int klp_planner_blocked(struct planner *planner, const struct klpdep_patch *patch,
			const char *target, const char **why, char **of);

/* Insert a module or patch after all that it needs, and before what it brings along. */
int klp_planner_visit(struct planner *planner, const char *name, bool required,
		      const char *reason, const char *of);

/* The patches of a target that stand in @order to it. */
int klp_planner_visit_patches_of(struct planner *planner, const char *target,
				 enum klpdep_order order);

/* A patch that cannot go in now is looked at again when all else is planned; unless the
 * target must not be loaded without it. */
int klp_planner_put_off(struct planner *planner, const struct klpdep_patch *patch,
			const char *target, bool required, int blocked, const char *why,
			const char *of);
/* What could not go in when it was met. */
int klp_planner_visit_delayed(struct planner *planner);

#endif /* KLP_PLANNER_H */

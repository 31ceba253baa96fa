/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The walk that makes plans, shared by planner*.c. */
#ifndef KLP_PLANNER_H
#define KLP_PLANNER_H

#include "libklpdep/plan/plan.h"

struct planner {
	const struct klpdep_view *view;
	const struct klp_plan_source *source;
	struct klpdep_plan *plan;
	struct klp_set visited;
	struct klp_set done;	 /* those that are done */
	struct klp_strv delayed; /* targets with patches that could not go in yet */
	struct klp_set deferred; /* patches with a step that says so */
	struct klp_set checked;	 /* patches that are not blocked */
	struct klp_set names;	 /* of modules still to be visited; and @of */
	struct todo *todo;	 /* the walk's stack */
	size_t n_todo;
	const struct klpdep_edge **sorted; /* of one target */
	size_t n_sorted;
	const char *evictor; /* the last patch with replace in the plan */
	const char *why, *of; /* why the last blocked patch is */
	bool at_the_end;
	bool sync; /* the plan is for loaded objects: load no target */
};

void klp_planner_clear(struct planner *planner);

/* Adds @of, which may be empty, to @reason. */
int klp_planner_add(struct planner *planner, enum klpdep_action action, const char *name,
		    bool patch, bool required, const char *reason, const char *of);

bool klp_planner_loaded(const struct planner *planner, const char *name);

/* Whether a name is not that of a masked or superseded patch. */
bool klp_planner_counts(const struct planner *planner, const char *name);

/* Results of klp_planner_blocked(), in addition to 0 (the patch can go in) and -ENOMEM. */
enum {
	BLOCKED = 1, /* not in this plan */
	DELAYED = 2, /* later in this plan: it needs the current module */
};

/* Whether a patch of @target can go in now; then visit it.
 * What it requires has to be active.  It must not make a target of its own, or a user of
 * its target, load if nobody asked for that.  NULL for @target: the user asked for the
 * patch itself, and so for its dependencies. */
int klp_planner_blocked(struct planner *planner, const struct klpdep_patch *patch,
			const char *target);
/* Add a step that says why the last blocked patch is left out. */
int klp_planner_defer(struct planner *planner, const char *patch, bool required);

/* The order in which patches go in, for qsort(3) of pointers to patches. */
int klp_planner_cmp(const void *p, const void *q);

/* Insert a module or patch after everything that it needs, and before what it brings. */
int klp_planner_visit(struct planner *planner, const char *name, bool required,
		      const char *reason, const char *of);

/* The patches of a target with that @order. */
int klp_planner_visit_patches_of(struct planner *planner, const char *target,
				 enum klpdep_order order);

/* Postpone a patch that cannot go in now until everything else is planned; unless the
 * target must not be loaded without it. */
int klp_planner_put_off(struct planner *planner, const struct klpdep_patch *patch,
			const char *target, bool required, int blocked);
/* Try the postponed patches. */
int klp_planner_visit_delayed(struct planner *planner);

#endif /* KLP_PLANNER_H */

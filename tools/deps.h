/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stands below what in the trees of klpdep deps. */
#ifndef KLPDEP_DEPS_H
#define KLPDEP_DEPS_H

#include "tools/tool.h"

/* How a row belongs to the one above it. */
enum link { LINK_ROOT, LINK_REQUIRES, LINK_PATCHED, LINK_DEPENDS, LINK_SUPERSEDES };

struct node {
	const char *name;
	enum link link;
	const char *reason;
	const char *instead; /* the superseded patch that is required by name, or NULL */
	bool after;	     /* the patch depends on the target that it is for */
};

/* What can stand right below the rows of a name. */
struct child {
	const char *above;
	size_t number;
	struct node node;
};

struct children {
	const struct klpdep_index *index;
	const struct klpdep_view *view;
	const struct klpdep_links *links;
	const struct klpdep_tree *tree;
	bool up;	 /* what needs, instead of what is needed */
	struct child *v; /* sorted by @above, and there as they are shown */
	size_t n;
};

/* Fill in those of one of the two trees: 0 or -ENOMEM. */
int children_find(struct children *children, bool up);
/* The place of the first that can stand below that name. */
size_t children_of(const struct children *children, const char *name);
/* Whether that one does stand below this row of the name. */
bool children_stand_below(const struct children *children, const struct child *child,
			  const struct node *node);

#endif /* KLPDEP_DEPS_H */

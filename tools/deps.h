/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The structure of the trees of klpdep deps. */
#ifndef KLPDEP_DEPS_H
#define KLPDEP_DEPS_H

#include "tools/tool.h"

/* The relation of a row to the one above it. */
enum link { LINK_ROOT, LINK_REQUIRES, LINK_PATCHED, LINK_DEPENDS, LINK_SUPERSEDES };

struct node {
	const char *name;
	enum link link;
	const char *reason;
	const char *instead; /* the superseded patch that the requirement names, or NULL */
	bool after;	     /* the patch depends on the target that it is for */
};

/* The rows that can be right below the rows of a name. */
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
	bool up;	 /* the second tree, which shows users */
	struct child *v; /* sorted by @above, then in the order of display */
	size_t n;
};

/* Fill in one of the two trees: 0 or -ENOMEM. */
int children_find(struct children *children, bool up);
/* The index of the first that can be below that name. */
size_t children_of(const struct children *children, const char *name);
/* Whether that one is below this row of the name. */
bool children_stand_below(const struct children *children, const struct child *child,
			  const struct node *node);

#endif /* KLPDEP_DEPS_H */

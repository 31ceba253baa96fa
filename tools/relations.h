/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What patches are to each other, as it is shown: one relation of any two, with all of its
 * reasons. */
#ifndef KLPDEP_RELATIONS_H
#define KLPDEP_RELATIONS_H

#include "libklpdep/view/view.h"
#include "tools/tool.h"

/* One patch requires another, or takes its place; any two have one relation. */
struct relation {
	const struct klpdep_patch *from;
	const struct klpdep_patch *to; /* NULL: the tree has no such patch */
	const char *name;	       /* what @to is called */
	char *reason;		       /* all of them, divided by commas */
	/* Of a requirement: the active patch that meets it, or NULL. */
	const struct klpdep_patch *met_by;
};

struct relation_list {
	struct relation *v; /* sorted by @from, then version-aware by @name */
	size_t n;
};

struct relations {
	const struct klpdep_view *view;
	struct relation_list requires;
	struct relation_list supersedes;
};

/* 0 or -ENOMEM; in both cases to be cleared. */
int relations_find(struct relations *relations, const struct klpdep_view *view);
void relations_clear(struct relations *relations);
#define _cleanup_relations_ _cleanup_(relations_clear)

/* What a command is given as the name of a patch or a target, as the index has it; or
 * NULL, which is said. */
const char *relations_find_name(const struct tool *tool, const struct klpdep_index *index,
				const char *given);

#endif /* KLPDEP_RELATIONS_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What patches are to each other, as it is shown: the links of the index and those of the
 * configuration, and which patches count. */
#ifndef KLPDEP_RELATIONS_H
#define KLPDEP_RELATIONS_H

#include "libklpdep/graph.h"
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

struct patch_state {
	enum klpdep_state state;
	const char *why; /* where it is not active */
};

struct relations {
	const struct klpdep_index *index;
	struct relation_list requires;
	struct relation_list supersedes;
	struct patch_state *states; /* by the patches' places in the index */
};

/* 0 or -ENOMEM; in both cases to be cleared. */
int relations_find(struct relations *relations, const struct klpdep_index *index,
		   const struct klpdep_config *config);
void relations_clear(struct relations *relations);
#define _cleanup_relations_ _cleanup_(relations_clear)

/* The patch's place in the index, and whether it counts. */
size_t relations_place(const struct relations *relations,
		       const struct klpdep_patch *patch);
const struct patch_state *relations_state(const struct relations *relations,
					  const struct klpdep_patch *patch);

/* What a command is given as the name of a patch or a target, as the index has it; or
 * NULL, which is said. */
const char *relations_find_name(const struct tool *tool, const struct klpdep_index *index,
				const char *given);

/* "active", "masked", "superseded" */
const char *state_name(enum klpdep_state state);

#endif /* KLPDEP_RELATIONS_H */

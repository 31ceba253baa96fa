/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nodes of a graph, and the requirements in circles. */
#ifndef KLP_TOOLS_GRAPH_H
#define KLP_TOOLS_GRAPH_H

#include "tools/tool.h"

struct object {
	const char *name;
	bool missing; /* no such module in the tree */
	bool shown;
	bool named; /* on the command line */
};

struct graph {
	const struct klpdep_index *index;
	const struct klpdep_view *view;
	struct klpdep_links *links;
	struct object *objects; /* in the order of the index's edges */
	size_t n_objects;
	size_t *object_of; /* by edge: the number of its object */
	bool *shown;	   /* by number of the patch */
};

/* Collect all possible nodes of a view: an exit status. */
int graph_find(struct tool *tool, struct graph *graph, struct klpdep_view *view);
/* Keep what is connected with the patches and objects named in @argv, or everything.  An
 * exit status. */
int graph_choose(struct tool *tool, struct graph *graph, int argc, char **argv);
bool graph_shows(const struct graph *graph, const struct klpdep_patch *patch);
/* What is wrong with a requirement of an active patch, or NULL. */
const char *graph_problem(const struct graph *graph, const struct klpdep_link *link);
void graph_clear(struct graph *graph);

#endif /* KLP_TOOLS_GRAPH_H */

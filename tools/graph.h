/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nodes of a graph, and the requirements in circles. */
#ifndef KLP_TOOLS_GRAPH_H
#define KLP_TOOLS_GRAPH_H

#include "tools/tool.h"

struct graph {
	const struct klpdep_index *index;
	const struct klpdep_view *view;
	struct klpdep_links *links;
	bool has_all;			/* no name was given */
	struct klp_set named;		/* the names that were given */
	struct klp_set patches, objects; /* the names of the nodes, unless it has all */
};

/* Find the nodes: everything, or the nodes that are connected with the patches and
 * objects named in @argv.  An exit status. */
int graph_find(struct tool *tool, struct graph *graph, struct klpdep_view *view, int argc,
	       char **argv);
bool graph_shows(const struct graph *graph, const struct klpdep_patch *patch);
bool graph_shows_object(const struct graph *graph, const char *object);
/* What is wrong with a requirement of an active patch, or NULL. */
const char *graph_problem(const struct graph *graph, const struct klpdep_link *link);
void graph_clear(struct graph *graph);

#endif /* KLP_TOOLS_GRAPH_H */

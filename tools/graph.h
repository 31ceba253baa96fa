/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be in a graph of the edges, and which requirements are in circles. */
#ifndef KLP_TOOLS_GRAPH_H
#define KLP_TOOLS_GRAPH_H

#include "tools/relations.h"

struct object {
	const char *name;
	bool missing; /* no such module in the tree */
	bool shown;
	bool named; /* on the command line */
};

struct graph {
	const struct klpdep_index *index;
	const struct klpdep_config *config;
	struct relations relations;
	struct object *objects; /* in the order of the index's edges */
	size_t n_objects;
	size_t *object_of; /* by edge: the number of its object */
	bool *shown;	   /* by the patches' places */
	bool *tangled;	   /* likewise: those that may be in a circle */
};

/* Fill in the objects of graph->index.  -ENOMEM. */
int graph_find_objects(struct graph *graph);
/* What is connected with the patches and objects named in @argv, or all.  An exit
 * status. */
int graph_choose(struct tool *tool, struct graph *graph, int argc, char **argv);
bool graph_shows(const struct graph *graph, const struct klpdep_patch *patch);
bool graph_is_active(const struct graph *graph, const struct klpdep_patch *patch);
/* To be called before graph_problem(): in most trees there is no circle, and then nothing
 * is tangled. */
void graph_find_tangled(struct graph *graph);
/* What is wrong with a requirement of an active patch, or NULL. */
const char *graph_problem(const struct graph *graph, const struct relation *relation);
void graph_clear(struct graph *graph);

#endif /* KLP_TOOLS_GRAPH_H */

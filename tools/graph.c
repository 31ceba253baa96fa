/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be in a graph of the edges, and which requirements are in circles. */
#include "config.h"

#include "tools/graph.h"

/* ---- what is shown ----------------------------------------------------------------- */

static int find_objects(struct graph *graph)
{
	const struct klpdep_index *index = graph->index;

	graph->shown = calloc(index->n_patches + 1, sizeof(*graph->shown));
	graph->circle_of = calloc(index->n_patches + 1, sizeof(*graph->circle_of));
	graph->object_of = calloc(index->n_edges + 1, sizeof(*graph->object_of));
	if (!graph->shown || !graph->circle_of || !graph->object_of)
		return -ENOMEM;
	for (size_t i = 0; i < index->n_edges; i++) {
		const struct klpdep_object *object = index->edges[i].object;
		size_t n = graph->n_objects;

		if (n == 0 || !klp_streq(graph->objects[n - 1].name, object->name)) {
			struct object *slot = klp_append(graph->objects,
							 graph->n_objects);

			if (!slot)
				return -ENOMEM;
			slot->name = object->name;
			slot->missing = !klp_streq(object->name, "vmlinux") &&
					object->order == KLPDEP_ORDER_NONE;
		}
		graph->object_of[i] = graph->n_objects - 1;
	}
	return 0;
}

int graph_find(struct graph *graph, const struct klpdep_view *view)
{
	int err;

	graph->view = view;
	graph->index = view->index;
	err = relations_find(&graph->relations, view);
	if (err == 0)
		err = find_objects(graph);
	return err < 0 ? err :
			 klp_links_find_circles(graph->index, graph->circle_of);
}

/* Show both where one is shown; whether that is new. */
static bool join(bool *a, bool *b)
{
	bool is_new = *a != *b;

	*a = *b = *a || *b;
	return is_new;
}

/* All that is connected with what is shown.  That two patches are for vmlinux does not
 * connect them, or there would always be everything; unless it was asked for. */
static bool spread(struct graph *graph)
{
	const struct klpdep_index *index = graph->index;
	const struct relation_list *lists[] = { &graph->relations.requires,
						&graph->relations.supersedes };
	bool more = false;

	for (size_t i = 0; i < index->n_edges; i++) {
		struct object *object = &graph->objects[graph->object_of[i]];
		bool *patch = &graph->shown[index->edges[i].patch->number];

		if (*patch || object->named || !klp_streq(object->name, "vmlinux"))
			more |= join(&object->shown, patch);
	}
	for (size_t k = 0; k < KLP_ARRAY_SIZE(lists); k++) {
		for (size_t i = 0; i < lists[k]->n; i++) {
			const struct relation *relation = &lists[k]->v[i];

			if (relation->to)
				more |= join(&graph->shown[relation->from->number],
					     &graph->shown[relation->to->number]);
		}
	}
	return more;
}

int graph_choose(struct tool *tool, struct graph *graph, int argc, char **argv)
{
	const struct klpdep_index *index = graph->index;

	for (int i = 0; i < argc; i++) {
		const char *name = relations_find_name(tool, index, argv[i]);
		const struct klpdep_patch *patch = name ? klp_index_find(index, name) :
							  NULL;

		if (!name)
			return TOOL_FAILED;
		if (patch)
			graph->shown[patch->number] = true;
		for (size_t j = 0; j < graph->n_objects; j++) {
			if (klp_streq(graph->objects[j].name, name))
				graph->objects[j].shown = graph->objects[j].named = true;
		}
	}
	while (argc && spread(graph))
		;
	for (size_t i = 0; !argc && i < index->n_patches; i++)
		graph->shown[i] = true;
	for (size_t i = 0; !argc && i < graph->n_objects; i++)
		graph->objects[i].shown = true;
	return TOOL_OK;
}

bool graph_shows(const struct graph *graph, const struct klpdep_patch *patch)
{
	return graph->shown[patch->number];
}

/* ---- what is wrong ----------------------------------------------------------------- */

/* A requirement is in a circle where both patches are in the same. */
static bool is_in_circle(const struct graph *graph, const struct relation *relation)
{
	return graph->circle_of[relation->from->number] ==
	       graph->circle_of[relation->to->number];
}

const char *graph_problem(const struct graph *graph, const struct relation *relation)
{
	if (!klp_view_is_wanted(graph->view, relation->from))
		return NULL;
	if (!relation->to)
		return "missing";
	if (!relation->met_by)
		return klp_state_name(klp_view_standing(graph->view, relation->to)->state);
	return is_in_circle(graph, relation) ? "circle" : NULL;
}

void graph_clear(struct graph *graph)
{
	relations_clear(&graph->relations);
	free(graph->objects);
	free(graph->object_of);
	free(graph->shown);
	free(graph->circle_of);
}

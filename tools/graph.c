/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nodes of a graph, and the requirements in circles. */
#include "config.h"

#include "tools/graph.h"

/* ---- the nodes --------------------------------------------------------------------- */

static int find_objects(struct graph *graph)
{
	const struct klpdep_index *index = graph->index;
	const struct klpdep_edge *edge;
	size_t n_edges = 0;

	while (klpdep_index_get_edge(index, n_edges))
		n_edges++;
	graph->shown = calloc(klpdep_index_count_patches(index) + 1, sizeof(*graph->shown));
	graph->object_of = calloc(n_edges + 1, sizeof(*graph->object_of));
	if (!graph->shown || !graph->object_of)
		return -ENOMEM;
	for (size_t i = 0; (edge = klpdep_index_get_edge(index, i)); i++) {
		const char *name = klpdep_object_get_name(klpdep_edge_get_object(edge));
		size_t n = graph->n_objects;

		if (n == 0 || !klp_streq(graph->objects[n - 1].name, name)) {
			struct object *slot = klp_append(graph->objects,
							 graph->n_objects);

			if (!slot)
				return -ENOMEM;
			slot->name = name;
			slot->missing = !klp_streq(name, "vmlinux") &&
					klpdep_view_get_order(graph->view, edge) ==
						KLPDEP_ORDER_NONE;
		}
		graph->object_of[i] = graph->n_objects - 1;
	}
	return 0;
}

int graph_find(struct tool *tool, struct graph *graph, struct klpdep_view *view)
{
	graph->view = view;
	graph->index = klpdep_view_get_index(view);
	if (klpdep_links_new(tool->ctx, view, &graph->links) < 0)
		return TOOL_FAILED;
	return find_objects(graph) < 0 ? tool_no_memory(tool) : TOOL_OK;
}

/* Whether the graph has a patch of the index: they are sorted by name. */
static bool *shown_of(const struct graph *graph, const struct klpdep_patch *patch)
{
	const char *name = klpdep_patch_get_name(patch);
	size_t low = 0, high = klpdep_index_count_patches(graph->index);

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(klpdep_patch_get_name(klpdep_index_get_patch(graph->index, middle)),
			   name) <= 0)
			low = middle;
		else
			high = middle;
	}
	return &graph->shown[low];
}

/* If one of the two is in the graph, add the other.  Returns whether that is new. */
static bool join(bool *a, bool *b)
{
	bool is_new = *a != *b;

	*a = *b = *a || *b;
	return is_new;
}

/* Everything that is connected with the nodes so far.  vmlinux connects its patches only if
 * it was named: otherwise the graph would always have everything. */
static bool spread(struct graph *graph)
{
	const struct klpdep_edge *edge;
	const struct klpdep_link *link;
	bool more = false;

	for (size_t i = 0; (edge = klpdep_index_get_edge(graph->index, i)); i++) {
		struct object *object = &graph->objects[graph->object_of[i]];
		bool *patch = shown_of(graph, klpdep_edge_get_patch(edge));

		if (*patch || object->named || !klp_streq(object->name, "vmlinux"))
			more |= join(&object->shown, patch);
	}
	for (size_t i = 0; (link = klpdep_links_get_link(graph->links, i)); i++) {
		if (klpdep_link_get_other(link))
			more |= join(shown_of(graph, klpdep_link_get_patch(link)),
				     shown_of(graph, klpdep_link_get_other(link)));
	}
	return more;
}

int graph_choose(struct tool *tool, struct graph *graph, int argc, char **argv)
{
	const struct klpdep_index *index = graph->index;

	for (int i = 0; i < argc; i++) {
		const char *name = tool_find_name(tool, index, argv[i]);
		const struct klpdep_patch *patch = name ? klpdep_index_find_patch(index, name) :
							  NULL;

		if (!name)
			return TOOL_FAILED;
		if (patch)
			*shown_of(graph, patch) = true;
		for (size_t j = 0; j < graph->n_objects; j++) {
			if (klp_streq(graph->objects[j].name, name))
				graph->objects[j].shown = graph->objects[j].named = true;
		}
	}
	while (argc && spread(graph))
		;
	for (size_t i = 0; !argc && i < klpdep_index_count_patches(index); i++)
		graph->shown[i] = true;
	for (size_t i = 0; !argc && i < graph->n_objects; i++)
		graph->objects[i].shown = true;
	return TOOL_OK;
}

bool graph_shows(const struct graph *graph, const struct klpdep_patch *patch)
{
	return *shown_of(graph, patch);
}

/* ---- errors ------------------------------------------------------------------------ */

const char *graph_problem(const struct graph *graph, const struct klpdep_link *link)
{
	if (!klpdep_view_is_wanted(graph->view, klpdep_link_get_patch(link)))
		return NULL;
	if (!klpdep_link_get_met_by(link))
		return klpdep_state_name(
			klpdep_view_get_state(graph->view, klpdep_link_get_other(link)));
	return klpdep_link_is_circular(link) ? "circle" : NULL;
}

void graph_clear(struct graph *graph)
{
	klpdep_links_unref(graph->links);
	free(graph->objects);
	free(graph->object_of);
	free(graph->shown);
}

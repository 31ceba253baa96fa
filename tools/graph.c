/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nodes of a graph, and the requirements in circles. */
#include "config.h"

#include "tools/graph.h"

/* ---- the nodes --------------------------------------------------------------------- */

/* If one of two is in the graph, add the other.  1: that is new; 0; or -ENOMEM. */
static int join(struct klp_set *set_a, const char *a, struct klp_set *set_b,
		const char *b)
{
	bool has_a = klp_set_has(set_a, a), has_b = klp_set_has(set_b, b);
	int err;

	if (has_a == has_b)
		return 0;
	err = has_a ? klp_set_add(set_b, b) : klp_set_add(set_a, a);
	return err < 0 ? err : 1;
}

/* vmlinux connects its patches only if it was named: otherwise the graph would always
 * have everything. */
static int join_edge(struct graph *graph, const struct klpdep_edge *edge)
{
	const char *object = klpdep_object_get_name(klpdep_edge_get_object(edge));
	const char *patch = klpdep_patch_get_name(klpdep_edge_get_patch(edge));

	if (klp_streq(object, "vmlinux") && !klp_set_has(&graph->named, object) &&
	    !klp_set_has(&graph->patches, patch))
		return 0;
	return join(&graph->objects, object, &graph->patches, patch);
}

static int join_link(struct graph *graph, const struct klpdep_link *link)
{
	const char *patch = klpdep_patch_get_name(klpdep_link_get_patch(link));

	return join(&graph->patches, patch, &graph->patches, klpdep_link_get_name(link));
}

/* Add the nodes that are connected with those so far.  1: there were some; 0; or
 * -ENOMEM. */
static int spread(struct graph *graph)
{
	const struct klpdep_edge *edge;
	const struct klpdep_link *link;
	bool more = false;

	for (size_t i = 0; (edge = klpdep_index_get_edge(graph->index, i)); i++) {
		int n = join_edge(graph, edge);

		if (n < 0)
			return n;
		more |= n;
	}
	for (size_t i = 0; (link = klpdep_links_get_link(graph->links, i)); i++) {
		int n = klpdep_link_get_other(link) ? join_link(graph, link) : 0;

		if (n < 0)
			return n;
		more |= n;
	}
	return more;
}

static int choose(struct tool *tool, struct graph *graph, int argc, char **argv)
{
	int more = 1;

	for (int i = 0; i < argc; i++) {
		const char *name = tool_find_name(tool, graph->index, argv[i]);

		if (!name)
			return TOOL_FAILED;
		if (klp_set_add(&graph->named, name) < 0 ||
		    (klpdep_index_find_patch(graph->index, name) &&
		     klp_set_add(&graph->patches, name) < 0) ||
		    (klpdep_index_find_edge(graph->index, name, 0) &&
		     klp_set_add(&graph->objects, name) < 0))
			return tool_no_memory(tool);
	}
	while (more > 0)
		more = spread(graph);
	return more < 0 ? tool_no_memory(tool) : TOOL_OK;
}

int graph_find(struct tool *tool, struct graph *graph, struct klpdep_view *view, int argc,
	       char **argv)
{
	graph->view = view;
	graph->index = klpdep_view_get_index(view);
	graph->has_all = !argc;
	if (klpdep_links_new(tool->ctx, view, &graph->links) < 0)
		return TOOL_FAILED;
	return graph->has_all ? TOOL_OK : choose(tool, graph, argc, argv);
}

bool graph_shows(const struct graph *graph, const struct klpdep_patch *patch)
{
	return graph->has_all ||
	       klp_set_has(&graph->patches, klpdep_patch_get_name(patch));
}

bool graph_shows_object(const struct graph *graph, const char *object)
{
	return graph->has_all || klp_set_has(&graph->objects, object);
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
	klp_set_clear(&graph->named);
	klp_set_clear(&graph->patches);
	klp_set_clear(&graph->objects);
}

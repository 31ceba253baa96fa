/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be in a graph of the edges, and which requirements are in circles. */
#include "config.h"

#include "tools/graph.h"

/* ---- what is shown ----------------------------------------------------------------- */

int graph_find_objects(struct graph *graph)
{
	const struct klpdep_index *index = graph->index;

	graph->shown = calloc(index->n_patches + 1, sizeof(*graph->shown));
	graph->tangled = calloc(index->n_patches + 1, sizeof(*graph->tangled));
	graph->object_of = calloc(index->n_edges + 1, sizeof(*graph->object_of));
	if (!graph->shown || !graph->tangled || !graph->object_of)
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
		bool *patch = &graph->shown[relations_place(&graph->relations,
							    index->edges[i].patch)];

		if (*patch || object->named || !klp_streq(object->name, "vmlinux"))
			more |= join(&object->shown, patch);
	}
	for (size_t k = 0; k < KLP_ARRAY_SIZE(lists); k++) {
		for (size_t i = 0; i < lists[k]->n; i++) {
			const struct relation *relation = &lists[k]->v[i];

			if (relation->to)
				more |= join(&graph->shown[relations_place(
						     &graph->relations, relation->from)],
					     &graph->shown[relations_place(
						     &graph->relations, relation->to)]);
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
			graph->shown[relations_place(&graph->relations, patch)] = true;
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
	return graph->shown[relations_place(&graph->relations, patch)];
}

bool graph_is_active(const struct graph *graph, const struct klpdep_patch *patch)
{
	return relations_state(&graph->relations, patch)->state == KLPDEP_STATE_ACTIVE;
}

/* ---- circles ----------------------------------------------------------------------- */

/* Whether a patch requires any that may be in a circle: only then it may be itself. */
static bool requires_tangled(const struct graph *graph, size_t place)
{
	const struct klp_link *links;
	size_t n;

	links = klp_index_requires_of(graph->index, graph->index->patches[place], &n);
	for (size_t i = 0; i < n; i++) {
		if (graph->tangled[relations_place(&graph->relations, links[i].to)])
			return true;
	}
	return false;
}

static bool untangle(struct graph *graph, size_t place)
{
	if (!graph->tangled[place] || requires_tangled(graph, place))
		return false;
	graph->tangled[place] = false;
	return true;
}

/* Chains of patches are often
 * in the order of their names, or against it. */
void graph_find_tangled(struct graph *graph)
{
	const size_t n = graph->index->n_patches;
	bool more = true;

	memset(graph->tangled, true, n);
	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++)
			more |= untangle(graph, i);
		for (size_t i = n; i-- > 0;)
			more |= untangle(graph, i);
	}
}

/* Whether @patch is, or requires by way of others, @wanted.  @stack: room for all. */
static bool leads_to(const struct graph *graph, const struct klpdep_patch *patch,
		     const struct klpdep_patch *wanted, bool *seen,
		     const struct klpdep_patch **stack)
{
	size_t n_stack = 1;

	stack[0] = patch;
	while (n_stack && stack[n_stack - 1] != wanted) {
		const struct klp_link *links;
		size_t n;

		links = klp_index_requires_of(graph->index, stack[--n_stack], &n);
		for (size_t i = 0; i < n; i++) {
			size_t place = relations_place(&graph->relations, links[i].to);

			if (!graph->tangled[place] || seen[place])
				continue;
			seen[place] = true;
			stack[n_stack++] = links[i].to;
		}
	}
	return n_stack > 0;
}

static bool is_in_circle(const struct graph *graph, const struct relation *relation)
{
	const size_t n = graph->index->n_patches;
	_cleanup_free_ const struct klpdep_patch **stack = NULL;
	_cleanup_free_ bool *seen = NULL;

	if (!graph->tangled[relations_place(&graph->relations, relation->from)])
		return false;
	seen = calloc(n, sizeof(*seen));
	stack = calloc(n + 1, sizeof(*stack));
	return seen && stack &&
	       leads_to(graph, relation->to, relation->from, seen, stack);
}

const char *graph_problem(const struct graph *graph, const struct relation *relation)
{
	if (!graph_is_active(graph, relation->from))
		return NULL;
	if (!relation->to)
		return "missing";
	if (!relation->met_by)
		return state_name(
			relations_state(&graph->relations, relation->to)->state);
	return is_in_circle(graph, relation) ? "circle" : NULL;
}

void graph_clear(struct graph *graph)
{
	relations_clear(&graph->relations);
	free(graph->objects);
	free(graph->object_of);
	free(graph->shown);
	free(graph->tangled);
}

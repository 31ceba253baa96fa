/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep graph [NAME...]: the edges as a graph in Graphviz's language DOT. */
#include "config.h"

#include "tools/relations.h"

#define GREY "color=gray60, fontcolor=gray60"
#define RED "color=red, fontcolor=red"

/* Objects and patches have names of their own each: a patch may be an object. */
#define OBJECT "object "
#define PATCH "patch "

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
};

/* ---- strings ----------------------------------------------------------------------- */

/* What files say reaches the graph only through this: inside quotes, a backslash and a
 * quote are escaped, as is what begins an HTML entity; bytes other than printable ASCII
 * are written as the index writes them. */
static void put_text(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c == '&')
			fputs("&amp;", stdout);
		else if (c < ' ' || c >= 0x7f || c == '%')
			printf("%%%02X", c);
		else
			putchar(c);
	}
}

static void put_quoted(const char *prefix, const char *text)
{
	printf("\"%s", prefix);
	put_text(text);
	putchar('"');
}

static void put_attribute(const char *name, const char *text)
{
	printf(", %s=", name);
	put_quoted("", text);
}

/* ---- what is shown ----------------------------------------------------------------- */

static int find_objects(struct graph *graph)
{
	const struct klpdep_index *index = graph->index;

	graph->shown = calloc(index->n_patches + 1, sizeof(*graph->shown));
	graph->object_of = calloc(index->n_edges + 1, sizeof(*graph->object_of));
	if (!graph->shown || !graph->object_of)
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

static int choose(struct tool *tool, struct graph *graph, int argc, char **argv)
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

static bool is_shown(const struct graph *graph, const struct klpdep_patch *patch)
{
	return graph->shown[relations_place(&graph->relations, patch)];
}

static bool is_active(const struct graph *graph, const struct klpdep_patch *patch)
{
	return relations_state(&graph->relations, patch)->state == KLPDEP_STATE_ACTIVE;
}

/* ---- circles ----------------------------------------------------------------------- */

/* Whether @patch is, or requires by way of others, @wanted.  @seen: by place. */
static bool leads_to(const struct graph *graph, const struct klpdep_patch *patch,
		     const struct klpdep_patch *wanted, bool *seen)
{
	size_t place = relations_place(&graph->relations, patch), n;
	const struct klp_link *links;

	if (patch == wanted)
		return true;
	if (seen[place])
		return false;
	seen[place] = true;
	links = klp_index_requires_of(graph->index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		if (leads_to(graph, links[i].to, wanted, seen))
			return true;
	}
	return false;
}

/* What is wrong with a requirement of an active patch, or NULL. */
static const char *find_problem(const struct graph *graph,
				const struct relation *relation)
{
	_cleanup_free_ bool *seen = NULL;

	if (!is_active(graph, relation->from))
		return NULL;
	if (!relation->to)
		return "missing";
	if (!relation->met_by)
		return state_name(
			relations_state(&graph->relations, relation->to)->state);
	seen = calloc(graph->index->n_patches, sizeof(*seen));
	return seen && leads_to(graph, relation->to, relation->from, seen) ? "circle" :
									     NULL;
}

/* ---- nodes ------------------------------------------------------------------------- */

static void put_object(const struct object *object)
{
	putchar('\t');
	put_quoted(OBJECT, object->name);
	fputs(" [label=\"", stdout);
	put_text(object->name);
	printf("%s\", shape=box%s];\n", object->missing ? "\\nnot in the tree" : "",
	       object->missing ? ", style=dashed" : "");
}

static void put_patch(const struct graph *graph, const struct klpdep_patch *patch,
		      const char *indent)
{
	const struct patch_state *state = relations_state(&graph->relations, patch);
	bool active = state->state == KLPDEP_STATE_ACTIVE;

	fputs(indent, stdout);
	put_quoted(PATCH, patch->name);
	fputs(" [label=\"", stdout);
	put_text(patch->name);
	if (active) {
		fputs("\"];\n", stdout);
		return;
	}
	printf("\\n%s\", " GREY, state_name(state->state));
	put_attribute("tooltip", state->why ? state->why : "");
	fputs("];\n", stdout);
}

static int put_patches(const struct graph *graph)
{
	const struct klpdep_index *index = graph->index;
	_cleanup_strv_ struct klp_strv sets = { 0 };

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (!graph->shown[i])
			continue;
		if (!patch->set)
			put_patch(graph, patch, "\t");
		else if (klp_strv_add(&sets, patch->set) < 0)
			return -ENOMEM;
	}
	klp_strv_sort_unique(&sets);
	for (size_t i = 0; i < sets.n; i++) {
		fputs("\tsubgraph ", stdout);
		put_quoted("cluster ", sets.v[i]);
		fputs(" {\n\t\tlabel=", stdout);
		put_quoted("", sets.v[i]);
		fputs(";\n", stdout);
		for (size_t j = 0; j < index->n_patches; j++) {
			const struct klpdep_patch *patch = index->patches[j];

			if (graph->shown[j] && patch->set &&
			    klp_streq(patch->set, sets.v[i]))
				put_patch(graph, patch, "\t\t");
		}
		fputs("\t}\n", stdout);
	}
	return 0;
}

/* Patches that are required, but not there. */
static int put_missing(const struct graph *graph)
{
	const struct relation_list *requires = &graph->relations.requires;
	_cleanup_strv_ struct klp_strv missing = { 0 }, problems = { 0 };

	for (size_t i = 0; i < requires->n; i++) {
		const struct relation *relation = &requires->v[i];

		if (relation->to || !is_shown(graph, relation->from))
			continue;
		if (klp_strv_add(&missing, relation->name) < 0 ||
		    (is_active(graph, relation->from) &&
		     klp_strv_add(&problems, relation->name) < 0))
			return -ENOMEM;
	}
	klp_strv_sort_unique(&missing);
	for (size_t i = 0; i < missing.n; i++) {
		putchar('\t');
		put_quoted(PATCH, missing.v[i]);
		fputs(" [label=\"", stdout);
		put_text(missing.v[i]);
		printf("\\nmissing\", style=dashed, %s];\n",
		       klp_strv_has(&problems, missing.v[i]) ? RED : GREY);
	}
	return 0;
}

/* ---- edges ------------------------------------------------------------------------- */

static void put_ends(const char *from, const char *kind, const char *to)
{
	putchar('\t');
	put_quoted(PATCH, from);
	fputs(" -> ", stdout);
	put_quoted(kind, to);
}

static void put_edge(const struct graph *graph, const struct klp_edge *edge)
{
	const char *reason;
	enum klpdep_order order = klp_graph_order(edge, graph->config, &reason);
	bool grey = !is_active(graph, edge->patch);

	put_ends(edge->patch->name, OBJECT, edge->object->name);
	printf(" [label=\"%s\"", order == KLPDEP_ORDER_NONE ? "" : klp_order_name(order));
	if (order == KLPDEP_ORDER_AFTER)
		fputs(", style=dashed", stdout);
	if (reason)
		put_attribute("tooltip", reason);
	printf("%s];\n", grey ? ", " GREY : "");
}

static void put_requires(const struct graph *graph, const struct relation *relation)
{
	const char *problem = find_problem(graph, relation);
	bool grey = !is_active(graph, relation->from);

	put_ends(relation->from->name, PATCH, relation->name);
	fputs(" [label=\"requires: ", stdout);
	put_text(relation->reason);
	if (problem)
		printf("\\n%s", problem);
	else if (!grey && relation->met_by != relation->to) {
		fputs("\\nmet by ", stdout);
		put_text(relation->met_by->name);
	}
	printf("\", style=bold%s];\n", problem ? ", " RED : grey ? ", " GREY : "");
}

/* The older one is grey by this very edge. */
static void put_supersedes(const struct relation *relation)
{
	put_ends(relation->from->name, PATCH, relation->name);
	fputs(" [label=\"supersedes: ", stdout);
	put_text(relation->reason);
	fputs("\", style=dotted, arrowhead=empty, " GREY "];\n", stdout);
}

static void put_edges(const struct graph *graph)
{
	const struct klpdep_index *index = graph->index;
	const struct relations *relations = &graph->relations;

	for (size_t i = 0; i < index->n_edges; i++) {
		if (is_shown(graph, index->edges[i].patch))
			put_edge(graph, &index->edges[i]);
	}
	for (size_t i = 0; i < relations->requires.n; i++) {
		if (is_shown(graph, relations->requires.v[i].from))
			put_requires(graph, &relations->requires.v[i]);
	}
	for (size_t i = 0; i < relations->supersedes.n; i++) {
		if (is_shown(graph, relations->supersedes.v[i].from))
			put_supersedes(&relations->supersedes.v[i]);
	}
}

/* ---- the command ------------------------------------------------------------------- */

static int put_graph(const struct graph *graph)
{
	int err;

	fputs("digraph klpdep {\n\tlabel=", stdout);
	put_quoted("Livepatches of ", graph->index->kernel);
	fputs(";\n"
	      "\trankdir=LR;\n"
	      "\tgraph [fontname=\"sans-serif\", style=rounded, color=gray60, "
	      "labeljust=l];\n"
	      "\tnode [fontname=\"sans-serif\", shape=ellipse];\n"
	      "\tedge [fontname=\"sans-serif\", fontsize=10];\n",
	      stdout);
	for (size_t i = 0; i < graph->n_objects; i++) {
		if (graph->objects[i].shown)
			put_object(&graph->objects[i]);
	}
	err = put_patches(graph);
	if (err == 0)
		err = put_missing(graph);
	if (err < 0)
		return err;
	put_edges(graph);
	fputs("}\n", stdout);
	return 0;
}

static void graph_clear(struct graph *graph)
{
	relations_clear(&graph->relations);
	free(graph->objects);
	free(graph->object_of);
	free(graph->shown);
}

static int graph_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_(graph_clear) struct graph graph = { 0 };
	int status = tool_open(tool, &index, &config), err;

	if (status != 0)
		return status;
	graph.index = index;
	graph.config = config;
	err = relations_find(&graph.relations, index, config);
	if (err == 0)
		err = find_objects(&graph);
	if (err == 0)
		status = choose(tool, &graph, argc, argv);
	if (err == 0 && status == 0)
		err = put_graph(&graph);
	if (err < 0)
		return tool_no_memory(tool);
	return status;
}

const struct command command_graph = {
	.name = "graph",
	.arguments = "[NAME...]",
	.summary = "print the patches and their edges as a graph for Graphviz",
	.run = graph_run,
};

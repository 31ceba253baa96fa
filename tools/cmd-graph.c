/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep graph [NAME...]: the edges as a graph in Graphviz's language DOT. */
#include "config.h"

#include "tools/graph.h"

#define GREY "color=gray60, fontcolor=gray60"
#define RED "color=red, fontcolor=red"

/* Objects and patches have names of their own each: a patch may be an object. */
#define OBJECT "object "
#define PATCH "patch "

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
	const struct klp_standing *state = klp_view_standing(graph->view, patch);
	bool active = state->state == KLPDEP_STATE_ACTIVE;

	fputs(indent, stdout);
	put_quoted(PATCH, patch->name);
	fputs(" [label=\"", stdout);
	put_text(patch->name);
	if (active) {
		fputs("\"];\n", stdout);
		return;
	}
	printf("\\n%s\", %s", klp_state_name(state->state),
	       klp_view_is_wanted(graph->view, patch) ? RED : GREY);
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
	_cleanup_strv_ struct klp_strv missing = { 0 };
	_cleanup_(klp_set_clear) struct klp_set problems = { 0 };

	for (size_t i = 0; i < requires->n; i++) {
		const struct relation *relation = &requires->v[i];

		if (relation->to || !graph_shows(graph, relation->from))
			continue;
		if (klp_strv_add(&missing, relation->name) < 0 ||
		    (klp_view_is_wanted(graph->view, relation->from) &&
		     klp_set_add(&problems, relation->name) < 0))
			return -ENOMEM;
	}
	klp_strv_sort_unique(&missing);
	for (size_t i = 0; i < missing.n; i++) {
		putchar('\t');
		put_quoted(PATCH, missing.v[i]);
		fputs(" [label=\"", stdout);
		put_text(missing.v[i]);
		printf("\\nmissing\", style=dashed, %s];\n",
		       klp_set_has(&problems, missing.v[i]) ? RED : GREY);
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

static void put_edge(const struct graph *graph, const struct klp_index_edge *edge)
{
	const char *reason;
	enum klpdep_order order = klp_edge_order(edge, graph->view->config, &reason);
	bool grey = !klp_view_is_wanted(graph->view, edge->patch);

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
	const char *problem = graph_problem(graph, relation);
	bool grey = !klp_view_is_wanted(graph->view, relation->from);

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
		if (graph_shows(graph, index->edges[i].patch))
			put_edge(graph, &index->edges[i]);
	}
	for (size_t i = 0; i < relations->requires.n; i++) {
		if (graph_shows(graph, relations->requires.v[i].from))
			put_requires(graph, &relations->requires.v[i]);
	}
	for (size_t i = 0; i < relations->supersedes.n; i++) {
		if (graph_shows(graph, relations->supersedes.v[i].from))
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

static int graph_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_(graph_clear) struct graph graph = { 0 };
	int status = tool_open(tool, 0, &view), err;

	if (status != 0)
		return status;
	err = graph_find(&graph, view);
	if (err == 0)
		status = graph_choose(tool, &graph, argc, argv);
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

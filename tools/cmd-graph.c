/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep graph [NAME...]: the edges as a graph in Graphviz's language DOT. */
#include "config.h"

#include "tools/graph.h"

#define GREY "color=gray60, fontcolor=gray60"
#define RED "color=red, fontcolor=red"

/* Objects and patches have separate names of nodes: a patch may be an object. */
#define OBJECT "object "
#define PATCH "patch "

/* ---- strings ----------------------------------------------------------------------- */

/* Text from files reaches the graph only through this.  Inside quotes it escapes
 * backslash, quote, and the beginning of an HTML entity.  It writes bytes other than
 * printable ASCII like the index does. */
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

static void put_object(const struct graph *graph, const struct klpdep_edge *edge)
{
	const char *name = klpdep_object_get_name(klpdep_edge_get_object(edge));
	bool missing = !klp_streq(name, "vmlinux") &&
		       klpdep_view_get_order(graph->view, edge) == KLPDEP_ORDER_NONE;

	putchar('\t');
	put_quoted(OBJECT, name);
	fputs(" [label=\"", stdout);
	put_text(name);
	printf("%s\", shape=box%s];\n", missing ? "\\nnot in the tree" : "",
	       missing ? ", style=dashed" : "");
}

/* The edges are sorted by object. */
static void put_objects(const struct graph *graph)
{
	const struct klpdep_edge *edge;
	const char *last = "";

	for (size_t i = 0; (edge = klpdep_index_get_edge(graph->index, i)); i++) {
		const char *name = klpdep_object_get_name(klpdep_edge_get_object(edge));

		if (graph_shows_object(graph, name) && !klp_streq(name, last))
			put_object(graph, edge);
		last = name;
	}
}

static void put_patch(const struct graph *graph, const struct klpdep_patch *patch,
		      const char *indent)
{
	enum klpdep_state state = klpdep_view_get_state(graph->view, patch);
	const char *reason = klpdep_view_get_reason(graph->view, patch);

	fputs(indent, stdout);
	put_quoted(PATCH, klpdep_patch_get_name(patch));
	fputs(" [label=\"", stdout);
	put_text(klpdep_patch_get_name(patch));
	if (state == KLPDEP_STATE_ACTIVE) {
		fputs("\"];\n", stdout);
		return;
	}
	printf("\\n%s\", %s", klpdep_state_name(state),
	       klpdep_view_is_wanted(graph->view, patch) ? RED : GREY);
	put_attribute("tooltip", reason ? reason : "");
	fputs("];\n", stdout);
}

static int put_patches(const struct graph *graph)
{
	_cleanup_strv_ struct klp_strv sets = { 0 };
	const struct klpdep_patch *patch;

	for (size_t i = 0; (patch = klpdep_index_get_patch(graph->index, i)); i++) {
		const char *set = klpdep_patch_get_set(patch);

		if (!graph_shows(graph, patch))
			continue;
		if (!set)
			put_patch(graph, patch, "\t");
		else if (klp_strv_add(&sets, set) < 0)
			return -ENOMEM;
	}
	klp_strv_sort_unique(&sets);
	for (size_t i = 0; i < sets.n; i++) {
		fputs("\tsubgraph ", stdout);
		put_quoted("cluster ", sets.v[i]);
		fputs(" {\n\t\tlabel=", stdout);
		put_quoted("", sets.v[i]);
		fputs(";\n", stdout);
		for (size_t j = 0; (patch = klpdep_index_get_patch(graph->index, j)); j++) {
			const char *set = klpdep_patch_get_set(patch);

			if (graph_shows(graph, patch) && set && klp_streq(set, sets.v[i]))
				put_patch(graph, patch, "\t\t");
		}
		fputs("\t}\n", stdout);
	}
	return 0;
}

/* Required patches that do not exist. */
static int put_missing(const struct graph *graph)
{
	_cleanup_strv_ struct klp_strv missing = { 0 };
	_cleanup_(klp_set_clear) struct klp_set problems = { 0 };
	const struct klpdep_link *link;

	for (size_t i = 0; (link = klpdep_links_get_link(graph->links, i)); i++) {
		const struct klpdep_patch *patch = klpdep_link_get_patch(link);
		const char *name = klpdep_link_get_name(link);

		if (klpdep_link_get_other(link) || !graph_shows(graph, patch))
			continue;
		if (klp_strv_add(&missing, name) < 0 ||
		    (klpdep_view_is_wanted(graph->view, patch) &&
		     klp_set_add(&problems, name) < 0))
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

static void put_edge(const struct graph *graph, const struct klpdep_edge *edge)
{
	const struct klpdep_patch *patch = klpdep_edge_get_patch(edge);
	enum klpdep_order order = klpdep_view_get_order(graph->view, edge);
	const char *reason = klpdep_view_get_order_reason(graph->view, edge);

	put_ends(klpdep_patch_get_name(patch), OBJECT,
		 klpdep_object_get_name(klpdep_edge_get_object(edge)));
	printf(" [label=\"%s\"", order == KLPDEP_ORDER_NONE ? "" : klpdep_order_name(order));
	if (order == KLPDEP_ORDER_AFTER)
		fputs(", style=dashed", stdout);
	if (reason)
		put_attribute("tooltip", reason);
	printf("%s];\n", klpdep_view_is_wanted(graph->view, patch) ? "" : ", " GREY);
}

static void put_requires(const struct graph *graph, const struct klpdep_link *link)
{
	const struct klpdep_patch *patch = klpdep_link_get_patch(link);
	const struct klpdep_patch *met_by = klpdep_link_get_met_by(link);
	const char *problem = graph_problem(graph, link);
	bool grey = !klpdep_view_is_wanted(graph->view, patch);

	put_ends(klpdep_patch_get_name(patch), PATCH, klpdep_link_get_name(link));
	fputs(" [label=\"requires: ", stdout);
	put_text(klpdep_link_get_text(link));
	if (problem)
		printf("\\n%s", problem);
	else if (!grey && met_by != klpdep_link_get_other(link)) {
		fputs("\\nmet by ", stdout);
		put_text(klpdep_patch_get_name(met_by));
	}
	printf("\", style=bold%s];\n", problem ? ", " RED : grey ? ", " GREY : "");
}

/* This edge is the reason why the older one is grey. */
static void put_supersedes(const struct klpdep_link *link)
{
	put_ends(klpdep_patch_get_name(klpdep_link_get_patch(link)), PATCH,
		 klpdep_link_get_name(link));
	fputs(" [label=\"supersedes: ", stdout);
	put_text(klpdep_link_get_text(link));
	fputs("\", style=dotted, arrowhead=empty, " GREY "];\n", stdout);
}

static void put_edges(const struct graph *graph)
{
	const struct klpdep_edge *edge;
	const struct klpdep_link *link;

	for (size_t i = 0; (edge = klpdep_index_get_edge(graph->index, i)); i++) {
		if (graph_shows(graph, klpdep_edge_get_patch(edge)))
			put_edge(graph, edge);
	}
	for (size_t i = 0; (link = klpdep_links_get_link(graph->links, i)); i++) {
		if (!graph_shows(graph, klpdep_link_get_patch(link)))
			continue;
		if (klpdep_link_get_kind(link) == KLPDEP_LINK_REQUIRES)
			put_requires(graph, link);
		else
			put_supersedes(link);
	}
}

/* ---- the command ------------------------------------------------------------------- */

static int put_graph(const struct graph *graph)
{
	int err;

	fputs("digraph klpdep {\n\tlabel=", stdout);
	put_quoted("Livepatches of ", klpdep_index_get_kernel(graph->index));
	fputs(";\n"
	      "\trankdir=LR;\n"
	      "\tgraph [fontname=\"sans-serif\", style=rounded, color=gray60, "
	      "labeljust=l];\n"
	      "\tnode [fontname=\"sans-serif\", shape=ellipse];\n"
	      "\tedge [fontname=\"sans-serif\", fontsize=10];\n",
	      stdout);
	put_objects(graph);
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
	int status = tool_open(tool, 0, &view);

	if (status != 0)
		return status;
	status = graph_find(tool, &graph, view, argc, argv);
	if (status == 0 && put_graph(&graph) < 0)
		status = tool_no_memory(tool);
	return status;
}

const struct command command_graph = {
	.name = "graph",
	.arguments = "[NAME...]",
	.summary = "print the patches and their edges as a graph for Graphviz",
	.run = graph_run,
};

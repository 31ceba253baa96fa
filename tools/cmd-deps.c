/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep deps NAME: what a patch or a target needs, and what needs it, as trees. */
#include "config.h"

#include <search.h>

#include "tools/deps.h"
#include "tools/table.h"

enum { DEPS_NAME, DEPS_KIND, DEPS_RELATION, DEPS_REASON, DEPS_STATE, DEPS_NOTE,
       DEPS_PARENT };

static const struct column deps_columns[] = {
	[DEPS_NAME] = { "name", COLUMN_TEXT, .tree = true },
	[DEPS_KIND] = { "kind", COLUMN_TEXT },
	[DEPS_RELATION] = { "relation", COLUMN_TEXT },
	[DEPS_REASON] = { "reason", COLUMN_TEXT },
	[DEPS_STATE] = { "state", COLUMN_TEXT },
	[DEPS_NOTE] = { "note", COLUMN_TEXT },
	[DEPS_PARENT] = { "parent", COLUMN_TEXT, .on_request = true },
};

static const struct layout deps_layouts[] = {
	LAYOUT("deps", NULL, deps_columns),
	{ 0 },
};

/* In the first tree, which shows needs, and in the second one, which shows users. */
static const char *const link_names[][2] = {
	[LINK_ROOT] = { "needs", "needed by" },
	[LINK_REQUIRES] = { "requires", "required by" },
	[LINK_PATCHED] = { "patched by", "patch of" },
	[LINK_DEPENDS] = { "depends on", "dependency of" },
	[LINK_SUPERSEDES] = { "supersedes", "superseded by" },
};

struct nodes {
	struct node *v;
	size_t n;
};

/* The names shown so far in a tree.  Superseded patches count apart, since only what they
 * supersede is below them. */
struct shown {
	const char *name;
	bool superseded;
	bool has_children;
};

struct deps {
	struct table *table;
	struct children children;
	struct nodes path;
	void *shown; /* a tree of tsearch(3) */
	size_t n_rows;
};

/* ---- rows -------------------------------------------------------------------------- */

static void add_note(struct table *table, const struct node *node, const char *why,
		     const char *note)
{
	const char *instead = node->instead;

	if (why || instead || note)
		table_cellf(table, DEPS_NOTE, "%s%s%s%s%s%s", why ? why : "",
			    why && (instead || note) ? ", " : "",
			    instead ? "in place of " : "", instead ? instead : "",
			    instead && note ? ", " : "", note ? note : "");
}

static void add_row(struct deps *deps, const struct node *node, const char *note)
{
	struct table *table = deps->table;
	const struct klpdep_patch *patch =
		klpdep_index_find_patch(deps->children.index, node->name);
	const char *kind = "module", *state = NULL, *why = NULL;
	size_t depth = deps->path.n;

	if (patch) {
		kind = "patch";
		state = klpdep_state_name(klpdep_view_get_state(deps->children.view, patch));
		why = klpdep_view_get_reason(deps->children.view, patch);
	} else if (node->link == LINK_REQUIRES) {
		kind = "patch";
		state = klpdep_state_name(KLPDEP_STATE_MISSING);
	} else if (klpdep_index_find_edge(deps->children.index, node->name, 0)) {
		kind = "target";
		if (!klp_streq(node->name, "vmlinux") &&
		    !klpdep_tree_find_module(deps->children.tree, node->name))
			state = klpdep_state_name(KLPDEP_STATE_MISSING);
	}
	table_row_at(table, depth);
	table_cell(table, DEPS_NAME, node->name);
	table_cell(table, DEPS_KIND, kind);
	table_cell(table, DEPS_RELATION, link_names[node->link][deps->children.up]);
	table_cell(table, DEPS_REASON, node->reason);
	table_cell(table, DEPS_STATE, state);
	add_note(table, node, why, note);
	if (depth)
		table_cell(table, DEPS_PARENT, deps->path.v[depth - 1].name);
	if (state && !klp_streq(state, "active"))
		table_dim(table);
	deps->n_rows++;
}

/* The index of a name in the path, or the path's length. */
static size_t find_in_path(const struct nodes *path, const char *name)
{
	size_t i = 0;

	while (i < path->n && !klp_streq(path->v[i].name, name))
		i++;
	return i;
}

/* Right below a patch and its target, the same pair from the other side is left out. */
static bool is_other_side(const struct deps *deps, const struct node *node, size_t place)
{
	enum link link = deps->path.v[deps->path.n - 1].link;

	return place + 2 == deps->path.n &&
	       ((link == LINK_PATCHED && node->link == LINK_DEPENDS) ||
		(link == LINK_DEPENDS && node->link == LINK_PATCHED));
}

/* Whether the path from that place back to it is a circle.  It is none if a patch is
 * loaded after its target just because it depends on it. */
static bool is_circle(const struct deps *deps, const struct node *node, size_t place)
{
	bool after = node->after;

	for (size_t i = place + 1; i < deps->path.n; i++)
		after = after || deps->path.v[i].after;
	return !after;
}

static int cmp_shown(const void *p, const void *q)
{
	const struct shown *a = p, *b = q;

	return a->superseded != b->superseded ? a->superseded - b->superseded :
						strcmp(a->name, b->name);
}

/* This recurses, and so does libsmartcols when it prints a tree. */
#define DEPTH_MAX 500

static int show(struct deps *deps, const struct node *node);

static int show_below(struct deps *deps, const struct node *node)
{
	const struct children *children = &deps->children;
	struct node *slot = klp_append(deps->path.v, deps->path.n);
	int err = 0;

	if (!slot)
		return -ENOMEM;
	*slot = *node;
	for (size_t i = children_of(children, node->name);
	     i < children->n && klp_streq(children->v[i].above, node->name) && err == 0;
	     i++) {
		if (children_stand_below(children, &children->v[i], node))
			err = show(deps, &children->v[i].node);
	}
	deps->path.n--;
	return err;
}

static int show(struct deps *deps, const struct node *node)
{
	const struct shown key = { node->name, node->link == LINK_SUPERSEDES, false };
	struct shown *const *found = tfind(&key, &deps->shown, cmp_shown);
	size_t place = find_in_path(&deps->path, node->name), before;
	struct shown *shown;
	int err;

	if (place < deps->path.n) {
		if (!is_other_side(deps, node, place))
			add_row(deps, node,
				is_circle(deps, node, place) ? "circle" : "see above");
		return 0;
	}
	if (!found && deps->path.n == DEPTH_MAX) {
		add_row(deps, node, "too deep");
		return 0;
	}
	add_row(deps, node, found && (*found)->has_children ? "see above" : NULL);
	if (found)
		return 0;
	shown = malloc(sizeof(*shown));
	if (!shown)
		return -ENOMEM;
	*shown = key;
	if (!tsearch(shown, &deps->shown, cmp_shown)) {
		free(shown);
		return -ENOMEM;
	}
	before = deps->n_rows;
	err = show_below(deps, node);
	shown->has_children = deps->n_rows > before;
	return err;
}

/* One of the two trees. */
static int show_tree(struct deps *deps, const char *name, bool up)
{
	const struct node root = { .name = name };
	int err = children_find(&deps->children, up);

	if (err == 0)
		err = show(deps, &root);
	tdestroy(deps->shown, free);
	deps->shown = NULL;
	return err;
}

static void deps_clear(struct deps *deps)
{
	free(deps->children.v);
	free(deps->path.v);
}

/* ---- the command ------------------------------------------------------------------- */

static int deps_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_links_ struct klpdep_links *links = NULL;
	_cleanup_tree_ struct klpdep_tree *tree = NULL;
	_cleanup_table_ struct table *table = NULL;
	_cleanup_(deps_clear) struct deps deps = { 0 };
	const char *name;
	int status;

	if (argc != 1)
		return tool_usage(tool,
				  argc ? "only one argument NAME is taken" :
					 "the argument NAME is missing");
	status = table_new(tool, deps_layouts, &table);
	if (status == 0)
		status = tool_open(tool, 0, &view);
	if (status != 0)
		return status;
	name = tool_find_name(tool, klpdep_view_get_index(view), argv[0]);
	if (!name || klpdep_tree_new(tool->ctx, tool->kernel, &tree) < 0 ||
	    klpdep_links_new(tool->ctx, view, &links) < 0)
		return TOOL_FAILED;
	deps.table = table;
	deps.children.index = klpdep_view_get_index(view);
	deps.children.view = view;
	deps.children.links = links;
	deps.children.tree = tree;
	if (show_tree(&deps, name, false) < 0 || show_tree(&deps, name, true) < 0)
		return tool_no_memory(tool);
	return table_print(table);
}

const struct command command_deps = {
	.name = "deps",
	.arguments = "NAME",
	.summary = "show what a patch or target needs, and what needs it",
	.layouts = deps_layouts,
	.run = deps_run,
};

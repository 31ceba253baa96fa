/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep deps NAME: what a patch or a target needs, and what needs it, as trees. */
#include "config.h"

#include "tools/relations.h"
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

/* How a row belongs to the one above it. */
enum link { LINK_ROOT, LINK_REQUIRES, LINK_PATCHED, LINK_DEPENDS, LINK_SUPERSEDES };

/* In the tree of what is needed, and in that of what needs. */
static const char *const link_names[][2] = {
	[LINK_ROOT] = { "needs", "needed by" },
	[LINK_REQUIRES] = { "requires", "required by" },
	[LINK_PATCHED] = { "patched by", "patch of" },
	[LINK_DEPENDS] = { "depends on", "dependency of" },
	[LINK_SUPERSEDES] = { "supersedes", "superseded by" },
};

struct node {
	const char *name;
	enum link link;
	const char *reason;
	const char *instead; /* the superseded patch that is required by name, or NULL */
	bool after;	     /* the patch depends on the target that it is for */
};

struct nodes {
	struct node *v;
	size_t n;
};

/* What has been shown in a tree.  That what is superseded has been shown is another
 * thing, since nothing but what that supersedes stands below it. */
struct shown {
	const char *name;
	bool superseded;
	bool has_children;
};

struct deps {
	struct table *table;
	const struct klpdep_index *index;
	const struct klpdep_config *config;
	struct relations relations;
	struct klp_moddep moddep;
	struct klp_strv members; /* all patches and objects of the index */
	bool up;		 /* what needs, instead of what is needed */
	struct nodes path;
	struct shown *shown;
	size_t n_shown;
	size_t n_rows;
};

/* ---- modules.dep, which has closures ----------------------------------------------- */

static bool has_dep(const struct klp_moddep *moddep, const struct klp_module *module,
		    const struct klp_module *dep)
{
	for (size_t i = 0; module && i < module->n_deps; i++) {
		if (&moddep->modules[module->deps[i]] == dep)
			return true;
	}
	return false;
}

static bool is_member(const struct deps *deps, const char *name)
{
	return klp_index_find(deps->index, name) ||
	       klpdep_index_is_target(deps->index, name);
}

/* Whether @module depends on @dep, and not by way of something else that is shown. */
static bool is_direct(const struct deps *deps, const struct klp_module *module,
		      const struct klp_module *dep)
{
	const struct klp_moddep *moddep = &deps->moddep;

	if (!has_dep(moddep, module, dep))
		return false;
	for (size_t i = 0; i < module->n_deps; i++) {
		const struct klp_module *between = &moddep->modules[module->deps[i]];

		if (between != dep && has_dep(moddep, between, dep) &&
		    !has_dep(moddep, dep, between) &&
		    (!deps->up || is_member(deps, between->name)))
			return false;
	}
	return true;
}

/* ---- what stands below a row ------------------------------------------------------- */

static int add_node(struct nodes *nodes, const char *name, enum link link,
		    const char *reason)
{
	struct node *node = klp_append(nodes->v, nodes->n);

	if (!node)
		return -ENOMEM;
	*node = (struct node){ .name = name, .link = link, .reason = reason };
	return 0;
}

static int add_relations(const struct deps *deps, const struct relation_list *list,
			 const char *name, enum link link, struct nodes *nodes)
{
	int err = 0;

	for (size_t i = 0; i < list->n && err == 0; i++) {
		const struct relation *relation = &list->v[i];
		const char *ends[] = { relation->from->name, relation->name };

		if (klp_streq(ends[deps->up], name))
			err = add_node(nodes, ends[!deps->up], link, relation->reason);
		if (err < 0 || !relation->met_by || relation->met_by == relation->to ||
		    relation->met_by == relation->from)
			continue;
		ends[1] = relation->met_by->name;
		if (klp_streq(ends[deps->up], name)) {
			err = add_node(nodes, ends[!deps->up], link, relation->reason);
			if (err == 0)
				nodes->v[nodes->n - 1].instead = relation->name;
		}
	}
	return err;
}

static int add_edges(const struct deps *deps, const char *name, struct nodes *nodes)
{
	const struct klpdep_index *index = deps->index;
	int err = 0;

	for (size_t i = 0; i < index->n_edges && err == 0; i++) {
		const struct klp_edge *edge = &index->edges[i];
		const char *ends[] = { edge->object->name, edge->patch->name };
		const char *reason;

		if (!klp_streq(ends[deps->up], name))
			continue;
		klp_graph_order(edge, deps->config, &reason);
		err = add_node(nodes, ends[!deps->up], LINK_PATCHED, reason);
		if (err == 0)
			nodes->v[nodes->n - 1].after =
				edge->object->order == KLPDEP_ORDER_AFTER;
	}
	return err;
}

/* That a patch depends on a patch is among the requirements. */
static bool is_import(const struct deps *deps, const char *a, const char *b)
{
	return klp_index_find(deps->index, a) && klp_index_find(deps->index, b);
}

static int cmp_nodes(const void *a, const void *b)
{
	return klp_name_cmp(((const struct node *)a)->name,
			    ((const struct node *)b)->name);
}

static int add_modules(const struct deps *deps, const char *name, struct nodes *nodes)
{
	const struct klp_moddep *moddep = &deps->moddep;
	const struct klp_module *module = klp_moddep_find(moddep, name);
	size_t before = nodes->n;
	int err = 0;

	for (size_t i = 0; !deps->up && module && i < module->n_deps && err == 0; i++) {
		const struct klp_module *dep = &moddep->modules[module->deps[i]];

		if (!is_import(deps, name, dep->name) && is_direct(deps, module, dep))
			err = add_node(nodes, dep->name, LINK_DEPENDS, "import");
	}
	for (size_t i = 0; deps->up && module && i < deps->members.n && err == 0; i++) {
		const char *user = deps->members.v[i];

		if (!is_import(deps, name, user) &&
		    is_direct(deps, klp_moddep_find(moddep, user), module))
			err = add_node(nodes, user, LINK_DEPENDS, "import");
	}
	if (nodes->n > before)
		qsort(&nodes->v[before], nodes->n - before, sizeof(*nodes->v), cmp_nodes);
	return err;
}

static int find_below(const struct deps *deps, const struct node *node,
		      struct nodes *nodes)
{
	int err = 0;

	if (node->link != LINK_SUPERSEDES) {
		err = add_relations(deps, &deps->relations.requires, node->name,
				    LINK_REQUIRES, nodes);
		if (err == 0)
			err = add_edges(deps, node->name, nodes);
		if (err == 0)
			err = add_modules(deps, node->name, nodes);
	}
	/* What others than the root supersede is not the question. */
	if (err == 0 && (node->link == LINK_SUPERSEDES || node->link == LINK_ROOT))
		err = add_relations(deps, &deps->relations.supersedes, node->name,
				    LINK_SUPERSEDES, nodes);
	return err;
}

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
	const struct klpdep_patch *patch = klp_index_find(deps->index, node->name);
	const char *kind = "module", *state = NULL, *why = NULL;
	size_t depth = deps->path.n;

	if (patch) {
		const struct patch_state *found =
			relations_state(&deps->relations, patch);

		kind = "patch";
		state = state_name(found->state);
		why = found->why;
	} else if (node->link == LINK_REQUIRES) {
		kind = "patch";
		state = "missing";
	} else if (klpdep_index_is_target(deps->index, node->name)) {
		kind = "target";
		if (!klp_streq(node->name, "vmlinux") &&
		    !klp_moddep_find(&deps->moddep, node->name))
			state = "missing";
	}
	table_row_at(table, depth);
	table_cell(table, DEPS_NAME, node->name);
	table_cell(table, DEPS_KIND, kind);
	table_cell(table, DEPS_RELATION, link_names[node->link][deps->up]);
	table_cell(table, DEPS_REASON, node->reason);
	table_cell(table, DEPS_STATE, state);
	add_note(table, node, why, note);
	if (depth)
		table_cell(table, DEPS_PARENT, deps->path.v[depth - 1].name);
	if (state && !klp_streq(state, "active"))
		table_dim(table);
	deps->n_rows++;
}

/* The place of a name in the path, or its length. */
static size_t find_in_path(const struct nodes *path, const char *name)
{
	size_t i = 0;

	while (i < path->n && !klp_streq(path->v[i].name, name))
		i++;
	return i;
}

/* That a patch and its target are patch and target is not told again from the other
 * side, right below. */
static bool is_other_side(const struct deps *deps, const struct node *node, size_t place)
{
	enum link link = deps->path.v[deps->path.n - 1].link;

	return place + 2 == deps->path.n &&
	       ((link == LINK_PATCHED && node->link == LINK_DEPENDS) ||
		(link == LINK_DEPENDS && node->link == LINK_PATCHED));
}

/* Whether the way from a place in the path back to there is a circle.  It is none where a
 * patch goes in after its target, just since it depends on that. */
static bool is_circle(const struct deps *deps, const struct node *node, size_t place)
{
	bool after = node->after;

	for (size_t i = place + 1; i < deps->path.n; i++)
		after = after || deps->path.v[i].after;
	return !after;
}

static const struct shown *find_shown(const struct deps *deps, const struct node *node)
{
	for (size_t i = 0; i < deps->n_shown; i++) {
		if (klp_streq(deps->shown[i].name, node->name) &&
		    deps->shown[i].superseded == (node->link == LINK_SUPERSEDES))
			return &deps->shown[i];
	}
	return NULL;
}

/* This calls itself, and so does libsmartcols when it prints a tree. */
#define DEPTH_MAX 500

static int show(struct deps *deps, const struct node *node)
{
	_cleanup_(klp_free_cleanup) struct node *below = NULL;
	const struct shown *known = find_shown(deps, node);
	size_t place = find_in_path(&deps->path, node->name), number, before;
	struct nodes nodes = { 0 };
	struct shown *shown;
	int err;

	if (place < deps->path.n) {
		if (!is_other_side(deps, node, place))
			add_row(deps, node,
				is_circle(deps, node, place) ? "circle" : "see above");
		return 0;
	}
	if (!known && deps->path.n == DEPTH_MAX) {
		add_row(deps, node, "too deep");
		return 0;
	}
	add_row(deps, node, known && known->has_children ? "see above" : NULL);
	if (known)
		return 0;
	number = deps->n_shown;
	shown = klp_append(deps->shown, deps->n_shown);
	if (!shown)
		return -ENOMEM;
	shown->name = node->name;
	shown->superseded = node->link == LINK_SUPERSEDES;
	before = deps->n_rows;
	err = find_below(deps, node, &nodes);
	below = nodes.v;
	if (err == 0)
		err = add_node(&deps->path, node->name, node->link, NULL);
	if (err == 0)
		deps->path.v[deps->path.n - 1].after = node->after;
	for (size_t i = 0; i < nodes.n && err == 0; i++)
		err = show(deps, &nodes.v[i]);
	if (err == 0)
		deps->path.n--;
	deps->shown[number].has_children = deps->n_rows > before;
	return err;
}

static int show_both(struct deps *deps, const char *name)
{
	const struct node root = { .name = name };
	int err;

	for (size_t i = 0; i < deps->index->n_patches; i++) {
		if (klp_strv_add(&deps->members, deps->index->patches[i]->name) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < deps->index->n_edges; i++) {
		if (klp_strv_add(&deps->members, deps->index->edges[i].object->name) < 0)
			return -ENOMEM;
	}
	klp_strv_sort_unique(&deps->members);
	err = show(deps, &root);
	deps->n_shown = 0;
	deps->up = true;
	return err < 0 ? err : show(deps, &root);
}

static void deps_clear(struct deps *deps)
{
	relations_clear(&deps->relations);
	klp_moddep_clear(&deps->moddep);
	klp_strv_clear(&deps->members);
	free(deps->path.v);
	free(deps->shown);
}

/* ---- the command ------------------------------------------------------------------- */

static int deps_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_table_ struct table *table = NULL;
	_cleanup_(deps_clear) struct deps deps = { 0 };
	const char *name;
	int status;

	if (argc != 1)
		return tool_usage(tool,
				  argc ? "only one name at a time" :
					 "the name of a patch or target is missing");
	status = table_new(tool, deps_layouts, &table);
	if (status == 0)
		status = tool_open(tool, &index, &config);
	if (status != 0)
		return status;
	name = relations_find_name(tool, index, argv[0]);
	if (!name)
		return TOOL_FAILED;
	deps.table = table;
	deps.index = index;
	deps.config = config;
	if (klp_moddep_read(tool->ctx, tool->kernel, &deps.moddep) < 0)
		return TOOL_FAILED; /* why has been said */
	if (relations_find(&deps.relations, index, config) < 0 ||
	    show_both(&deps, name) < 0)
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

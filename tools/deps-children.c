/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows that can be below a row in the trees of klpdep deps. */
#include "config.h"

#include "tools/deps.h"

/* ---- modules.dep, which lists indirect dependencies, too --------------------------- */

static bool has_dep(const struct klpdep_module *module, const struct klpdep_module *dep)
{
	const struct klpdep_module *found;

	for (size_t i = 0; module && (found = klpdep_module_get_dep(module, i)); i++) {
		if (found == dep)
			return true;
	}
	return false;
}

static bool is_patch(const struct children *children, const char *name)
{
	return klpdep_index_find_patch(children->index, name);
}

static bool is_member(const struct children *children, const char *name)
{
	return is_patch(children, name) || klpdep_index_find_edge(children->index, name, 0);
}

/* Whether @module depends on @dep other than through another row. */
static bool is_direct(const struct children *children, const struct klpdep_module *module,
		      const struct klpdep_module *dep)
{
	const struct klpdep_module *between;

	if (!dep || !has_dep(module, dep))
		return false;
	for (size_t i = 0; (between = klpdep_module_get_dep(module, i)); i++) {
		if (between != dep && has_dep(between, dep) && !has_dep(dep, between) &&
		    (!children->up || is_member(children, klpdep_module_get_name(between))))
			return false;
	}
	return true;
}

/* ---- gathering --------------------------------------------------------------------- */

/* @ends: the name that needs, and the one that it needs.  NULL: no memory. */
static struct node *add_child(struct children *children, const char *const ends[2],
			      enum link link, const char *reason)
{
	struct child *child = klp_append(children->v, children->n);

	if (!child)
		return NULL;
	*child = (struct child){
		.above = ends[children->up],
		.number = children->n,
		.node = { .name = ends[!children->up], .link = link, .reason = reason },
	};
	return &child->node;
}

static int add_links(struct children *children, enum klpdep_link_kind kind, enum link as)
{
	const struct klpdep_link *link;

	for (size_t i = 0; (link = klpdep_links_get_link(children->links, i)); i++) {
		const struct klpdep_patch *patch = klpdep_link_get_patch(link);
		const struct klpdep_patch *met_by = klpdep_link_get_met_by(link);
		const char *ends[] = { klpdep_patch_get_name(patch), klpdep_link_get_name(link) };
		const char *reason = klpdep_link_get_text(link);
		struct node *node;

		if (klpdep_link_get_kind(link) != kind)
			continue;
		if (!add_child(children, ends, as, reason))
			return -ENOMEM;
		if (!met_by || met_by == klpdep_link_get_other(link) || met_by == patch)
			continue;
		ends[1] = klpdep_patch_get_name(met_by);
		node = add_child(children, ends, as, reason);
		if (!node)
			return -ENOMEM;
		node->instead = klpdep_link_get_name(link);
	}
	return 0;
}

static int add_edges(struct children *children)
{
	const struct klpdep_edge *edge;

	for (size_t i = 0; (edge = klpdep_index_get_edge(children->index, i)); i++) {
		const char *ends[] = {
			klpdep_object_get_name(klpdep_edge_get_object(edge)),
			klpdep_patch_get_name(klpdep_edge_get_patch(edge)),
		};
		struct node *node = add_child(children, ends, LINK_PATCHED,
					      klpdep_view_get_order_reason(children->view, edge));

		if (!node)
			return -ENOMEM;
		node->after = klpdep_view_get_order(children->view, edge) == KLPDEP_ORDER_AFTER;
	}
	return 0;
}

static int add_modules(struct children *children)
{
	const struct klpdep_module *module, *dep;

	for (size_t i = 0; (module = klpdep_tree_get_module(children->tree, i)); i++) {
		const char *name = klpdep_module_get_name(module);

		if (children->up && !is_member(children, name))
			continue;
		for (size_t j = 0; (dep = klpdep_module_get_dep(module, j)); j++) {
			const char *ends[] = { name, klpdep_module_get_name(dep) };

			/* Dependencies between patches are among the requirements. */
			if (!(is_patch(children, ends[0]) && is_patch(children, ends[1])) &&
			    !add_child(children, ends, LINK_DEPENDS, "import"))
				return -ENOMEM;
		}
	}
	return 0;
}

/* By the row above, then in the order of display. */
static int cmp_children(const void *p, const void *q)
{
	const struct child *a = p, *b = q;
	int cmp = strcmp(a->above, b->above);

	if (cmp == 0)
		cmp = (int)a->node.link - (int)b->node.link;
	if (cmp == 0 && a->node.link == LINK_DEPENDS)
		return klp_name_cmp(a->node.name, b->node.name);
	return cmp ? cmp : a->number < b->number ? -1 : a->number > b->number;
}

int children_find(struct children *children, bool up)
{
	int err;

	children->up = up;
	children->n = 0;
	err = add_links(children, KLPDEP_LINK_REQUIRES, LINK_REQUIRES);
	if (err == 0)
		err = add_edges(children);
	if (err == 0)
		err = add_modules(children);
	if (err == 0)
		err = add_links(children, KLPDEP_LINK_SUPERSEDES, LINK_SUPERSEDES);
	if (children->n)
		qsort(children->v, children->n, sizeof(*children->v), cmp_children);
	return err;
}

/* ---- looking up -------------------------------------------------------------------- */

static int cmp_above(const void *name, const void *child)
{
	return strcmp(name, ((const struct child *)child)->above);
}

size_t children_of(const struct children *children, const char *name)
{
	return klp_lower_bound(name, children->v, children->n, sizeof(*children->v),
			       cmp_above);
}

bool children_stand_below(const struct children *children, const struct child *child,
			  const struct node *node)
{
	const char *ends[] = { child->above, child->node.name };

	/* Only what the root supersedes is shown. */
	if (child->node.link == LINK_SUPERSEDES)
		return node->link == LINK_SUPERSEDES || node->link == LINK_ROOT;
	if (node->link == LINK_SUPERSEDES)
		return false;
	return child->node.link != LINK_DEPENDS ||
	       is_direct(children,
			 klpdep_tree_find_module(children->tree, ends[children->up]),
			 klpdep_tree_find_module(children->tree, ends[!children->up]));
}

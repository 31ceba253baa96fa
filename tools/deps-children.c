/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can stand below a row in the trees of klpdep deps. */
#include "config.h"

#include "tools/deps.h"

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

static bool is_member(const struct children *children, const char *name)
{
	return klp_index_find(children->index, name) ||
	       klpdep_index_has_object(children->index, name);
}

/* Whether @module depends on @dep, and not by way of something else that is shown. */
static bool is_direct(const struct children *children, const struct klp_module *module,
		      const struct klp_module *dep)
{
	const struct klp_moddep *moddep = &children->moddep;

	if (!has_dep(moddep, module, dep))
		return false;
	for (size_t i = 0; i < module->n_deps; i++) {
		const struct klp_module *between = &moddep->modules[module->deps[i]];

		if (between != dep && has_dep(moddep, between, dep) &&
		    !has_dep(moddep, dep, between) &&
		    (!children->up || is_member(children, between->name)))
			return false;
	}
	return true;
}

/* ---- gathering --------------------------------------------------------------------- */

/* @ends: the name that needs, and what it needs.  NULL: no memory. */
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

static int add_relations(struct children *children, const struct relation_list *list,
			 enum link link)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct relation *relation = &list->v[i];
		const char *ends[] = { relation->from->name, relation->name };
		struct node *node = add_child(children, ends, link, relation->reason);

		if (!node)
			return -ENOMEM;
		if (!relation->met_by || relation->met_by == relation->to ||
		    relation->met_by == relation->from)
			continue;
		ends[1] = relation->met_by->name;
		node = add_child(children, ends, link, relation->reason);
		if (!node)
			return -ENOMEM;
		node->instead = relation->name;
	}
	return 0;
}

static int add_edges(struct children *children)
{
	const struct klpdep_index *index = children->index;

	for (size_t i = 0; i < index->n_edges; i++) {
		const struct klp_index_edge *edge = &index->edges[i];
		const char *ends[] = { edge->object->name, edge->patch->name }, *reason;
		struct node *node;

		klp_edge_order(edge, children->view->config, &reason);
		node = add_child(children, ends, LINK_PATCHED, reason);
		if (!node)
			return -ENOMEM;
		node->after = edge->object->order == KLPDEP_ORDER_AFTER;
	}
	return 0;
}

/* That a patch depends on a patch is among the requirements. */
static bool is_import(const struct children *children, const char *a, const char *b)
{
	return klp_index_find(children->index, a) && klp_index_find(children->index, b);
}

static int add_modules(struct children *children)
{
	const struct klp_moddep *moddep = &children->moddep;

	for (size_t i = 0; i < moddep->n_modules; i++) {
		const struct klp_module *module = &moddep->modules[i];

		if (children->up && !is_member(children, module->name))
			continue;
		for (size_t j = 0; j < module->n_deps; j++) {
			const char *ends[] = { module->name,
					       moddep->modules[module->deps[j]].name };

			if (!is_import(children, ends[0], ends[1]) &&
			    !add_child(children, ends, LINK_DEPENDS, "import"))
				return -ENOMEM;
		}
	}
	return 0;
}

/* By what they stand below, and there as they are shown. */
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
	err = add_relations(children, &children->relations.requires, LINK_REQUIRES);
	if (err == 0)
		err = add_edges(children);
	if (err == 0)
		err = add_modules(children);
	if (err == 0)
		err = add_relations(children, &children->relations.supersedes,
				    LINK_SUPERSEDES);
	if (children->n)
		qsort(children->v, children->n, sizeof(*children->v), cmp_children);
	return err;
}

/* ---- asking ------------------------------------------------------------------------ */

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

	/* What others than the root supersede is not the question. */
	if (child->node.link == LINK_SUPERSEDES)
		return node->link == LINK_SUPERSEDES || node->link == LINK_ROOT;
	if (node->link == LINK_SUPERSEDES)
		return false;
	return child->node.link != LINK_DEPENDS ||
	       is_direct(children,
			 klp_moddep_find(&children->moddep, ends[children->up]),
			 klp_moddep_find(&children->moddep, ends[!children->up]));
}

void children_clear(struct children *children)
{
	relations_clear(&children->relations);
	klp_moddep_clear(&children->moddep);
	free(children->v);
}

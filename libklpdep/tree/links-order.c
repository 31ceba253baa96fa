/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a patch comes before its target or after it: after it if the target is a
 * dependency, so that loading the patch loads the target. */
#include "config.h"

#include "libklpdep/tree/links.h"

/* A patch that depends on a target, by number. */
struct dependent {
	size_t module, patch;
};

struct orders {
	const struct klpdep_index *index;
	const struct klp_moddep *moddep;
	struct dependent *dependents; /* sorted by module */
	size_t n;
	struct klp_link *back; /* requirements, sorted by the required patch */
	size_t *reached;       /* by patch: the module of its last visit, from 1 */
	const struct klpdep_patch **queue;
};

static void orders_clear(struct orders *orders)
{
	free(orders->dependents);
	free(orders->back);
	free(orders->reached);
	free(orders->queue);
}

static int cmp_dependents(const void *p, const void *q)
{
	const struct dependent *a = p, *b = q;

	return a->module < b->module ? -1 : a->module > b->module;
}

static int cmp_back(const void *p, const void *q)
{
	const struct klp_link *a = p, *b = q;

	return a->to->number < b->to->number ? -1 : a->to->number > b->to->number;
}

static int gather_dependents(struct orders *orders)
{
	const struct klp_moddep *moddep = orders->moddep;

	for (size_t i = 0; i < orders->index->n_patches; i++) {
		const struct klp_module *module =
			klp_moddep_find(moddep, orders->index->patches[i]->name);

		for (size_t j = 0; module && j < module->n_deps; j++) {
			size_t on = module->deps[j], n_edges;
			struct dependent *dependent;

			klp_index_edges_of(orders->index, moddep->modules[on].name, &n_edges);
			if (!n_edges)
				continue;
			dependent = klp_append(orders->dependents, orders->n);
			if (!dependent)
				return -ENOMEM;
			*dependent = (struct dependent){ on, i };
		}
	}
	klp_sort(orders->dependents, orders->n, cmp_dependents);
	return 0;
}

/* Only if there are dependents: most patches have none. */
static int prepare_orders(struct orders *orders)
{
	const struct klpdep_index *index = orders->index;
	int err = gather_dependents(orders);

	if (err < 0 || !orders->n)
		return err;
	orders->back = calloc(index->n_requires + 1, sizeof(*orders->back));
	orders->reached = calloc(index->n_patches + 1, sizeof(*orders->reached));
	orders->queue = calloc(index->n_patches + 1, sizeof(*orders->queue));
	if (!orders->back || !orders->reached || !orders->queue)
		return -ENOMEM;
	for (size_t i = 0; i < index->n_requires; i++)
		orders->back[i] = index->requires[i];
	klp_sort(orders->back, index->n_requires, cmp_back);
	return 0;
}

static void reach(struct orders *orders, const struct klpdep_patch *patch, size_t module,
		  size_t *n)
{
	if (orders->reached[patch->number] == module + 1)
		return;
	orders->reached[patch->number] = module + 1;
	orders->queue[(*n)++] = patch;
}

/* Loading a patch first loads what it requires, and the modules that that depends on.  Go
 * backwards from the patches that depend on this module, to find all patches that load
 * it. */
static void find_after(struct orders *orders, const struct dependent *dependents, size_t n)
{
	const struct klpdep_index *index = orders->index;
	const struct klpdep_edge *edges;
	size_t module = dependents->module, n_reached = 0, n_edges;

	for (size_t i = 0; i < n; i++)
		reach(orders, index->patches[dependents[i].patch], module, &n_reached);
	for (size_t i = 0; i < n_reached; i++) {
		const struct klp_link key = { .to = (struct klpdep_patch *)orders->queue[i] };
		size_t j = klp_lower_bound(&key, orders->back, index->n_requires,
					   sizeof(key), cmp_back);

		for (; j < index->n_requires && orders->back[j].to == key.to; j++)
			reach(orders, orders->back[j].from, module, &n_reached);
	}
	edges = klp_index_edges_of(index, orders->moddep->modules[module].name, &n_edges);
	for (size_t i = 0; i < n_edges; i++) {
		if (orders->reached[edges[i].patch->number] == module + 1)
			edges[i].object->order = KLPDEP_ORDER_AFTER;
	}
}

int klp_links_find_orders(struct klpdep_index *index, const struct klp_moddep *moddep)
{
	_cleanup_(orders_clear) struct orders orders = { .index = index, .moddep = moddep };
	int err = prepare_orders(&orders);

	for (size_t i = 0; i < index->n_edges; i++) {
		struct klpdep_object *object = index->edges[i].object;

		object->order = klp_streq(object->name, "vmlinux") ||
						!klp_moddep_find(moddep, object->name) ?
					KLPDEP_ORDER_NONE :
					KLPDEP_ORDER_BEFORE;
	}
	for (size_t i = 0, end; i < orders.n && err == 0; i = end) {
		for (end = i + 1; end < orders.n; end++) {
			if (orders.dependents[end].module != orders.dependents[i].module)
				break;
		}
		find_after(&orders, &orders.dependents[i], end - i);
	}
	return err;
}

enum klpdep_order klp_edge_order(const struct klpdep_edge *edge,
				  const struct klpdep_config *config, const char **reason)
{
	const char *where = NULL;
	enum klpdep_order forced;

	*reason = NULL;
	if (edge->object->order == KLPDEP_ORDER_NONE)
		return KLPDEP_ORDER_NONE;
	forced = klp_config_order(config, edge->patch->name, &where);
	/* A patch that hard-depends on its target cannot go in first, whatever is
	 * configured. */
	if (forced != KLPDEP_ORDER_NONE && edge->object->order != KLPDEP_ORDER_AFTER) {
		*reason = where;
		return forced;
	}
	if (edge->object->order == KLPDEP_ORDER_AFTER)
		*reason = "depends on its target";
	return edge->object->order;
}

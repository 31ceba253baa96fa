/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "libklpdep/graph.h"

/* ---- what a patch requires, directly or not ---------------------------------------- */

struct closure {
	const struct klpdep_patch **v; /* the patch itself is the first */
	size_t *by;		       /* the place of the one that requires it */
	size_t n;
	bool is_circle;
	size_t last; /* the place of the one that requires the first, in a circle */
};

static void closure_clear(struct closure *closure)
{
	free(closure->v);
	free(closure->by);
}

static int gather_closure(const struct klpdep_index *index,
			  const struct klpdep_patch *patch, struct closure *closure)
{
	_cleanup_free_ bool *seen = calloc(index->n_patches, sizeof(*seen));

	closure->v = calloc(index->n_patches, sizeof(*closure->v));
	closure->by = calloc(index->n_patches, sizeof(*closure->by));
	if (!seen || !closure->v || !closure->by)
		return -ENOMEM;
	closure->v[closure->n++] = patch;
	seen[patch->number] = true;
	for (size_t i = 0; i < closure->n; i++) {
		const struct klp_link *links;
		size_t n;

		links = klp_index_requires_of(index, closure->v[i], &n);
		for (size_t j = 0; j < n; j++) {
			const struct klpdep_patch *next = links[j].to;

			if (next == patch && !closure->is_circle) {
				closure->is_circle = true;
				closure->last = i;
			}
			if (seen[next->number])
				continue;
			seen[next->number] = true;
			closure->by[closure->n] = i;
			closure->v[closure->n++] = next;
		}
	}
	return 0;
}

int klp_graph_find_circle(const struct klpdep_index *index,
			  const struct klpdep_patch *patch, struct klp_strv *circle)
{
	_cleanup_(closure_clear) struct closure closure = { 0 };
	int err = patch->plain ? 0 : gather_closure(index, patch, &closure);

	/* From the last one back to the first, and then the other way around. */
	for (size_t i = closure.last; i && err == 0; i = closure.by[i])
		err = klp_strv_add(circle, closure.v[i]->name);
	if (err == 0 && closure.is_circle)
		err = klp_strv_add(circle, patch->name);
	for (size_t i = 0; i < circle->n / 2; i++) {
		char *name = circle->v[i];

		circle->v[i] = circle->v[circle->n - 1 - i];
		circle->v[circle->n - 1 - i] = name;
	}
	return err;
}

/* ---- order ------------------------------------------------------------------------- */

static bool depends_on(const struct klp_moddep *moddep, const char *patch,
		       const char *target)
{
	const struct klp_module *module = klp_moddep_find(moddep, patch);

	for (size_t i = 0; module && i < module->n_deps; i++) {
		if (klp_streq(moddep->modules[module->deps[i]].name, target))
			return true;
	}
	return false;
}

static bool requires_plain_ones(const struct klpdep_index *index,
				const struct klpdep_patch *patch)
{
	const struct klp_link *links;
	size_t n;

	links = klp_index_requires_of(index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		if (!links[i].to->plain)
			return false;
	}
	return true;
}

void klp_graph_find_plain(struct klpdep_index *index, const struct klp_moddep *moddep)
{
	size_t n = index->n_patches;
	bool changed;

	/* Chains follow the names as a rule, upwards or downwards. */
	do {
		changed = false;
		for (size_t i = 0; i < 2 * n; i++) {
			struct klpdep_patch *patch =
				index->patches[i < n ? i : 2 * n - 1 - i];
			const struct klp_module *module;

			if (patch->plain || !requires_plain_ones(index, patch))
				continue;
			module = klp_moddep_find(moddep, patch->name);
			patch->plain = !module || module->n_deps == 0;
			changed |= patch->plain;
		}
	} while (changed);
}

int klp_graph_find_orders(const struct klpdep_index *index,
			  const struct klp_moddep *moddep, struct klpdep_patch *patch)
{
	_cleanup_(closure_clear) struct closure closure = { 0 };
	int err = patch->plain ? 0 : gather_closure(index, patch, &closure);

	for (size_t i = 0; i < patch->n_objects && err == 0; i++) {
		struct klpdep_object *object = &patch->objects[i];

		object->order = KLPDEP_ORDER_NONE;
		if (klp_streq(object->name, "vmlinux") ||
		    !klp_moddep_find(moddep, object->name))
			continue;
		object->order = KLPDEP_ORDER_BEFORE;
		/* Loading the patch takes what it requires first, and that its
		 * targets. */
		for (size_t j = 0; j < closure.n; j++) {
			if (depends_on(moddep, closure.v[j]->name, object->name))
				object->order = KLPDEP_ORDER_AFTER;
		}
	}
	return err;
}

enum klpdep_order klp_graph_order(const struct klp_edge *edge,
				  const struct klpdep_config *config, const char **reason)
{
	const char *where = NULL;
	enum klpdep_order forced;

	*reason = NULL;
	if (edge->object->order == KLPDEP_ORDER_NONE)
		return KLPDEP_ORDER_NONE;
	forced = klp_config_order(config, edge->patch->name, &where);
	/* What hard-depends on its target cannot go in first, whatever is configured. */
	if (forced != KLPDEP_ORDER_NONE && edge->object->order != KLPDEP_ORDER_AFTER) {
		*reason = where;
		return forced;
	}
	if (edge->object->order == KLPDEP_ORDER_AFTER)
		*reason = "depends on its target";
	return edge->object->order;
}

/* ---- which patches count ----------------------------------------------------------- */

/* Whether @newer, by declaration or configuration, takes the place of @older. */
static bool takes_place(const struct klpdep_index *index,
			const struct klpdep_config *config,
			const struct klpdep_patch *newer,
			const struct klpdep_patch *older)
{
	const struct klp_link *links;
	size_t n;

	if (klp_config_supersedes(config, newer->name, older->name, NULL))
		return true;
	links = klp_index_superseders_of(index, older, &n);
	for (size_t i = 0; i < n; i++) {
		if (links[i].from == newer)
			return true;
	}
	return false;
}

static bool share_an_object(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	for (size_t i = 0; i < a->n_objects; i++) {
		for (size_t j = 0; j < b->n_objects; j++) {
			if (klp_streq(a->objects[i].name, b->objects[j].name))
				return true;
		}
	}
	return false;
}

/* Whether @newer, which claims the place of @older, has it: it must be for the same
 * object and must count itself, and of two that claim each other's place the later name
 * wins. */
static bool has_place(const struct klpdep_index *index,
		      const struct klpdep_config *config,
		      const struct klpdep_patch *newer, const struct klpdep_patch *older)
{
	if (newer == older || !share_an_object(newer, older) ||
	    klp_config_masked(config, newer->name, NULL))
		return false;
	return !takes_place(index, config, older, newer) ||
	       klp_name_cmp(newer->name, older->name) > 0;
}

enum klpdep_state klp_graph_state(const struct klpdep_index *index,
				  const struct klpdep_config *config,
				  const struct klpdep_patch *patch, const char **reason)
{
	const struct klp_link *links;
	size_t n;

	if (klp_config_masked(config, patch->name, reason))
		return KLPDEP_STATE_MASKED;
	links = klp_index_superseders_of(index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		if (has_place(index, config, links[i].from, patch)) {
			*reason = links[i].from->name;
			return KLPDEP_STATE_SUPERSEDED;
		}
	}
	if (!klp_config_supersedes(config, NULL, patch->name, NULL))
		return KLPDEP_STATE_ACTIVE;
	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *newer = index->patches[i];
		const char *where;

		if (klp_config_supersedes(config, newer->name, patch->name, &where) &&
		    has_place(index, config, newer, patch)) {
			*reason = where;
			return KLPDEP_STATE_SUPERSEDED;
		}
	}
	return KLPDEP_STATE_ACTIVE;
}

const struct klpdep_patch *klp_graph_successor(const struct klpdep_index *index,
					       const struct klpdep_config *config,
					       const struct klpdep_patch *patch)
{
	const struct klpdep_patch *successor = NULL;
	const char *reason;

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *newer = index->patches[i];

		if (takes_place(index, config, newer, patch) &&
		    has_place(index, config, newer, patch) &&
		    klp_graph_state(index, config, newer, &reason) ==
			    KLPDEP_STATE_ACTIVE &&
		    (!successor || klp_name_cmp(newer->name, successor->name) > 0))
			successor = newer;
	}
	return successor;
}

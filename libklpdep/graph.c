/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "libklpdep/graph.h"

/* ---- order ------------------------------------------------------------------------- */

/* Whether loading @patch takes @target first: the patch, or one that it requires, depends
 * on it.  @seen holds what was gone through, since requirements can be circular. */
static bool needs_module(const struct klpdep_index *index,
			 const struct klp_moddep *moddep,
			 const struct klpdep_patch *patch, const char *target,
			 struct klp_strv *seen)
{
	const struct klp_module *module = klp_moddep_find(moddep, patch->name);
	const struct klp_link *links;
	size_t n;

	if (klp_strv_has(seen, patch->name) || klp_strv_add(seen, patch->name) < 0)
		return false;
	for (size_t i = 0; module && i < module->n_deps; i++) {
		if (klp_streq(moddep->modules[module->deps[i]].name, target))
			return true;
	}
	links = klp_index_requires_of(index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		if (needs_module(index, moddep, links[i].to, target, seen))
			return true;
	}
	return false;
}

void klp_graph_find_orders(const struct klpdep_index *index,
			   const struct klp_moddep *moddep, struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		struct klpdep_object *object = &patch->objects[i];
		_cleanup_strv_ struct klp_strv seen = { 0 };

		if (klp_streq(object->name, "vmlinux") ||
		    !klp_moddep_find(moddep, object->name))
			object->order = KLPDEP_ORDER_NONE;
		else if (needs_module(index, moddep, patch, object->name, &seen))
			object->order = KLPDEP_ORDER_AFTER;
		else
			object->order = KLPDEP_ORDER_BEFORE;
	}
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

/* ---- circles ----------------------------------------------------------------------- */

/* Go on from the last patch of @path to @start, by what it requires. */
static bool leads_to(const struct klpdep_index *index, const struct klpdep_patch *patch,
		     const struct klpdep_patch *start, struct klp_strv *seen,
		     struct klp_strv *path)
{
	const struct klp_link *links;
	size_t n;

	links = klp_index_requires_of(index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		const struct klpdep_patch *next = links[i].to;

		if (next == start)
			return true;
		if (klp_strv_has(seen, next->name) ||
		    klp_strv_add(seen, next->name) < 0 ||
		    klp_strv_add(path, next->name) < 0)
			continue;
		if (leads_to(index, next, start, seen, path))
			return true;
		free(path->v[--path->n]);
	}
	return false;
}

bool klp_graph_find_circle(const struct klpdep_index *index,
			   const struct klpdep_patch *patch, struct klp_strv *circle)
{
	_cleanup_strv_ struct klp_strv seen = { 0 };

	return klp_strv_add(circle, patch->name) == 0 &&
	       leads_to(index, patch, patch, &seen, circle);
}

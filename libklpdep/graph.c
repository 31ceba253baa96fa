/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fnmatch.h>

#include "libklpdep/graph.h"

/* ---- links between patches --------------------------------------------------------- */

/* An ordinary dependency, since one imports what the other exports. */
static int add_imports(struct klpdep_index *index, const struct klp_moddep *moddep,
		       struct klpdep_patch *patch)
{
	const struct klp_module *module = klp_moddep_find(moddep, patch->name);
	int err = 0;

	for (size_t i = 0; module && i < module->n_deps && err == 0; i++) {
		const char *name = moddep->modules[module->deps[i]].name;
		struct klpdep_patch *needed = klp_index_find(index, name);

		if (needed)
			err = klp_index_add_requires(index, patch, needed, "import");
	}
	return err;
}

static int add_named(struct klpdep_index *index, struct klpdep_patch *patch,
		     const struct klp_strv *names, const char *reason)
{
	int err = 0;

	for (size_t i = 0; i < names->n && err == 0; i++) {
		char name[KLP_MODULE_NAME_LEN];
		struct klpdep_patch *needed;

		if (klp_name_normalize(names->v[i], name) < 0)
			continue;
		needed = klp_index_find(index, name);
		if (needed && needed != patch)
			err = klp_index_add_requires(index, patch, needed, reason);
	}
	return err;
}

static int add_superseded(struct klpdep_index *index, struct klpdep_patch *patch)
{
	int err = 0;

	for (size_t i = 0; i < patch->supersedes.n; i++) {
		for (size_t j = 0; j < index->n_patches && err == 0; j++) {
			struct klpdep_patch *older = index->patches[j];

			if (older != patch &&
			    fnmatch(patch->supersedes.v[i], older->name, 0) == 0)
				err = klp_index_add_supersedes(index, patch, older,
							       "declared");
		}
	}
	return err;
}

static void warn_missing(struct klpdep_ctx *ctx, const struct klpdep_index *index,
			 const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->requires.n; i++) {
		char name[KLP_MODULE_NAME_LEN];

		if (klp_name_normalize(patch->requires.v[i], name) < 0 ||
		    !klp_index_find(index, name))
			klp_warn(ctx,
				 "%s: requires the patch '%.100s', which is not in the "
				 "tree of %s",
				 patch->name, patch->requires.v[i], index->kernel);
	}
}

/* ---- order ------------------------------------------------------------------------- */

/* Whether loading @patch takes @target first: the patch, or one that it requires, depends
 * on it.  @seen holds what was gone through, since requirements can be circular. */
static bool needs_module(const struct klpdep_index *index,
			 const struct klp_moddep *moddep,
			 const struct klpdep_patch *patch, const char *target,
			 struct klp_strv *seen)
{
	const struct klp_module *module = klp_moddep_find(moddep, patch->name);

	if (klp_strv_has(seen, patch->name) || klp_strv_add(seen, patch->name) < 0)
		return false;
	for (size_t i = 0; module && i < module->n_deps; i++) {
		if (klp_streq(moddep->modules[module->deps[i]].name, target))
			return true;
	}
	for (size_t i = 0; i < index->n_requires; i++) {
		if (index->requires[i].from == patch &&
		    needs_module(index, moddep, index->requires[i].to, target, seen))
			return true;
	}
	return false;
}

static void find_orders(const struct klpdep_index *index, const struct klp_moddep *moddep,
			struct klpdep_patch *patch)
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

int klp_graph_build(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    const struct klp_moddep *moddep)
{
	int err = 0;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		struct klpdep_patch *patch = index->patches[i];

		err = add_imports(index, moddep, patch);
		if (err == 0)
			err = add_named(index, patch, &patch->requires, "declared");
		if (err == 0)
			err = add_named(index, patch, &patch->pre, "softdep");
		if (err == 0)
			err = add_superseded(index, patch);
		if (err == 0)
			warn_missing(ctx, index, patch);
	}
	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		find_orders(index, moddep, index->patches[i]);
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
	if (klp_config_supersedes(config, newer->name, older->name, NULL))
		return true;
	for (size_t i = 0; i < index->n_supersedes; i++) {
		if (index->supersedes[i].from == newer &&
		    index->supersedes[i].to == older)
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
	if (klp_config_masked(config, patch->name, reason))
		return KLPDEP_STATE_MASKED;
	for (size_t i = 0; i < index->n_supersedes; i++) {
		const struct klp_link *link = &index->supersedes[i];

		if (link->to == patch && has_place(index, config, link->from, patch)) {
			*reason = link->from->name;
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

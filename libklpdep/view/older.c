/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loaded patches that should not be, and the patches that supersede them. */
#include "config.h"

#include "libklpdep/view/coverage.h"
#include "libklpdep/view/older.h"

#define UNPATCH_CALLBACKS (KLPDEP_PRE_UNPATCH | KLPDEP_POST_UNPATCH)

void klp_older_clear(struct klp_older *older)
{
	klp_strv_clear(&older->objects);
	klp_strv_clear(&older->newer);
}

/* ---- successors -------------------------------------------------------------------- */

static bool patches_one_of(const struct klpdep_patch *patch,
			   const struct klp_strv *objects)
{
	for (size_t i = 0; i < objects->n; i++) {
		if (klp_patch_find_object(patch, objects->v[i]))
			return true;
	}
	return objects->n == 0;
}

/* Whether a patch may supersede another. */
static bool can_take(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	enum klpdep_state state = klp_view_standing(view, patch)->state;

	return state != KLPDEP_STATE_MASKED && state != KLPDEP_STATE_INCOMPATIBLE;
}

/* Patches in the order in which they were found, each once. */
struct claimants {
	const struct klpdep_patch **v;
	size_t n;
	bool *seen; /* by number of the patch */
};

static void claimants_clear(struct claimants *all)
{
	free(all->v);
	free(all->seen);
}

static int claimants_init(struct claimants *all, const struct klpdep_view *view)
{
	all->v = calloc(view->index->n_patches + 1, sizeof(*all->v));
	all->seen = calloc(view->index->n_patches + 1, sizeof(*all->seen));
	return all->v && all->seen ? 0 : -ENOMEM;
}

static void add_claimant(const struct klpdep_view *view, const struct klpdep_patch *patch,
			 struct claimants *all)
{
	if (all->seen[patch->number] || !can_take(view, patch))
		return;
	all->seen[patch->number] = true;
	all->v[all->n++] = patch;
}

/* The patches that supersede one of the index. */
static void add_claimants(const struct klpdep_view *view, const struct klpdep_patch *older,
			  struct claimants *all)
{
	const struct klp_standing *standing = klp_view_standing(view, older);

	for (size_t i = 0; i < standing->n_claims; i++)
		add_claimant(view, standing->claims[i].newer, all);
}

/* The patches that supersede one whose file is gone, as after an upgrade: by their
 * declarations, their names, or the configuration. */
static void add_successors_of_gone(const struct klpdep_view *view,
				   const struct klp_loaded *loaded, struct claimants *all)
{
	for (size_t i = 0; i < view->index->n_patches; i++) {
		const struct klpdep_patch *patch = view->index->patches[i];

		/* Leave alone what somebody else has loaded. */
		if (klp_config_supersedes(view->config, patch->name, loaded->name, NULL) ||
		    (loaded->noted && loaded->seen &&
		     klp_view_claims_place(patch, loaded->seen)))
			add_claimant(view, patch, all);
	}
}

/* All patches that supersede it, also indirectly: a release also supersedes the one before
 * the last. */
static int find_newer(const struct klpdep_view *view, const struct klpdep_patch *patch,
		      struct klp_older *older)
{
	_cleanup_(claimants_clear) struct claimants all = { 0 };
	int err = claimants_init(&all, view);

	if (err < 0)
		return err;
	if (patch)
		add_claimants(view, patch, &all);
	else
		add_successors_of_gone(view, older->loaded, &all);
	for (size_t i = 0; i < all.n; i++)
		add_claimants(view, all.v[i], &all);
	for (size_t i = 0; i < all.n && err == 0; i++) {
		const struct klpdep_patch *newer = all.v[i];

		if (newer->replace == KLPDEP_REPLACE_YES ||
		    patches_one_of(newer, &older->objects))
			err = klp_strv_add(&older->newer, newer->name);
	}
	return err;
}

/* For a masked patch: the patches that it would supersede, or that supersede it.  A blocked
 * one has to come back all the same; an unmet one cannot. */
static int add_returning(const struct klpdep_view *view, const struct klpdep_patch *patch,
			 struct klp_older *older)
{
	enum klpdep_state state = klp_view_standing(view, patch)->state;

	return klp_view_is_wanted(view, patch) && state != KLPDEP_STATE_UNMET ?
		       klp_strv_add_unique(&older->newer, patch->name) :
		       0;
}

static int find_returning(const struct klpdep_view *view,
			  const struct klpdep_patch *masked, struct klp_older *older)
{
	int err = 0;

	for (size_t i = 0; i < view->n_claims && err == 0; i++) {
		const struct klp_claim *claim = &view->claims[i];

		if (claim->older == masked || claim->newer == masked)
			err = add_returning(view,
					    claim->older == masked ? claim->newer :
								     claim->older,
					    older);
	}
	return err;
}

/* The same for a patch whose file is gone. */
static int find_returning_of_gone(const struct klpdep_view *view, struct klp_older *older)
{
	const struct klpdep_patch *seen = older->loaded->seen;
	int err = 0;

	for (size_t i = 0; seen && i < view->index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = view->index->patches[i];

		if (klp_view_claims_place(seen, patch) ||
		    klp_view_claims_place(patch, seen))
			err = add_returning(view, patch, older);
	}
	return err;
}

/* ---- callbacks --------------------------------------------------------------------- */

/* The kernel runs the callbacks of loaded objects (kernel/livepatch/core.c,
 * klp_unpatch_object()). For a patch whose file is gone, a note says that it has some. */
static bool would_run_callbacks(const struct klpdep_patch *patch,
				const struct klp_loaded *loaded)
{
	if (!patch)
		return loaded->note.callbacks & UNPATCH_CALLBACKS;
	for (size_t i = 0; i < patch->n_objects; i++) {
		if (patch->objects[i].callbacks & UNPATCH_CALLBACKS &&
		    klp_live_has_object(patch->objects[i].name))
			return true;
	}
	return false;
}

/* From the configuration, or else from a newer patch. */
static enum klp_retire find_retire(const struct klpdep_view *view,
				   const struct klp_older *older)
{
	unsigned int retire = KLP_RETIRE_AUTO;

	if (klp_config_retire(view->config, older->loaded->name, &retire))
		return (enum klp_retire)retire;
	for (size_t i = 0; i < older->newer.n && retire == KLP_RETIRE_AUTO; i++) {
		const struct klpdep_patch *newer =
			klp_index_find(view->index, older->newer.v[i]);

		if (klp_view_is_active(view, newer))
			retire = newer->retire;
	}
	return (enum klp_retire)retire;
}

static bool stays_beneath(const struct klpdep_view *view,
			  const struct klpdep_patch *patch, const struct klp_older *older)
{
	enum klp_retire retire = find_retire(view, older);

	if (older->loaded->state == KLP_PATCH_DEAD)
		return false;
	return retire == KLP_RETIRE_NEVER ||
	       (retire == KLP_RETIRE_AUTO && would_run_callbacks(patch, older->loaded));
}

/* A patch that is left to kpatch goes if the configuration says so, like a foreign one. */
static bool may_go(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = klp_view_standing(view, patch);
	size_t i = 0;

	while (i < standing->n_claims &&
	       standing->claims[i].reason != KLPDEP_REASON_CONFIGURED)
		i++;
	return !standing->left_to_kpatch || i < standing->n_claims;
}

/* ---- everything -------------------------------------------------------------------- */

static int add_objects(const struct klpdep_patch *patch, struct klp_strv *objects)
{
	int err = 0;

	for (size_t i = 0; patch && i < patch->n_objects && err == 0; i++)
		err = klp_strv_add_unique(objects, patch->objects[i].name);
	return err;
}

bool klp_view_find_older(const struct klpdep_view *view, const struct klp_loaded *loaded,
			 struct klp_older *older)
{
	const struct klpdep_patch *patch = klp_index_find(view->index, loaded->name);
	enum klpdep_state state = KLPDEP_STATE_SUPERSEDED;

	/* A blacklist unloads nothing. */
	if (patch && !klp_view_standing(view, patch)->is_blacklisted)
		state = klp_view_standing(view, patch)->state;
	else if (!patch && loaded->noted && klp_view_is_masked(view, loaded->name, NULL))
		state = KLPDEP_STATE_MASKED;
	/* A patch that is only blocked stays as it is. */
	if ((state != KLPDEP_STATE_SUPERSEDED && state != KLPDEP_STATE_MASKED) ||
	    (patch && !may_go(view, patch)))
		return false;
	older->loaded = loaded;
	older->masked = state == KLPDEP_STATE_MASKED;
	older->is_rest = !patch && loaded->noted && loaded->state == KLP_PATCH_DEAD;
	if (add_objects(patch, &older->objects) < 0 ||
	    add_objects(loaded->seen, &older->objects) < 0)
		return false;
	if (find_newer(view, patch, older) < 0 ||
	    (older->masked && (patch ? find_returning(view, patch, older) :
				       find_returning_of_gone(view, older)) < 0))
		return false;
	older->stays_beneath = stays_beneath(view, patch, older);
	return older->masked || older->is_rest || older->newer.n;
}

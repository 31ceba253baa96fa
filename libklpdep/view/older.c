/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which patches that are in the kernel are superseded, and by what. */
#include "config.h"

#include "libklpdep/live/live.h"
#include "libklpdep/view/older.h"

void klp_older_clear(struct klp_older *older)
{
	klp_strv_clear(&older->objects);
	klp_strv_clear(&older->newer);
}

static bool patches_one_of(const struct klpdep_patch *patch,
			   const struct klp_strv *objects)
{
	for (size_t i = 0; i < objects->n; i++) {
		if (klp_patch_find_object(patch, objects->v[i]))
			return true;
	}
	return objects->n == 0;
}

/* Append the patches that take the place of one of the index. */
static int add_claimants(const struct klpdep_view *view, const struct klpdep_patch *older,
			 struct klp_strv *newer)
{
	const struct klp_standing *standing = klp_view_standing(view, older);
	int err = 0;

	for (size_t i = 0; i < standing->n_claims && err == 0; i++) {
		const struct klpdep_patch *patch = standing->claims[i].newer;

		if (klp_view_standing(view, patch)->state != KLPDEP_STATE_MASKED)
			err = klp_strv_add_unique(newer, patch->name);
	}
	return err;
}

/* Those that take the place of a patch whose file has gone from the tree, as an upgrade
 * takes it away: because they say so, or by their names, or because configuration does. */
static int add_successors_of_gone(const struct klpdep_view *view,
				  const struct klpdep_patch *gone,
				  const struct klp_older *older, struct klp_strv *newer)
{
	int err = 0;

	for (size_t i = 0; i < view->index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = view->index->patches[i];

		if (klp_view_standing(view, patch)->state != KLPDEP_STATE_MASKED &&
		    patches_one_of(patch, &older->objects) &&
		    ((gone && klp_view_claims_place(patch, gone)) ||
		     klp_config_supersedes(view->config, patch->name, older->name, NULL)))
			err = klp_strv_add_unique(newer, patch->name);
	}
	return err;
}

/* All patches that take its place: those of a release take that of the release before the
 * last one, too.  Of patches that claim each other's place the later name wins. */
static int find_newer(const struct klpdep_view *view, const struct klpdep_patch *patch,
		      const struct klpdep_patch *gone, struct klp_older *older)
{
	const struct klpdep_index *index = view->index;
	_cleanup_strv_ struct klp_strv all = { 0 };
	int err = patch ? add_claimants(view, patch, &all) :
			  add_successors_of_gone(view, gone, older, &all);

	for (size_t i = 0; i < all.n && err == 0; i++)
		err = add_claimants(view, klp_index_find(index, all.v[i]), &all);
	for (size_t i = 0; i < all.n && err == 0; i++) {
		const char *name = all.v[i];

		if (!klp_streq(name, older->name) &&
		    patches_one_of(klp_index_find(index, name), &older->objects) &&
		    (!klp_strv_has(&all, older->name) ||
		     klp_name_cmp(name, older->name) > 0))
			err = klp_strv_add(&older->newer, name);
	}
	return err;
}

static int add_objects(const struct klpdep_patch *patch, struct klp_strv *objects)
{
	int err = 0;

	for (size_t i = 0; patch && i < patch->n_objects && err == 0; i++)
		err = klp_strv_add_unique(objects, patch->objects[i].name);
	return err;
}

bool klp_view_find_older(const struct klpdep_view *view, const char *name,
			 struct klp_older *older)
{
	const struct klpdep_patch *patch = klp_index_find(view->index, name);
	_cleanup_patch_ struct klpdep_patch *gone = NULL;

	older->name = name;
	if (patch ? klp_view_is_active(view, patch) :
		    klp_live_read(name, &gone) < 0 &&
			    !klp_config_supersedes(view->config, NULL, name, NULL))
		return false;
	if (add_objects(patch, &older->objects) < 0 ||
	    klp_live_objects(name, &older->objects) < 0 ||
	    find_newer(view, patch, gone, older) < 0)
		return false;
	return older->newer.n && (patch || klp_live_is_patch(name));
}

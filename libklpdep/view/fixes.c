/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which fixes are in effect on the running kernel.
 *
 * Patches name a fix, in their modinfo or in klpdep.d(5).  It is in effect when each patch
 * that names it is, on all of its loaded objects.  If another patch has superseded such a
 * patch, that one has its fixes, too, if it covers it or names them itself.  So each patch
 * that names a fix is followed by the successors that have it.  Any of these may be in
 * effect on an object.
 */
#include "config.h"

#include "libklpdep/view/coverage.h"
#include "libklpdep/view/row.h"

struct klpdep_fix {
	char *id;
	enum klpdep_fix_state state;
	struct klp_strv patches; /* the patches that name it */
	char *reason;		 /* or NULL */
};

struct klpdep_fixes {
	unsigned int refs;
	struct klpdep_fix *v; /* sorted by identifier */
	size_t n;
};

static void fixes_destroy(struct klpdep_fixes *fixes)
{
	for (size_t i = 0; i < fixes->n; i++) {
		free(fixes->v[i].id);
		klp_strv_clear(&fixes->v[i].patches);
		free(fixes->v[i].reason);
	}
	free(fixes->v);
	free(fixes);
}

KLP_REFCOUNTED(klpdep_fixes, klpdep_fixes, fixes_destroy)

/* ---- the patches with a fix -------------------------------------------------------- */

struct naming {
	char *id;
	const struct klpdep_patch *patch;
};

struct namings {
	struct naming *v; /* sorted by identifier, then by patch */
	size_t n;
};

static void namings_clear(struct namings *namings)
{
	for (size_t i = 0; i < namings->n; i++)
		free(namings->v[i].id);
	free(namings->v);
}

static int cmp_naming(const void *p, const void *q)
{
	const struct naming *a = p, *b = q;
	int cmp = klp_name_cmp(a->id, b->id);

	return cmp ? cmp : (a->patch->number > b->patch->number) -
			     (a->patch->number < b->patch->number);
}

static int cmp_id(const void *id, const void *naming)
{
	return klp_name_cmp(id, ((const struct naming *)naming)->id);
}

static int find_names(const struct klpdep_view *view, const struct klpdep_patch *patch,
		      struct klp_strv *ids)
{
	int err = 0;

	for (size_t i = 0; i < patch->fixes.n && err == 0; i++)
		err = klp_strv_add(ids, patch->fixes.v[i]);
	if (err == 0)
		err = klp_config_fixes(view->config, patch->name, ids);
	klp_strv_sort_unique(ids);
	return err;
}

int klpdep_view_list_fixes(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			   const struct klpdep_patch *patch, klpdep_fix_fn fn, void *data)
{
	_cleanup_strv_ struct klp_strv ids = { 0 };
	int err = klp_said(ctx, find_names(view, patch, &ids));

	for (size_t i = 0; i < ids.n && err == 0; i++)
		err = fn(data, ids.v[i]);
	return err;
}

static int gather(const struct klpdep_view *view, struct namings *namings)
{
	int err = 0;

	for (size_t i = 0; i < view->index->n_patches && err == 0; i++) {
		_cleanup_strv_ struct klp_strv fixes = { 0 };

		err = find_names(view, view->index->patches[i], &fixes);
		for (size_t j = 0; j < fixes.n && err == 0; j++) {
			struct naming *naming = klp_append(namings->v, namings->n);

			if (!naming)
				return -ENOMEM;
			naming->patch = view->index->patches[i];
			naming->id = klp_take(fixes.v[j]);
		}
	}
	klp_sort(namings->v, namings->n, cmp_naming);
	return err;
}

static bool names(const struct namings *namings, const char *id, const struct klpdep_patch *patch)
{
	const struct naming key = { .id = (char *)id, .patch = patch };

	return klp_search(&key, namings->v, namings->n, cmp_naming);
}

/* ---- whether it is in effect ------------------------------------------------------- */

/* A fix while it is examined: a patch that names it, and the successors that have it. */
struct look {
	const struct klpdep_status *status;
	const struct namings *namings;
	const char *id;
	const struct klpdep_patch **holders;
	size_t n_holders;
	size_t n_fixed, n_changing, n_not; /* loaded objects */
	char *reason;			   /* of the first that is not fixed, or changing */
	bool is_reason_of_change;
};

static bool holds(const void *data, const struct klpdep_patch *patch)
{
	const struct look *look = data;

	for (size_t i = 0; i < look->n_holders; i++) {
		if (look->holders[i] == patch)
			return true;
	}
	return false;
}

static int find_holders(struct look *look, const struct klpdep_patch *patch)
{
	look->n_holders = 0;
	while (patch && !holds(look, patch)) {
		const struct klpdep_patch *next =
			klp_view_standing(look->status->view, patch)->successor;
		const struct klpdep_patch **slot = klp_append(look->holders, look->n_holders);

		if (!slot)
			return -ENOMEM;
		*slot = patch;
		patch = next && (klp_patch_covers(next, patch) ||
				 names(look->namings, look->id, next)) ?
				next :
				NULL;
	}
	return 0;
}

static const struct klpdep_row *find_row(const struct klpdep_status *status, const char *patch,
					 const char *target)
{
	const struct klpdep_row key = { .patch = (char *)patch, .target = (char *)target };

	return klp_search(&key, status->rows, status->n_rows, klp_row_cmp);
}

/* A patch that has changed a function of the object later, and does not have the fix; or
 * NULL. */
static const struct klp_loaded *find_above(const struct look *look,
					   const struct klpdep_patch *patch,
					   const struct klpdep_object *object)
{
	return klp_view_find_other_above(look->status->view, patch, object, holds, look);
}

/* The row of a superseded or masked patch, or of one that is left to kpatch, does not say
 * that it is in effect, but it may be. */
static bool is_in_effect(const struct look *look, const struct klpdep_patch *patch,
			 const struct klpdep_object *object, const struct klpdep_row *row)
{
	return (row->condition == KLPDEP_CONDITION_PATCHED ||
		row->condition == KLPDEP_CONDITION_SUPERSEDED ||
		row->condition == KLPDEP_CONDITION_MASKED ||
		klp_view_is_left(look->status->view, patch)) &&
	       row->enabled && row->patched && !row->transition && !klp_live_other_build(patch) &&
	       !find_above(look, patch, object);
}

static int note_reason(struct look *look, const struct klpdep_patch *patch,
		       const struct klpdep_object *object, const struct klpdep_row *row)
{
	const struct klp_loaded *above = row->condition == KLPDEP_CONDITION_PATCHED ?
						 find_above(look, patch, object) : NULL;
	const char *reason = above ? above->name : row->reason;

	bool is_of_change = row->transition && row->enabled;

	if (look->reason && !(look->is_reason_of_change && !is_of_change))
		return 0;
	free(look->reason);
	look->is_reason_of_change = is_of_change;
	look->reason = klp_format("%s on %s: %s%s%s", patch->name, object->name,
				  above ? "overridden" :
					  klpdep_condition_name(row->condition),
				  reason ? ": " : "", reason ? reason : "");
	return look->reason ? 0 : -ENOMEM;
}

/* A patch that names the fix itself is examined by itself, and may lack an object. */
static bool is_left_out(const struct look *look, const struct klpdep_object *object)
{
	const struct klpdep_patch *last = look->holders[look->n_holders - 1];

	return look->n_holders > 1 && names(look->namings, look->id, last) &&
	       !klp_patch_find_object(last, object->name);
}

static int look_at_object(struct look *look, const struct klpdep_object *object)
{
	const struct klpdep_row *shown = NULL, *row;
	const struct klpdep_patch *of = NULL;
	bool changes = false;

	for (size_t i = 0; i < look->n_holders && !is_left_out(look, object); i++) {
		const struct klpdep_patch *patch = look->holders[i];
		const struct klpdep_object *own = klp_patch_find_object(patch, object->name);

		row = own ? find_row(look->status, patch->name, object->name) : NULL;
		if (!row)
			continue;
		if (!row->target_loaded)
			return 0;
		if (is_in_effect(look, patch, own, row)) {
			look->n_fixed++;
			return 0;
		}
		/* The patch that should be there comes last. */
		if (!changes) {
			shown = row;
			of = patch;
		}
		/* It is being unloaded. */
		changes |= row->transition && row->enabled;
	}
	if (!shown)
		return 0;
	look->n_changing += changes;
	look->n_not += !changes;
	return note_reason(look, of, klp_patch_find_object(of, object->name), shown);
}

/* Nobody can tell whether any object of it is loaded. */
static int note_unknown(struct look *look, const struct klpdep_patch *patch)
{
	look->n_not++;
	if (look->reason && !look->is_reason_of_change)
		return 0;
	free(look->reason);
	look->is_reason_of_change = false;
	look->reason = klp_format("%s: its objects are not known", patch->name);
	return look->reason ? 0 : -ENOMEM;
}

static enum klpdep_fix_state state_of(const struct look *look)
{
	if (look->n_not)
		return look->n_fixed ? KLPDEP_FIX_PARTLY : KLPDEP_FIX_NOT_FIXED;
	if (look->n_changing)
		return KLPDEP_FIX_TRANSITION;
	return look->n_fixed ? KLPDEP_FIX_FIXED : KLPDEP_FIX_NOT_LOADED;
}

static int find_state(const struct klpdep_status *status, const struct namings *namings,
		      struct klpdep_fix *fix)
{
	struct look look = { .status = status, .namings = namings, .id = fix->id };
	size_t n;
	const struct naming *naming = klp_find_run(fix->id, namings->v, namings->n,
						   sizeof(*naming), cmp_id, &n);
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		const struct klpdep_patch *patch = naming[i].patch;

		err = klp_strv_add(&fix->patches, patch->name);
		if (err == 0)
			err = find_holders(&look, patch);
		for (size_t j = 0; j < patch->n_objects && err == 0; j++)
			err = look_at_object(&look, &patch->objects[j]);
		if (err == 0 && !patch->n_objects)
			err = note_unknown(&look, patch);
	}
	fix->state = fix->patches.n ? state_of(&look) : KLPDEP_FIX_UNKNOWN;
	fix->reason = look.reason;
	free(look.holders);
	return err;
}

/* ---- getters ------------------------------------------------------------------------ */

static int add_fix(struct klpdep_fixes *fixes, const char *id)
{
	struct klpdep_fix *fix = klp_append(fixes->v, fixes->n);

	return fix && (fix->id = strdup(id)) ? 0 : -ENOMEM;
}

static int add_all(struct klpdep_fixes *fixes, const struct namings *namings)
{
	int err = 0;

	for (size_t i = 0; i < namings->n && err == 0; i++) {
		if (i == 0 || !klp_streq(namings->v[i].id, namings->v[i - 1].id))
			err = add_fix(fixes, namings->v[i].id);
	}
	return err;
}

int klpdep_fixes_new(struct klpdep_ctx *ctx, const struct klpdep_status *status,
		     const char *const *ids, size_t n, struct klpdep_fixes **out)
{
	_cleanup_(namings_clear) struct namings namings = { 0 };
	_cleanup_fixes_ struct klpdep_fixes *fixes = calloc(1, sizeof(*fixes));
	int err = fixes ? 0 : -ENOMEM;

	if (err == 0)
		fixes->refs = 1;
	if (err == 0 && status->view)
		err = gather(status->view, &namings);
	for (size_t i = 0; i < n && err == 0; i++)
		err = add_fix(fixes, ids[i]);
	if (err == 0 && !ids)
		err = add_all(fixes, &namings);
	for (size_t i = 0; err == 0 && i < fixes->n; i++)
		err = find_state(status, &namings, &fixes->v[i]);
	if (err == 0)
		*out = klp_take(fixes);
	return klp_said(ctx, err);
}

const struct klpdep_fix *klpdep_fixes_get_fix(const struct klpdep_fixes *fixes, size_t i)
{
	return i < fixes->n ? &fixes->v[i] : NULL;
}

KLP_GETTER(const char *, klpdep_fix_get_id, klpdep_fix, id)
KLP_GETTER(enum klpdep_fix_state, klpdep_fix_get_state, klpdep_fix, state)

const char *klpdep_fix_get_patch(const struct klpdep_fix *fix, size_t i)
{
	return i < fix->patches.n ? fix->patches.v[i] : NULL;
}

KLP_GETTER(const char *, klpdep_fix_get_reason, klpdep_fix, reason)

const char *klpdep_fix_state_name(enum klpdep_fix_state state)
{
	static const char *const state_names[] = {
		[KLPDEP_FIX_FIXED] = "fixed",
		[KLPDEP_FIX_PARTLY] = "partly",
		[KLPDEP_FIX_NOT_FIXED] = "not fixed",
		[KLPDEP_FIX_NOT_LOADED] = "not loaded",
		[KLPDEP_FIX_TRANSITION] = "in transition",
		[KLPDEP_FIX_UNKNOWN] = "unknown",
	};

	return klp_name_of(state_names, state);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patches that something else keeps out: another patch that replaces all others, or a
 * loaded patch. */
#include "config.h"

#include "libklpdep/view/coverage.h"
#include "libklpdep/view/series.h"
#include "libklpdep/view/view-internal.h"

#define block(view, patch, ...)                                                          \
	klp_view_keep_out(view, patch, KLPDEP_STATE_BLOCKED, __VA_ARGS__)

/* ---- two that replace all others ------------------------------------------ */

static bool is_base(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	return patch->replace == KLPDEP_REPLACE_YES && klp_view_is_active(view, patch);
}

/* Each of them would evict the others, and then be evicted by them.  The one in effect
 * stays. If none is in effect, klpdep cannot know which one is meant. */
static int find_strangers(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	const struct klpdep_patch *chosen = NULL, *first = NULL, *second = NULL, *other;
	int err = 0;

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (!is_base(view, patch))
			continue;
		if (klp_view_is_in_kernel(view, patch))
			chosen = patch;
		if (!first)
			first = patch;
		else if (!second)
			second = patch;
	}
	if (!second)
		return 0;
	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (!is_base(view, patch) || patch == chosen)
			continue;
		other = chosen ? chosen : patch == first ? second : first;
		err = block(view, patch, "%s replaces all other patches, %s", other->name,
			    chosen ? "and is in effect" : "too");
	}
	return err;
}

/* ---- what is loaded ---------------------------------------------------- */

/* A function that both change; *object is the object of @patch.  In sysfs, a patch that
 * replaces others has also their functions during its transition. */
static const struct klp_func *find_common(const struct klpdep_patch *patch,
					  const struct klpdep_patch *other,
					  const struct klpdep_object **object)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *theirs;

		*object = &patch->objects[i];
		theirs = klp_patch_find_object(other, (*object)->name);
		for (size_t j = 0; theirs && j < (*object)->n_funcs; j++) {
			const struct klp_func *func = &(*object)->funcs[j];

			if (klp_object_changes(theirs, func->name, func->sympos))
				return func;
		}
	}
	return NULL;
}

/* A loaded patch that is not in the index, or is left to kpatch, stays in effect: @patch
 * must not change its functions, nor replace it.  But @patch may be its vendor's next
 * release, if another loader has loaded the older one, or if that one's file has gone.  A
 * patch that klpdep itself has inserted may be overridden, but not by an earlier release,
 * unless it is masked. */
static int check_unknown(struct klpdep_view *view, const struct klpdep_patch *patch,
			 const struct klp_loaded *loaded)
{
	bool is_ours = klp_view_is_ours(view, loaded);
	const char *kind = is_ours ? "" : "foreign ";
	int cmp = klp_series_compare(patch, loaded->seen), err;
	const struct klpdep_object *object;
	const struct klp_func *func;

	if (cmp > 0 || (is_ours && klp_view_claims_place(patch, loaded->seen)) ||
	    (is_ours && klp_view_is_masked(view, loaded->name, NULL)) ||
	    klp_config_supersedes(view->config, patch->name, loaded->name, NULL))
		return 0;
	func = find_common(patch, loaded->seen, &object);
	if (func && (cmp < 0 || !is_ours))
		err = block(view, patch, "the %spatch %s changes %s of %s", kind, loaded->name,
			    func->name, object->name);
	else if (patch->replace != KLPDEP_REPLACE_NO)
		err = block(view, patch, "it %s all other patches, the %spatch %s among them",
			    patch->replace == KLPDEP_REPLACE_YES ? "replaces" : "may replace",
			    kind, loaded->name);
	else
		return 0;
	view->standings[patch->number].is_overtaken = cmp < 0;
	return err;
}

static bool is_installed(const struct klpdep_index *index, const struct klpdep_patch *patch)
{
	_cleanup_free_ char *path = klp_index_patch_file(index, patch);

	return !path || access(path, F_OK) == 0;
}

/* A patch that replaces all others must not evict a patch that klpdep could not put
 * back. */
static int check_evicted(struct klpdep_view *view, const struct klpdep_patch *patch,
			 const struct klpdep_patch *loaded)
{
	const enum klpdep_state state = klp_view_standing(view, loaded)->state;
	const struct klp_state *own;
	const char *why;

	if (patch->replace != KLPDEP_REPLACE_YES ||
	    (state != KLPDEP_STATE_ACTIVE && state != KLPDEP_STATE_INCOMPATIBLE))
		return 0;
	why = state == KLPDEP_STATE_INCOMPATIBLE ? "which is incompatible" :
	      !is_installed(view->index, loaded) ? "whose file has gone" :
	      klp_view_find_conflict(loaded, patch, &own) ?
						"whose klp_state does not go with its own" :
						NULL;
	return !why ? 0 :
		      block(view, patch, "it replaces all other patches, %s among them, %s",
			    loaded->name, why);
}

static int cmp_state_id(const void *id, const void *state)
{
	uint64_t a = *(const uint64_t *)id, b = ((const struct klp_state *)state)->id;

	return a < b ? -1 : a > b;
}

static const struct klp_state *find_state(const struct klpdep_patch *patch, uint64_t id)
{
	size_t n;

	return klp_find_run(&id, patch->states, patch->n_states, sizeof(*patch->states),
			    cmp_state_id, &n);
}

/* kernel/livepatch/state.c, klp_is_state_compatible(): a patch must have each state of a
 * loaded patch in a version that is not lower.  If it replaces nothing, it may lack the
 * state. */
const struct klp_state *klp_view_find_conflict(const struct klpdep_patch *patch,
					       const struct klpdep_patch *loaded,
					       const struct klp_state **own)
{
	for (size_t i = 0; i < loaded->n_states; i++) {
		const struct klp_state *state = &loaded->states[i];

		*own = find_state(patch, state->id);
		if (*own ? (*own)->version < state->version :
			   patch->replace == KLPDEP_REPLACE_YES)
			return state;
	}
	return NULL;
}

static int check_states(struct klpdep_view *view, const struct klpdep_patch *patch,
			const struct klpdep_patch *loaded)
{
	const struct klp_state *own, *state = klp_view_find_conflict(patch, loaded, &own);

	if (!state)
		return 0;
	if (!own)
		return block(view, patch,
			     "%s has the klp_state %" PRIu64 ", which it does not know",
			     loaded->name, state->id);
	return block(view, patch,
		     "%s has the klp_state %" PRIu64 " in version %u, and it in %u",
		     loaded->name, state->id, state->version, own->version);
}

static int check_loaded(struct klpdep_view *view, const struct klpdep_patch *patch)
{
	int err = 0;

	if (!klp_view_is_active(view, patch) || klp_view_is_in_kernel(view, patch))
		return 0;
	for (size_t i = 0; i < view->stack.n && err == 0 && klp_view_is_active(view, patch); i++) {
		const struct klp_loaded *loaded = &view->stack.v[i];
		const struct klpdep_patch *known =
			klp_index_find(view->index, loaded->name);
		bool is_unknown = !known || klp_view_is_left(view, known);

		if (!loaded->seen || known == patch)
			continue;
		if (known)
			err = check_states(view, patch, known);
		if (!is_unknown && err == 0 && klp_loaded_is_enabled(loaded))
			err = check_evicted(view, patch, known);
		if (is_unknown && err == 0 && klp_loaded_is_enabled(loaded) &&
		    !(view->flags & KLPDEP_VIEW_TAKE_OVER))
			err = check_unknown(view, patch, loaded);
	}
	return err;
}

int klp_view_find_blocked(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	int err = find_strangers(view);

	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = check_loaded(view, index->patches[i]);
	return err;
}

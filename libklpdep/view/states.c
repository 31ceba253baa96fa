/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who counts.  A patch that cannot be loaded for what it requires takes nobody's place, and so
 * what counts is worked out in rounds, until nothing changes: a patch is superseded by what
 * is neither masked nor incompatible nor unmet; and what is unmet can depend on what is
 * superseded.
 */
#include "config.h"

#include <stdarg.h>

#include "libklpdep/view/coverage.h"
#include "libklpdep/view/series.h"
#include "libklpdep/view/view-internal.h"

/* From then on, what was out of the game once stays out: patches that are in the way of
 * themselves would change for ever. */
#define ROUNDS_MAX 8

struct states {
	struct klpdep_view *view;
	bool *out; /* by the patches' numbers: found unmet in the last round */
	bool *misfits; /* likewise: incompatible, or held back, and so nobody's successor */
	bool stays_out;
};

static struct klp_standing *standing_of(const struct states *states,
					const struct klpdep_patch *patch)
{
	return &states->view->standings[patch->number];
}

static bool is_active(const struct states *states, const struct klpdep_patch *patch)
{
	return standing_of(states, patch)->state == KLPDEP_STATE_ACTIVE;
}

static int keep_out(const struct states *states, const struct klpdep_patch *patch,
		    enum klpdep_state state, const char *format, ...) KLP_PRINTF(4, 5);

static int keep_out(const struct states *states, const struct klpdep_patch *patch,
		    enum klpdep_state state, const char *format, ...)
{
	struct klp_standing *standing = standing_of(states, patch);
	va_list args;

	free(standing->text);
	va_start(args, format);
	standing->text = klp_vformat(format, args);
	va_end(args);
	standing->state = state;
	standing->why = standing->text;
	return standing->text ? 0 : -ENOMEM;
}

/* ---- masked, incompatible, superseded ---------------------------------------------- */

static bool is_enabled(const struct klp_loaded *loaded)
{
	return loaded->state == KLP_PATCH_ENABLED || loaded->state == KLP_PATCH_ENABLING;
}

static bool is_in_kernel(const struct states *states, const struct klpdep_patch *patch)
{
	const struct klp_stack *stack = &states->view->stack;
	size_t i = klp_stack_find(stack, patch->name);

	return i < stack->n && is_enabled(&stack->v[i]);
}

/* A blacklist unloads nothing, as kmod has it: what is at work already counts as ever, or an
 * older release would be put on top of it. */
static bool is_kept_out(const struct states *states, const struct klpdep_patch *patch,
			struct klp_standing *standing)
{
	const struct klpdep_view *view = states->view;

	standing->is_blacklisted = false;
	if (klp_view_is_masked(view, patch->name, &standing->why))
		return true;
	standing->is_blacklisted = klp_view_is_blacklisted(view, patch->name,
							   &standing->why) &&
				   !is_in_kernel(states, patch);
	if (!standing->is_blacklisted)
		standing->why = NULL;
	return standing->is_blacklisted;
}

/* By what klpdep depmod has found, less what the configuration ignores. */
static int find_misfit(const struct states *states, const struct klpdep_patch *patch)
{
	const struct klp_misfit *misfits, *first = NULL;
	size_t n, counted = 0;

	misfits = klp_index_misfits_of(states->view->index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		if (klp_config_ignores(states->view->config, patch->name, misfits[i].code))
			continue;
		if (!counted++)
			first = &misfits[i];
	}
	states->misfits[patch->number] = first;
	if (!first)
		return 0;
	return keep_out(states, patch, KLPDEP_STATE_INCOMPATIBLE, "%s: %s%s", first->code,
			first->why, counted > 1 ? " (and more)" : "");
}

/* What is in the kernel already has not taken the machine down, whoever has inserted it. */
static int find_held(const struct states *states, const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = standing_of(states, patch);

	if (standing->verdict == KLP_VERDICT_PROVEN ||
	    (standing->verdict == KLP_VERDICT_UNPROVEN &&
	     states->view->flags & KLP_VIEW_SYNC) ||
	    is_in_kernel(states, patch))
		return 0;
	states->misfits[patch->number] = true;
	return keep_out(states, patch,
			standing->verdict == KLP_VERDICT_QUARANTINED ?
				KLPDEP_STATE_QUARANTINED :
				KLPDEP_STATE_BLOCKED,
			"%s", standing->verdict_why);
}

static int begin(const struct states *states)
{
	const struct klpdep_index *index = states->view->index;
	int err = 0;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		struct klp_standing *standing = &states->view->standings[i];

		if (states->stays_out && states->out[i])
			continue;
		free(klp_take(standing->text));
		standing->why = NULL;
		standing->is_overtaken = false;
		standing->state = KLPDEP_STATE_ACTIVE;
		if (standing->left_to_kpatch)
			err = keep_out(states, index->patches[i], KLPDEP_STATE_BLOCKED,
				       "left to kpatch.service, which is enabled");
		else if (is_kept_out(states, index->patches[i], standing))
			standing->state = KLPDEP_STATE_MASKED;
		if (err == 0 && standing->state != KLPDEP_STATE_MASKED)
			err = find_misfit(states, index->patches[i]);
		if (err == 0 && standing->state == KLPDEP_STATE_ACTIVE)
			err = find_held(states, index->patches[i]);
	}
	return err;
}

/* A later release that cannot be loaded leaves the earlier one where it is; and what kpatch
 * loads takes the place of nothing that is ours. */
static bool does_count(const struct states *states, const struct klp_claim *claim)
{
	if (klp_view_is_left(states->view, claim->newer) &&
	    !klp_view_is_left(states->view, claim->older))
		return false;
	return standing_of(states, claim->newer)->state != KLPDEP_STATE_MASKED &&
	       !states->misfits[claim->newer->number] &&
	       !states->out[claim->newer->number];
}

/* Whether each object of a patch has a later release that counts. */
static bool is_taken_in_parts(const struct states *states,
			      const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = standing_of(states, patch);

	for (size_t i = 0; i < patch->n_objects; i++) {
		bool taken = false;

		for (size_t j = 0; j < standing->n_claims && !taken; j++)
			taken = standing->claims[j].is_part &&
				does_count(states, &standing->claims[j]) &&
				klp_patch_find_object(standing->claims[j].newer,
						      patch->objects[i].name);
		if (!taken)
			return false;
	}
	return patch->n_objects > 0;
}

static void find_superseded(const struct states *states, const struct klpdep_patch *patch)
{
	struct klp_standing *standing = standing_of(states, patch);
	const struct klp_claim *first = NULL;
	bool is_whole = false;

	/* What is wrong with one that nobody needs any more does not matter. */
	if (standing->state != KLPDEP_STATE_ACTIVE && !states->misfits[patch->number] &&
	    !standing->left_to_kpatch)
		return;
	for (size_t i = 0; i < standing->n_claims; i++) {
		const struct klp_claim *claim = &standing->claims[i];

		if (!does_count(states, claim))
			continue;
		if (!first || (first->is_part && !claim->is_part))
			first = claim;
		is_whole |= !claim->is_part;
	}
	if (!first || (!is_whole && !is_taken_in_parts(states, patch)))
		return;
	free(klp_take(standing->text));
	standing->state = KLPDEP_STATE_SUPERSEDED;
	standing->why = first->reason == KLP_CLAIM_CONFIGURED ? first->where :
								first->newer->name;
}

/* ---- blocked: two that replace all others ------------------------------------------ */

static bool is_base(const struct states *states, const struct klpdep_patch *patch)
{
	return patch->replace == KLPDEP_REPLACE_YES && is_active(states, patch);
}

/* Each would take the place of the others, and then they of it: the one that is in effect
 * stays, and where none is, nobody can know which is meant. */
static int find_strangers(const struct states *states)
{
	const struct klpdep_index *index = states->view->index;
	const struct klpdep_patch *chosen = NULL, *first = NULL, *second = NULL;
	int err = 0;

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (!is_base(states, patch))
			continue;
		if (is_in_kernel(states, patch))
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

		if (!is_base(states, patch) || patch == chosen)
			continue;
		err = chosen ? keep_out(states, patch, KLPDEP_STATE_BLOCKED,
					"%s replaces all other patches, and is in effect",
					chosen->name) :
			       keep_out(states, patch, KLPDEP_STATE_BLOCKED,
					"%s replaces all other patches, too",
					patch == first ? second->name : first->name);
	}
	return err;
}

/* ---- blocked: by what is loaded ---------------------------------------------------- */

/* A function that both change: *object is that of @patch.  While a patch that replaces
 * others is in transition, all functions of those look like its own. */
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

/* What is loaded and not in the index, or left to kpatch, is not undone: neither where both
 * change a function, nor by replacing it.  Ours may be the vendor's next release, though, whose
 * older one came by another loader, or whose file has gone.  What we have inserted ourselves may
 * be changed, but not taken back to an earlier release, unless it is masked. */
static int check_unknown(const struct states *states, const struct klpdep_patch *patch,
			 const struct klp_loaded *loaded)
{
	bool is_ours = klp_view_is_ours(states->view, loaded);
	const char *kind = is_ours ? "" : "foreign ";
	int cmp = klp_series_compare(patch, loaded->seen), err;
	const struct klpdep_object *object;
	const struct klp_func *func;

	if (cmp > 0 || (is_ours && klp_view_claims_place(patch, loaded->seen)) ||
	    (is_ours && klp_view_is_masked(states->view, loaded->name, NULL)) ||
	    klp_config_supersedes(states->view->config, patch->name, loaded->name, NULL))
		return 0;
	func = find_common(patch, loaded->seen, &object);
	if (func && (cmp < 0 || !is_ours))
		err = keep_out(states, patch, KLPDEP_STATE_BLOCKED,
			       "the %spatch %s changes %s of %s", kind, loaded->name,
			       func->name, object->name);
	else if (patch->replace != KLPDEP_REPLACE_NO)
		err = keep_out(states, patch, KLPDEP_STATE_BLOCKED,
			       "it %s all other patches, the %spatch %s among them",
			       patch->replace == KLPDEP_REPLACE_YES ? "replaces" :
								      "may replace",
			       kind, loaded->name);
	else
		return 0;
	standing_of(states, patch)->is_overtaken = cmp < 0;
	return err;
}

static bool is_installed(const struct klpdep_index *index, const struct klpdep_patch *patch)
{
	_cleanup_free_ char *path = klp_index_patch_file(index, patch);

	return !path || access(path, F_OK) == 0;
}

/* A patch that replaces all others has to leave what could not be put back. */
static int check_evicted(const struct states *states, const struct klpdep_patch *patch,
			 const struct klpdep_patch *loaded)
{
	const enum klpdep_state state = standing_of(states, loaded)->state;
	const struct klp_state *own;
	const char *why;

	if (patch->replace != KLPDEP_REPLACE_YES ||
	    (state != KLPDEP_STATE_ACTIVE && state != KLPDEP_STATE_INCOMPATIBLE))
		return 0;
	why = state == KLPDEP_STATE_INCOMPATIBLE ? "which is incompatible" :
	      !is_installed(states->view->index, loaded) ? "whose file has gone" :
	      klp_view_find_conflict(loaded, patch, &own) ?
						"whose klp_state does not go with its own" :
						NULL;
	return !why ? 0 :
		      keep_out(states, patch, KLPDEP_STATE_BLOCKED,
			       "it replaces all other patches, %s among them, %s",
			       loaded->name, why);
}

static int cmp_state_id(const void *id, const void *state)
{
	uint64_t a = *(const uint64_t *)id, b = ((const struct klp_state *)state)->id;

	return a < b ? -1 : a > b;
}

static const struct klp_state *find_state(const struct klpdep_patch *patch, uint64_t id)
{
	size_t i = klp_lower_bound(&id, patch->states, patch->n_states, sizeof(*patch->states),
				   cmp_state_id);

	return i < patch->n_states && patch->states[i].id == id ? &patch->states[i] : NULL;
}

/* kernel/livepatch/state.c, klp_is_state_compatible(): a patch must know each state of what
 * is loaded, in a version that is no lower; where it replaces nothing, it need not know it. */
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

static int check_states(const struct states *states, const struct klpdep_patch *patch,
			const struct klpdep_patch *loaded)
{
	const struct klp_state *own, *state = klp_view_find_conflict(patch, loaded, &own);

	if (!state)
		return 0;
	if (!own)
		return keep_out(states, patch, KLPDEP_STATE_BLOCKED,
				"%s has the klp_state %" PRIu64 ", which it does not know",
				loaded->name, state->id);
	return keep_out(states, patch, KLPDEP_STATE_BLOCKED,
			"%s has the klp_state %" PRIu64 " in version %u, and it in %u",
			loaded->name, state->id, state->version, own->version);
}

static int find_blocked(const struct states *states, const struct klpdep_patch *patch)
{
	const struct klpdep_view *view = states->view;
	int err = 0;

	if (!is_active(states, patch) || is_in_kernel(states, patch))
		return 0;
	for (size_t i = 0; i < view->stack.n && err == 0 && is_active(states, patch); i++) {
		const struct klp_loaded *loaded = &view->stack.v[i];
		const struct klpdep_patch *known =
			klp_index_find(view->index, loaded->name);
		bool is_unknown = !known || klp_view_is_left(view, known);

		if (!loaded->seen || known == patch)
			continue;
		if (known)
			err = check_states(states, patch, known);
		if (!is_unknown && err == 0 && is_enabled(loaded))
			err = check_evicted(states, patch, known);
		if (is_unknown && err == 0 && is_enabled(loaded) &&
		    !(view->flags & KLPDEP_VIEW_TAKE_OVER))
			err = check_unknown(states, patch, loaded);
	}
	return err;
}

/* ---- unmet ------------------------------------------------------------------------- */

static bool is_met(const struct states *states, const struct klp_link *link)
{
	const struct klp_standing *standing = standing_of(states, link->to);

	if (is_active(states, link->to))
		return true;
	for (size_t i = 0; i < standing->n_claims && link->reason != KLP_LINK_IMPORT; i++) {
		if (is_active(states, standing->claims[i].newer))
			return true;
	}
	return false;
}

/* Whether it is, newly. */
static int find_unmet(const struct states *states, const struct klpdep_patch *patch,
		      bool *changed)
{
	const struct klpdep_index *index = states->view->index;
	const struct klp_link *links;
	size_t n;

	if (!is_active(states, patch))
		return 0;
	if (patch->requires.n) {
		*changed = true;
		return keep_out(states, patch, KLPDEP_STATE_UNMET,
				"requires %s, which is not in the tree",
				patch->requires.v[0]);
	}
	links = klp_index_requires_of(index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		if (is_met(states, &links[i]))
			continue;
		*changed = true;
		return keep_out(states, patch, KLPDEP_STATE_UNMET,
				"requires %s, which is %s", links[i].to->name,
				klpdep_state_name(standing_of(states, links[i].to)->state));
	}
	return 0;
}

/* What requires one that is unmet is so, too.  Chains follow the names as a rule, upwards or
 * downwards. */
static int find_all_unmet(const struct states *states)
{
	const struct klpdep_index *index = states->view->index;
	bool changed;
	int err = 0;

	do {
		changed = false;
		for (size_t i = 0; i < 2 * index->n_patches && err == 0; i++) {
			size_t n = index->n_patches;

			err = find_unmet(states, index->patches[i < n ? i : 2 * n - 1 - i],
					 &changed);
		}
	} while (changed && err == 0);
	return err;
}

/* ---- the rounds -------------------------------------------------------------------- */

static int run_round(const struct states *states)
{
	const struct klpdep_index *index = states->view->index;
	int err = begin(states);

	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		find_superseded(states, index->patches[i]);
	if (err == 0)
		err = find_all_unmet(states);
	if (err == 0)
		err = find_strangers(states);
	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = find_blocked(states, index->patches[i]);
	return err < 0 ? err : find_all_unmet(states);
}

/* Whether somebody is out who was not, or the other way around. */
static bool note_out(struct states *states)
{
	bool changed = false;

	for (size_t i = 0; i < states->view->index->n_patches; i++) {
		bool out = states->view->standings[i].state == KLPDEP_STATE_UNMET;

		changed |= out != states->out[i];
		states->out[i] = out;
	}
	return changed;
}

static void link_claims(struct klpdep_view *view)
{
	for (size_t i = 0; i < view->n_claims; i++) {
		struct klp_standing *standing =
			&view->standings[view->claims[i].older->number];

		if (!standing->n_claims++)
			standing->claims = &view->claims[i];
	}
}

static void find_successors(struct klpdep_view *view)
{
	for (size_t i = 0; i < view->n_claims; i++) {
		const struct klpdep_patch *newer = view->claims[i].newer;
		struct klp_standing *standing =
			&view->standings[view->claims[i].older->number];

		if (klp_view_is_active(view, newer) &&
		    (!standing->successor ||
		     klp_name_cmp(newer->name, standing->successor->name) > 0))
			standing->successor = newer;
	}
}

int klp_view_find_states(struct klpdep_view *view)
{
	_cleanup_free_ bool *out = calloc(view->index->n_patches + 1, sizeof(*out));
	_cleanup_free_ bool *misfits = calloc(view->index->n_patches + 1, sizeof(*misfits));
	struct states states = { .view = view, .out = out, .misfits = misfits };
	size_t rounds = 0;
	int err;

	if (!out || !misfits)
		return -ENOMEM;
	link_claims(view);
	do {
		states.stays_out = rounds++ >= ROUNDS_MAX;
		err = run_round(&states);
	} while (err == 0 && note_out(&states));
	find_successors(view);
	return err;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of each patch.  A patch is superseded by a patch that is neither masked nor
 * incompatible nor unmet.  But whether a patch is unmet can depend on whether another one
 * is superseded.  So the states are computed in rounds, until none changes.
 */
#include "config.h"

#include <stdarg.h>

#include "libklpdep/view/series.h"
#include "libklpdep/view/view-internal.h"

/* After so many rounds, a patch that was unmet once stays so: otherwise patches that are
 * in their own way would change for ever. */
#define ROUNDS_MAX 8

static struct klp_standing *standing_of(const struct klpdep_view *view,
					const struct klpdep_patch *patch)
{
	return &view->standings[patch->number];
}

int klp_view_keep_out(struct klpdep_view *view, const struct klpdep_patch *patch,
		      enum klpdep_state state, const char *format, ...)
{
	struct klp_standing *standing = standing_of(view, patch);
	va_list args;

	free(standing->text);
	va_start(args, format);
	standing->text = klp_vformat(format, args);
	va_end(args);
	standing->state = state;
	standing->why = standing->text;
	return standing->text ? 0 : -ENOMEM;
}

bool klp_view_is_in_kernel(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	size_t i = klp_stack_find(&view->stack, patch->name);

	return i < view->stack.n && klp_loaded_is_enabled(&view->stack.v[i]);
}

/* ---- masked, incompatible, superseded ---------------------------------------------- */

/* kmod does not unload a blacklisted module.  So a blacklisted patch that is in effect
 * still counts; otherwise an older release would be put on top of it. */
static bool is_masked(const struct klpdep_view *view, const struct klpdep_patch *patch,
		      struct klp_standing *standing)
{
	standing->is_blacklisted = false;
	if (klp_view_is_masked(view, patch->name, &standing->why))
		return true;
	standing->is_blacklisted = klp_view_is_blacklisted(view, patch->name,
							   &standing->why) &&
				   !klp_view_is_in_kernel(view, patch);
	if (!standing->is_blacklisted)
		standing->why = NULL;
	return standing->is_blacklisted;
}

/* The findings of klpdep depmod, except those that the configuration ignores. */
static int find_misfit(struct klpdep_view *view, const struct klpdep_patch *patch)
{
	const struct klp_misfit *misfits, *first = NULL;
	size_t n, counted = 0;

	misfits = klp_index_misfits_of(view->index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		if (klp_config_ignores(view->config, patch->name, misfits[i].code))
			continue;
		if (!counted++)
			first = &misfits[i];
	}
	standing_of(view, patch)->is_misfit = first;
	return first ? klp_view_keep_out(view, patch, KLPDEP_STATE_INCOMPATIBLE, "%s: %s%s",
					 first->code, first->why,
					 counted > 1 ? " (and more)" : "") :
		       0;
}

/* A patch that is in the kernel has not crashed it, whoever has inserted the patch. */
static int find_held(struct klpdep_view *view, const struct klpdep_patch *patch)
{
	struct klp_standing *standing = standing_of(view, patch);

	if (standing->verdict == KLP_VERDICT_PROVEN ||
	    (standing->verdict == KLP_VERDICT_UNPROVEN && view->flags & KLP_VIEW_SYNC) ||
	    klp_view_is_in_kernel(view, patch))
		return 0;
	standing->is_misfit = true;
	return klp_view_keep_out(view, patch,
				 standing->verdict == KLP_VERDICT_QUARANTINED ?
					 KLPDEP_STATE_QUARANTINED :
					 KLPDEP_STATE_BLOCKED,
				 "%s", standing->verdict_why);
}

static int begin(struct klpdep_view *view, bool stays_unmet)
{
	const struct klpdep_index *index = view->index;
	int err = 0;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		struct klp_standing *standing = &view->standings[i];

		if (stays_unmet && standing->was_unmet)
			continue;
		free(klp_take(standing->text));
		standing->why = NULL;
		standing->is_overtaken = false;
		standing->state = KLPDEP_STATE_ACTIVE;
		if (standing->left_to_kpatch)
			err = klp_view_keep_out(view, index->patches[i], KLPDEP_STATE_BLOCKED,
						"left to kpatch.service, which is enabled");
		else if (is_masked(view, index->patches[i], standing))
			standing->state = KLPDEP_STATE_MASKED;
		if (err == 0 && standing->state != KLPDEP_STATE_MASKED)
			err = find_misfit(view, index->patches[i]);
		if (err == 0 && standing->state == KLPDEP_STATE_ACTIVE)
			err = find_held(view, index->patches[i]);
	}
	return err;
}

/* A later release that cannot be loaded does not supersede the earlier one.  One that is
 * superseded itself is not loaded, and evicts nothing: its own successor need not have what
 * it would evict.  A patch that kpatch loads supersedes none of ours. */
static bool does_count(const struct klpdep_view *view, const struct klp_claim *claim)
{
	const struct klp_standing *newer = standing_of(view, claim->newer);

	return (!newer->left_to_kpatch || klp_view_is_left(view, claim->older)) &&
	       !(claim->is_eviction && newer->was_superseded) &&
	       newer->state != KLPDEP_STATE_MASKED && !newer->is_misfit && !newer->was_unmet;
}

/* Whether each object of a patch has a later release that counts. */
static bool is_taken_in_parts(const struct klpdep_view *view,
			      const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = standing_of(view, patch);

	for (size_t i = 0; i < patch->n_objects; i++) {
		bool taken = false;

		for (size_t j = 0; j < standing->n_claims && !taken; j++)
			taken = standing->claims[j].is_part &&
				does_count(view, &standing->claims[j]) &&
				klp_patch_find_object(standing->claims[j].newer,
						      patch->objects[i].name);
		if (!taken)
			return false;
	}
	return patch->n_objects > 0;
}

static void find_superseded(struct klpdep_view *view, const struct klpdep_patch *patch)
{
	struct klp_standing *standing = standing_of(view, patch);
	const struct klp_claim *first = NULL;
	bool is_whole = false;

	/* A superseded patch is not needed, so no finding in it matters. */
	if (standing->state != KLPDEP_STATE_ACTIVE && !standing->is_misfit &&
	    !standing->left_to_kpatch)
		return;
	for (size_t i = 0; i < standing->n_claims; i++) {
		const struct klp_claim *claim = &standing->claims[i];

		if (!does_count(view, claim))
			continue;
		if (!first || (first->is_part && !claim->is_part))
			first = claim;
		is_whole |= !claim->is_part;
	}
	if (!first || (!is_whole && !is_taken_in_parts(view, patch)))
		return;
	free(klp_take(standing->text));
	standing->state = KLPDEP_STATE_SUPERSEDED;
	standing->why = first->reason == KLPDEP_REASON_CONFIGURED ? first->where :
								first->newer->name;
}

/* ---- unmet ------------------------------------------------------------------------- */

static bool is_met(const struct klpdep_view *view, const struct klp_link *link)
{
	const struct klp_standing *standing = standing_of(view, link->to);

	if (klp_view_is_active(view, link->to))
		return true;
	for (size_t i = 0; i < standing->n_claims && link->reason != KLPDEP_REASON_IMPORT; i++) {
		if (klp_view_is_active(view, standing->claims[i].newer))
			return true;
	}
	return false;
}

/* Sets *changed if the patch becomes unmet. */
static int find_unmet(struct klpdep_view *view, const struct klpdep_patch *patch,
		      bool *changed)
{
	const struct klpdep_index *index = view->index;
	const struct klp_link *links;
	size_t n;

	if (!klp_view_is_active(view, patch))
		return 0;
	if (patch->requires.n) {
		*changed = true;
		return klp_view_keep_out(view, patch, KLPDEP_STATE_UNMET,
					 "requires %s, which is not in the tree",
					 patch->requires.v[0]);
	}
	links = klp_index_requires_of(index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		if (is_met(view, &links[i]))
			continue;
		*changed = true;
		return klp_view_keep_out(view, patch, KLPDEP_STATE_UNMET,
					 "requires %s, which is %s", links[i].to->name,
					 klpdep_state_name(standing_of(view, links[i].to)->state));
	}
	return 0;
}

/* A patch that requires an unmet one is unmet, too.  Chains usually follow the order of
 * the names, upwards or downwards. */
static int find_all_unmet(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	bool changed;
	int err = 0;

	do {
		changed = false;
		for (size_t i = 0; i < 2 * index->n_patches && err == 0; i++) {
			size_t n = index->n_patches;

			err = find_unmet(view, index->patches[i < n ? i : 2 * n - 1 - i],
					 &changed);
		}
	} while (changed && err == 0);
	return err;
}

/* ---- the rounds -------------------------------------------------------------------- */

static int run_round(struct klpdep_view *view, bool stays_unmet)
{
	const struct klpdep_index *index = view->index;
	int err = begin(view, stays_unmet);

	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		find_superseded(view, index->patches[i]);
	if (err == 0)
		err = find_all_unmet(view);
	if (err == 0)
		err = klp_view_find_blocked(view);
	return err < 0 ? err : find_all_unmet(view);
}

/* Whether other patches are unmet or superseded than in the last round. */
static bool note_states(struct klpdep_view *view)
{
	bool changed = false;

	for (size_t i = 0; i < view->index->n_patches; i++) {
		struct klp_standing *standing = &view->standings[i];
		bool is_unmet = standing->state == KLPDEP_STATE_UNMET;
		bool is_superseded = standing->state == KLPDEP_STATE_SUPERSEDED;

		changed |= is_unmet != standing->was_unmet ||
			   is_superseded != standing->was_superseded;
		standing->was_unmet = is_unmet;
		standing->was_superseded = is_superseded;
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
	size_t rounds = 0;
	int err;

	link_claims(view);
	do {
		err = run_round(view, rounds++ >= ROUNDS_MAX);
	} while (err == 0 && note_states(view));
	find_successors(view);
	return err;
}

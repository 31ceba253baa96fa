/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: releases of a series: whether they cover earlier ones, and whether the kernel
 * accepts them. */
#include "config.h"

#include "libklpdep/verify/verify.h"
#include "libklpdep/view/coverage.h"
#include "libklpdep/view/series.h"

/* ---- coverage ---------------------------------------------------------------------- */

/* By the number in its name it is a later release, but it does not cover the older
 * one. */
static int check_guessed(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	const struct klpdep_patch *older = klp_view_find_uncovered(verify->view, patch);

	if (older) {
		_cleanup_free_ char *what = klp_patch_uncovered(patch, older);

		klp_fit_say(&verify->fit, KLPDEP_WARNING, "uncovered", patch, NULL,
			    older->name,
			    "by its name it is a later release than %s, but it does not have "
			    "all that %s changes (%s): both are loaded; if it is meant to take "
			    "the place of %s, have it say klp_supersedes, or supersede in "
			    "klpdep.d",
			    older->name, older->name, what ? what : "it is not known what",
			    older->name);
	}
	return 0;
}

/* Changes that the release before it has, and that this one drops. */
static int check_dropped(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	const struct klpdep_view *view = verify->view;
	const struct klpdep_patch *before = NULL;
	_cleanup_free_ char *what = NULL;

	for (size_t i = 0; i < view->n_claims; i++) {
		const struct klp_claim *claim = &view->claims[i];

		if (claim->newer == patch && claim->reason == KLPDEP_REASON_SERIES &&
		    klp_view_standing(view, claim->older)->state ==
			    KLPDEP_STATE_SUPERSEDED &&
		    !claim->is_part &&
		    (!before || klp_series_compare(claim->older, before) > 0))
			before = claim->older;
	}
	if (!before || klp_patch_covers(patch, before))
		return 0;
	what = klp_patch_uncovered(patch, before);
	if (what)
		klp_fit_say(&verify->fit, KLPDEP_NOTE, "uncovered", patch, NULL,
			    before->name,
			    "it takes the place of %s and does not have all that %s changes "
			    "(%s), which is no longer patched then",
			    before->name, before->name, what);
	return 0;
}

/* ---- klp_state --------------------------------------------------------------------- */

static bool is_meeting(const struct klp_verification *verify,
		       const struct klpdep_patch *patch, const struct klpdep_patch *other)
{
	const struct klp_standing *standing = klp_view_standing(verify->view, other);

	if (other == patch)
		return false;
	if (klp_view_is_wanted(verify->view, other))
		return true;
	/* An older release may be loaded when this one is inserted. */
	for (size_t i = 0; i < standing->n_claims; i++) {
		if (standing->claims[i].newer == patch)
			return true;
	}
	return false;
}

static void check_states(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < verify->index->n_patches; i++) {
		const struct klpdep_patch *other = verify->index->patches[i];
		const struct klp_state *own, *state;

		if (!is_meeting(verify, patch, other) ||
		    !(state = klp_view_find_conflict(patch, other, &own)))
			continue;
		if (own)
			klp_fit_say(&verify->fit, KLPDEP_ERROR, "state", patch, NULL,
				    other->name,
				    "the kernel refuses it while %s is loaded, which has "
				    "version %u of the klp_state %" PRIu64 "; this patch "
				    "has version %u, and no version may go down",
				    other->name, state->version, state->id, own->version);
		else
			klp_fit_say(&verify->fit, KLPDEP_ERROR, "state", patch, NULL,
				    other->name,
				    "the kernel refuses it while %s is loaded, which has the "
				    "klp_state %" PRIu64 ": a patch that replaces all others "
				    "must have all of theirs",
				    other->name, state->id);
	}
}

/* ---- unpatch callbacks ------------------------------------------------------------- */

static void check_callbacks(struct klp_verification *verify,
			    const struct klpdep_patch *patch)
{
	const struct klpdep_view *view = verify->view;

	for (size_t i = 0; i < view->n_claims; i++) {
		const struct klpdep_patch *older = view->claims[i].older;
		unsigned int ignored;

		if (view->claims[i].newer != patch || patch->retire != KLP_RETIRE_AUTO ||
		    !klp_patch_has_unpatch_callbacks(older) ||
		    klp_config_retire(verify->config, older->name, &ignored))
			continue;
		klp_fit_say(&verify->fit, KLPDEP_NOTE, "unpatch-callbacks", patch, NULL,
			    older->name,
			    "%s has unpatch callbacks, which the kernel would run after the "
			    "patch callbacks of this one, and so it stays loaded beneath: "
			    "klp_retire, or retire in klpdep.d, decide otherwise",
			    older->name);
		return;
	}
}

int klp_verify_releases(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	int err = check_guessed(verify, patch);

	if (err == 0)
		err = check_dropped(verify, patch);
	if (err < 0)
		return err;
	check_states(verify, patch);
	check_callbacks(verify, patch);
	return 0;
}

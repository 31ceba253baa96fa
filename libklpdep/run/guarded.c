/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When marks go, and what is proven by that. */
#include "config.h"

#include <time.h>

#include "libklpdep/run/guarded.h"

/* A build that is loaded and is not the index's has proven nothing of that one. */
static bool is_in_effect(const struct klpdep_patch *patch)
{
	return klp_live_patch(patch->name) == KLP_PATCH_ENABLED && !klp_live_other_build(patch);
}

/* The patches with a mark of this boot that are in effect; of those that are not in the kernel, the
 * mark goes.  *others: there are more, whose transition is running. */
static int find_tried(const struct klp_guard *guard, struct klp_strv *tried, bool *others)
{
	int err = 0;

	*others = false;
	for (size_t i = 0; i < guard->index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = guard->index->patches[i];

		if (!klp_guard_is_marked(guard, patch))
			continue;
		if (is_in_effect(patch))
			err = klp_strv_add(tried, patch->name);
		else if (klp_live_in_transition(patch->name))
			*others = true;
		else
			klp_guard_unmark(guard, patch);
	}
	return err;
}

static int watch_once(struct klpdep_ctx *ctx, struct klp_guard *guard, unsigned int seconds,
		      bool *again)
{
	_cleanup_strv_ struct klp_strv before = { 0 }, after = { 0 }, tried = { 0 };
	struct timespec rest = { .tv_sec = seconds };
	int err = find_tried(guard, &before, again);

	if (err < 0 || (!before.n && !*again))
		return err;
	while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
		;
	err = find_tried(guard, &after, again);
	for (size_t i = 0; i < after.n && err == 0; i++) {
		if (klp_strv_has(&before, after.v[i]))
			err = klp_strv_add(&tried, after.v[i]);
		else
			*again = true;
	}
	return err < 0 ? err : klp_guard_prove(ctx, guard, &tried);
}

int klp_guarded_watch(struct klpdep_ctx *ctx, struct klp_guard *guard,
		      const struct klpdep_config *config)
{
	bool again = false;
	int err;

	do {
		err = watch_once(ctx, guard, klp_config_guard_time(config), &again);
	} while (err == 0 && again);
	return err;
}

int klp_guarded_end(struct klpdep_ctx *ctx, struct klp_guard *guard)
{
	_cleanup_strv_ struct klp_strv tried = { 0 };
	bool others;
	int err = find_tried(guard, &tried, &others);

	if (err == 0 && klp_guard_is_boot_complete())
		err = klp_guard_prove(ctx, guard, &tried);
	for (size_t i = 0; i < guard->index->n_patches && err == 0; i++)
		klp_guard_unmark(guard, guard->index->patches[i]);
	return err;
}

/* One that is masked, say, need not go in. */
static const struct klpdep_patch *find_late(const struct klp_guard *guard,
					    const struct klpdep_view *view)
{
	for (size_t i = 0; i < guard->index->n_patches; i++) {
		const struct klpdep_patch *patch = guard->index->patches[i];
		const char *why;

		if (klp_view_is_held(klp_view_standing(view, patch)) &&
		    klp_guard_judge(guard, patch, &why) == KLP_VERDICT_LATE)
			return patch;
	}
	return NULL;
}

bool klp_guarded_admit(const struct klp_guard *guard, const struct klpdep_view *view)
{
	const struct klpdep_patch *patch = find_late(guard, view);

	if (patch)
		klp_guard_admit(patch);
	return patch;
}

bool klp_guarded_is_late(const struct klp_guard *guard, const struct klpdep_view *view)
{
	return find_late(guard, view);
}

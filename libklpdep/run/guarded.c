/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removing the marks of patches that are being tried, and proving patches. */
#include "config.h"

#include <time.h>

#include "libklpdep/run/guarded.h"

/* The pause between two looks, in addition to guard-time. */
#define PAUSE_NS 50000000L

/* Another build that is loaded proves nothing about the build of the index. */
static bool is_in_effect(const struct klpdep_patch *patch)
{
	return klp_live_patch(patch->name) == KLP_PATCH_ENABLED && !klp_live_other_build(patch);
}

/* The patches with a mark of this boot: those that are in effect, and others. */
struct marked {
	struct klp_strv tried, others;
};

static void marked_clear(struct marked *marked)
{
	klp_strv_clear(&marked->tried);
	klp_strv_clear(&marked->others);
}

static int find_marked(const struct klp_guard *guard, struct marked *marked)
{
	int err = 0;

	for (size_t i = 0; i < guard->index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = guard->index->patches[i];

		if (klp_guard_is_marked(guard, patch))
			err = klp_strv_add(is_in_effect(patch) ? &marked->tried : &marked->others,
					   patch->name);
	}
	return err;
}

/* Remove the marks of patches that are not in the kernel.  A new mark stays: another
 * klpdep sync is about to insert that patch. */
static void unmark_absent(const struct klp_guard *guard, const struct marked *before,
			  const struct marked *after, bool *again)
{
	for (size_t i = 0; i < after->others.n; i++) {
		const char *name = after->others.v[i];

		if (!klp_live_in_transition(name) && klp_strv_has(&before->others, name))
			klp_guard_unmark(guard, klp_index_find(guard->index, name));
		else
			*again = true;
	}
}

/* Watch for guard-time, and prove the patches that were in effect all that time.
 * *again: there are others to watch. */
static int watch_once(struct klpdep_ctx *ctx, struct klp_guard *guard, unsigned int seconds,
		      bool *again)
{
	_cleanup_(marked_clear) struct marked before = { 0 }, after = { 0 };
	_cleanup_strv_ struct klp_strv tried = { 0 };
	struct timespec rest = { .tv_sec = seconds, .tv_nsec = PAUSE_NS };
	int err = find_marked(guard, &before);

	*again = false;
	if (err < 0 || (!before.tried.n && !before.others.n))
		return err;
	while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
		;
	err = find_marked(guard, &after);
	for (size_t i = 0; i < after.tried.n && err == 0; i++) {
		if (klp_strv_has(&before.tried, after.tried.v[i]))
			err = klp_strv_add(&tried, after.tried.v[i]);
		else
			*again = true;
	}
	if (err == 0)
		unmark_absent(guard, &before, &after, again);
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
	_cleanup_(marked_clear) struct marked marked = { 0 };
	int err = find_marked(guard, &marked);

	if (err == 0 && klp_guard_is_boot_complete())
		err = klp_guard_prove(ctx, guard, &marked.tried);
	for (size_t i = 0; i < guard->index->n_patches && err == 0; i++)
		klp_guard_unmark(guard, guard->index->patches[i]);
	return err;
}

const struct klpdep_patch *klp_guarded_find_late(const struct klp_guard *guard,
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

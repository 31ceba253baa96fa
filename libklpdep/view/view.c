/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The view and its getters.  claims.c finds out which patch supersedes which, states.c the
 * states. */
#include "config.h"

#include "libklpdep/host/kpatch.h"
#include "libklpdep/view/coverage.h"
#include "libklpdep/view/view-internal.h"

static void view_destroy(struct klpdep_view *view)
{
	for (size_t i = 0; view->standings && i < view->index->n_patches; i++)
		free(view->standings[i].text);
	klpdep_index_unref(view->index);
	klpdep_config_unref(view->config);
	klp_stack_clear(&view->stack);
	klp_boot_masks_clear(&view->boot);
	klp_guard_clear(&view->guard);
	free(view->standings);
	free(view->claims);
	free(view);
}

KLP_REFCOUNTED(klpdep_view, klpdep_view, view_destroy)

static int find_left(struct klpdep_ctx *ctx, struct klpdep_view *view)
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	int err = klp_kpatch_list(ctx, view->index->kernel, &names);

	for (size_t i = 0; i < view->index->n_patches && names.n; i++)
		view->standings[i].left_to_kpatch =
			klp_strv_has(&names, view->index->patches[i]->name);
	return err;
}

static int find_verdicts(struct klpdep_ctx *ctx, struct klpdep_view *view)
{
	int err = klp_guard_read(ctx, view->config, view->index, &view->guard);

	for (size_t i = 0; i < view->index->n_patches && view->guard.on; i++)
		view->standings[i].verdict =
			klp_guard_judge(&view->guard, view->index->patches[i],
					&view->standings[i].verdict_why);
	return err;
}

static int fill(struct klpdep_ctx *ctx, struct klpdep_view *view)
{
	int err;

	view->standings = calloc(view->index->n_patches + 1, sizeof(*view->standings));
	if (!view->standings)
		return -ENOMEM;
	err = find_left(ctx, view);
	if (err == 0 && view->flags & KLPDEP_VIEW_LIVE)
		err = klp_stack_read(&view->stack);
	if (err == 0 && view->flags & KLPDEP_VIEW_LIVE)
		err = klp_boot_masks_read(&view->boot);
	if (err == 0 && view->flags & KLPDEP_VIEW_LIVE)
		err = find_verdicts(ctx, view);
	if (err == 0)
		err = klp_view_find_claims(view);
	return err == 0 ? klp_view_find_states(view) : err;
}

static int view_new(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    struct klpdep_config *config, unsigned int flags, struct klpdep_view **out)
{
	_cleanup_view_ struct klpdep_view *view = calloc(1, sizeof(*view));
	int err;

	if (!view)
		return klp_said(ctx, -ENOMEM);
	view->refs = 1;
	view->flags = flags;
	view->index = klpdep_index_ref(index);
	view->config = klpdep_config_ref(config);
	err = fill(ctx, view);
	if (err == 0)
		*out = klp_take(view);
	return klp_said(ctx, err);
}

int klpdep_view_new(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    struct klpdep_config *config, unsigned int flags, struct klpdep_view **out)
{
	int err = klp_check_flags(ctx, flags, KLPDEP_VIEW_LIVE | KLPDEP_VIEW_TAKE_OVER);

	return err < 0 ? err : view_new(ctx, index, config, flags, out);
}

int klp_view_renew(struct klpdep_ctx *ctx, const struct klpdep_view *view, unsigned int flags,
		   struct klpdep_view **renewed)
{
	return view_new(ctx, view->index, view->config, view->flags | flags | KLPDEP_VIEW_LIVE,
			renewed);
}

/* ---- internal getters -------------------------------------------------------------- */

const struct klp_standing *klp_view_standing(const struct klpdep_view *view,
					     const struct klpdep_patch *patch)
{
	return &view->standings[patch->number];
}

bool klp_view_is_active(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	return klp_view_standing(view, patch)->state == KLPDEP_STATE_ACTIVE;
}

bool klp_view_is_left(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	return klp_view_standing(view, patch)->left_to_kpatch;
}

bool klp_view_is_held(const struct klp_standing *standing)
{
	return standing->verdict_why && standing->why &&
	       klp_streq(standing->why, standing->verdict_why);
}

static bool is_wanted(const struct klp_standing *standing)
{
	return !standing->left_to_kpatch && (standing->state == KLPDEP_STATE_ACTIVE ||
					     standing->state == KLPDEP_STATE_BLOCKED ||
					     standing->state == KLPDEP_STATE_QUARANTINED ||
					     standing->state == KLPDEP_STATE_UNMET);
}

bool klp_view_is_wanted(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	return is_wanted(klp_view_standing(view, patch));
}

bool klp_view_is_edge_wanted(const struct klpdep_view *view,
			     const struct klpdep_edge *edge)
{
	const struct klp_standing *standing = klp_view_standing(view, edge->patch);
	const char *target = edge->object->name;

	if (standing->state != KLPDEP_STATE_INCOMPATIBLE || standing->left_to_kpatch)
		return klp_view_is_wanted(view, edge->patch);
	return klp_config_policy(view->config, target) == KLPDEP_POLICY_REQUIRE &&
	       !(standing->successor && klp_patch_find_object(standing->successor, target));
}

enum klpdep_order klp_view_wanted_order(const struct klpdep_view *view,
					const struct klpdep_edge *edge)
{
	const char *reason;

	return klp_view_is_edge_wanted(view, edge) ?
		       klp_edge_order(edge, view->config, &reason) :
		       KLPDEP_ORDER_NONE;
}

const struct klpdep_patch *klp_view_met_by(const struct klpdep_view *view,
					   const struct klp_link *link)
{
	if (klp_view_is_active(view, link->to))
		return link->to;
	return link->reason == KLPDEP_REASON_IMPORT ?
		       NULL :
		       klp_view_standing(view, link->to)->successor;
}

bool klp_view_is_ours(const struct klpdep_view *view, const struct klp_loaded *loaded)
{
	const struct klpdep_patch *known = klp_index_find(view->index, loaded->name);

	return known ? !klp_view_is_left(view, known) : loaded->noted;
}

/* Whether a loaded patch has a function of the object that is not one of @own, its own ones by
 * the index.  In sysfs, a patch that replaces others has also their functions during its
 * transition: tasks run the original ones then. */
static bool is_on_top(const struct klpdep_object *object, const struct klpdep_object *theirs,
		      const struct klpdep_object *own)
{
	for (size_t i = 0; i < object->n_funcs; i++) {
		const struct klp_func *func = &object->funcs[i];

		if (klp_object_changes(theirs, func->name, func->sympos) &&
		    !(own && klp_object_changes(own, func->name, func->sympos)))
			return true;
	}
	return false;
}

const struct klp_loaded *
klp_view_find_other_above(const struct klpdep_view *view, const struct klpdep_patch *patch,
			  const struct klpdep_object *object,
			  bool (*may_be)(const void *data, const struct klpdep_patch *known),
			  const void *data)
{
	const struct klp_stack *stack = &view->stack;

	for (size_t i = klp_stack_find(stack, patch->name) + 1; i < stack->n; i++) {
		const struct klp_loaded *loaded = &stack->v[i];
		const struct klpdep_patch *known =
			klp_index_find(view->index, loaded->name);
		const struct klpdep_object *theirs =
			loaded->seen ? klp_patch_find_object(loaded->seen, object->name) :
				       NULL;

		bool may = known && may_be(data, known);

		/* sysfs shows only patches that tasks run: also one that is being disabled, up
		 * to the end of its transition. */
		if (theirs && !(may && loaded->state == KLP_PATCH_ENABLED) &&
		    is_on_top(object, theirs,
			      may ? klp_patch_find_object(known, object->name) : NULL))
			return loaded;
	}
	return NULL;
}

static bool is_active(const void *view, const struct klpdep_patch *known)
{
	return klp_view_is_active(view, known);
}

const struct klp_loaded *klp_view_find_above(const struct klpdep_view *view,
					     const struct klpdep_patch *patch,
					     const struct klpdep_object *object)
{
	return klp_view_find_other_above(view, patch, object, is_active, view);
}

const char *klpdep_state_name(enum klpdep_state state)
{
	static const char *const names[] = {
		[KLPDEP_STATE_ACTIVE] = "active",
		[KLPDEP_STATE_MASKED] = "masked",
		[KLPDEP_STATE_SUPERSEDED] = "superseded",
		[KLPDEP_STATE_INCOMPATIBLE] = "incompatible",
		[KLPDEP_STATE_QUARANTINED] = "quarantined",
		[KLPDEP_STATE_BLOCKED] = "blocked",
		[KLPDEP_STATE_UNMET] = "unmet",
		[KLPDEP_STATE_MISSING] = "missing",
	};

	return klp_name_of(names, state);
}

/* ---- public getters ---------------------------------------------------------------- */

KLP_GETTER(struct klpdep_index *, klpdep_view_get_index, klpdep_view, index)

/* The view's own patch for one that may be of another index; each name exists once at
 * most. */
static const struct klp_standing *find_standing(const struct klpdep_view *view,
						const struct klpdep_patch *patch)
{
	const struct klpdep_patch *own = patch ? klp_index_find(view->index, patch->name) : NULL;

	return own ? klp_view_standing(view, own) : NULL;
}

enum klpdep_state klpdep_view_get_state(const struct klpdep_view *view,
					const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = find_standing(view, patch);

	return standing ? standing->state : KLPDEP_STATE_MISSING;
}

const char *klpdep_view_get_reason(const struct klpdep_view *view,
				   const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = find_standing(view, patch);

	return standing ? standing->why : NULL;
}

struct klpdep_patch *klpdep_view_get_successor(const struct klpdep_view *view,
					       const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = find_standing(view, patch);

	return standing && standing->successor ?
		       view->index->patches[standing->successor->number] :
		       NULL;
}

bool klpdep_view_is_wanted(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = find_standing(view, patch);

	return standing && is_wanted(standing);
}

const char *klpdep_view_get_mask(const struct klpdep_view *view, const char *name)
{
	char normalized[KLP_MODULE_NAME_LEN];
	const char *where = NULL;

	if (klp_name_normalize(name, normalized) == 0)
		klp_view_is_masked(view, normalized, &where);
	return where;
}

enum klpdep_order klpdep_view_get_order(const struct klpdep_view *view,
					const struct klpdep_edge *edge)
{
	const char *reason;

	return klp_edge_order(edge, view->config, &reason);
}

const char *klpdep_view_get_order_reason(const struct klpdep_view *view,
					 const struct klpdep_edge *edge)
{
	const char *reason;

	klp_edge_order(edge, view->config, &reason);
	return reason;
}

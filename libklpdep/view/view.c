/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The view: what it is made of, and what can be asked of it.  Who takes whose place is worked
 * out in claims.c, who counts in states.c. */
#include "config.h"

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
	free(view->standings);
	free(view->claims);
	free(view);
}

KLP_REFCOUNTED(klpdep_view, klpdep_view, view_destroy)

int klpdep_view_new(const struct klpdep_index *index, const struct klpdep_config *config,
		    unsigned int flags, struct klpdep_view **out)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	int err = 0;

	if (flags & ~(unsigned int)(KLPDEP_VIEW_LIVE | KLPDEP_VIEW_TAKE_OVER))
		return -EINVAL;
	view = calloc(1, sizeof(*view));
	if (!view)
		return -ENOMEM;
	view->refs = 1;
	view->flags = flags;
	view->index = klpdep_index_ref((struct klpdep_index *)index);
	view->config = klpdep_config_ref((struct klpdep_config *)config);
	view->standings = calloc(index->n_patches + 1, sizeof(*view->standings));
	if (!view->standings)
		return -ENOMEM;
	if (flags & KLPDEP_VIEW_LIVE)
		err = klp_stack_read(&view->stack);
	if (err == 0 && flags & KLPDEP_VIEW_LIVE)
		err = klp_boot_masks_read(&view->boot);
	if (err == 0)
		err = klp_view_find_claims(view);
	if (err == 0)
		err = klp_view_find_states(view);
	if (err == 0)
		*out = klp_take(view);
	return err;
}

int klp_view_renew(const struct klpdep_view *view, unsigned int flags,
		   struct klpdep_view **renewed)
{
	return klpdep_view_new(view->index, view->config,
			       view->flags | flags | KLPDEP_VIEW_LIVE, renewed);
}

/* ---- asking ------------------------------------------------------------------------ */

const struct klp_standing *klp_view_standing(const struct klpdep_view *view,
					     const struct klpdep_patch *patch)
{
	return &view->standings[patch->number];
}

bool klp_view_is_active(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	return klp_view_standing(view, patch)->state == KLPDEP_STATE_ACTIVE;
}

bool klp_view_is_wanted(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	enum klpdep_state state = klp_view_standing(view, patch)->state;

	return state == KLPDEP_STATE_ACTIVE || state == KLPDEP_STATE_BLOCKED ||
	       state == KLPDEP_STATE_UNMET;
}

bool klp_view_is_edge_wanted(const struct klpdep_view *view,
			     const struct klp_index_edge *edge)
{
	const struct klp_standing *standing = klp_view_standing(view, edge->patch);
	const char *target = edge->object->name;

	if (standing->state != KLPDEP_STATE_INCOMPATIBLE)
		return klp_view_is_wanted(view, edge->patch);
	return klpdep_config_get_policy(view->config, target) == KLPDEP_POLICY_REQUIRE &&
	       !(standing->successor && klp_patch_find_object(standing->successor, target));
}

enum klpdep_order klp_view_wanted_order(const struct klpdep_view *view,
					const struct klp_index_edge *edge)
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
	return link->reason == KLP_LINK_IMPORT ?
		       NULL :
		       klp_view_standing(view, link->to)->successor;
}

bool klp_view_is_ours(const struct klpdep_view *view, const struct klp_loaded *loaded)
{
	return loaded->noted || klp_index_find(view->index, loaded->name);
}

const struct klp_loaded *klp_view_find_above(const struct klpdep_view *view,
					     const struct klpdep_patch *patch,
					     const struct klpdep_object *object)
{
	const struct klp_stack *stack = &view->stack;

	for (size_t i = klp_stack_find(stack, patch->name) + 1; i < stack->n; i++) {
		const struct klp_loaded *loaded = &stack->v[i];
		const struct klpdep_patch *known =
			klp_index_find(view->index, loaded->name);
		const struct klpdep_object *theirs =
			loaded->seen ? klp_patch_find_object(loaded->seen, object->name) :
				       NULL;

		if (theirs && !(known && klp_view_is_active(view, known)) &&
		    (loaded->state == KLP_PATCH_ENABLED ||
		     loaded->state == KLP_PATCH_ENABLING) &&
		    klp_objects_overlap(object, theirs))
			return loaded;
	}
	return NULL;
}

const char *klp_claim_text(const struct klp_claim *claim)
{
	return claim->reason == KLP_CLAIM_DECLARED ? "declared" :
	       claim->reason == KLP_CLAIM_SERIES   ? "series" :
						     claim->where;
}

const char *klp_state_name(enum klpdep_state state)
{
	static const char *const names[] = {
		[KLPDEP_STATE_ACTIVE] = "active",
		[KLPDEP_STATE_MASKED] = "masked",
		[KLPDEP_STATE_SUPERSEDED] = "superseded",
		[KLPDEP_STATE_INCOMPATIBLE] = "incompatible",
		[KLPDEP_STATE_QUARANTINED] = "quarantined",
		[KLPDEP_STATE_BLOCKED] = "blocked",
		[KLPDEP_STATE_UNMET] = "unmet",
	};

	return names[state];
}

const struct klpdep_index *klpdep_view_get_index(const struct klpdep_view *view)
{
	return view->index;
}

int klpdep_view_get_edge(const struct klpdep_view *view, size_t i,
			 struct klpdep_edge *edge)
{
	const struct klp_standing *standing;
	const struct klp_index_edge *found;

	if (i >= view->index->n_edges)
		return -ENOENT;
	found = &view->index->edges[i];
	standing = klp_view_standing(view, found->patch);
	*edge = (struct klpdep_edge){
		.target = found->object->name,
		.patch = found->patch,
		.object = found->object,
		.state = standing->state,
	};
	edge->order = klp_edge_order(found, view->config, &edge->reason);
	if (standing->why)
		edge->reason = standing->why;
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one view: which patches of an index count, which take whose place, and what meets a
 * requirement.  It is worked out once, from index and configuration; rules, plans, status,
 * verify and retirement ask it, and decide nothing of that themselves.
 */
#ifndef KLP_VIEW_H
#define KLP_VIEW_H

#include "libklpdep/tree/links.h"

/* Why one patch claims the place of another. */
enum klp_claim_reason {
	KLP_CLAIM_DECLARED,   /* its klp_supersedes says so */
	KLP_CLAIM_SERIES,     /* it is a later release of one series */
	KLP_CLAIM_CONFIGURED, /* supersede in klpdep.d(5) */
};

/* A patch takes the place of another that has an object in common with it; of two that
 * claim each other's place the later name has it, and only its claim is here. */
struct klp_claim {
	const struct klpdep_patch *newer, *older;
	enum klp_claim_reason reason;
	const char *where; /* CONFIGURED: "FILE:LINE"; it belongs to the configuration */
};

/* How a patch of the index stands. */
struct klp_standing {
	enum klpdep_state state;
	/* Of what is not active: where it is masked; the name of what supersedes it, or
	 * where that is configured. */
	const char *why;
	/* The active patch that has its place, or NULL; of a masked one, too. */
	const struct klpdep_patch *successor;
	const struct klp_claim *claims; /* on its place */
	size_t n_claims;
};

struct klpdep_view {
	unsigned int refs;
	struct klpdep_index *index;
	struct klpdep_config *config; /* or NULL */
	struct klp_standing *standings; /* by the patches' numbers */
	struct klp_claim *claims;
	size_t n_claims;
};

const struct klp_standing *klp_view_standing(const struct klpdep_view *view,
					     const struct klpdep_patch *patch);
bool klp_view_is_active(const struct klpdep_view *view, const struct klpdep_patch *patch);

/* The order of an edge, as klp_edge_order() tells it; NONE for the edges of a patch that is
 * not active, which nobody loads. */
enum klpdep_order klp_view_active_order(const struct klpdep_view *view,
					const struct klp_index_edge *edge);

/* The active patch that a requirement is met by, or NULL: where another has its place,
 * that one; but not for symbols, which the kernel takes from the one that exports them. */
const struct klpdep_patch *klp_view_met_by(const struct klpdep_view *view,
					   const struct klp_link *link);

/* Why @newer would take the place of @older, a patch that is not of the index, by what the
 * two say themselves.  False where it would not. */
bool klp_view_claims_place(const struct klpdep_patch *newer,
			   const struct klpdep_patch *older);

/* "declared", "series", or where it is configured. */
const char *klp_claim_text(const struct klp_claim *claim);

/* "active", "masked", "superseded" */
const char *klp_state_name(enum klpdep_state state);

#endif /* KLP_VIEW_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one view: which patches of an index count, which take whose place, and what meets a
 * requirement.  It is worked out once, from index and configuration and, where that is asked
 * for, from what is loaded; rules, plans, status, verify and retirement ask it, and decide
 * nothing of that themselves.
 */
#ifndef KLP_VIEW_H
#define KLP_VIEW_H

#include "libklpdep/live/stack.h"
#include "libklpdep/tree/links.h"
#include "libklpdep/view/series.h"

/* Why one patch claims the place of another. */
enum klp_claim_reason {
	KLP_CLAIM_DECLARED,   /* its klp_supersedes says so */
	KLP_CLAIM_SERIES,     /* it is a later release of one series */
	KLP_CLAIM_CONFIGURED, /* supersede in klpdep.d(5) */
};

/* A patch takes the place of another that has an object in common with it, or that the kernel
 * replaces as an earlier release of its series; of two that claim each other's place the
 * later name has it, and only its claim is here. */
struct klp_claim {
	const struct klpdep_patch *newer, *older;
	enum klp_claim_reason reason;
	/* It takes others of its release to take the whole place: the older one has objects
	 * that it has not. */
	bool is_part;
	const char *where; /* CONFIGURED: "FILE:LINE"; it belongs to the configuration */
};

/* How a patch of the index stands. */
struct klp_standing {
	enum klpdep_state state;
	/* Of what is not active: where it is masked; the name of what supersedes it, or
	 * where that is configured; what is in its way. */
	const char *why;
	/* It is blocked by a foreign patch that is a later release of its series. */
	bool is_overtaken;
	/* kpatch.service loads it, and so it is as a foreign one is. */
	bool left_to_kpatch;
	/* The active patch that has its place, or NULL; of a masked one, too. */
	const struct klpdep_patch *successor;
	struct klp_release release;	/* what it is of a series */
	const struct klp_claim *claims; /* on its place */
	size_t n_claims;
	/* It is masked by a blacklist, which does not hold where it is loaded by name. */
	bool is_blacklisted;
	char *text; /* what @why points to, or NULL */
};

/* What keeps patches out for as long as this kernel runs. */
struct klp_boot_masks {
	struct klp_strv patterns; /* klpdep.mask= on its command line */
	struct klp_strv names;	  /* modprobe.blacklist= */
};

struct klpdep_view {
	unsigned int refs;
	unsigned int flags; /* enum klpdep_view_flags */
	struct klpdep_index *index;
	struct klpdep_config *config;	/* or NULL */
	struct klp_stack stack;		/* with KLPDEP_VIEW_LIVE */
	struct klp_boot_masks boot;	/* the same */
	struct klp_standing *standings; /* by the patches' numbers */
	struct klp_claim *claims;
	size_t n_claims;
};

/* A view of the same, by what is loaded now, with these of enum klpdep_view_flags as well.  0
 * or -ENOMEM, which has been logged. */
int klp_view_renew(struct klpdep_ctx *ctx, const struct klpdep_view *view, unsigned int flags,
		   struct klpdep_view **renewed);

const struct klp_standing *klp_view_standing(const struct klpdep_view *view,
					     const struct klpdep_patch *patch);
bool klp_view_is_active(const struct klpdep_view *view, const struct klpdep_patch *patch);
/* Whether a patch is left to kpatch.service: it is neither inserted nor taken out. */
bool klp_view_is_left(const struct klpdep_view *view, const struct klpdep_patch *patch);
/* Whether a patch is active, or would be if what is in its way were not: its targets have
 * rules, and the plan says why it is left out. */
bool klp_view_is_wanted(const struct klpdep_view *view, const struct klpdep_patch *patch);

/* Whether a patch, which need not be in the index, is masked, and by what: by klpdep.d(5), or
 * for as long as this kernel runs.  A blacklist is another thing. */
bool klp_view_is_masked(const struct klpdep_view *view, const char *patch,
			const char **where);

/* Whether the loading of an edge's target has to do with the patch: where it is wanted; and,
 * under policy require, where it is incompatible, for then the target is not loaded. */
bool klp_view_is_edge_wanted(const struct klpdep_view *view,
			     const struct klpdep_edge *edge);
/* The order of an edge, as klp_edge_order() tells it; NONE for one that is not wanted. */
enum klpdep_order klp_view_wanted_order(const struct klpdep_view *view,
					const struct klpdep_edge *edge);

/* The active patch that a requirement is met by, or NULL: where another has its place,
 * that one; but not for symbols, which the kernel takes from the one that exports them. */
const struct klpdep_patch *klp_view_met_by(const struct klpdep_view *view,
					   const struct klp_link *link);

/* Whether @newer takes the place of @older, of which one need not be of the index, by what
 * the two say themselves. */
bool klp_view_claims_place(const struct klpdep_patch *newer, const struct klpdep_patch *older);

/* The first klp_state of a loaded patch for which the kernel refuses @patch, which has it as
 * *own, or does not know it: NULL.  NULL: it is taken. */
const struct klp_state *klp_view_find_conflict(const struct klpdep_patch *patch,
					       const struct klpdep_patch *loaded,
					       const struct klp_state **own);

/* The latest of the patches that count of which @newer is a later release by a number in its
 * name, without having all that it changes; NULL: there is none. */
const struct klpdep_patch *klp_view_find_uncovered(const struct klpdep_view *view,
						   const struct klpdep_patch *newer);

/* ---- of what is loaded ------------------------------------------------------------- */

/* Whether klpdep looks after a patch that is loaded: the index has it, and it is not left to
 * kpatch.service; or klpdep has inserted it since the machine was started. */
bool klp_view_is_ours(const struct klpdep_view *view, const struct klp_loaded *loaded);

/* What is on top of an enabled patch on an object, and should not be: a patch that changes
 * one of its functions, was enabled later, and is no active one.  NULL: it is in effect. */
const struct klp_loaded *klp_view_find_above(const struct klpdep_view *view,
					     const struct klpdep_patch *patch,
					     const struct klpdep_object *object);
/* The same, but for those that @may_be says may be on top; @known: of the index. */
const struct klp_loaded *
klp_view_find_other_above(const struct klpdep_view *view, const struct klpdep_patch *patch,
			  const struct klpdep_object *object,
			  bool (*may_be)(const void *data, const struct klpdep_patch *known),
			  const void *data);

/* "declared", "series", or where it is configured. */
const char *klp_claim_text(const struct klp_claim *claim);

#endif /* KLP_VIEW_H */

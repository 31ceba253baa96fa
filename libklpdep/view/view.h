/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one view: the state of each patch of an index, which patch supersedes which, and what
 * meets a requirement.  It is computed once, from index, configuration and, if wanted, from
 * what is loaded.  Rules, plans, status, verify and retirement ask it, and decide none of
 * this themselves.
 */
#ifndef KLP_VIEW_H
#define KLP_VIEW_H

#include "libklpdep/live/guard.h"
#include "libklpdep/live/stack.h"
#include "libklpdep/tree/links.h"
#include "libklpdep/view/series.h"

/* A patch that supersedes another.  They have an object in common, or are releases of one
 * series and the kernel replaces the older one.  If two patches supersede each other, only
 * the claim of the later name is here. */
struct klp_claim {
	const struct klpdep_patch *newer, *older;
	enum klpdep_link_reason reason;
	/* It supersedes the older one only together with other patches of its release: the
	 * older one has objects that it does not have. */
	bool is_part;
	/* It does not have all objects of the older one, and only evicts it. */
	bool is_eviction;
	const char *where; /* CONFIGURED: "FILE:LINE"; it belongs to the configuration */
};

/* The state of a patch of the index. */
struct klp_standing {
	enum klpdep_state state;
	/* Unless it is active: where it is masked; the name of its successor, or where that
	 * is configured; or what is in its way. */
	const char *why;
	/* It is incompatible, or the guard holds it back: it supersedes no patch. */
	bool is_misfit;
	/* It was unmet, or superseded, in the last round of states.c. */
	bool was_unmet, was_superseded;
	/* It is blocked by a foreign patch that is a later release of its series. */
	bool is_overtaken;
	/* kpatch.service loads it, so it is treated as foreign. */
	bool left_to_kpatch;
	/* The active patch that has superseded it, or NULL; also for a masked one. */
	const struct klpdep_patch *successor;
	struct klp_release release;	/* this patch, as a release */
	const struct klp_claim *claims; /* of newer patches on its place */
	size_t n_claims;
	/* A blacklist masks it, which does not count when it is loaded by name. */
	bool is_blacklisted;
	/* What the guard says of it, for as long as it is not in the kernel, and why. */
	enum klp_verdict verdict;
	const char *verdict_why;
	char *text; /* what @why points to, or NULL */
};

/* Patches that this kernel's command line masks. */
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
	struct klp_guard guard;		/* the same */
	struct klp_standing *standings; /* by the patches' numbers */
	struct klp_claim *claims;
	size_t n_claims;
};

/* Beside enum klpdep_view_flags: klpdep sync asks, which inserts what is unproven. */
#define KLP_VIEW_SYNC (1U << 16)

/* A view of the same index by what is loaded now, with these additional enum
 * klpdep_view_flags.  0 or -ENOMEM, which has been logged. */
int klp_view_renew(struct klpdep_ctx *ctx, const struct klpdep_view *view, unsigned int flags,
		   struct klpdep_view **renewed);

const struct klp_standing *klp_view_standing(const struct klpdep_view *view,
					     const struct klpdep_patch *patch);
bool klp_view_is_active(const struct klpdep_view *view, const struct klpdep_patch *patch);
/* Whether a patch is left to kpatch.service: klpdep neither inserts nor unloads it. */
bool klp_view_is_left(const struct klpdep_view *view, const struct klpdep_patch *patch);
/* Whether a patch is active, or would be without what is in its way: its targets have
 * rules, and the plan says why it is left out. */
bool klp_view_is_wanted(const struct klpdep_view *view, const struct klpdep_patch *patch);

/* Whether a patch, which need not be in the index, is masked, and by what: klpdep.d(5) or
 * this kernel's command line.  Blacklists do not count. */
bool klp_view_is_masked(const struct klpdep_view *view, const char *patch,
			const char **where);

/* Whether what keeps a patch out is that it is unproven. */
bool klp_view_is_held(const struct klp_standing *standing);

/* Whether loading an edge's target involves the patch: if it is wanted; and under policy
 * require, if it is incompatible, since the target is not loaded then. */
bool klp_view_is_edge_wanted(const struct klpdep_view *view,
			     const struct klpdep_edge *edge);
/* The order of an edge, by klp_edge_order(); NONE for a patch that is not wanted. */
enum klpdep_order klp_view_wanted_order(const struct klpdep_view *view,
					const struct klpdep_edge *edge);

/* The active patch that meets a requirement, or NULL: the required one or its successor;
 * but for symbols only the one that exports them, since the kernel takes them from it. */
const struct klpdep_patch *klp_view_met_by(const struct klpdep_view *view,
					   const struct klp_link *link);

/* Whether @newer supersedes @older by what the two say themselves; one may be of another
 * index. */
bool klp_view_claims_place(const struct klpdep_patch *newer, const struct klpdep_patch *older);

/* The first klp_state of a loaded patch because of which the kernel refuses @patch; *own is
 * @patch's own, or NULL if it has none.  NULL: the kernel accepts the patch. */
const struct klp_state *klp_view_find_conflict(const struct klpdep_patch *patch,
					       const struct klpdep_patch *loaded,
					       const struct klp_state **own);

/* The latest active patch of which @newer is a later release by number, without covering
 * it; NULL: there is none. */
const struct klpdep_patch *klp_view_find_uncovered(const struct klpdep_view *view,
						   const struct klpdep_patch *newer);

/* ---- loaded patches ---------------------------------------------------------------- */

/* Whether klpdep looks after a loaded patch: the index has it, and it is not left to
 * kpatch.service; or klpdep has inserted it since the last boot. */
bool klp_view_is_ours(const struct klpdep_view *view, const struct klp_loaded *loaded);

/* A patch on top of an enabled patch on an object that should not be there: it changes one
 * of its functions, was enabled later, and is not active.  Some tasks may have left it already.
 * NULL: the patch is in effect. */
const struct klp_loaded *klp_view_find_above(const struct klpdep_view *view,
					     const struct klpdep_patch *patch,
					     const struct klpdep_object *object);
/* The same, without patches that may be on top by @may_be; @known: of the index. */
const struct klp_loaded *
klp_view_find_other_above(const struct klpdep_view *view, const struct klpdep_patch *patch,
			  const struct klpdep_object *object,
			  bool (*may_be)(const void *data, const struct klpdep_patch *known),
			  const void *data);


#endif /* KLP_VIEW_H */

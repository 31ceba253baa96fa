/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The view: who takes whose place, and therefore who counts. */
#include "config.h"

#include "libklpdep/view/series.h"
#include "libklpdep/view/view.h"

static void view_destroy(struct klpdep_view *view)
{
	klpdep_index_unref(view->index);
	klpdep_config_unref(view->config);
	free(view->standings);
	free(view->claims);
	free(view);
}

KLP_REFCOUNTED(klpdep_view, klpdep_view, view_destroy)

/* ---- claims ------------------------------------------------------------------------ */

static int add_claim(struct klpdep_view *view, const struct klpdep_patch *newer,
		     const struct klpdep_patch *older, enum klp_claim_reason reason,
		     const char *where)
{
	struct klp_claim *claim = klp_append(view->claims, view->n_claims);

	if (!claim)
		return -ENOMEM;
	*claim = (struct klp_claim){ newer, older, reason, where };
	return 0;
}

static int add_declared(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	int err = 0;

	for (size_t i = 0; i < index->n_supersedes && err == 0; i++) {
		const struct klp_link *link = &index->supersedes[i];

		if (klp_patch_shares_object(link->from, link->to))
			err = add_claim(view, link->from, link->to, KLP_CLAIM_DECLARED,
					NULL);
	}
	return err;
}

/* A patch of a series. */
struct release {
	const struct klpdep_patch *patch;
	const char *name;
	size_t stem; /* what the series' names have in common */
};

/* By series. */
static int cmp_releases(const void *p, const void *q)
{
	const struct release *a = p, *b = q;

	if (a->stem != b->stem)
		return a->stem < b->stem ? -1 : 1;
	return strncmp(a->name, b->name, a->stem);
}

/* What is of one series among the patches for one object. */
static int add_series_of(struct klpdep_view *view, const struct klp_index_edge *edges, size_t n)
{
	_cleanup_free_ struct release *releases = calloc(n, sizeof(*releases));
	size_t n_releases = 0;
	int err = releases ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct release *release = &releases[n_releases];

		release->patch = edges[i].patch;
		release->stem = klp_series_stem(release->patch, &release->name);
		n_releases += release->stem != 0;
	}
	if (n_releases)
		qsort(releases, n_releases, sizeof(*releases), cmp_releases);
	for (size_t i = 0; i < n_releases; i++) {
		const struct klpdep_patch *patch = releases[i].patch;

		for (size_t j = i + 1; j < n_releases && err == 0 &&
				       cmp_releases(&releases[i], &releases[j]) == 0;
		     j++) {
			const struct klpdep_patch *other = releases[j].patch;

			if (klp_series_is_later(patch, other))
				err = add_claim(view, patch, other, KLP_CLAIM_SERIES,
						NULL);
			else if (klp_series_is_later(other, patch))
				err = add_claim(view, other, patch, KLP_CLAIM_SERIES,
						NULL);
		}
	}
	return err;
}

static int add_series(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	size_t n;
	int err = 0;

	for (size_t i = 0; i < index->n_edges && err == 0; i += n) {
		const struct klp_index_edge *edges = &index->edges[i];

		klp_index_edges_of(index, edges->object->name, &n);
		err = add_series_of(view, edges, n);
	}
	return err;
}

static int add_configured(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	int err = 0;

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *older = index->patches[i];

		if (!klp_config_supersedes(view->config, NULL, older->name, NULL))
			continue;
		for (size_t j = 0; j < index->n_patches && err == 0; j++) {
			const struct klpdep_patch *newer = index->patches[j];
			const char *where;

			if (newer != older && klp_patch_shares_object(newer, older) &&
			    klp_config_supersedes(view->config, newer->name, older->name,
						  &where))
				err = add_claim(view, newer, older, KLP_CLAIM_CONFIGURED,
						where);
		}
	}
	return err;
}

/* What patches say themselves comes before what is configured. */
static int cmp_claims(const void *p, const void *q)
{
	const struct klp_claim *a = p, *b = q;
	size_t keys[][2] = {
		{ a->older->number, b->older->number },
		{ a->reason == KLP_CLAIM_CONFIGURED, b->reason == KLP_CLAIM_CONFIGURED },
		{ a->newer->number, b->newer->number },
		{ a->reason, b->reason },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(keys); i++) {
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	}
	return 0;
}

static bool has_claim(const struct klpdep_view *view, const struct klpdep_patch *newer,
		      const struct klpdep_patch *older)
{
	for (int reason = KLP_CLAIM_DECLARED; reason <= KLP_CLAIM_CONFIGURED; reason++) {
		const struct klp_claim key = { newer, older,
					       (enum klp_claim_reason)reason, NULL };

		if (bsearch(&key, view->claims, view->n_claims, sizeof(key), cmp_claims))
			return true;
	}
	return false;
}

/* Whether of two that claim each other's place this is the one that does not have it. */
static bool is_lost(const struct klpdep_view *view, const struct klp_claim *claim)
{
	return klp_name_cmp(claim->newer->name, claim->older->name) < 0 &&
	       has_claim(view, claim->older, claim->newer);
}

/* Each once, sorted, and without those that are lost. */
static int settle_claims(struct klpdep_view *view)
{
	_cleanup_free_ bool *lost = calloc(view->n_claims + 1, sizeof(*lost));
	size_t n = 0;

	if (!lost)
		return -ENOMEM;
	if (view->n_claims)
		qsort(view->claims, view->n_claims, sizeof(*view->claims), cmp_claims);
	for (size_t i = 0; i < view->n_claims; i++)
		lost[i] = is_lost(view, &view->claims[i]) ||
			  (i && cmp_claims(&view->claims[i - 1], &view->claims[i]) == 0);
	for (size_t i = 0; i < view->n_claims; i++) {
		if (!lost[i])
			view->claims[n++] = view->claims[i];
	}
	view->n_claims = n;
	return 0;
}

/* ---- states ------------------------------------------------------------------------ */

static bool is_masked(const struct klpdep_view *view, const struct klpdep_patch *patch)
{
	return view->standings[patch->number].state == KLPDEP_STATE_MASKED;
}

static void find_masked(struct klpdep_view *view)
{
	for (size_t i = 0; i < view->index->n_patches; i++) {
		struct klp_standing *standing = &view->standings[i];

		if (klp_config_masked(view->config, view->index->patches[i]->name,
				      &standing->why))
			standing->state = KLPDEP_STATE_MASKED;
	}
}

/* A claim counts where the newer patch is not masked. */
static void find_superseded(struct klpdep_view *view)
{
	for (size_t i = 0; i < view->n_claims; i++) {
		const struct klp_claim *claim = &view->claims[i];
		struct klp_standing *standing = &view->standings[claim->older->number];

		if (!standing->n_claims++)
			standing->claims = claim;
		if (standing->state != KLPDEP_STATE_ACTIVE ||
		    is_masked(view, claim->newer))
			continue;
		standing->state = KLPDEP_STATE_SUPERSEDED;
		standing->why = claim->reason == KLP_CLAIM_CONFIGURED ?
					claim->where :
					claim->newer->name;
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

int klpdep_view_new(const struct klpdep_index *index, const struct klpdep_config *config,
		    struct klpdep_view **out)
{
	_cleanup_view_ struct klpdep_view *view = calloc(1, sizeof(*view));
	int err;

	if (!view)
		return -ENOMEM;
	view->refs = 1;
	view->index = klpdep_index_ref((struct klpdep_index *)index);
	view->config = klpdep_config_ref((struct klpdep_config *)config);
	view->standings = calloc(index->n_patches + 1, sizeof(*view->standings));
	if (!view->standings)
		return -ENOMEM;
	err = add_declared(view);
	if (err == 0)
		err = add_series(view);
	if (err == 0)
		err = add_configured(view);
	if (err == 0)
		err = settle_claims(view);
	if (err < 0)
		return err;
	find_masked(view);
	find_superseded(view);
	find_successors(view);
	*out = klp_take(view);
	return 0;
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

enum klpdep_order klp_view_active_order(const struct klpdep_view *view,
					const struct klp_index_edge *edge)
{
	const char *reason;

	return klp_view_is_active(view, edge->patch) ?
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

bool klp_view_claims_place(const struct klpdep_patch *newer,
			   const struct klpdep_patch *older)
{
	return klp_links_declare(newer, older) || klp_series_is_later(newer, older);
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

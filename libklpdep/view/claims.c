/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who takes whose place. */
#include "config.h"

#include "libklpdep/view/series.h"
#include "libklpdep/view/view-internal.h"

static int add_claim(struct klpdep_view *view, const struct klpdep_patch *newer,
		     const struct klpdep_patch *older, enum klp_claim_reason reason,
		     bool is_part, const char *where)
{
	struct klp_claim *claim = klp_append(view->claims, view->n_claims);

	if (!claim)
		return -ENOMEM;
	*claim = (struct klp_claim){ newer, older, reason, is_part, where };
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
					false, NULL);
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

static int add_release(struct klpdep_view *view, const struct klpdep_patch *newer,
		       const struct klpdep_patch *older)
{
	bool is_part = false;

	if (!klp_series_takes_place(newer, older, &is_part))
		return 0;
	return add_claim(view, newer, older, KLP_CLAIM_SERIES, is_part, NULL);
}

/* The releases of one series: each takes the place of some before it. */
static int add_pairs(struct klpdep_view *view, const struct release *releases, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n && err == 0; j++) {
			err = add_release(view, releases[i].patch, releases[j].patch);
			if (err == 0)
				err = add_release(view, releases[j].patch,
						  releases[i].patch);
		}
	}
	return err;
}

static int add_series(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	_cleanup_free_ struct release *releases =
		calloc(index->n_patches + 1, sizeof(*releases));
	size_t n = 0, end;
	int err = releases ? 0 : -ENOMEM;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		releases[n].patch = index->patches[i];
		releases[n].stem = klp_series_stem(index->patches[i], &releases[n].name);
		n += releases[n].stem != 0;
	}
	if (n)
		qsort(releases, n, sizeof(*releases), cmp_releases);
	for (size_t i = 0; i < n && err == 0; i = end) {
		for (end = i + 1; end < n; end++) {
			if (cmp_releases(&releases[i], &releases[end]) != 0)
				break;
		}
		err = add_pairs(view, &releases[i], end - i);
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
						false, where);
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
		const struct klp_claim key = { .newer = newer,
					       .older = older,
					       .reason = (enum klp_claim_reason)reason };

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

int klp_view_find_claims(struct klpdep_view *view)
{
	int err = add_declared(view);

	if (err == 0)
		err = add_series(view);
	if (err == 0)
		err = add_configured(view);
	return err < 0 ? err : settle_claims(view);
}

bool klp_view_claims_place(const struct klpdep_patch *newer,
			   const struct klpdep_patch *older)
{
	bool is_part;

	return klp_links_declare(newer, older) ||
	       klp_series_takes_place(newer, older, &is_part);
}

/* The first whose name begins with @stem or comes after it; the index is sorted. */
static size_t find_stem(const struct klpdep_index *index, const char *stem, size_t len)
{
	size_t low = 0, high = index->n_patches;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(index->patches[middle]->name, stem, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A declared release is the whole of its objects' fix, and covers all. */
const struct klpdep_patch *klp_view_find_uncovered(const struct klpdep_view *view,
						   const struct klpdep_patch *newer)
{
	const struct klpdep_index *index = view->index;
	const struct klpdep_patch *found = NULL;
	const char *stem;
	size_t len = klp_series_stem(newer, &stem);

	if (len == 0 || newer->set || !klp_view_is_wanted(view, newer))
		return NULL;
	for (size_t i = find_stem(index, stem, len); i < index->n_patches; i++) {
		const struct klpdep_patch *older = index->patches[i];
		bool is_part;

		if (strncmp(older->name, stem, len) != 0)
			break;
		if (klp_view_is_wanted(view, older) && klp_series_compare(newer, older) > 0 &&
		    (!found || klp_series_compare(older, found) > 0) &&
		    klp_patch_shares_object(newer, older) &&
		    !klp_series_takes_place(newer, older, &is_part))
			found = older;
	}
	return found;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which patch supersedes which. */
#include "config.h"

#include <fnmatch.h>

#include "libklpdep/base/circles.h"
#include "libklpdep/view/series.h"
#include "libklpdep/view/view-internal.h"

static int add_claim(struct klpdep_view *view, const struct klpdep_patch *newer,
		     const struct klpdep_patch *older, enum klpdep_link_reason reason,
		     const char *where)
{
	struct klp_claim *claim = klp_append(view->claims, view->n_claims);

	if (!claim)
		return -ENOMEM;
	*claim = (struct klp_claim){ .newer = newer, .older = older, .reason = reason,
				     .where = where };
	return 0;
}

/* The patches that match a pattern, one after another.  Only names that begin like the
 * pattern, up to its first special character, are compared. */
struct matches {
	const struct klpdep_index *index;
	const char *glob;
	bool is_stem; /* it is "STEM*" */
	size_t at, end;
};

static struct matches match(const struct klpdep_index *index, const char *glob)
{
	size_t stem = strcspn(glob, "*?[\\"), n;
	size_t first = klp_index_find_stem(index, glob, stem, &n);

	/* A name comes first among those that begin with it. */
	if (!glob[stem] && n)
		n = 1;
	return (struct matches){ index, glob, klp_streq(glob + stem, "*"), first, first + n };
}

static const struct klpdep_patch *next_match(struct matches *matches)
{
	while (matches->at < matches->end) {
		const struct klpdep_patch *patch = matches->index->patches[matches->at++];

		if (matches->is_stem || fnmatch(matches->glob, patch->name, 0) == 0)
			return patch;
	}
	return NULL;
}

static int add_matches(struct klpdep_view *view, const struct klpdep_patch *newer,
		       const char *glob)
{
	struct matches matches = match(view->index, glob);
	const struct klpdep_patch *older;
	int err = 0;

	while (err == 0 && (older = next_match(&matches))) {
		if (older != newer && klp_patch_shares_object(newer, older))
			err = add_claim(view, newer, older, KLPDEP_REASON_DECLARED, NULL);
	}
	return err;
}

static int add_declared(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	int err = 0;

	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *newer = index->patches[i];

		for (size_t j = 0; j < newer->supersedes.n && err == 0; j++)
			err = add_matches(view, newer, newer->supersedes.v[j]);
	}
	return err;
}

/* By series. */
static int cmp_series(const void *p, const void *q)
{
	const struct klp_release *a = *(const struct klp_release *const *)p;
	const struct klp_release *b = *(const struct klp_release *const *)q;

	if (a->stem != b->stem)
		return a->stem < b->stem ? -1 : 1;
	return strncmp(a->name, b->name, a->stem);
}

/* Whether a patch has all objects of another. */
static bool has_objects_of(const struct klpdep_patch *patch,
			   const struct klpdep_patch *other)
{
	for (size_t i = 0; i < other->n_objects; i++) {
		if (!klp_patch_find_object(patch, other->objects[i].name))
			return false;
	}
	return true;
}

static int add_release(struct klpdep_view *view, const struct klp_release *newer,
		       const struct klp_release *older)
{
	bool replaces = newer->patch->replace == KLPDEP_REPLACE_YES, has_all;
	struct klp_claim *claim;
	int err;

	if (!klp_releases_take_place(newer, older))
		return 0;
	err = add_claim(view, newer->patch, older->patch, KLPDEP_REASON_SERIES, NULL);
	if (err < 0)
		return err;
	claim = &view->claims[view->n_claims - 1];
	has_all = has_objects_of(newer->patch, older->patch);
	claim->is_part = !has_all && !replaces;
	claim->is_eviction = !has_all && replaces;
	return 0;
}

/* The releases of one series: each supersedes some earlier ones. */
static int add_pairs(struct klpdep_view *view, const struct klp_release *const *releases,
		     size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n && err == 0; j++) {
			err = add_release(view, releases[i], releases[j]);
			if (err == 0)
				err = add_release(view, releases[j], releases[i]);
		}
	}
	return err;
}

static int add_series(struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	_cleanup_free_ const struct klp_release **releases =
		calloc(index->n_patches + 1, sizeof(*releases));
	size_t n = 0, end;
	int err = releases ? 0 : -ENOMEM;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		struct klp_release *release = &view->standings[i].release;

		*release = klp_series_release(index->patches[i]);
		if (release->stem)
			releases[n++] = release;
	}
	klp_sort(releases, n, cmp_series);
	for (size_t i = 0; i < n && err == 0; i = end) {
		for (end = i + 1; end < n; end++) {
			if (cmp_series(&releases[i], &releases[end]) != 0)
				break;
		}
		err = add_pairs(view, &releases[i], end - i);
	}
	return err;
}

/* The first of several lines counts. */
static int add_line(struct klpdep_view *view, const char *newer_glob,
		    const struct klpdep_patch *older, const char *where)
{
	struct matches matches = match(view->index, newer_glob);
	const struct klpdep_patch *newer;
	const char *first;
	int err = 0;

	while (err == 0 && (newer = next_match(&matches))) {
		if (newer != older && klp_patch_shares_object(newer, older) &&
		    klp_config_supersedes(view->config, newer->name, older->name, &first) &&
		    first == where)
			err = add_claim(view, newer, older, KLPDEP_REASON_CONFIGURED, where);
	}
	return err;
}

static int add_configured(struct klpdep_view *view)
{
	const char *newer, *older_glob, *where;
	size_t at = 0;
	int err = 0;

	while (err == 0 && klp_config_next_supersede(view->config, &at, &newer, &older_glob,
						     &where)) {
		struct matches matches = match(view->index, older_glob);
		const struct klpdep_patch *older;

		while (err == 0 && (older = next_match(&matches)))
			err = add_line(view, newer, older, where);
	}
	return err;
}

/* Declarations in patches take precedence over the configuration. */
static int cmp_claims(const void *p, const void *q)
{
	const struct klp_claim *a = p, *b = q;
	bool is_configured = a->reason == KLPDEP_REASON_CONFIGURED;

	if (a->older != b->older)
		return a->older->number < b->older->number ? -1 : 1;
	if (is_configured != (b->reason == KLPDEP_REASON_CONFIGURED))
		return is_configured ? 1 : -1;
	if (a->newer != b->newer)
		return a->newer->number < b->newer->number ? -1 : 1;
	return (int)a->reason - (int)b->reason;
}

static bool has_claim(const struct klpdep_view *view, const struct klpdep_patch *newer,
		      const struct klpdep_patch *older, enum klpdep_link_reason reason)
{
	const struct klp_claim key = { .newer = newer, .older = older, .reason = reason };

	return klp_search(&key, view->claims, view->n_claims, cmp_claims);
}

/* Somebody says the opposite of what the series says. */
static bool is_overruled(const struct klpdep_view *view, const struct klp_claim *claim)
{
	return claim->reason == KLPDEP_REASON_SERIES &&
	       (has_claim(view, claim->older, claim->newer, KLPDEP_REASON_DECLARED) ||
		has_claim(view, claim->older, claim->newer, KLPDEP_REASON_CONFIGURED));
}

/* Drop the claims that are marked. */
static void drop_claims(struct klpdep_view *view, const bool *lost)
{
	size_t n = 0;

	for (size_t i = 0; i < view->n_claims; i++) {
		if (!lost[i])
			view->claims[n++] = view->claims[i];
	}
	view->n_claims = n;
}

/* Whom the patches of the view are superseded by. */
struct newer {
	const struct klpdep_view *view;
	size_t *first; /* the first claim on each patch, and after the last patch their end */
};

static bool get_newer(const void *data, size_t node, size_t i, size_t *to)
{
	const struct newer *newer = data;
	size_t at = newer->first[node] + i;

	if (at >= newer->first[node + 1])
		return false;
	*to = newer->view->claims[at].newer->number;
	return true;
}

/* If patches supersede each other in a circle, none would be loaded.  So claims that are
 * against the order of the names do not count there: the latest name wins. */
static int break_circles(struct klpdep_view *view, bool *lost)
{
	size_t n = view->index->n_patches;
	_cleanup_free_ size_t *room = calloc(2 * n + 1, sizeof(*room));
	struct newer newer = { view, room };
	size_t *circles = room + n + 1;
	int err;

	if (!room)
		return -ENOMEM;
	for (size_t i = 0; i < view->n_claims; i++)
		newer.first[view->claims[i].older->number + 1]++;
	for (size_t i = 0; i < n; i++)
		newer.first[i + 1] += newer.first[i];
	err = klp_find_circles(&newer, n, get_newer, circles);
	for (size_t i = 0; i < view->n_claims && err == 0; i++) {
		const struct klp_claim *claim = &view->claims[i];
		size_t circle = circles[claim->newer->number];

		lost[i] = circle && circle == circles[claim->older->number] &&
			  klp_name_cmp(claim->newer->name, claim->older->name) < 0;
	}
	if (err == 0)
		drop_claims(view, lost);
	return err;
}

/* Sort the claims, and drop duplicates and lost ones. */
static int settle_claims(struct klpdep_view *view)
{
	_cleanup_free_ bool *lost = calloc(view->n_claims + 1, sizeof(*lost));

	if (!lost)
		return -ENOMEM;
	klp_sort(view->claims, view->n_claims, cmp_claims);
	for (size_t i = 0; i < view->n_claims; i++)
		lost[i] = is_overruled(view, &view->claims[i]) ||
			  (i && cmp_claims(&view->claims[i - 1], &view->claims[i]) == 0);
	drop_claims(view, lost);
	return break_circles(view, lost);
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
	return klp_links_declare(newer, older) || klp_series_takes_place(newer, older);
}

/* A declared release is the whole of its objects' fix, and covers all. */
const struct klpdep_patch *klp_view_find_uncovered(const struct klpdep_view *view,
						   const struct klpdep_patch *newer)
{
	const struct klp_release *own = &klp_view_standing(view, newer)->release, *found = NULL;
	size_t first, n;

	if (own->stem == 0 || newer->set || !klp_view_is_wanted(view, newer))
		return NULL;
	first = klp_index_find_stem(view->index, own->name, own->stem, &n);
	for (size_t i = first; i < first + n; i++) {
		const struct klp_release *older = &view->standings[i].release;

		if (klp_view_is_wanted(view, older->patch) &&
		    klp_releases_compare(own, older) > 0 &&
		    (!found || klp_releases_compare(older, found) > 0) &&
		    klp_patch_shares_object(newer, older->patch) &&
		    !klp_releases_take_place(own, older))
			found = older;
	}
	return found ? found->patch : NULL;
}

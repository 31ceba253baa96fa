/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The links between patches for users of the library: one link for two patches and a kind,
 * with all of its reasons. */
#include "config.h"

#include "libklpdep/view/view.h"

struct klpdep_link {
	enum klpdep_link_kind kind;
	struct klpdep_patch *from;
	struct klpdep_patch *to; /* NULL: the index has no such patch */
	const char *name;	 /* the name of @to */
	unsigned int reasons;	 /* enum klpdep_link_reason */
	char *text;		 /* all of them, divided by commas */
	/* For a requirement: the active patch that meets it, or NULL. */
	struct klpdep_patch *met_by;
	bool is_circular;
};

struct klpdep_links {
	unsigned int refs;
	struct klpdep_view *view;
	struct klpdep_link *v; /* sorted by kind, @from, then version-aware by @name */
	size_t n;
};

static void links_destroy(struct klpdep_links *links)
{
	for (size_t i = 0; i < links->n; i++)
		free(links->v[i].text);
	free(links->v);
	klpdep_view_unref(links->view);
	free(links);
}

KLP_REFCOUNTED(klpdep_links, klpdep_links, links_destroy)

/* ---- the list ---------------------------------------------------------------------- */

/* The index's patch, of which users may take a reference, for the view's. */
static struct klpdep_patch *own(const struct klpdep_links *links,
				const struct klpdep_patch *patch)
{
	return patch ? links->view->index->patches[patch->number] : NULL;
}

static int add(struct klpdep_links *links, const struct klpdep_link *link, const char *text)
{
	_cleanup_free_ char *copy = strdup(text);
	struct klpdep_link *slot = copy ? klp_append(links->v, links->n) : NULL;

	if (!slot)
		return -ENOMEM;
	*slot = *link;
	slot->text = klp_take(copy);
	return 0;
}

static int cmp_ends(const void *p, const void *q)
{
	const struct klpdep_link *a = p, *b = q;
	int cmp = (int)a->kind - (int)b->kind;

	if (cmp == 0)
		cmp = klp_name_cmp(a->from->name, b->from->name);
	return cmp ? cmp : klp_name_cmp(a->name, b->name);
}

static int cmp_links(const void *p, const void *q)
{
	const struct klpdep_link *a = p, *b = q;
	int cmp = cmp_ends(a, b);

	return cmp ? cmp : strcmp(a->text, b->text);
}

/* All of several requirements have to be met. */
static int join(struct klpdep_link *link, const struct klpdep_link *other)
{
	char *both = klp_format("%s,%s", link->text, other->text);

	if (!both)
		return -ENOMEM;
	free(link->text);
	link->text = both;
	link->reasons |= other->reasons;
	if (!other->met_by)
		link->met_by = NULL;
	return 0;
}

/* Sort, and merge links between the same two patches.  klp_requires may name a patch twice. */
static int finish(struct klpdep_links *links)
{
	size_t n = 0;
	int err = 0;

	klp_sort(links->v, links->n, cmp_links);
	for (size_t i = 0; i < links->n; i++) {
		struct klpdep_link *last = n ? &links->v[n - 1] : NULL;

		if (!last || cmp_ends(last, &links->v[i]) != 0) {
			links->v[n++] = links->v[i];
			continue;
		}
		if (err == 0 && !(last->reasons & links->v[i].reasons))
			err = join(last, &links->v[i]);
		free(links->v[i].text);
	}
	links->n = n;
	return err;
}

/* ---- requires ---------------------------------------------------------------------- */

static int add_requires(struct klpdep_links *links)
{
	struct klpdep_index *index = links->view->index;
	int err = klp_links_find_circles(index);

	for (size_t i = 0; i < index->n_requires && err == 0; i++) {
		const struct klp_link *from = &index->requires[i];
		const struct klpdep_link link = {
			.kind = KLPDEP_LINK_REQUIRES,
			.from = from->from,
			.to = from->to,
			.name = from->to->name,
			.reasons = from->reason,
			.met_by = own(links, klp_view_met_by(links->view, from)),
			.is_circular = from->from->circle &&
				       from->from->circle == from->to->circle,
		};

		err = add(links, &link, klp_link_reason_name(from->reason));
	}
	return err;
}

/* A patch of an index keeps only the ones that the tree does not have. */
static int add_missing(struct klpdep_links *links, struct klpdep_patch *patch)
{
	int err = 0;

	for (size_t i = 0; i < patch->requires.n && err == 0; i++) {
		const struct klpdep_link link = {
			.kind = KLPDEP_LINK_REQUIRES,
			.from = patch,
			.name = patch->requires.v[i],
			.reasons = KLPDEP_REASON_DECLARED,
		};

		err = add(links, &link, klp_link_reason_name(KLPDEP_REASON_DECLARED));
	}
	return err;
}

/* ---- supersedes -------------------------------------------------------------------- */

static int add_supersedes(struct klpdep_links *links)
{
	const struct klpdep_view *view = links->view;
	int err = 0;

	for (size_t i = 0; i < view->n_claims && err == 0; i++) {
		const struct klp_claim *claim = &view->claims[i];
		const struct klpdep_link link = {
			.kind = KLPDEP_LINK_SUPERSEDES,
			.from = own(links, claim->newer),
			.to = own(links, claim->older),
			.name = claim->older->name,
			.reasons = claim->reason,
		};

		err = add(links, &link, claim->where ? claim->where :
			  claim->reason == KLPDEP_REASON_SERIES ? "series" : "declared");
	}
	return err;
}

/* ---- getters ------------------------------------------------------------------------ */

int klpdep_links_new(struct klpdep_ctx *ctx, struct klpdep_view *view, struct klpdep_links **out)
{
	_cleanup_links_ struct klpdep_links *links = calloc(1, sizeof(*links));
	int err;

	if (!links)
		return klp_said(ctx, -ENOMEM);
	links->refs = 1;
	links->view = klpdep_view_ref(view);
	err = add_requires(links);
	for (size_t i = 0; i < view->index->n_patches && err == 0; i++)
		err = add_missing(links, view->index->patches[i]);
	if (err == 0)
		err = add_supersedes(links);
	if (err == 0)
		err = finish(links);
	if (err == 0)
		*out = klp_take(links);
	return klp_said(ctx, err);
}

const struct klpdep_link *klpdep_links_get_link(const struct klpdep_links *links, size_t i)
{
	return i < links->n ? &links->v[i] : NULL;
}

KLP_GETTER(enum klpdep_link_kind, klpdep_link_get_kind, klpdep_link, kind)
KLP_GETTER(struct klpdep_patch *, klpdep_link_get_patch, klpdep_link, from)
KLP_GETTER(const char *, klpdep_link_get_name, klpdep_link, name)
KLP_GETTER(struct klpdep_patch *, klpdep_link_get_other, klpdep_link, to)
KLP_GETTER(unsigned int, klpdep_link_get_reasons, klpdep_link, reasons)
KLP_GETTER(const char *, klpdep_link_get_text, klpdep_link, text)
KLP_GETTER(struct klpdep_patch *, klpdep_link_get_met_by, klpdep_link, met_by)
KLP_GETTER(bool, klpdep_link_is_circular, klpdep_link, is_circular)

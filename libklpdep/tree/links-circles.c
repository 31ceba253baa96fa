/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patches that require each other in a circle. */
#include "config.h"

#include "libklpdep/base/circles.h"
#include "libklpdep/tree/links.h"

/* ---- what a patch requires, directly or indirectly --------------------------------- */

struct closure {
	const struct klpdep_patch **v; /* the patch itself is the first */
	size_t *by;		       /* the index of the patch that requires it */
	size_t n;
	bool is_circle;
	size_t last; /* the index of the patch that requires the first one, in a circle */
};

static void closure_clear(struct closure *closure)
{
	free(closure->v);
	free(closure->by);
}

static int gather_closure(const struct klpdep_index *index,
			  const struct klpdep_patch *patch, struct closure *closure)
{
	_cleanup_free_ bool *seen = calloc(index->n_patches, sizeof(*seen));

	closure->v = calloc(index->n_patches, sizeof(*closure->v));
	closure->by = calloc(index->n_patches, sizeof(*closure->by));
	if (!seen || !closure->v || !closure->by)
		return -ENOMEM;
	closure->v[closure->n++] = patch;
	seen[patch->number] = true;
	for (size_t i = 0; i < closure->n; i++) {
		const struct klp_link *links;
		size_t n;

		links = klp_index_requires_of(index, closure->v[i], &n);
		for (size_t j = 0; j < n; j++) {
			const struct klpdep_patch *next = links[j].to;

			if (next == patch && !closure->is_circle) {
				closure->is_circle = true;
				closure->last = i;
			}
			if (seen[next->number])
				continue;
			seen[next->number] = true;
			closure->by[closure->n] = i;
			closure->v[closure->n++] = next;
		}
	}
	return 0;
}

int klp_links_find_circle(const struct klpdep_index *index,
			  const struct klpdep_patch *patch, struct klp_strv *circle)
{
	_cleanup_(closure_clear) struct closure closure = { 0 };
	int err = patch->circle ? gather_closure(index, patch, &closure) : 0;

	/* From the last one back to the first, and then reversed. */
	for (size_t i = closure.last; i && err == 0; i = closure.by[i])
		err = klp_strv_add(circle, closure.v[i]->name);
	if (err == 0 && closure.is_circle)
		err = klp_strv_add(circle, patch->name);
	for (size_t i = 0; i < circle->n / 2; i++) {
		char *name = circle->v[i];

		circle->v[i] = circle->v[circle->n - 1 - i];
		circle->v[circle->n - 1 - i] = name;
	}
	return err;
}

/* ---- circles ----------------------------------------------------------------------- */

static bool get_requirement(const void *data, size_t node, size_t i, size_t *to)
{
	const struct klpdep_index *index = data;
	const struct klp_link *links;
	size_t n;

	links = klp_index_requires_of(index, index->patches[node], &n);
	if (i < n)
		*to = links[i].to->number;
	return i < n;
}

int klp_links_find_circles(struct klpdep_index *index)
{
	_cleanup_free_ size_t *circles = calloc(index->n_patches + 1, sizeof(*circles));
	int err = circles ? klp_find_circles(index, index->n_patches, get_requirement, circles) :
			    -ENOMEM;

	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		index->patches[i]->circle = circles[i];
	return err;
}

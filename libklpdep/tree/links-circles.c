/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patches that require each other in a circle. */
#include "config.h"

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

/* Tarjan's algorithm, with a stack of its own instead of recursion: patches decide the
 * depth. */
struct circles {
	const struct klpdep_index *index;
	size_t *found;	 /* when a patch was found, from 1; 0: not yet; SIZE_MAX: done */
	size_t *lowest;	 /* the earliest patch to which its requirements lead back */
	size_t *open;	 /* patches whose circle is not known yet */
	size_t *path;	 /* patches that are being visited */
	size_t *next;	 /* and the next requirement of each */
	size_t n_found, n_open, n_path;
};

static void enter(struct circles *circles, size_t number)
{
	circles->found[number] = circles->lowest[number] = ++circles->n_found;
	circles->open[circles->n_open++] = number;
	circles->path[circles->n_path++] = number;
}

static void lower(struct circles *circles, size_t number, size_t to)
{
	if (to < circles->lowest[number])
		circles->lowest[number] = to;
}

/* Everything that a patch leads to has been visited.  The patches found since are one
 * circle, or the patch alone. */
static void leave(struct circles *circles, size_t number)
{
	bool is_circle;
	size_t member;

	circles->n_path--;
	if (circles->n_path)
		lower(circles, circles->path[circles->n_path - 1],
		      circles->lowest[number]);
	if (circles->lowest[number] != circles->found[number])
		return;
	is_circle = circles->open[circles->n_open - 1] != number;
	do {
		member = circles->open[--circles->n_open];
		circles->found[member] = SIZE_MAX;
		circles->index->patches[member]->circle = is_circle ? number + 1 : 0;
	} while (member != number);
}

static void go_through(struct circles *circles, size_t first)
{
	enter(circles, first);
	while (circles->n_path) {
		size_t number = circles->path[circles->n_path - 1], n, to;
		const struct klp_link *links = klp_index_requires_of(
			circles->index, circles->index->patches[number], &n);

		if (circles->next[number] == n) {
			leave(circles, number);
			continue;
		}
		to = links[circles->next[number]++].to->number;
		if (!circles->found[to])
			enter(circles, to);
		else
			lower(circles, number, circles->found[to]);
	}
}

int klp_links_find_circles(struct klpdep_index *index)
{
	size_t n = index->n_patches;
	_cleanup_free_ size_t *room = calloc(5 * n + 1, sizeof(*room));
	struct circles circles = { .index = index };

	if (!room)
		return -ENOMEM;
	circles.found = room;
	circles.lowest = room + n;
	circles.open = room + 2 * n;
	circles.path = room + 3 * n;
	circles.next = room + 4 * n;
	for (size_t i = 0; i < n; i++) {
		if (!circles.found[i])
			go_through(&circles, i);
	}
	return 0;
}

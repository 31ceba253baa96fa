/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tarjan's algorithm, with a stack of its own instead of recursion: files decide the depth. */
#include "config.h"

#include "libklpdep/base/circles.h"

struct search {
	const void *graph;
	klp_edge_fn *get_edge;
	size_t *circles;
	size_t *found;	/* when a node was found, from 1; 0: not yet; SIZE_MAX: done */
	size_t *lowest; /* the earliest node to which it leads back */
	size_t *open;	/* nodes whose circle is not known yet */
	size_t *path;	/* nodes that are being visited */
	size_t *next;	/* and the next edge of each */
	size_t n_found, n_open, n_path;
};

static void enter(struct search *search, size_t node)
{
	search->found[node] = search->lowest[node] = ++search->n_found;
	search->open[search->n_open++] = node;
	search->path[search->n_path++] = node;
}

static void lower(struct search *search, size_t node, size_t to)
{
	if (to < search->lowest[node])
		search->lowest[node] = to;
}

/* Everything that a node leads to has been visited.  The nodes found since are one circle,
 * or the node alone. */
static void leave(struct search *search, size_t node)
{
	bool is_circle;
	size_t member;

	search->n_path--;
	if (search->n_path)
		lower(search, search->path[search->n_path - 1], search->lowest[node]);
	if (search->lowest[node] != search->found[node])
		return;
	is_circle = search->open[search->n_open - 1] != node;
	do {
		member = search->open[--search->n_open];
		search->found[member] = SIZE_MAX;
		search->circles[member] = is_circle ? node + 1 : 0;
	} while (member != node);
}

static void go_through(struct search *search, size_t first)
{
	enter(search, first);
	while (search->n_path) {
		size_t node = search->path[search->n_path - 1], to;

		if (!search->get_edge(search->graph, node, search->next[node], &to)) {
			leave(search, node);
			continue;
		}
		search->next[node]++;
		if (!search->found[to])
			enter(search, to);
		else
			lower(search, node, search->found[to]);
	}
}

int klp_find_circles(const void *graph, size_t n, klp_edge_fn *get_edge, size_t *circles)
{
	_cleanup_free_ size_t *room = calloc(5 * n + 1, sizeof(*room));
	struct search search = { .graph = graph, .get_edge = get_edge, .circles = circles };

	if (!room)
		return -ENOMEM;
	search.found = room;
	search.lowest = room + n;
	search.open = room + 2 * n;
	search.path = room + 3 * n;
	search.next = room + 4 * n;
	for (size_t i = 0; i < n; i++) {
		if (!search.found[i])
			go_through(&search, i);
	}
	return 0;
}

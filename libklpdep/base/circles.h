/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The circles of a graph. */
#ifndef KLP_CIRCLES_H
#define KLP_CIRCLES_H

#include "shared/util.h"

/* The @i-th node that a node leads to; false: it leads to no more. */
typedef bool klp_edge_fn(const void *graph, size_t node, size_t i, size_t *to);

/* Number the circles of a graph with @n nodes.  circles[node] becomes the number of the circle
 * that the node is in, and 0 if it is in none.  0 or -ENOMEM. */
int klp_find_circles(const void *graph, size_t n, klp_edge_fn *get_edge, size_t *circles);

#endif /* KLP_CIRCLES_H */

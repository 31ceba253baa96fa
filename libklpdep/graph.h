/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What edges mean: the order of patch and target, what requires and supersedes what, and
 * which patches count. */
#ifndef KLP_GRAPH_H
#define KLP_GRAPH_H

#include "libklpdep/configuration.h"
#include "libklpdep/index.h"
#include "libklpdep/kmod.h"
#include "libklpdep/moddep.h"

/* Work out the links between the patches of an index, which has its edges, and their
 * orders: from what the patches say and from the tree's dependencies.  What is wrong with
 * them is logged. */
int klp_graph_build(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    const struct klp_moddep *moddep, struct klp_kmod *kmod);
/* A part of it: the orders of one patch to its targets. */
int klp_graph_find_orders(const struct klpdep_index *index,
			  const struct klp_moddep *moddep, struct klpdep_patch *patch);
/* Note the patches whose closure need not be gone through for that, or for circles: they
 * are most, and a chain's closures are as long as the chain. */
void klp_graph_find_plain(struct klpdep_index *index, const struct klp_moddep *moddep);

/* Why @newer takes the place of @older, by what the two say themselves: "declared",
 * "series", or NULL where it does not. */
const char *klp_graph_supersedes(const struct klpdep_patch *newer,
				 const struct klpdep_patch *older);

/* The order of an edge, as found or as configured.  *reason is set where it is not the
 * ordinary one. */
enum klpdep_order klp_graph_order(const struct klp_edge *edge,
				  const struct klpdep_config *config,
				  const char **reason);

/* Whether a patch counts.  *reason is set where it does not. */
enum klpdep_state klp_graph_state(const struct klpdep_index *index,
				  const struct klpdep_config *config,
				  const struct klpdep_patch *patch, const char **reason);

/* The active patch that has the place of a superseded one, or NULL. */
const struct klpdep_patch *klp_graph_successor(const struct klpdep_index *index,
					       const struct klpdep_config *config,
					       const struct klpdep_patch *patch);

/* The shortest way on which a patch requires itself, by way of others or not: their
 * names, its own first; none where it does not.  0 or -ENOMEM. */
int klp_graph_find_circle(const struct klpdep_index *index,
			  const struct klpdep_patch *patch, struct klp_strv *circle);

#endif /* KLP_GRAPH_H */

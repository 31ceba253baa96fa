/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What edges mean: the order of patch and target, what requires and supersedes what, and
 * which patches count. */
#ifndef KLP_GRAPH_H
#define KLP_GRAPH_H

#include "libklpdep/configuration.h"
#include "libklpdep/index.h"
#include "libklpdep/moddep.h"

/* Work out the links between the patches of an index, and their orders, from what the
 * patches say and from the tree's hard dependencies. */
int klp_graph_build(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    const struct klp_moddep *moddep);

/* The order of an edge, as found or as configured.  *reason is set where it is not the
 * ordinary one. */
enum klpdep_order klp_graph_order(const struct klp_edge *edge,
				  const struct klpdep_config *config,
				  const char **reason);

/* Whether a patch counts.  *reason is set where it does not. */
enum klpdep_state klp_graph_state(const struct klpdep_index *index,
				  const struct klpdep_config *config,
				  const struct klpdep_patch *patch, const char **reason);

#endif /* KLP_GRAPH_H */

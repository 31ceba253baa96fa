/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The links between the patches of a tree, from what they declare or what their symbols
 * show; and whether a patch comes before or after its target. */
#ifndef KLP_LINKS_H
#define KLP_LINKS_H

#include "libklpdep/host/configuration.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/host/moddep.h"
#include "libklpdep/tree/index.h"

/* Find the links between the patches of an index, which has its edges, and their orders.
 * Logs errors in them.  Of klp_requires each patch keeps the names that are missing. */
int klp_links_find(struct klpdep_ctx *ctx, struct klpdep_index *index,
		   const struct klp_moddep *moddep, struct klp_kmod *kmod);
/* Only the orders of patches and targets. */
int klp_links_find_orders(struct klpdep_index *index, const struct klp_moddep *moddep);

/* Whether @newer declares, by klp_supersedes, that it supersedes @older. */
bool klp_links_declare(const struct klpdep_patch *newer,
		       const struct klpdep_patch *older);

/* The order of an edge, as found or as configured.  Sets *reason if it is not the ordinary
 * one. */
enum klpdep_order klp_edge_order(const struct klpdep_edge *edge,
				 const struct klpdep_config *config,
				 const char **reason);

/* The shortest way by which a patch of a circle requires itself: the names, its own first.
 * 0 or -ENOMEM. */
int klp_links_find_circle(const struct klpdep_index *index,
			  const struct klpdep_patch *patch, struct klp_strv *circle);
/* Number the circles of requirements: struct klpdep_patch.  0 or -ENOMEM. */
int klp_links_find_circles(struct klpdep_index *index);

#endif /* KLP_LINKS_H */

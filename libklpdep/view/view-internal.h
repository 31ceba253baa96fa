/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the view is worked out by, in this order. */
#ifndef KLP_VIEW_INTERNAL_H
#define KLP_VIEW_INTERNAL_H

#include "libklpdep/view/view.h"

/* Who claims whose place: fills in ->claims, sorted by the older patch; what patches say
 * themselves comes before what is configured.  0 or -ENOMEM. */
int klp_view_find_claims(struct klpdep_view *view);
/* Who counts: fills in ->standings.  0 or -ENOMEM. */
int klp_view_find_states(struct klpdep_view *view);

#endif /* KLP_VIEW_INTERNAL_H */

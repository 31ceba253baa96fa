/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The indexes of the kernels that a run is not about. */
#ifndef KLP_OTHERS_H
#define KLP_OTHERS_H

#include "libklpdep/publish/publish.h"

/* Add them to the publisher; one that cannot be read is made anew from its tree, and written.
 * 0 or an errno, which has been logged: then the rules have to stay as they are, since
 * something is missing that they were made from.  *bad: set where one could not be
 * written. */
int klp_publisher_add_others(struct klpdep_publisher *publisher, int *bad);

#endif /* KLP_OTHERS_H */

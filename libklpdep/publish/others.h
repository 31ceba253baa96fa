/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The indexes of the kernels that a run does not work on. */
#ifndef KLP_OTHERS_H
#define KLP_OTHERS_H

#include "libklpdep/publish/publish.h"

/* Add them to the publisher.  An unreadable one is made anew from its tree, and
 * written.  0 or an errno, which has been logged; then the rules must stay as they are,
 * since indexes are missing.  Sets *bad if an index could not be written. */
int klp_publisher_add_others(struct klpdep_publisher *publisher, int *bad);

#endif /* KLP_OTHERS_H */

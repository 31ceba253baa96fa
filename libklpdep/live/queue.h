/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue of those that have a patch to insert: the kernel takes one at a time. */
#ifndef KLP_QUEUE_H
#define KLP_QUEUE_H

#include "libklpdep/live/patience.h"

/* Have the lock of a file, for as long as that is open, in the order in which all came.  False
 * when those in front do not get on, or there is no more waiting. */
bool klp_queue_wait(int fd, struct klp_patience *patience);

#endif /* KLP_QUEUE_H */

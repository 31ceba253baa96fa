/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue of processes with a patch to insert: the kernel takes one at a time. */
#ifndef KLP_QUEUE_H
#define KLP_QUEUE_H

#include "libklpdep/live/patience.h"

/* Get the lock of a file, until it is closed, in the order of arrival.  False if the
 * earlier processes make no progress, or waiting has to end. */
bool klp_queue_wait(int fd, struct klp_patience *patience);

#endif /* KLP_QUEUE_H */

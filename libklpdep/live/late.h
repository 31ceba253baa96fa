/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Work for klpdep sync: targets that were loaded, or are being loaded, without a process
 * that stays to handle their patches.  klpdep-late.path runs klpdep sync when the mark is
 * there.  The udev rule sets the mark, too.
 */
#ifndef KLP_LATE_H
#define KLP_LATE_H

#include "libklpdep/base/whole-file.h"

/* Make klpdep sync run soon, and tell it about a target, unless that is NULL.  0, or an
 * errno: it will not run. */
int klp_late_add(const char *target);

/* Remove the mark, before examining what is loaded, and add the targets to the list, sorted.
 * 0 or -ENOMEM. */
int klp_late_take(struct klp_strv *targets);

#endif /* KLP_LATE_H */

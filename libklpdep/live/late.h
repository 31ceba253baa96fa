/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is left to klpdep sync: the targets that were loaded, or are just being loaded,
 * without somebody staying to see to their patches.  The file is also the mark by which
 * klpdep-late.path runs klpdep sync, and the udev rule makes it without a name in it.
 */
#ifndef KLP_LATE_H
#define KLP_LATE_H

#include "libklpdep/base/whole-file.h"

/* Have klpdep sync run soon, and tell it of a target, unless that is NULL.  0 or an errno:
 * nobody comes. */
int klp_late_add(const char *target);

/* Take the mark away, before looking at what is loaded, and add the targets that it names
 * to the list, each once.  0 or -ENOMEM; that there is no mark is no error. */
int klp_late_take(struct klp_strv *targets);

#endif /* KLP_LATE_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why the kernel refused a module: its log tells which patch did not apply. */
#ifndef KLP_REFUSAL_H
#define KLP_REFUSAL_H

#include "libklpdep/util.h"

/* Remember where the kernel's log ends now.  A descriptor to be closed, or -1 when the
 * log cannot be read. */
int klp_refusal_watch(void);

/* Read on from there: the name of the patch because of which @target was refused.  False
 * when the log has no such line: its init failed, or something else is the matter. */
bool klp_refusal_find(int fd, const char *target, char patch[KLP_MODULE_NAME_LEN]);

/* Whether the disabling of a patch that is not enabled any more was forced, by its
 * attribute of that name: the kernel then keeps a reference to the module for ever.  Its
 * log alone tells; false when that has been overwritten. */
bool klp_refusal_forced(const char *patch);

#endif /* KLP_REFUSAL_H */

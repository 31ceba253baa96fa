/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel's log says of livepatches. */
#ifndef KLP_KERNEL_LOG_H
#define KLP_KERNEL_LOG_H

#include "libklpdep/base/whole-file.h"
#include "libklpdep/live/refusal.h"

/* Remember where the kernel's log ends now.  A descriptor to be closed, or -1 when the
 * log cannot be read, or there would be none left for what is to be watched. */
int klp_kernel_log_watch(void);

/* Read on from there: the name of the patch because of which @target was refused, and why.
 * False when the log has no such line: its init failed, or something else is the matter. */
bool klp_kernel_log_find_refusal(int fd, const char *target, char patch[KLP_MODULE_NAME_LEN],
				 struct klp_refusal *why);

/* The same of the whole log: whether the last thing that became of @target was that. */
bool klp_kernel_log_find_last_refusal(const char *target, char patch[KLP_MODULE_NAME_LEN],
				      struct klp_refusal *why);

/* Read on from klp_kernel_log_watch(): why the kernel has refused @module with @err. */
void klp_kernel_log_find_reason(int fd, const char *module, int err, struct klp_refusal *why);

/* Whether the disabling of a patch that is not enabled any more was forced, by its
 * attribute of that name: the kernel then keeps a reference to the module for ever.  Its
 * log alone tells; false when that has been overwritten. */
bool klp_kernel_log_was_forced(const char *patch);

/* When the last transition of a patch began, in *us: microseconds of the log's clock,
 * CLOCK_MONOTONIC_RAW or nearly so.  False when the log does not have it. */
bool klp_kernel_log_find_start(const char *patch, unsigned long long *us);

#endif /* KLP_KERNEL_LOG_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's log, as far as it is about livepatches. */
#ifndef KLP_KERNEL_LOG_H
#define KLP_KERNEL_LOG_H

#include "libklpdep/base/whole-file.h"
#include "libklpdep/live/refusal.h"

/* Remember the end of the kernel's log.  The result is a descriptor, which the caller closes;
 * or -1 if the log cannot be read, or if the caller would have no descriptor left for its own
 * work. */
int klp_kernel_log_watch(void);

/* Read on from there: because of which patch the kernel has refused @target, and why.  False:
 * the log has no such line, so the target's init has failed, or something else is wrong. */
bool klp_kernel_log_find_refusal(int fd, const char *target, char patch[KLP_MODULE_NAME_LEN],
				 struct klp_refusal *why);

/* The same in the whole log.  False if the kernel has tried again since. */
bool klp_kernel_log_find_last_refusal(const char *target, char patch[KLP_MODULE_NAME_LEN],
				      struct klp_refusal *why);

/* Read on from klp_kernel_log_watch(): why the kernel has refused @module with @err. */
void klp_kernel_log_find_reason(int fd, const char *module, int err, struct klp_refusal *why);

/* Whether somebody has forced the disabling of a patch, by its sysfs attribute: the kernel
 * then keeps a reference to the module for ever.  Only the log shows this; false if the
 * kernel has overwritten it. */
bool klp_kernel_log_was_forced(const char *patch);

/* When the last transition of a patch began, in *us: microseconds of the log's clock, which is
 * CLOCK_MONOTONIC_RAW or nearly so.  False if the log does not have it. */
bool klp_kernel_log_find_start(const char *patch, unsigned long long *us);

#endif /* KLP_KERNEL_LOG_H */

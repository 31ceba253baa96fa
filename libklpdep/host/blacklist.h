/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The blacklist of modprobe.d(5). */
#ifndef KLP_BLACKLIST_H
#define KLP_BLACKLIST_H

#include "libklpdep/base/context.h"

/* Append the modules in blacklist lines, spelt like the kernel does.  0, -ENOMEM, or an
 * errno that has been logged. */
int klp_blacklist_read(struct klpdep_ctx *ctx, struct klp_strv *names);

#endif /* KLP_BLACKLIST_H */

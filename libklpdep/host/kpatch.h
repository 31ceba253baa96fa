/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kpatch's own loader: at boot kpatch.service loads everything that kpatch install has
 * copied. */
#ifndef KLP_KPATCH_H
#define KLP_KPATCH_H

#include "libklpdep/base/context.h"

/* The patches, by module name, that kpatch.service loads into @kernel: those in its
 * directory, and none unless the service is enabled.  0 or -ENOMEM. */
int klp_kpatch_list(struct klpdep_ctx *ctx, const char *kernel, struct klp_strv *names);

#endif /* KLP_KPATCH_H */

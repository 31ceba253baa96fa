/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patches that are kept beside the module tree: the directories of klpdep.d(5). */
#ifndef KLP_DIRECTORIES_H
#define KLP_DIRECTORIES_H

#include "libklpdep/host/configuration.h"
#include "libklpdep/host/moddep.h"

/* Add the modules of the directories for one kernel: our own, then the configured ones.
 * Call it before dependencies are resolved.  If a name is there already, the file is left
 * out, and the log says so.  0; -ENOMEM; or the errno of a directory that is unreadable
 * just now, which is logged. */
int klp_directories_add(struct klpdep_ctx *ctx, const struct klpdep_config *config,
			const char *kernel, struct klp_moddep *moddep);

#endif /* KLP_DIRECTORIES_H */

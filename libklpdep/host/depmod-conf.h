/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines of depmod.d(5) that say where depmod(8) looks for modules. */
#ifndef KLP_DEPMOD_CONF_H
#define KLP_DEPMOD_CONF_H

#include "libklpdep/base/context.h"

struct klp_depmod_conf {
	struct klp_strv externals; /* directories outside the kernel's tree */
	struct klp_strv excludes;  /* names of excluded directories */
};

/* The lines that apply to a kernel.  0, -ENOMEM, or an errno that has been logged. */
int klp_depmod_conf_read(struct klpdep_ctx *ctx, const char *kernel,
			 struct klp_depmod_conf *conf);
void klp_depmod_conf_clear(struct klp_depmod_conf *conf);

/* Whether depmod skips an entry of a directory. */
bool klp_depmod_conf_skips(const struct klp_depmod_conf *conf, const char *name);

#endif /* KLP_DEPMOD_CONF_H */

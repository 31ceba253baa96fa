/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether depmod(8) has to run: klpdep reads the modules that modules.dep lists, and newer
 * ones are not among them. */
#ifndef KLP_DUE_H
#define KLP_DUE_H

#include "libklpdep/host/moddep.h"

struct klp_due {
	struct klp_strv come; /* paths of modules that depmod would list now */
	struct klp_strv gone; /* listed modules that are gone */
	bool changed; /* if wanted: a listed module is newer */
};

/* Compare a kernel's tree, and what depmod.d(5) adds to it, with its modules.dep.  Paths
 * are like in modules.dep.  0, -ENOMEM, or the errno of reading the tree, which is not
 * logged: whoever reads the modules does so. */
int klp_due_find(struct klpdep_ctx *ctx, const char *kernel, const struct klp_moddep *moddep,
		 bool ask_changed, struct klp_due *due);
void klp_due_clear(struct klp_due *due);
#define _cleanup_due_ _cleanup_(klp_due_clear)

/* "updates/a.ko and 3 more came since depmod was run", or NULL if nothing came or went; the
 * caller frees.  Modules that only changed do not count. */
char *klp_due_text(const struct klp_due *due);

#endif /* KLP_DUE_H */

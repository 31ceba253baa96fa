/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether depmod(8) is to be run: klpdep reads the modules that modules.dep lists, and
 * what came later is not among them. */
#ifndef KLP_DUE_H
#define KLP_DUE_H

#include "libklpdep/base/context.h"

struct klp_due {
	struct klp_strv come; /* paths of modules that depmod would list, and has not */
	struct klp_strv gone; /* those that it has listed, and that are not there */
	bool changed; /* where that is asked for: one that it has listed is younger */
};

/* Compare a kernel's tree, and what depmod.d(5) adds to it, with its modules.dep; paths
 * are as they stand there.  0, -ENOMEM, or the errno of reading modules.dep or the tree,
 * which has not been logged: where it cannot be compared, whoever reads the modules says
 * so. */
int klp_due_find(struct klpdep_ctx *ctx, const char *kernel, bool ask_changed,
		 struct klp_due *due);
void klp_due_clear(struct klp_due *due);
#define _cleanup_due_ _cleanup_(klp_due_clear)

/* "updates/a.ko and 3 more came since depmod was run", or NULL for nothing of the kind; the
 * caller frees.  What only has changed is nobody's fault. */
char *klp_due_text(const struct klp_due *due);

#endif /* KLP_DUE_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether modprobe.d is still what the rules were made from. */
#ifndef KLP_RULES_DIGEST_H
#define KLP_RULES_DIGEST_H

#include "libklpdep/base/context.h"

/* With what a file of rules notes the digest: its comment is
 *
 *	# modprobe.d: 0123456789abcdef
 */
#define KLP_DIGEST_PREFIX "# modprobe.d: "

/* Set *digest to that of what others have in modprobe.d and rules depend on: install, remove,
 * softdep and blacklist lines, and the order of the files that they stand in.  0, -ENOMEM or
 * an errno, which has been logged. */
int klp_rules_digest(struct klpdep_ctx *ctx, uint64_t *digest);

enum klp_rules_age {
	KLP_RULES_NONE,	   /* a file of them is not there, or has no digest */
	KLP_RULES_STALE,   /* modprobe.d has changed since */
	KLP_RULES_CURRENT,
};

/* What the rules below @out's root were made from, against the modprobe.d below @ctx' root.
 * An errno as above. */
int klp_rules_compare(struct klpdep_ctx *ctx, const struct klpdep_ctx *out,
		      enum klp_rules_age *age);

#endif /* KLP_RULES_DIGEST_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether modprobe.d has changed since the rules were made. */
#ifndef KLP_RULES_DIGEST_H
#define KLP_RULES_DIGEST_H

#include "libklpdep/base/context.h"

/* The comment with the digest in a file of rules:
 *
 *	# modprobe.d: 0123456789abcdef
 */
#define KLP_DIGEST_PREFIX "# modprobe.d: "

/* Set *digest to that of the lines in other files of modprobe.d on which rules depend:
 * install, remove, softdep and blacklist lines, and the order of their files.  0, -ENOMEM
 * or an errno, which has been logged. */
int klp_rules_digest(struct klpdep_ctx *ctx, uint64_t *digest);

enum klp_rules_age {
	KLP_RULES_NONE,	   /* one of the rules' files is missing, or has no digest */
	KLP_RULES_STALE,   /* modprobe.d has changed since */
	KLP_RULES_CURRENT,
};

/* Compare the digest in the rules below @out's root with the modprobe.d below @ctx' root.
 * An errno as above. */
int klp_rules_compare(struct klpdep_ctx *ctx, const struct klpdep_ctx *out,
		      enum klp_rules_age *age);

#endif /* KLP_RULES_DIGEST_H */

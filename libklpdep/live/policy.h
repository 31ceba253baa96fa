/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the running kernel would refuse a patch for that is not in the patch. */
#ifndef KLP_POLICY_H
#define KLP_POLICY_H

#include "libklpdep/live/stack.h"

/* Why the kernel takes signed modules only; NULL where it does not, or that cannot be told. */
const char *klp_live_wants_signatures(void);

/* The functions whose ftrace entry somebody else than a livepatch has who may change where they
 * go on, each as "OBJECT FUNCTION", sorted.  Root alone can see them.  0 or -ENOMEM. */
#define KLP_ENTRY_SIZE (512 + KLP_MODULE_NAME_LEN) /* KSYM_NAME_LEN: 512 */
int klp_live_taken_entries(const struct klp_stack *stack, struct klp_strv *taken);

#endif /* KLP_POLICY_H */

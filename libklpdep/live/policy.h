/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reasons of the running kernel to refuse a patch that the patch itself does not show. */
#ifndef KLP_POLICY_H
#define KLP_POLICY_H

#include "libklpdep/live/stack.h"

/* Why the kernel accepts only signed modules; NULL: it accepts others, or this is not
 * known. */
const char *klp_live_wants_signatures(void);

/* Why the kernel patches no function now; NULL: it does. */
const char *klp_live_patches_nothing(void);

/* Whether this process may remove modules: it has the capability, and
 * kernel.modules_disabled is 0. */
bool klp_live_may_remove(void);

/* The functions whose ftrace entry has a user that may change the instruction pointer,
 * and is no livepatch: each as "OBJECT FUNCTION", sorted.  Only root can see them.  0 or
 * -ENOMEM. */
#define KLP_ENTRY_SIZE (512 + KLP_MODULE_NAME_LEN) /* KSYM_NAME_LEN: 512 */
int klp_live_taken_entries(const struct klp_stack *stack, struct klp_strv *taken);

#endif /* KLP_POLICY_H */

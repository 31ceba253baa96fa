/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What klpdep.d(5) says about a patch or a target, and modprobe.d(5) of blacklists.  Of
 * several lines that match one name the first counts, as with install and softdep in
 * modprobe.d(5). */
#ifndef KLP_CONFIGURATION_H
#define KLP_CONFIGURATION_H

#include "libklpdep/base/context.h"

/* Have the dashes of a name, or a pattern for one, be the underscores of the kernel's names;
 * within [a-z] they are ranges. */
void klp_pattern_normalize(char *pattern);

/* Each sets *where, unless NULL, to "FILE:LINE" of the line that decides; it belongs to
 * the configuration.  A NULL configuration says nothing.  A NULL name: any. */
bool klp_config_masked(const struct klpdep_config *config, const char *patch,
		       const char **where);
/* Whether a line of modprobe.d(5) blacklists a patch.  A NULL configuration knows none. */
bool klp_config_blacklisted(const struct klpdep_config *config, const char *patch);
bool klp_config_supersedes(const struct klpdep_config *config, const char *newer,
			   const char *older, const char **where);

/* The lines of supersede, one after the other: *at is 0 for the first. */
bool klp_config_next_supersede(const struct klpdep_config *config, size_t *at,
			       const char **newer, const char **older, const char **where);

/* Whether a finding about a patch is not to count, by its code. */
bool klp_config_ignores(const struct klpdep_config *config, const char *patch,
			const char *code);
/* Whether it is one of the codes that make a patch incompatible, each of which can be
 * ignored. */
bool klp_config_can_ignore(const char *code);

/* Append what lines of fixes say of a patch, all that match.  -ENOMEM. */
int klp_config_fixes(const struct klpdep_config *config, const char *patch,
		     struct klp_strv *fixes);

/* What is said of taking an older patch out that its unpatch callbacks would keep: a
 * enum klp_retire in *retire.  False where nothing is. */
bool klp_config_retire(const struct klpdep_config *config, const char *older,
		       unsigned int *retire);
/* Whether nothing is to be changed in the running kernel. */
bool klp_config_frozen(const struct klpdep_config *config, const char **where);

/* klpdep_config_get_policy() of what is spelt as the kernel does. */
enum klpdep_policy klp_config_policy(const struct klpdep_config *config, const char *name);

/* The order that is forced on a patch, or KLPDEP_ORDER_NONE: as found. */
enum klpdep_order klp_config_order(const struct klpdep_config *config, const char *patch,
				   const char **where);

/* Whether patches of @target are unloaded with it. */
bool klp_config_unload(const struct klpdep_config *config, const char *target);

/* Whether an initrd gets the patches of vmlinux. */
bool klp_config_initrd_vmlinux(const struct klpdep_config *config);

/* How long all waiting below one caller may take, in seconds, where the kernel, udev or a
 * service loads; and how many helpers may wait at a time below the kernel and udev. */
unsigned int klp_config_wait_budget(const struct klpdep_config *config);
unsigned int klp_config_waiters(const struct klpdep_config *config);

/* klpdep_order_name() back (-EINVAL). */
int klp_order_from_name(const char *name, enum klpdep_order *order);

#endif /* KLP_CONFIGURATION_H */

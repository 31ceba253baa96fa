/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What klpdep.d(5) says about a patch or a target, and the blacklist of modprobe.d(5).  The
 * first line that matches a name counts, as with install and softdep in modprobe.d(5). */
#ifndef KLP_CONFIGURATION_H
#define KLP_CONFIGURATION_H

#include "libklpdep/base/context.h"

/* Turn dashes in a name or pattern into underscores, like in the kernel's names; within
 * [a-z] they are ranges. */
void klp_pattern_normalize(char *pattern);

/* Each sets *where, unless NULL, to "FILE:LINE" of the line that decides, which belongs to
 * the configuration.  A NULL configuration has no lines.  A NULL name matches all. */
bool klp_config_masked(const struct klpdep_config *config, const char *patch,
		       const char **where);
/* Whether a line of modprobe.d(5) blacklists a patch.  False for a NULL configuration. */
bool klp_config_blacklisted(const struct klpdep_config *config, const char *patch);
bool klp_config_supersedes(const struct klpdep_config *config, const char *newer,
			   const char *older, const char **where);

/* Iterates over the lines of supersede: set *at to 0 first. */
bool klp_config_next_supersede(const struct klpdep_config *config, size_t *at,
			       const char **newer, const char **older, const char **where);

/* Whether a finding about a patch is ignored, by its code. */
bool klp_config_ignores(const struct klpdep_config *config, const char *patch,
			const char *code);
/* Whether a code makes a patch incompatible; each of these can be ignored. */
bool klp_config_can_ignore(const char *code);

/* Append the identifiers of all fixes lines that match a patch.  -ENOMEM. */
int klp_config_fixes(const struct klpdep_config *config, const char *patch,
		     struct klp_strv *fixes);

/* What retire says about unloading an older patch in spite of its unpatch callbacks:
 * *retire is an enum klp_retire.  False if there is no line. */
bool klp_config_retire(const struct klpdep_config *config, const char *older,
		       unsigned int *retire);
/* Whether nothing may change in the running kernel. */
bool klp_config_frozen(const struct klpdep_config *config, const char **where);

/* klpdep_config_get_policy() for a name spelt like the kernel does. */
enum klpdep_policy klp_config_policy(const struct klpdep_config *config, const char *name);

/* The order that the configuration forces on a patch, or KLPDEP_ORDER_NONE: as found. */
enum klpdep_order klp_config_order(const struct klpdep_config *config, const char *patch,
				   const char **where);

/* Whether the patches of @target are unloaded with it. */
bool klp_config_unload(const struct klpdep_config *config, const char *target);

/* Whether an initrd gets the patches of vmlinux. */
bool klp_config_initrd_vmlinux(const struct klpdep_config *config);

/* Whether patches have to be proven, and how many seconds of a boot that has come up prove one:
 * live/guard.h. */
bool klp_config_guard(const struct klpdep_config *config);
unsigned int klp_config_guard_time(const struct klpdep_config *config);

/* Limits where the kernel, udev or a service loads modules: the seconds that all waiting
 * for one caller may take, and the number of helpers that may wait at a time below the
 * kernel and udev. */
unsigned int klp_config_wait_budget(const struct klpdep_config *config);
unsigned int klp_config_waiters(const struct klpdep_config *config);

/* The inverse of klpdep_order_name() (-EINVAL). */
int klp_order_from_name(const char *name, enum klpdep_order *order);

#endif /* KLP_CONFIGURATION_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard of klpdep.d(5): whether a patch has been in this kernel before without taking the
 * machine down.  A patch is proven by a boot that has gone well with it; one that is not has a
 * mark in /var/lib/klpdep/guard while it is being tried, a line for each boot.  What a boot has
 * left there it did not come to take away.
 */
#ifndef KLP_GUARD_H
#define KLP_GUARD_H

#include "libklpdep/host/configuration.h"
#include "libklpdep/tree/index.h"

enum klp_verdict {
	KLP_VERDICT_PROVEN,	 /* or there is no guard */
	KLP_VERDICT_UNPROVEN,	 /* klpdep sync inserts it, under a mark */
	KLP_VERDICT_LATE,	 /* klpdep sync --late admits it, when the machine is up */
	KLP_VERDICT_QUARANTINED, /* nobody inserts it */
};

#define KLP_GUARD_ID_SIZE 160

struct klp_guard {
	bool on;
	char kernel[KLP_GUARD_ID_SIZE]; /* the running one, by its build-id */
	char machine[KLP_GUARD_ID_SIZE];
	char boot[KLP_GUARD_ID_SIZE];
	const struct klpdep_index *index; /* the caller's */
	struct klp_strv proven; /* "PATCH BUILD", sorted */
};

/* What is known now, for the running kernel's index, which has to stay; @guard is zeroed.
 * Nothing is looked at where the configuration has no guard.  0 or -ENOMEM. */
int klp_guard_read(struct klpdep_ctx *ctx, const struct klpdep_config *config,
		   const struct klpdep_index *index, struct klp_guard *guard);
void klp_guard_clear(struct klp_guard *guard);

/* The one decision: how it stands with a patch that is not in the kernel; *why says it. */
enum klp_verdict klp_guard_judge(const struct klp_guard *guard,
				 const struct klpdep_patch *patch, const char **why);

/* ---- marks ------------------------------------------------------------------------- */

/* The patch is about to be inserted: that is on the disk when this returns 0.  So it is where
 * the patch needs no mark; one that was admitted needs none where none can be kept. */
int klp_guard_mark(struct klpdep_ctx *ctx, const struct klp_guard *guard, const char *name);
/* Take this boot's mark away: the patch is not in the kernel, or the boot has ended well. */
void klp_guard_unmark(const struct klp_guard *guard, const struct klpdep_patch *patch);
bool klp_guard_is_marked(const struct klp_guard *guard, const struct klpdep_patch *patch);

/* These patches, by name, have come well through a boot.  0 or an errno. */
int klp_guard_prove(struct klpdep_ctx *ctx, struct klp_guard *guard, const struct klp_strv *names);
/* A boot of this machine keeps what it writes; a later one will see that. */
void klp_guard_note_lasting(const struct klp_guard *guard);

/* Have klpdep sync --late run when the machine is up; take that back: it is running. */
void klp_guard_call(void);
void klp_guard_take_call(void);
/* Whether this boot has come to boot-complete.target. */
bool klp_guard_is_boot_complete(void);

/* Whether the initrd has left out a patch that is proven now, and a new image would have it. */
bool klp_guard_is_image_due(const struct klp_guard *guard, const struct klpdep_patch *patch);

/* Whether the kernel's last words, of @since or later, name a patch: in what was running, and
 * not in the list of all modules. */
bool klp_pstore_names(const char *patch, const struct timespec *since);

/* What there is of a kernel that goes. */
void klp_guard_remove(struct klpdep_ctx *ctx, const char *kernel);

#endif /* KLP_GUARD_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard of klpdep.d(5): whether a patch has been in this kernel before without
 * crashing the machine.  A boot that ended well with the patch has proven it.  While
 * klpdep tries an unproven patch, the patch has a mark for this boot in
 * /var/lib/klpdep/guard.  A boot that ends well removes its marks, so the other marks are
 * from boots that did not.
 */
#ifndef KLP_GUARD_H
#define KLP_GUARD_H

#include "libklpdep/host/configuration.h"
#include "libklpdep/tree/index.h"

enum klp_verdict {
	KLP_VERDICT_PROVEN,	 /* or there is no guard */
	KLP_VERDICT_UNPROVEN,	 /* klpdep sync inserts it, under a mark */
	KLP_VERDICT_LATE,	 /* klpdep sync --late admits it, when the machine is up */
	KLP_VERDICT_QUARANTINED, /* klpdep does not insert it */
};

#define KLP_GUARD_ID_SIZE 160

struct klp_guard {
	bool on;
	char kernel[KLP_GUARD_ID_SIZE]; /* build-id of the running kernel */
	char machine[KLP_GUARD_ID_SIZE];
	char boot[KLP_GUARD_ID_SIZE];
	const struct klpdep_index *index; /* the caller's */
	struct klp_strv proven; /* "PATCH BUILD", sorted */
};

/* Read the state of the guard for the running kernel's index, which @guard refers to;
 * @guard is zeroed.  Reads nothing unless the configuration has guard.  0 or -ENOMEM. */
int klp_guard_read(struct klpdep_ctx *ctx, const struct klpdep_config *config,
		   const struct klpdep_index *index, struct klp_guard *guard);
void klp_guard_clear(struct klp_guard *guard);

/* The one decision about a patch that is not in the kernel; *why is the reason. */
enum klp_verdict klp_guard_judge(const struct klp_guard *guard,
				 const struct klpdep_patch *patch, const char **why);

/* ---- marks ------------------------------------------------------------------------- */

/* Mark a patch before it is inserted; the mark is on the disk when this returns 0.  A
 * proven patch needs no mark.  An admitted one needs none if marks cannot be written. */
int klp_guard_mark(struct klpdep_ctx *ctx, const struct klp_guard *guard, const char *name);
/* Remove this boot's mark: the patch is not in the kernel, or the boot has ended well. */
void klp_guard_unmark(const struct klp_guard *guard, const struct klpdep_patch *patch);
bool klp_guard_is_marked(const struct klp_guard *guard, const struct klpdep_patch *patch);

/* A boot has ended well with these patches.  0 or an errno. */
int klp_guard_prove(struct klpdep_ctx *ctx, struct klp_guard *guard, const struct klp_strv *names);
/* Write a file that shows to later boots that files last on this machine. */
void klp_guard_note_lasting(const struct klp_guard *guard);

/* Make klpdep sync --late run when the machine is up; remove that mark when it runs. */
void klp_guard_call(void);
void klp_guard_take_call(void);
/* Whether this boot has reached boot-complete.target. */
bool klp_guard_is_boot_complete(void);

/* Whether the initrd has left out a patch that is proven now, and a new image would have
 * it. */
bool klp_guard_is_image_due(const struct klp_guard *guard, const struct klpdep_patch *patch);

/* Whether the kernel's messages from a crash, of @since or later, have a patch on the
 * stack, and not only in the list of all modules. */
bool klp_pstore_names(const char *patch, const struct timespec *since);

/* Remove the files of a kernel that is removed. */
void klp_guard_remove(struct klpdep_ctx *ctx, const char *kernel);

#endif /* KLP_GUARD_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading and unloading patches in the running kernel, which takes one at a time: while
 * the transition of one runs, it refuses the next with EBUSY.
 */
#ifndef KLP_LOADER_H
#define KLP_LOADER_H

#include "libklpdep/host/configuration.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/live/guard.h"
#include "libklpdep/live/live.h"
#include "libklpdep/live/notes.h"
#include "libklpdep/live/wait.h"
#include "shared/message.h"
#include "libklpdep/tree/index.h"

struct klp_loader {
	struct klpdep_ctx *ctx;
	struct klp_kmod *kmod;
	const struct klpdep_index *index; /* what is known of the patches; or NULL */
	unsigned int retry_timeout;  /* seconds; 0: nothing is waited for */
	unsigned int settle_timeout; /* seconds; 0: likewise */
	struct klp_note note;	     /* what is noted of a patch that is inserted */
	struct klp_wait *wait;	     /* what limits waiting for others' sake; or NULL */
	const struct klp_guard *guard; /* under which patches are inserted; or NULL */
	struct klp_strv inserted;    /* the patches that were, in order */
};

/* Why a function here failed, for a message.  The name of the patch that is in the way is
 * in @blocker, or it is empty. */
struct klp_failure {
	int err;
	bool forced; /* its disabling was: the kernel keeps the module for ever */
	enum klp_limit limit; /* that has ended the waiting, if there was any */
	char blocker[KLP_MODULE_NAME_LEN];
	struct klp_refusal why; /* what the kernel has said at the last try */
};

/*
 * Have a patch loaded and enabled: insert it, after unloading it where it is dead; wait
 * for other patches' transitions before, and for its own afterwards.  Helpers of other
 * processes queue at a lock meanwhile.  Nothing is waited for longer than retry_timeout
 * while nothing changes, before, and settle_timeout, afterwards.  A transition for which
 * others have waited as long as retry_timeout is not waited for again.
 *
 * @options: the module's options; NULL: those of modprobe.d(5)
 *
 * 0 when it is enabled, though its transition may still be running (settled is then
 * false, and the failure has the limit); -ETIMEDOUT when the kernel stayed busy; or the kernel's errno.
 */
int klp_loader_load(struct klp_loader *loader, const char *patch, const char *options,
		    bool *settled, struct klp_failure *failure);

/*
 * Disable a patch, wait for its transition, and unload it.  One whose transition is
 * running is reversed.  0 also when it was not loaded; -ETIMEDOUT when its transition, or
 * another's, does not end; or the kernel's errno.
 */
int klp_loader_unload(struct klp_loader *loader, const char *patch,
		      struct klp_failure *failure);

#endif /* KLP_LOADER_H */

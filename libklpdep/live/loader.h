/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading and unloading patches in the running kernel.  The kernel takes one patch at a
 * time: during its transition it refuses the next one with EBUSY.
 */
#ifndef KLP_LOADER_H
#define KLP_LOADER_H

#include "libklpdep/host/configuration.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/live/guard.h"
#include "libklpdep/live/live.h"
#include "libklpdep/live/notes.h"
#include "libklpdep/live/wait.h"
#include "libklpdep/tree/index.h"

struct klp_loader {
	struct klpdep_ctx *ctx;
	struct klp_kmod *kmod;
	const struct klpdep_index *index; /* or NULL */
	unsigned int retry_timeout;  /* seconds; 0: do not wait */
	unsigned int settle_timeout; /* seconds; 0: do not wait */
	struct klp_note note;	     /* the note on each patch that it inserts */
	struct klp_wait *wait;	     /* limits for the sake of others; or NULL */
	const struct klp_guard *guard; /* or NULL */
	struct klp_strv inserted;    /* the patches that it has inserted, in order */
};

/* Why a function here failed, for a message. */
struct klp_failure {
	int err;
	bool forced; /* its disabling was forced: the kernel keeps the module for ever */
	enum klp_limit limit; /* the limit that has ended the wait */
	char blocker[KLP_MODULE_NAME_LEN]; /* the patch that is in the way, or "" */
	struct klp_refusal why; /* the kernel's message at the last attempt */
};

/*
 * Load and enable a patch; if it is dead, unload it before.  The function waits for other
 * patches' transitions before, and for the patch's own afterwards.  Other processes queue at
 * a lock meanwhile.  retry_timeout limits the wait before, as long as nothing changes, and
 * settle_timeout the wait afterwards.  If processes have waited for a transition as long as
 * retry_timeout, the function does not wait for it again.
 *
 * @options: the module's options; NULL: those of modprobe.d(5)
 *
 * 0 when the patch is enabled.  Its transition may still be running: *settled is then false,
 * and the failure has the limit.  -ETIMEDOUT if the kernel stayed busy; or the kernel's errno.
 */
int klp_loader_load(struct klp_loader *loader, const char *patch, const char *options,
		    bool *settled, struct klp_failure *failure);

/*
 * Disable a patch, wait for its transition, and unload it.  A running transition of the
 * patch is reversed.  0, also if the patch was not loaded; -ETIMEDOUT if its transition,
 * or another's, does not end; or the kernel's errno.
 */
int klp_loader_unload(struct klp_loader *loader, const char *patch,
		      struct klp_failure *failure);

#endif /* KLP_LOADER_H */

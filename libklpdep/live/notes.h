/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What klpdep notes of the running kernel in /run, until the machine is started again.  If a
 * note cannot be written, nobody knows. */
#ifndef KLP_NOTES_H
#define KLP_NOTES_H

#include <sys/types.h>

#include "libklpdep/live/refusal.h"
#include "libklpdep/livepatch/patch.h"

/* ---- marks: notes without contents ------------------------------------------------- */

/* The hook before this target has just run.  kmod also runs the hook after a target if the
 * target has long been loaded, or has not come. */
#define KLP_MARK_COMING "coming"
/* The guard has admitted this patch; it has left out this patch in the initrd. */
#define KLP_MARK_ADMITTED "admitted"
#define KLP_MARK_IMAGE "image"

void klp_mark_put(const char *kind, const char *name);
bool klp_mark_exists(const char *kind, const char *name);
/* Whether it existed. */
bool klp_mark_remove(const char *kind, const char *name);

/* ---- inserted patches -------------------------------------------------------------- */

/* A patch that klpdep has inserted; the note stays when the patch's file is gone. */
struct klp_note {
	unsigned int callbacks; /* of all its objects */
	bool for_target;	/* it was inserted for a target, and not by name */
	pid_t loader;		/* the process that was loading that target, or 0 */
	unsigned long long loader_start; /* as in struct klp_caller */
};

/* @patch may be NULL. */
void klp_note_inserted(const char *name, const struct klpdep_patch *patch,
		       const struct klp_note *note);
void klp_note_removed(const char *name);
/* Whether klpdep has inserted the patch that is loaded under this name. */
bool klp_note_find_inserted(const char *name, struct klp_note *note);

/* The transition of a patch that klpdep has inserted is over. */
void klp_note_settled(const char *name);

/* ---- a patch and a target ---------------------------------------------------------- */

/* The patch and the target are both loaded.  So the kernel has written the patch's klp
 * relocations for the target. */
void klp_note_applied(const char *patch, const char *target);
bool klp_note_was_applied(const char *patch, const char *target);

/* Since when the patch has been in effect on the target, as far as klpdep saw it: seconds since
 * the epoch, or -1. */
long long klp_note_find_since(const char *patch, const char *target);

/* The kernel has refused a target because of a patch.  @builds identifies both. */
void klp_note_refused(const char *patch, const char *target, const char *builds);
bool klp_note_was_refused(const char *patch, const char *target, const char *builds);

/* ---- why a patch was not loaded ---------------------------------------------------- */

/* The size, time and number of a file, which distinguish it from others of its name; all 0 if
 * there is none. */
#define KLP_FILE_ID_SIZE 64
void klp_note_identify(const char *file, char id[KLP_FILE_ID_SIZE]);

/* Why a patch with this file was not loaded at the last attempt, or why the kernel has refused
 * @target because of it; @target may be NULL.  The note is removed when the patch is inserted,
 * and does not count if the file has changed. */
void klp_note_why(const char *patch, const char *target, const char *file,
		  enum klpdep_refusal class, const char *text);
bool klp_note_find_why(const char *patch, const char *file, char target[KLP_MODULE_NAME_LEN],
		       struct klp_refusal *why);

/* ---- transitions ------------------------------------------------------------------- */

/* When somebody began to wait for the running transition of a patch, by the clock of
 * klp_now_ms().  If nobody did, that is @now, and is noted: so not every helper waits for a
 * transition that does not end. */
long long klp_waited_since(const char *patch, long long now);

/* That transition has ended. */
void klp_waited_forget(const char *patch);

#endif /* KLP_NOTES_H */

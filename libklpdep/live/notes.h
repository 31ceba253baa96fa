/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What klpdep notes of the patches in the running kernel, in files that last until the machine
 * is started again.  What cannot be noted is not known. */
#ifndef KLP_NOTES_H
#define KLP_NOTES_H

#include <sys/types.h>

#include "libklpdep/live/refusal.h"
#include "libklpdep/livepatch/patch.h"

/* Of a patch that klpdep has inserted; it stays known when the patch's file is gone. */
struct klp_note {
	unsigned int callbacks; /* of all its objects */
	bool for_target;	/* it was inserted for a target that was to come, and not by name */
	pid_t loader;		/* the process that was loading that target, or 0 */
	unsigned long long loader_start; /* as of struct klp_caller */
};

/* @patch may be NULL. */
void klp_note_inserted(const char *name, const struct klpdep_patch *patch,
		       const struct klp_note *note);
void klp_note_removed(const char *name);
/* Whether klpdep has inserted the patch that is loaded under this name. */
bool klp_note_find_inserted(const char *name, struct klp_note *note);

/* The transition of a patch that klpdep has inserted is over. */
void klp_note_settled(const char *name);

/* A target has come under a loaded patch, or was there before it: klp relocations that the patch
 * has for the target have been written. */
void klp_note_applied(const char *patch, const char *target);
bool klp_note_was_applied(const char *patch, const char *target);

/* Since when the patch has been in effect on the target, as far as klpdep saw it: seconds since
 * the epoch, or -1. */
long long klp_note_find_since(const char *patch, const char *target);

/* The kernel has refused a target because of a patch.  @builds tells these two from others of
 * their names. */
void klp_note_refused(const char *patch, const char *target, const char *builds);
bool klp_note_was_refused(const char *patch, const char *target, const char *builds);

/* What tells a file from others of its name: size, time and number; all 0 where there is none. */
#define KLP_FILE_ID_SIZE 64
void klp_note_identify(const char *file, char id[KLP_FILE_ID_SIZE]);

/* Why a patch, whose file is @file, was not loaded when that was last tried, or the kernel has
 * refused @target because of it; @target may be NULL.  It is forgotten when the patch is
 * inserted, and does not count when the file is another one. */
void klp_note_why(const char *patch, const char *target, const char *file,
		  enum klpdep_refusal class, const char *text);
bool klp_note_find_why(const char *patch, const char *file, char target[KLP_MODULE_NAME_LEN],
		       struct klp_refusal *why);

#endif /* KLP_NOTES_H */

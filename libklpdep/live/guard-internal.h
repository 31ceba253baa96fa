/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of the guard. */
#ifndef KLP_GUARD_INTERNAL_H
#define KLP_GUARD_INTERNAL_H

#include "libklpdep/live/guard.h"

/* The marks, by kernel and patch; and a file that shows that marks last. */
#define KLP_GUARD_DIR STATE_DIR "/guard"
#define KLP_GUARD_LASTING KLP_GUARD_DIR "/lasting"
#define KLP_MARKS_MAX ((size_t)1 << 14)
#define KLP_GUARD_PATH_SIZE 512

/* The proofs, beside the index; if that directory cannot be written, in
 * klp_guard_state_file(). mkinitcpio removes files called modules.* that it does not
 * know. */
#define KLP_PROVEN_FILE "klpdep.proven"
#define KLP_PROVEN_HEAD "# klpdep proven 1 "

/* This boot: systemd tells how it ends; it is complete; klpdep sync --late is to run. */
#define KLP_GUARDED RUN_DIR "/guarded"
#define KLP_GUARD_COMPLETE RUN_DIR "/complete"
#define KLP_GUARD_CALL RUN_DIR "/unproven"

char *klp_guard_state_file(const struct klpdep_ctx *ctx, const char *kernel);
/* NULL: the build is not known, so the patch cannot be proven. */
const char *klp_guard_build(const struct klpdep_patch *patch);
char *klp_guard_proven_line(const struct klpdep_patch *patch);
bool klp_guard_has_proof(const struct klp_guard *guard, const struct klpdep_patch *patch);
/* The number of earlier boots that have left a mark; *last is the time of the last
 * one. */
size_t klp_guard_count_marks(const struct klp_guard *guard, const struct klpdep_patch *patch,
			     struct timespec *last);

#endif /* KLP_GUARD_INTERNAL_H */

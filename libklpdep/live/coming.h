/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the hook before a target tells the hook after it. */
#ifndef KLP_COMING_H
#define KLP_COMING_H

#include <stdbool.h>

/* kmod also runs the hook after a target if the target has long been loaded, or has not
 * come.  A file with its name here says that the hook before it has just run. */
#define KLP_COMING_DIR RUN_DIR "/coming"

void klp_coming_note(const char *target);
/* Whether the file existed; it is removed. */
bool klp_coming_take(const char *target);

#endif /* KLP_COMING_H */

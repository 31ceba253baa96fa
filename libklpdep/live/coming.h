/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the hook in front of a target leaves for the one behind it. */
#ifndef KLP_COMING_H
#define KLP_COMING_H

#include <stdbool.h>

/* kmod runs the hook behind a target also where the target has been there for long, or has
 * not come at all.  A file of its name here says that the hook in front has just been run. */
#define KLP_COMING_DIR RUN_DIR "/coming"

void klp_coming_note(const char *target);
/* Whether it was noted; it is not any more then. */
bool klp_coming_take(const char *target);

#endif /* KLP_COMING_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which transitions have been waited for, and since when: notes in /run, so that not every
 * helper waits for a transition that does not end. */
#ifndef KLP_WAITED_H
#define KLP_WAITED_H

#include "libklpdep/base/whole-file.h"

/* When somebody began to wait for the running transition of a patch, by the clock of
 * klp_now_ms(); @now if nobody has, which is then noted. */
long long klp_waited_since(const char *patch, long long now);

/* That transition has ended. */
void klp_waited_forget(const char *patch);

#endif /* KLP_WAITED_H */

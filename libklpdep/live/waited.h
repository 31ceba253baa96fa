/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which transitions have been waited for, and since when: noted in /run, so that not each
 * helper waits anew for one that does not end. */
#ifndef KLP_WAITED_H
#define KLP_WAITED_H

#include "libklpdep/base/whole-file.h"

/* When somebody began to wait for the transition of a patch that is running, by the clock of
 * klp_now_ms(): @now, which is then noted, where nobody has. */
long long klp_waited_since(const char *patch, long long now);

/* That transition has ended. */
void klp_waited_forget(const char *patch);

#endif /* KLP_WAITED_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading a module elsewhere, where udev would have to wait for it. */
#ifndef KLP_HAND_OVER_H
#define KLP_HAND_OVER_H

#include "libklpdep/run/job.h"

/* Whether a unit of systemd's now loads the module, with its patches, so that there is
 * nothing left to be done here.  @job is ready to be carried out otherwise. */
bool hand_over(const struct klp_job *job);

#endif /* KLP_HAND_OVER_H */

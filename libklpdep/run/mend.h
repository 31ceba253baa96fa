/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mending failures that the hooks cannot see: mend.c. */
#ifndef KLP_MEND_H
#define KLP_MEND_H

#include "libklpdep/run/job.h"

/* Whether the job's target has an enabled patch, so that the kernel can refuse it. */
bool klp_mend_can_be_refused(const struct klp_job *job);
/* If the kernel has refused the job's target because of one of its patches, and has not
 * loaded it since: take the patch out if nothing needs it, and note both.  Whether the
 * target can be loaded now. */
bool klp_mend_refusal(struct klp_job *job);
/* Whether that was noted for the job's target and this patch: then load the patch after
 * it. */
bool klp_mend_was_refused(const struct klp_job *job, const char *patch);

/* Load the targets that were refused, or that policy require has kept out. */
void klp_mend_late(struct klp_job *job, const struct klp_strv *targets);

/* Take out the patches that were loaded for targets that are not loaded any more.  With a
 * @plan, only add that to it: 0 or -ENOMEM. */
int klp_mend_idle(struct klp_job *job, struct klpdep_plan *plan);

#endif /* KLP_MEND_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Seeing to what is left over where modprobe loads the target itself: mend.c. */
#ifndef KLP_MEND_H
#define KLP_MEND_H

#include "libklpdep/run/job.h"

/* Whether the job's target has an enabled patch, because of which the kernel could refuse it. */
bool klp_mend_can_be_refused(const struct klp_job *job);
/* Where the kernel has refused the job's target because of one of its patches, and has not
 * loaded it since: take the patch out, if it may go, and note the two.  Whether the target can
 * be loaded now. */
bool klp_mend_refusal(struct klp_job *job);
/* Whether that was noted of the job's target and this patch: the patch goes in behind it. */
bool klp_mend_was_refused(const struct klp_job *job, const char *patch);

/* Load those of the targets that were refused. */
void klp_mend_late(struct klp_job *job, const struct klp_strv *targets);

/* Take out the patches that were loaded for targets that are not loaded any more.  With a
 * @plan, only add that to it: 0 or -ENOMEM. */
int klp_mend_idle(struct klp_job *job, struct klpdep_plan *plan);

#endif /* KLP_MEND_H */

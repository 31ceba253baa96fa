/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Object-specific atomic replace, in user space: where a newer patch of an object is in
 * effect, the older one is retired, that is, disabled and unloaded.  The kernel's own
 * replace would take the patches of all other objects with it.
 */
#ifndef KLP_RETIRE_H
#define KLP_RETIRE_H

#include "libklpdep/run/job.h"

/*
 * Retire what the patches of a target, or a patch, and all that these require take the
 * place of; @name NULL: what all patches do.  What was left half done before, by
 * whomever, is finished.  An older patch stays, which is logged,
 *
 * - while a patch that is loaded requires it, or holds a reference to it;
 * - while it patches something that is loaded, and no patch that is in effect for every
 *   task takes its place there;
 * - where the kernel does not let go of it.
 *
 * How many stay is added to the job's n_left.
 */
void klp_retire(struct klp_job *job, const char *name);

/* Add to a plan, the steps of which count as done, what klp_retire() would unload of all
 * patches.  How many masked ones stay. */
size_t klp_retire_plan(struct klp_job *job, struct klpdep_plan *plan);

#endif /* KLP_RETIRE_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Atomic replace of one object's patch, in user space: when a newer patch of an object is
 * in effect, the older one is retired, that is, disabled and unloaded.  The kernel's own
 * replace would also drop the patches of all other objects.
 */
#ifndef KLP_RETIRE_H
#define KLP_RETIRE_H

#include "libklpdep/run/job.h"

/*
 * Retire what the patches of the target @name, or the patch @name, supersede, and what
 * the patches that these require supersede; @name NULL: what any patch supersedes.  This
 * also finishes interrupted work of any process.  An older patch stays, which is logged,
 *
 * - while a loaded patch requires it, or holds a reference to it;
 * - while it patches a loaded object on which no patch in effect for every task supersedes
 *   it;
 * - if the kernel does not release it.
 *
 * Adds the number of those that stay to the job's n_left.
 */
void klp_retire(struct klp_job *job, const char *name);

/* Add the patches that klp_retire() would unload to a plan, whose steps count as done.
 * Returns how many masked ones stay. */
size_t klp_retire_plan(struct klp_job *job, struct klpdep_plan *plan);

#endif /* KLP_RETIRE_H */

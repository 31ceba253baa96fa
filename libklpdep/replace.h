/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Object-specific atomic replace, in user space: where a newer patch of an object is in
 * effect, the older one is disabled and unloaded.  The kernel's own replace would take
 * the patches of all other objects with it.
 */
#ifndef KLP_REPLACE_H
#define KLP_REPLACE_H

#include "libklpdep/util.h"

struct klp_job;

/*
 * Unload what the patches that the job is about take the place of: those of its target,
 * or the patch itself, and all that these require; or, where the job is about all that is
 * in the kernel, all patches.  What was left half done before, by whomever, is finished.
 * An older patch stays, which is logged,
 *
 * - while a patch that is loaded requires it, or holds a reference to it;
 * - while it patches something that is loaded, and no patch that is in effect for every
 *   task takes its place there;
 * - where the kernel does not let go of it.
 *
 * How many stay is added to the job's n_left.
 *
 * Where the job has a plan, the steps of which count as done, nothing is unloaded: what
 * would be is added to the plan.
 */
void klp_replace(struct klp_job *job);

/* A loaded patch that requires @name, by the index, or what @name has the place of and is
 * not loaded; or NULL. */
const char *klp_job_requirer(const struct klp_job *job, const char *name);

/* The same, or a module that holds a reference to @name, which is then in @holder. */
const char *klp_job_user(const struct klp_job *job, const char *name,
			 char holder[KLP_MODULE_NAME_LEN]);

#endif /* KLP_REPLACE_H */

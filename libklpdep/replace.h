/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Object-specific atomic replace, in user space: where a newer patch of an object is in
 * effect, the older one is disabled and unloaded.  The kernel's own replace would take
 * the patches of all other objects with it.
 */
#ifndef KLP_REPLACE_H
#define KLP_REPLACE_H

struct klp_job;

/*
 * Unload what the patches that the job is about take the place of: those of its target,
 * or the patch itself, and all that these require.  What was left half done before, by
 * whomever, is finished.  An older patch stays, which is logged,
 *
 * - while a patch that is loaded requires it, or holds a reference to it;
 * - while it patches something that is loaded, and no patch that is in effect for every
 *   task takes its place there;
 * - where the kernel does not let go of it.
 *
 * How many stay is added to the job's n_left.
 */
void klp_replace(struct klp_job *job);

/* A loaded patch that requires @name, by the index, or what @name has the place of and is
 * not loaded; or NULL. */
const char *klp_job_requirer(const struct klp_job *job, const char *name);

#endif /* KLP_REPLACE_H */

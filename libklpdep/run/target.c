/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inserting the target itself, and its patches that keep it out. */
#include "config.h"

#include "libklpdep/live/kernel-log.h"
#include "libklpdep/run/job.h"

int klp_job_not_inserted(const struct klp_job *job, bool fatal, int err)
{
	char text[KLP_JOB_TEXT_SIZE];

	klp_say(job->ctx, KLP_SAY_INSERT_FAILED, fatal, job->name,
		"could not be inserted: %s", klp_job_error(job, job->name, err, text));
	return err;
}

int klp_job_load_plainly(struct klp_job *job)
{
	int err = klp_kmod_insert(job->kmod, job->name, job->options);

	return err == 0 || err == -EEXIST ? 0 : klp_job_not_inserted(job, true, err);
}

/* ---- a patch that the kernel cannot apply to the target ---------------------------- */

/* Why the patch has to stay all the same, or NULL.  In an initrd it goes even if it
 * serves another module: a machine that starts is worth more. */
static const char *must_stay(const struct klp_job *job, const char *patch,
			     char holder[KLP_MODULE_NAME_LEN])
{
	if (klp_job_serves_others(job, patch, job->name, holder) &&
	    !klp_live_in_initrd())
		return holder;
	return klp_job_user(job, NULL, patch, holder);
}

/* Take the patch out.  A disabled patch is out of the way, even if its module cannot be
 * deleted yet. */
static bool retire_misfit(struct klp_job *job, const char *patch)
{
	enum klp_patch_state state;

	klp_strv_add_unique(&job->failed, patch);
	if (klp_job_unload_patch(job, patch) == 0)
		return true;
	state = klp_live_patch(patch);
	return state == KLP_PATCH_DEAD || state == KLP_PATCH_ABSENT;
}

bool klp_job_handle_misfit(struct klp_job *job, const char *patch,
			   const struct klp_failure *failure, const char *what)
{
	char holder[KLP_MODULE_NAME_LEN];
	const char *user = job->required ? NULL : must_stay(job, patch, holder);
	const char *then = job->required ? "" :
			   user		 ? " needs the patch, and so it is not loaded" :
					   "loading it without";

	klp_job_note_why(job, patch, job->name, klp_job_class(job, patch, failure), what);
	klp_say(job->ctx, KLP_SAY_PATCH_MISFIT, job->required || user, job->name,
		"the kernel could not apply patch %s to it: %s%s%s%s", patch, what,
		job->required ? "" : "; ", user ? user : "", then);
	return !job->required && !user && !klp_strv_has(&job->failed, patch) &&
	       klp_job_is_patch_of(job, patch, job->name) && retire_misfit(job, patch);
}

/* ---- a patch that the kernel cannot apply a second time ---------------------------- */

/* Before Linux 6.3, the kernel does not undo a patch's klp relocations when the target
 * is removed, and does not write over them when the target is loaded again.  It refuses
 * the target with ENOEXEC until the patch has been reloaded. */
static bool is_used_up(const struct klp_job *job, const char *patch, int err)
{
	return err == -ENOEXEC && klp_job_is_patch_of(job, patch, job->name) &&
	       !klp_strv_has(&job->failed, patch) &&
	       !klp_strv_has(&job->reloaded, patch) &&
	       !klp_strv_has(&job->loader.inserted, patch);
}

/* No target has the patch for a moment.  Policy require does not allow that, and so the
 * target is not loaded if another one needs the patch. */
static int reload_patch(struct klp_job *job, const char *patch)
{
	const struct klpdep_step step = { .module = patch, .patch = true };
	const char *user = klp_job_requirer(job, NULL, patch);
	char other[KLP_MODULE_NAME_LEN];
	int err;

	if (!user && job->required && klp_job_serves_others(job, patch, job->name, other))
		user = other;
	if (user) {
		klp_say(job->ctx, KLP_SAY_RELOAD_NEEDED, true, job->name,
			"the kernel cannot apply patch %s to it again before the patch "
			"is loaded anew, and %s needs it",
			patch, user);
		return -EBUSY;
	}
	klp_say(job->ctx, KLP_SAY_PATCH_RELOADED, false, job->name,
		"the kernel cannot apply patch %s to it again; loading the patch anew",
		patch);
	err = klp_strv_add(&job->reloaded, patch);
	if (err == 0)
		err = klp_job_unload_patch(job, patch);
	if (err < 0)
		return err;
	err = klp_job_step(job, &step, job->name);
	return job->required ? err : 0;
}

int klp_job_reload_used_up(struct klp_job *job)
{
	const struct klpdep_edge *edges;
	int err = 0;
	size_t n;

	edges = klp_index_edges_of(job->view->index, job->name, &n);
	for (size_t i = 0; i < n && err == 0 && klp_live_keeps_relocs(); i++) {
		const char *patch = edges[i].patch->name;

		if (edges[i].object->has_relocs &&
		    !klp_view_is_left(job->view, edges[i].patch) &&
		    klp_live_patch(patch) == KLP_PATCH_ENABLED &&
		    klp_note_was_applied(patch, job->name))
			err = reload_patch(job, patch);
	}
	return err;
}

/* ---- inserting --------------------------------------------------------------------- */

int klp_job_insert_target(struct klp_job *job)
{
	for (;;) {
		_cleanup_close_ int log = klp_kernel_log_watch();
		char patch[KLP_MODULE_NAME_LEN], text[KLP_JOB_TEXT_SIZE];
		struct klp_failure failure = { 0 };
		int err = klp_kmod_insert(job->kmod, job->name, job->options);

		if (err == 0)
			job->target_inserted = true;
		if (err == 0 || err == -EEXIST)
			return 0;
		if (!klp_kernel_log_find_refusal(log, job->name, patch, &failure.why))
			return klp_job_not_inserted(job, true, err);
		if (is_used_up(job, patch, err)) {
			err = reload_patch(job, patch);
			if (err == 0)
				continue;
			return err;
		}
		failure.err = err;
		if (!klp_job_handle_misfit(job, patch, &failure,
					   klp_job_why(job, job->name, &failure, text)))
			return err;
	}
}

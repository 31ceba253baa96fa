/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks end before modprobe inserts the target, so they miss some events.  The
 * kernel may refuse the target because of one of its patches.  The target may not be
 * loaded at all, or be removed without its hooks, so that its patches are of no use.
 * And a helper may end before a patch that it could not wait for.
 */
#include "config.h"

#include "libklpdep/live/caller.h"
#include "libklpdep/live/kernel-log.h"
#include "libklpdep/run/job.h"
#include "libklpdep/run/mend.h"

/* ---- a target that was refused ----------------------------------------------------- */

/* Identify the builds of patch and target, as a line of text. */
static void tell_builds(const struct klp_job *job, const char *patch, const char *target,
			char text[KLP_JOB_TEXT_SIZE])
{
	const struct klpdep_patch *found = klp_index_find(job->view->index, patch);
	_cleanup_free_ char *file = klp_kmod_file(job->kmod, target);
	char id[KLP_FILE_ID_SIZE];

	klp_note_identify(file, id);
	snprintf(text, KLP_JOB_TEXT_SIZE, "%s %s %s\n",
		 found && found->build_id ? found->build_id : "-",
		 found && found->srcversion ? found->srcversion : "-", id);
}

bool klp_mend_was_refused(const struct klp_job *job, const char *patch)
{
	char builds[KLP_JOB_TEXT_SIZE];

	tell_builds(job, patch, job->name, builds);
	return klp_note_was_refused(patch, job->name, builds);
}

bool klp_mend_can_be_refused(const struct klp_job *job)
{
	const struct klpdep_edge *edges;
	size_t n, i = 0;

	edges = klp_index_edges_of(job->view->index, job->name, &n);
	while (i < n && klp_live_patch(edges[i].patch->name) != KLP_PATCH_ENABLED)
		i++;
	return i < n;
}

bool klp_mend_refusal(struct klp_job *job)
{
	char patch[KLP_MODULE_NAME_LEN], builds[KLP_JOB_TEXT_SIZE];
	struct klp_failure failure = { .err = -EINVAL };
	const char *what;

	/* Search the whole kernel log only if the kernel can have refused the target. */
	if (klp_live_module(job->name) != KLP_MODULE_ABSENT || !klp_mend_can_be_refused(job) ||
	    !klp_kernel_log_find_last_refusal(job->name, patch, &failure.why) ||
	    !klp_job_is_patch_of(job, patch, job->name) ||
	    klp_live_patch(patch) != KLP_PATCH_ENABLED)
		return false;
	what = *failure.why.text ? failure.why.text : "the kernel's log does not tell why";
	if (!klp_job_handle_misfit(job, patch, &failure, what))
		return false;
	tell_builds(job, patch, job->name, builds);
	klp_note_refused(patch, job->name, builds);
	return true;
}

/* Somebody wants the target.  modprobe has failed, and nobody else tries again. */
static void load_again(struct klp_job *job)
{
	int err = klp_kmod_probe(job->kmod, job->name);

	if (err < 0)
		klp_job_not_inserted(job, false, err);
}

/* Whether a target of policy require has not been loaded.  Its helper leaves it to
 * klpdep sync if other helpers have all the places for waiting below the kernel or
 * udev. */
static bool is_left_out(const struct klp_job *job)
{
	size_t n;

	klp_index_edges_of(job->view->index, job->name, &n);
	return n && klp_live_module(job->name) == KLP_MODULE_ABSENT &&
	       klp_config_policy(job->view->config, job->name) == KLPDEP_POLICY_REQUIRE;
}

/* Load it as its rule does, but with unproven patches: only klpdep sync inserts those. */
static void load_required(struct klp_job *job)
{
	job->required = true;
	klp_job_load(job);
	job->required = false;
	klp_strv_clear(&job->failed);
}

void klp_mend_late(struct klp_job *job, const struct klp_strv *targets)
{
	for (size_t i = 0; i < targets->n; i++) {
		if (klp_name_normalize(targets->v[i], job->name) < 0)
			continue;
		if (job->view->guard.on && is_left_out(job))
			load_required(job);
		else if (is_left_out(job) || klp_mend_refusal(job))
			load_again(job);
	}
	job->name[0] = '\0';
}

/* ---- patches without a target ------------------------------------------------------ */

/* Whether the process that the patch was inserted for still runs: it may be about to
 * load the target. */
static bool is_being_loaded(const struct klp_loaded *loaded)
{
	return loaded->note.loader > 0 &&
	       klp_caller_is_alive(loaded->note.loader, loaded->note.loader_start);
}

static bool is_kept(const struct klp_job *job, const struct klpdep_patch *seen)
{
	for (size_t i = 0; i < seen->n_objects; i++) {
		if (!klp_config_unload(job->view->config, seen->objects[i].name))
			return true;
	}
	return false;
}

/* Whether a wanted patch, which is perhaps not loaded yet, requires it. */
static bool is_required(const struct klp_job *job, const char *name)
{
	const struct klpdep_index *index = job->view->index;

	for (size_t i = 0; i < index->n_requires; i++) {
		const struct klp_link *link = &index->requires[i];
		const struct klpdep_patch *by = klp_view_met_by(job->view, link);

		if (by && klp_streq(by->name, name) &&
		    klp_view_is_wanted(job->view, link->from) &&
		    klp_job_serves_others(job, link->from->name, NULL, NULL))
			return true;
	}
	return false;
}

/* Whether nothing needs the patch.  Somebody wants a patch that was loaded by name. */
static bool is_idle(const struct klp_job *job, const struct klp_loaded *loaded)
{
	char holder[KLP_MODULE_NAME_LEN];

	return loaded->state == KLP_PATCH_ENABLED && loaded->noted && loaded->seen &&
	       klp_view_is_ours(job->view, loaded) &&
	       loaded->note.for_target && !is_being_loaded(loaded) &&
	       !is_kept(job, loaded->seen) &&
	       !klp_job_serves_others(job, loaded->name, NULL, NULL) &&
	       !klp_job_user(job, NULL, loaded->name, holder) &&
	       !is_required(job, loaded->name);
}

int klp_mend_idle(struct klp_job *job, struct klpdep_plan *plan)
{
	const struct klp_stack *stack = &job->view->stack;
	int err = 0;

	for (size_t i = 0; i < stack->n && err == 0; i++) {
		const struct klpdep_step step = {
			.action = KLPDEP_ACTION_UNLOAD,
			.module = stack->v[i].name,
			.patch = true,
			.reason = "nothing that it patches is loaded",
		};

		if (!is_idle(job, &stack->v[i]))
			continue;
		if (plan)
			err = klp_plan_add(plan, &step, "");
		else if (klp_job_unload_patch(job, step.module) == 0)
			klp_say(job->ctx, KLP_SAY_UNLOADED, false, step.module,
				"unloaded: %s", step.reason);
	}
	return err;
}

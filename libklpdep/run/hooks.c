/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks around a target that modprobe itself loads or removes; rules.c writes the
 * softdep lines that call them.  modprobe handles the target, its dependencies and its
 * softdeps.
 */
#include "config.h"

#include "libklpdep/fit/fit.h"
#include "libklpdep/live/late.h"
#include "libklpdep/run/job.h"
#include "libklpdep/run/mend.h"
#include "libklpdep/run/retire.h"
#include "libklpdep/rules/rules.h"

/* ---- softdeps ---------------------------------------------------------------------- */

/* modprobe loads the softdeps in the rule, which are those that all kernels have.  Load
 * the others here.  A helper inside another helper loads none: two modules that name
 * each other, and cannot be loaded, would start helpers without end. */
static void load_others(struct klp_job *job, const struct klp_strv *own,
			const struct klp_strv *in_rule)
{
	for (size_t i = 0; i < own->n && !job->inner; i++) {
		const struct klpdep_step step = { .module = own->v[i] };

		if (!klp_strv_has(in_rule, own->v[i]))
			klp_job_step(job, &step, job->name);
	}
}

static bool has_hook_after(const struct klp_job *job, const struct klp_strv *post)
{
	char hook[sizeof(KLP_HOOK_AFTER) + KLP_MODULE_NAME_LEN];

	snprintf(hook, sizeof(hook), KLP_HOOK_AFTER "%s", job->name);
	return klp_strv_has(post, hook);
}

/* Whether the rule has a hook after the target. */
static bool load_softdeps(struct klp_job *job, bool behind)
{
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };
	const struct klp_softdep *own = klp_index_find_softdep(job->view->index, job->name);

	if (klp_kmod_softdeps(job->kmod, job->name, &pre, &post) < 0)
		return false;
	if (own)
		load_others(job, behind ? &own->post : &own->pre, behind ? &post : &pre);
	return has_hook_after(job, &post);
}

/* Nobody has asked for patches, so a failure is as quiet as it is without a rule. */
static void probe_others(const struct klp_job *job, const struct klp_strv *own,
			 const struct klp_strv *in_rule)
{
	for (size_t i = 0; i < own->n && !job->inner; i++) {
		if (!klp_strv_has(in_rule, own->v[i]))
			klp_kmod_probe(job->kmod, own->v[i]);
	}
}

bool klp_job_load_softdeps(struct klp_job *job, const char *kernel, bool behind)
{
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 }, own_pre = { 0 },
				       own_post = { 0 };
	_cleanup_kmod_ struct klp_kmod *foreign = NULL;

	if (klp_kmod_softdeps(job->kmod, job->name, &pre, &post) < 0 ||
	    klp_kmod_new(job->ctx, kernel, KLP_KMOD_FOREIGN, &foreign) < 0 ||
	    klp_kmod_softdeps(foreign, job->name, &own_pre, &own_post) < 0)
		return false;
	if (behind)
		probe_others(job, &own_post, &post);
	else
		probe_others(job, &own_pre, &pre);
	return has_hook_after(job, &post);
}

void klp_job_before_plainly(struct klp_job *job, const char *kernel)
{
	if (!klp_kmod_runs_install(job->kmod, job->name) &&
	    klp_job_load_softdeps(job, kernel, false))
		klp_mark_put(KLP_MARK_COMING, job->name);
}

void klp_job_after_plainly(struct klp_job *job, const char *kernel)
{
	if (klp_mark_remove(KLP_MARK_COMING, job->name) &&
	    klp_live_module(job->name) == KLP_MODULE_LIVE)
		klp_job_load_softdeps(job, kernel, true);
}

/* ---- loading ----------------------------------------------------------------------- */

/* Whether to load a patch after the target.  If it does not fit and is loaded before,
 * the kernel refuses the target, and no hook runs to mend that.  After the target, the
 * kernel refuses the patch. */
static bool goes_behind(struct klp_job *job, const struct klpdep_step *step, bool changed)
{
	bool refused;

	if (!step->patch || !klp_job_is_patch_of(job, step->module, job->name))
		return false;
	refused = klp_mend_was_refused(job, step->module);
	if (!refused && !changed)
		return false;
	klp_say(job->ctx, KLP_SAY_PATCH_DEFERRED, false, job->name,
		"patch %s is loaded after it: %s", step->module,
		refused ? "the kernel has refused it before because of this patch" :
			  "it is another build than klpdep depmod has seen");
	klp_strv_add_unique(&job->failed, step->module);
	return true;
}

static int load_patches(struct klp_job *job, bool behind)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	bool changed;
	int err = klp_plan_around(job->ctx, job->view, job->name, behind,
				  job->inner ? KLP_PLAN_NO_SOFTDEPS : 0, &plan);

	if (err < 0)
		return klp_job_no_plan(job, err);
	changed = !behind && klp_fit_target_changed(job->kmod, job->view->index, job->name);
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct klpdep_step *step = &plan->steps[i];
		size_t n_inserted = job->loader.inserted.n;

		if (!behind && goes_behind(job, step, changed))
			continue;
		if (klp_job_step(job, step, job->name) == 0)
			klp_job_report_step(job, step, n_inserted);
	}
	klp_retire(job, job->name);
	return job->failed.n ? -ECANCELED : 0;
}

/* Note this for the next time that the target is loaded, and for klpdep status. */
static void note_applied(const struct klp_job *job)
{
	const struct klpdep_edge *edges;
	size_t n;

	edges = klp_index_edges_of(job->view->index, job->name, &n);
	for (size_t i = 0; i < n; i++) {
		if (klp_live_patch(edges[i].patch->name) == KLP_PATCH_ENABLED)
			klp_note_applied(edges[i].patch->name, job->name);
	}
}

int klp_job_before(struct klp_job *job)
{
	int err;

	/* If libkmod prefers an install line, the target is not loaded, and needs no
	 * patch. */
	if (klp_kmod_runs_install(job->kmod, job->name))
		return 0;
	if (load_softdeps(job, false))
		klp_mark_put(KLP_MARK_COMING, job->name);
	klp_job_reload_used_up(job);
	/* The kernel may have refused the target before, and nobody has handled that
	 * yet. */
	klp_mend_refusal(job);
	err = load_patches(job, false);
	note_applied(job);
	/* No hook sees whether the target is loaded now, and patched: sync looks at
	 * that. */
	if (job->loader.inserted.n || job->failed.n || klp_mend_can_be_refused(job))
		klp_late_add(job->name);
	return err;
}

int klp_job_after(struct klp_job *job)
{
	int err;

	if (!klp_mark_remove(KLP_MARK_COMING, job->name) ||
	    klp_live_module(job->name) != KLP_MODULE_LIVE)
		return 0;
	load_softdeps(job, true);
	err = load_patches(job, true);
	klp_job_check_patched(job);
	return err;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading: carries a plan out. */
#include "config.h"

#include "libklpdep/plan.h"
#include "tools/job.h"
#include "tools/refusal.h"
#include "tools/report.h"

int job_load_plainly(struct job *job)
{
	int err = klp_kmod_insert(job->kmod, job->name, job->options ? job->options : "");
	char text[JOB_TEXT_SIZE];

	if (err == -EEXIST)
		err = 0;
	if (err < 0)
		report(LOG_ERR, "%s: could not be inserted: %s", job->name,
		       job_error(job, job->name, err, text));
	return err;
}

/* ---- patches ----------------------------------------------------------------------- */

/* Take out what was inserted for a target that is not loaded now: unless it is at work
 * for something else by now; one whose transition stalls would keep every other patch
 * out. */
static void undo_patches(struct job *job)
{
	for (size_t i = job->loader.inserted.n; i-- > 0;) {
		const char *patch = job->loader.inserted.v[i];

		if (klp_live_patch(patch) == KLP_PATCH_ENABLING ||
		    (!job_serves_others(job, patch, job->name) &&
		     !job_is_required(job, patch)))
			job_unload_patch(job, patch);
	}
}

static bool has_failed_requirement(const struct job *job, const char *name,
				   const char **required)
{
	for (size_t i = 0; i < job->index->n_requires; i++) {
		const struct klp_link *link = &job->index->requires[i];

		*required = link->to->name;
		if (klp_streq(link->from->name, name) &&
		    klp_strv_has(&job->failed, *required))
			return true;
	}
	return false;
}

/* A patch that we inserted and whose own transition stalls keeps every other patch of the
 * system out: reverse it.  Whether the way is free now. */
static bool retire_stalled(struct job *job, const struct klp_failure *failure)
{
	if (failure->err != -ETIMEDOUT || !job->loader.retry_timeout ||
	    !klp_strv_has(&job->loader.inserted, failure->blocker) ||
	    klp_strv_has(&job->failed, failure->blocker))
		return false;
	report(LOG_WARNING,
	       "%s: the transition of patch %s does not finish; taking it out", job->name,
	       failure->blocker);
	klp_strv_add_unique(&job->failed, failure->blocker);
	return job_unload_patch(job, failure->blocker) == 0;
}

/* Options that modprobe gave are those of the module that was asked for. */
static const char *options_for(const struct job *job, const char *module)
{
	return klp_streq(module, job->name) ? job->options ? job->options : "" : NULL;
}

static int fail_patch(struct job *job, const char *patch, int err, const char *why)
{
	report(job->required ? LOG_ERR : LOG_WARNING, "%s: patch %s was not loaded: %s",
	       job->name, patch, why);
	klp_strv_add_unique(&job->failed, patch);
	return err;
}

static int load_patch(struct job *job, const struct klpdep_step *step)
{
	const char *options = options_for(job, step->module);
	const char *command = klp_kmod_install_command(job->kmod, step->module);
	const char *required;
	struct klp_failure failure = { 0 };
	char text[JOB_TEXT_SIZE];
	bool settled = true;
	int err;

	if (has_failed_requirement(job, step->module, &required)) {
		snprintf(text, sizeof(text), "it requires %s", required);
		return fail_patch(job, step->module, -ECANCELED, text);
	}
	if (command && !strstr(command, HELPER_PATH)) {
		snprintf(text, sizeof(text),
			 "modprobe.d has another install rule for it: %s", command);
		return fail_patch(job, step->module, -ECANCELED, text);
	}
	do {
		err = klp_loader_load(&job->loader, step->module, options, &settled,
				      &failure);
	} while (err < 0 && retire_stalled(job, &failure));
	if (err < 0)
		return fail_patch(job, step->module, err,
				  job_why(job, step->module, &failure, text));
	if (!settled && job->loader.settle_timeout) {
		report(job->required ? LOG_ERR : LOG_WARNING,
		       "%s: the transition of patch %s is still running after %u s%s",
		       job->name, step->module, job->loader.settle_timeout,
		       job->required ? "" :
				       "; tasks may run unpatched code until it ends");
		return job->required ? -ETIMEDOUT : 0;
	}
	return 0;
}

/* Take a patch out that the kernel could not apply to the target. */
static bool retire_misfit(struct job *job, const char *patch)
{
	const struct klp_edge *edges;
	size_t n;

	edges = klp_index_edges_of(job->index, job->name, &n);
	for (size_t i = 0; i < n; i++) {
		if (!klp_streq(edges[i].patch->name, patch))
			continue;
		klp_strv_add_unique(&job->failed, patch);
		return job_unload_patch(job, patch) == 0;
	}
	return false; /* somebody else's */
}

static int insert_target(struct job *job)
{
	for (;;) {
		_cleanup_close_ int log = refusal_watch();
		char patch[KLP_MODULE_NAME_LEN], text[JOB_TEXT_SIZE];
		int err = klp_kmod_insert(job->kmod, job->name,
					  job->options ? job->options : "");

		if (err == 0)
			job->target_inserted = true;
		if (err == 0 || err == -EEXIST)
			return 0;
		if (!refusal_find(log, job->name, patch)) {
			report(LOG_ERR, "%s: could not be inserted: %s", job->name,
			       job_error(job, job->name, err, text));
			return err;
		}
		report(job->required ? LOG_ERR : LOG_WARNING,
		       "%s: the kernel cannot apply patch %s to it: %s%s", job->name,
		       patch, job_error(job, job->name, err, text),
		       job->required ? "" : "; loading it without");
		if (job->required || klp_strv_has(&job->failed, patch) ||
		    !retire_misfit(job, patch))
			return err;
	}
}

/* Dependencies and softdeps of what is loaded, by their own rules. */
static int load_module(struct job *job, const struct klpdep_step *step)
{
	int err = klp_kmod_probe(job->kmod, step->module);
	char text[JOB_TEXT_SIZE];

	if (err < 0)
		report(step->required ? LOG_ERR : LOG_INFO, "%s: %s was not loaded: %s",
		       job->name, step->module, job_error(job, step->module, err, text));
	return err;
}

static int defer_patch(struct job *job, const struct klpdep_step *step)
{
	report(step->required ? LOG_ERR : LOG_NOTICE, "%s: patch %s %s", job->name,
	       step->module, step->reason);
	klp_strv_add_unique(&job->failed, step->module);
	return -ECANCELED;
}

static int run_step(struct job *job, const struct klpdep_step *step)
{
	if (step->action == KLPDEP_ACTION_DEFER)
		return defer_patch(job, step);
	if (step->patch)
		return load_patch(job, step);
	if (klp_streq(step->module, job->name))
		return insert_target(job);
	return load_module(job, step);
}

/* The kernel says since 6.1 whether a patch is applied to an object. */
static int check_patched(struct job *job)
{
	const struct klp_edge *edges;
	int err = 0;
	size_t n;

	edges = klp_index_edges_of(job->index, job->name, &n);
	for (size_t i = 0; i < n; i++) {
		const char *patch = edges[i].patch->name;

		if (klp_live_patched(patch, job->name) != 0)
			continue;
		report(job->required ? LOG_ERR : LOG_WARNING,
		       "%s: patch %s is loaded, but not applied", job->name, patch);
		err = -ECANCELED;
	}
	return job->required ? err : 0;
}

/* One line on what was done, when all went well. */
static void report_success(const struct job *job)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return;
	for (size_t i = 0; i < job->loader.inserted.n; i++) {
		if (!klp_streq(job->loader.inserted.v[i], job->name))
			fprintf(stream, " %s", job->loader.inserted.v[i]);
	}
	if (fclose(stream) == 0 && *text)
		report(LOG_INFO, "%s: loaded with%s", job->name, text);
}

static void undo(struct job *job)
{
	if (job->target_inserted && klp_kmod_remove(job->kmod, job->name) < 0) {
		report(LOG_ERR,
		       "%s: is loaded without a patch that policy require asks for, "
		       "and cannot be removed again",
		       job->name);
		return;
	}
	undo_patches(job);
}

int job_load(struct job *job)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	char text[JOB_TEXT_SIZE];
	struct klpdep_step step;
	int err = klpdep_plan_new(job->ctx, job->index, job->config, job->name,
				  KLPDEP_PLAN_LIVE, &plan);

	if (err < 0) {
		report(LOG_ERR, "%s: no plan for loading it: %s", job->name,
		       job_error(job, job->name, err, text));
		return job->required ? err : job_load_plainly(job);
	}
	for (size_t i = 0; klpdep_plan_get_step(plan, i, &step) == 0; i++) {
		err = run_step(job, &step);
		if (err < 0 && step.required)
			break;
		err = 0;
	}
	if (err == 0)
		err = check_patched(job);
	if (err < 0)
		undo(job);
	else
		report_success(job);
	return err;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unloading: a target with its patches, or patches by name. */
#include "config.h"

#include "libklpdep/live/late.h"
#include "libklpdep/run/job.h"
#include "libklpdep/view/row.h"

/* Whether anything but its patches uses a module. */
static bool is_in_use(const struct klp_job *job, const char *module)
{
	_cleanup_strv_ struct klp_strv holders = { 0 };
	long uses = klp_live_refcount(module);

	klp_live_holders(module, &holders);
	for (size_t i = 0; i < holders.n; i++) {
		if (klp_job_is_patch_of(job, holders.v[i], module))
			uses--;
	}
	return uses > 0;
}

/* Unload the patches of a target that hard-depend on it; with @all, also those that
 * serve nothing else.  A patch goes after the patches that require it.  Adds the
 * unloaded ones to @out. */
static int unload_patches_of(struct klp_job *job, const char *target, bool all,
			     struct klp_strv *out)
{
	const struct klpdep_edge *edges;
	bool again = true;
	size_t n;

	edges = klp_index_edges_of(job->view->index, target, &n);
	while (again) {
		again = false;
		for (size_t i = n; i-- > 0;) {
			const char *patch = edges[i].patch->name;
			bool depends = klp_kmod_depends(job->kmod, patch, target);
			int err;

			if (klp_live_patch(patch) == KLP_PATCH_ABSENT ||
			    klp_view_is_left(job->view, edges[i].patch) ||
			    klp_strv_has(&job->failed, patch) ||
			    klp_job_requirer(job, NULL, patch) ||
			    !(depends ||
			      (all && !klp_job_serves_others(job, patch, target, NULL))))
				continue;
			err = klp_job_unload_patch(job, patch);
			if (err < 0 && depends)
				return err;
			if (err == 0 && klp_strv_add(out, patch) < 0)
				return -ENOMEM;
			/* Somebody may have loaded it anew: do not examine it again. */
			if (klp_live_patch(patch) != KLP_PATCH_ABSENT)
				klp_strv_add_unique(&job->failed, patch);
			again = true;
		}
	}
	return 0;
}

/* The target could not be removed: load its patches again. */
static void put_back(struct klp_job *job, const char *target, const struct klp_strv *out)
{
	for (size_t i = out->n; i-- > 0;) {
		struct klp_failure failure;
		char text[KLP_JOB_TEXT_SIZE];
		bool settled;

		if (klp_loader_load(&job->loader, out->v[i], NULL, &settled,
				    &failure) < 0)
			klp_say(job->ctx, KLP_SAY_PATCH_FAILED, false, target,
				"patch %s was not loaded: %s", out->v[i],
				klp_job_why(job, out->v[i], &failure, text));
	}
}

static int remove_target(struct klp_job *job, const char *target);

/* Remove dependencies that nothing uses any more.  kmod would do that without their
 * remove rules. */
static void remove_unused(struct klp_job *job, const struct klp_strv *deps)
{
	for (size_t i = deps->n; i-- > 0;) {
		if (klp_live_module(deps->v[i]) == KLP_MODULE_LIVE &&
		    !is_in_use(job, deps->v[i]))
			remove_target(job, deps->v[i]);
	}
}

/* Patches that depend on the target must go first.  The others go after it, so that it
 * never runs unpatched. */
static int remove_target(struct klp_job *job, const char *target)
{
	_cleanup_strv_ struct klp_strv deps = { 0 }, out = { 0 };
	bool unload = klp_config_unload(job->view->config, target);
	char text[KLP_JOB_TEXT_SIZE];
	int err;

	if (klp_live_module(target) == KLP_MODULE_ABSENT)
		return 0;
	if (is_in_use(job, target)) {
		klp_say(job->ctx, KLP_SAY_IN_USE, true, target, "is in use");
		return -EBUSY;
	}
	err = unload_patches_of(job, target, false, &out);
	if (err < 0) {
		put_back(job, target, &out);
		return err;
	}
	err = klp_kmod_remove(job->kmod, target);
	if (err < 0 && err != -ENOENT) {
		klp_say(job->ctx, KLP_SAY_REMOVE_FAILED, true, target,
			"could not be removed: %s",
			klp_job_error(job, target, err, text));
		put_back(job, target, &out);
		return err;
	}
	if (unload)
		unload_patches_of(job, target, true, &out);
	if (klp_kmod_deps(job->kmod, target, &deps) == 0)
		remove_unused(job, &deps);
	return 0;
}

int klp_job_unload(struct klp_job *job)
{
	return remove_target(job, job->name);
}

/* ---- hooks ------------------------------------------------------------------------- */

/* Only patches that depend on the target must go before it.  They stay if the target is
 * in use and so will stay. */
int klp_job_going(struct klp_job *job)
{
	_cleanup_strv_ struct klp_strv out = { 0 };
	int err;

	if (klp_live_module(job->name) != KLP_MODULE_LIVE || is_in_use(job, job->name))
		return 0;
	err = unload_patches_of(job, job->name, false, &out);
	if (err < 0)
		put_back(job, job->name, &out);
	/* If the target stays after all, no hook runs, and klpdep sync loads the
	 * patches again. */
	else if (out.n)
		klp_late_add(job->name);
	return err;
}

/* Unload patches that serve nothing any more: those of the target, and of dependencies
 * that modprobe has removed with it. */
int klp_job_gone(struct klp_job *job)
{
	_cleanup_strv_ struct klp_strv gone = { 0 }, out = { 0 };
	int err;

	/* modprobe -r -w also runs this at its timeout. */
	if (klp_live_module(job->name) != KLP_MODULE_ABSENT) {
		klp_late_add(job->name);
		return 0;
	}
	err = klp_strv_add(&gone, job->name);
	if (err == 0)
		klp_kmod_deps(job->kmod, job->name, &gone);
	for (size_t i = 0; i < gone.n && err == 0; i++) {
		if (klp_live_module(gone.v[i]) == KLP_MODULE_ABSENT &&
		    klp_config_unload(job->view->config, gone.v[i]))
			err = unload_patches_of(job, gone.v[i], true, &out);
	}
	return err;
}

/* ---- by name ----------------------------------------------------------------------- */

static bool can_be_unloaded(struct klp_job *job, const char *name)
{
	const char *why = NULL;

	/* In this order, since the patch may go between the two checks. */
	if (!klp_live_is_patch(name))
		why = klp_live_module(name) == KLP_MODULE_ABSENT ?
			      "it is not loaded" :
			      "it is not a livepatch";
	if (why)
		klp_say(job->ctx, KLP_SAY_UNLOAD_FAILED, true, name,
			"could not be unloaded: %s", why);
	return !why;
}

/* Unload the patches that nothing uses, and add them to @done.  Whether there was one. */
static bool unload_unused(struct klp_job *job, const struct klp_strv *names,
			  struct klp_strv *done, size_t *left)
{
	char holder[KLP_MODULE_NAME_LEN];
	bool progress = false;

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];

		if (klp_strv_has(done, name) || klp_job_user(job, NULL, name, holder))
			continue;
		if (klp_job_unload_patch(job, name) == 0)
			klp_say(job->ctx, KLP_SAY_UNLOADED, false, name, "unloaded");
		else
			(*left)++;
		if (klp_strv_add(done, name) < 0)
			return false;
		progress = true;
	}
	return progress;
}

static int unload_named(struct klp_job *job, const struct klp_strv *names, size_t *left)
{
	_cleanup_strv_ struct klp_strv loaded = { 0 }, done = { 0 };
	char holder[KLP_MODULE_NAME_LEN];

	*left = 0;
	for (size_t i = 0; i < names->n; i++) {
		if (!can_be_unloaded(job, names->v[i]))
			(*left)++;
		else if (klp_strv_add_unique(&loaded, names->v[i]) < 0)
			return -ENOMEM;
	}
	while (unload_unused(job, &loaded, &done, left))
		;
	for (size_t i = 0; i < loaded.n; i++) {
		const char *user = klp_job_user(job, NULL, loaded.v[i], holder);

		if (klp_strv_has(&done, loaded.v[i]))
			continue;
		klp_say(job->ctx, KLP_SAY_UNLOAD_FAILED, true, loaded.v[i],
			"could not be unloaded: %s requires it",
			user ? user : "something");
		(*left)++;
	}
	return 0;
}

int klpdep_unload(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		  const char *const *patches, size_t n, size_t *left)
{
	_cleanup_(klp_job_clear) struct klp_job job = { .ctx = ctx, .view = view };
	_cleanup_strv_ struct klp_strv names = { 0 };
	unsigned int before = ctx->n_errors;
	size_t n_left = 0;
	int err = klp_job_check_running(ctx, view->index);

	if (err == 0)
		err = klp_status_check_visible(ctx);
	for (size_t i = 0; i < n && err == 0; i++) {
		char name[KLP_MODULE_NAME_LEN];

		err = klp_check_name(ctx, patches[i], name);
		if (err == 0)
			err = klp_strv_add_unique(&names, name);
	}
	if (err == 0)
		err = klp_job_prepare(&job);
	if (err == 0)
		err = unload_named(&job, &names, &n_left);
	if (err == 0 && left)
		*left = n_left;
	return klp_ended(ctx, before, err, view->index->kernel);
}

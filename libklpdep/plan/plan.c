/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan for users of the library, and the answers of kmod and the running kernel to what
 * the index does not know. */
#include "config.h"

#include "libklpdep/host/kmod.h"
#include "libklpdep/live/live.h"
#include "libklpdep/plan/plan.h"

static void plan_destroy(struct klpdep_plan *plan)
{
	klp_strv_clear(&plan->strings);
	free(plan->steps);
	free(plan);
}

KLP_REFCOUNTED(klpdep_plan, klpdep_plan, plan_destroy)

int klp_plan_new_empty(struct klpdep_plan **plan)
{
	*plan = calloc(1, sizeof(**plan));
	if (!*plan)
		return -ENOMEM;
	(*plan)->refs = 1;
	return 0;
}

static const char *keep(struct klpdep_plan *plan, const char *s)
{
	return klp_strv_add(&plan->strings, s) < 0 ? NULL : plan->strings.v[plan->strings.n - 1];
}

int klp_plan_add(struct klpdep_plan *plan, const struct klpdep_step *from, const char *of)
{
	_cleanup_free_ char *reason = klp_format("%s%s%s", from->reason, *of ? " " : "", of);
	struct klpdep_step *step = reason ? klp_append(plan->steps, plan->n_steps) : NULL;

	if (!step)
		return -ENOMEM;
	*step = *from;
	step->module = keep(plan, from->module);
	step->reason = keep(plan, reason);
	if (from->file)
		step->file = keep(plan, from->file);
	if (!step->module || !step->reason || !step->file != !from->file)
		return -ENOMEM;
	step->of = step->reason + strlen(step->reason) - strlen(of);
	return 0;
}

static int kmod_deps(void *data, const char *name, struct klp_strv *deps)
{
	_cleanup_free_ char *file = klp_kmod_file(data, name);

	return file ? klp_kmod_deps(data, name, deps) : -errno;
}

static char *kmod_file(void *data, const char *name)
{
	return klp_kmod_file(data, name);
}

static int kmod_lookup(void *data, const char *alias, struct klp_strv *names)
{
	return klp_kmod_lookup(data, alias, names);
}

static bool live_loaded(void *data, const char *name)
{
	(void)data;
	return klp_live_module(name) == KLP_MODULE_LIVE;
}

static bool live_there(void *data, const char *name)
{
	enum klp_module_state state = klp_live_module(name);

	(void)data;
	return state == KLP_MODULE_LIVE || state == KLP_MODULE_COMING;
}

static int live_patch_action(void *data, const char *name)
{
	(void)data;
	switch (klp_live_patch(name)) {
	case KLP_PATCH_ENABLED:
		return -1;
	case KLP_PATCH_DEAD:
	case KLP_PATCH_DISABLING:
		return KLPDEP_ACTION_RELOAD;
	default: /* if its transition still runs, wait for that */
		return KLPDEP_ACTION_INSERT;
	}
}

/* The model for a plan: the modules of the view's kernel.  @flags are KLPDEP_PLAN_LIVE and
 * KLP_PLAN_NO_SOFTDEPS.  Free @kmod after the plan was made. */
static int open_source(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		       unsigned int flags, struct klp_kmod **kmod,
		       struct klp_plan_source *source)
{
	int err = klp_kmod_new(ctx, view->index->kernel, KLP_KMOD_FOREIGN, kmod);

	if (err == 0)
		err = klp_index_tell(view->index, *kmod);
	*source = (struct klp_plan_source){
		.deps = kmod_deps,
		.file = kmod_file,
		.lookup = kmod_lookup,
		.data = *kmod,
		.no_softdeps = flags & KLP_PLAN_NO_SOFTDEPS,
	};
	if (flags & KLPDEP_PLAN_LIVE) {
		source->loaded = live_loaded;
		source->there = live_there;
		source->patch_action = live_patch_action;
	}
	return err;
}

int klp_plan_of(struct klpdep_ctx *ctx, const struct klpdep_view *view, const char *name,
		unsigned int flags, struct klpdep_plan **plan)
{
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	struct klp_plan_source source;
	char normalized[KLP_MODULE_NAME_LEN];
	int err = klp_name_normalize(name, normalized);

	if (err == 0)
		err = open_source(ctx, view, flags, &kmod, &source);
	return err < 0 ? err : klp_plan_build(view, normalized, &source, plan);
}

int klpdep_plan_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    const char *name, unsigned int flags, struct klpdep_plan **plan)
{
	int err = klp_check_flags(ctx, flags, KLPDEP_PLAN_LIVE);

	if (err < 0)
		return err;
	err = klp_plan_of(ctx, view, name, flags, plan);
	if (err == -EINVAL)
		klp_err(ctx, "%s: not the name of a module", name);
	else if (err == -ENOENT)
		klp_err(ctx, "kernel %s has no module %s", view->index->kernel, name);
	else if (err < 0)
		klp_err(ctx, "%s: no plan for loading it: %s", name, klpdep_strerror(err));
	return err;
}

int klp_plan_around(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    const char *target, bool behind, unsigned int flags,
		    struct klpdep_plan **plan)
{
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	struct klp_plan_source source;
	int err = open_source(ctx, view, flags | KLPDEP_PLAN_LIVE, &kmod, &source);

	return err < 0 ? err : klp_plan_build_around(view, target, behind, &source, plan);
}

int klp_plan_of_loaded(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		       const struct klp_strv *only, struct klpdep_plan **plan)
{
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	struct klp_plan_source source;
	int err = open_source(ctx, view, KLPDEP_PLAN_LIVE, &kmod, &source);

	return err < 0 ? err : klp_plan_build_sync(view, only, &source, plan);
}

int klpdep_plan_new_initrd(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			   const char *const *names, size_t n, struct klpdep_plan **plan)
{
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	_cleanup_strv_ struct klp_strv modules = { 0 };
	struct klp_plan_source source;
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		char normalized[KLP_MODULE_NAME_LEN];

		if (klp_name_normalize(names[i], normalized) == 0)
			err = klp_strv_add(&modules, normalized);
	}
	if (err == 0)
		err = open_source(ctx, view, 0, &kmod, &source);
	if (err == 0)
		err = klp_plan_build_initrd(view, &modules, &source, plan);
	if (err < 0)
		klp_err(ctx, "no plan for an initrd of kernel %s: %s", view->index->kernel,
			klpdep_strerror(err));
	return err;
}

/* ---- getters ------------------------------------------------------------------------ */

KLP_GETTER(size_t, klpdep_plan_count_steps, klpdep_plan, n_steps)

const struct klpdep_step *klpdep_plan_get_step(const struct klpdep_plan *plan, size_t i)
{
	return i < plan->n_steps ? &plan->steps[i] : NULL;
}

KLP_GETTER(enum klpdep_action, klpdep_step_get_action, klpdep_step, action)
KLP_GETTER(const char *, klpdep_step_get_module, klpdep_step, module)
KLP_GETTER(const char *, klpdep_step_get_file, klpdep_step, file)
KLP_GETTER(bool, klpdep_step_is_patch, klpdep_step, patch)
KLP_GETTER(bool, klpdep_step_is_required, klpdep_step, required)
KLP_GETTER(const char *, klpdep_step_get_reason, klpdep_step, reason)

const char *klpdep_action_name(enum klpdep_action action)
{
	static const char *const names[] = {
		[KLPDEP_ACTION_INSERT] = "insert",
		[KLPDEP_ACTION_RELOAD] = "reload",
		[KLPDEP_ACTION_DEFER] = "defer",
		[KLPDEP_ACTION_UNLOAD] = "unload",
		[KLPDEP_ACTION_KEEP] = "keep",
		[KLPDEP_ACTION_EVICT] = "evict",
	};

	return klp_name_of(names, action);
}

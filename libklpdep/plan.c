/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan as the library's users see it, with kmod and the running kernel as the source
 * of what the index does not know. */
#include "config.h"

#include "libklpdep/kmod.h"
#include "libklpdep/live.h"
#include "libklpdep/plan.h"

static void plan_destroy(struct klpdep_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		free(plan->steps[i].module);
		free(plan->steps[i].file);
		free(plan->steps[i].reason);
	}
	free(plan->steps);
	free(plan);
}

KLP_REFCOUNTED(klpdep_plan, klpdep_plan, plan_destroy)

static int kmod_deps(void *data, const char *name, struct klp_strv *deps)
{
	_cleanup_free_ char *file = klp_kmod_file(data, name);

	return file ? klp_kmod_deps(data, name, deps) : -ENOENT;
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

static int live_patch_action(void *data, const char *name)
{
	(void)data;
	switch (klp_live_patch(name)) {
	case KLP_PATCH_ENABLED:
		return -1;
	case KLP_PATCH_DEAD:
	case KLP_PATCH_DISABLING:
		return KLPDEP_ACTION_RELOAD;
	default: /* where its transition is running still, that is waited for */
		return KLPDEP_ACTION_INSERT;
	}
}

int klpdep_plan_new(struct klpdep_ctx *ctx, const struct klpdep_index *index,
		    const struct klpdep_config *config, const char *name,
		    unsigned int flags, struct klpdep_plan **plan)
{
	struct klp_plan_source source = { .deps = kmod_deps,
					  .file = kmod_file,
					  .lookup = kmod_lookup };
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	char normalized[KLP_MODULE_NAME_LEN];
	int err = klp_name_normalize(name, normalized);

	if (err == 0)
		err = klp_kmod_new(ctx, index->kernel, KLP_KMOD_FOREIGN, &kmod);
	if (err < 0)
		return err;
	source.data = kmod;
	if (flags & KLPDEP_PLAN_LIVE) {
		source.loaded = live_loaded;
		source.patch_action = live_patch_action;
	}
	return klp_plan_build(index, config, normalized, &source, plan);
}

size_t klpdep_plan_count_steps(const struct klpdep_plan *plan)
{
	return plan->n_steps;
}

int klpdep_plan_get_step(const struct klpdep_plan *plan, size_t i,
			 struct klpdep_step *step)
{
	if (i >= plan->n_steps)
		return -ENOENT;
	*step = plan->steps[i].public;
	return 0;
}

const char *klp_action_name(enum klpdep_action action)
{
	static const char *const names[] = {
		[KLPDEP_ACTION_INSERT] = "insert",
		[KLPDEP_ACTION_RELOAD] = "reload",
		[KLPDEP_ACTION_DEFER] = "defer",
	};

	return names[action];
}

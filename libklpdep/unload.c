/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unloading patches by name: those that the index knows, and others. */
#include "config.h"

#include "libklpdep/job.h"

static bool can_be_unloaded(struct klp_job *job, const char *name)
{
	const char *why = NULL;

	/* In this order: it may go between the two looks. */
	if (!klp_live_is_patch(name))
		why = klp_live_module(name) == KLP_MODULE_ABSENT ?
			      "it is not loaded" :
			      "it is not a livepatch";
	if (why)
		klp_say(job->ctx, KLP_SAY_UNLOAD_FAILED, true, name,
			"could not be unloaded: %s", why);
	return !why;
}

/* Unload those that nothing uses, and add them to @done.  Whether there was one. */
static bool unload_unused(struct klp_job *job, const struct klp_strv *names,
			  struct klp_strv *done, size_t *left)
{
	char holder[KLP_MODULE_NAME_LEN];
	bool progress = false;

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];

		if (klp_strv_has(done, name) || klp_job_user(job, name, holder))
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

int klp_job_unload_named(struct klp_job *job, const struct klp_strv *names, size_t *left)
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
		const char *user = klp_job_user(job, loaded.v[i], holder);

		if (klp_strv_has(&done, loaded.v[i]))
			continue;
		klp_say(job->ctx, KLP_SAY_UNLOAD_FAILED, true, loaded.v[i],
			"could not be unloaded: %s requires it",
			user ? user : "something");
		(*left)++;
	}
	return 0;
}

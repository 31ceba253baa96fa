/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modules that use a patch, now or after a plan. */
#include "config.h"

#include "libklpdep/run/job.h"

static bool is_insertion(const struct klpdep_step *step)
{
	return step->action == KLPDEP_ACTION_INSERT ||
	       step->action == KLPDEP_ACTION_RELOAD;
}

/* Whether a step inserts a patch that replaces all others. */
static bool does_evict(const struct klp_job *job, const struct klpdep_step *step)
{
	const struct klpdep_patch *patch = klp_index_find(job->view->index, step->module);

	return is_insertion(step) && patch && patch->replace == KLPDEP_REPLACE_YES;
}

enum klp_patch_state klp_job_state(const struct klp_job *job,
				   const struct klpdep_plan *plan, const char *name)
{
	enum klp_patch_state state = klp_live_patch(name);

	for (size_t i = 0; plan && i < plan->n_steps; i++) {
		const struct klpdep_step *step = &plan->steps[i];

		if (!klp_streq(step->module, name)) {
			if (state != KLP_PATCH_ABSENT && does_evict(job, step))
				state = KLP_PATCH_DEAD;
		} else if (step->action == KLPDEP_ACTION_UNLOAD) {
			state = KLP_PATCH_ABSENT;
		} else if (is_insertion(step)) {
			state = KLP_PATCH_ENABLED;
		}
	}
	return plan && state == KLP_PATCH_ENABLING ? KLP_PATCH_ENABLED : state;
}

/* Whether the requirement is met by @name as a successor, since the required patch is
 * not loaded.  Symbols come only from the required patch itself. */
static bool is_met_by(const struct klp_job *job, const struct klpdep_plan *plan,
		      const struct klp_link *link, const char *name)
{
	const struct klpdep_patch *successor;

	if (link->reason == KLPDEP_REASON_IMPORT ||
	    klp_job_state(job, plan, link->to->name) != KLP_PATCH_ABSENT)
		return false;
	successor = klp_view_standing(job->view, link->to)->successor;
	return successor && klp_streq(successor->name, name);
}

const char *klp_job_requirer(const struct klp_job *job, const struct klpdep_plan *plan,
			     const char *name)
{
	const struct klpdep_index *index = job->view->index;

	for (size_t i = 0; i < index->n_requires; i++) {
		const struct klp_link *link = &index->requires[i];

		if (klp_job_state(job, plan, link->from->name) != KLP_PATCH_ABSENT &&
		    (klp_streq(link->to->name, name) || is_met_by(job, plan, link, name)))
			return link->from->name;
	}
	return NULL;
}

const char *klp_job_user(const struct klp_job *job, const struct klpdep_plan *plan,
			 const char *name, char holder[KLP_MODULE_NAME_LEN])
{
	const char *requirer = klp_job_requirer(job, plan, name);
	_cleanup_strv_ struct klp_strv holders = { 0 };

	klp_live_holders(name, &holders);
	for (size_t i = 0; i < holders.n && !requirer; i++) {
		if (klp_job_state(job, plan, holders.v[i]) != KLP_PATCH_ABSENT &&
		    klp_name_normalize(holders.v[i], holder) == 0)
			requirer = holder;
	}
	return requirer;
}

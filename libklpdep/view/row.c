/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Getters for the rows and the transition of a status. */
#include "config.h"

#include "libklpdep/base/context.h"
#include "libklpdep/view/row.h"

KLP_GETTER(const char *, klpdep_row_get_target, klpdep_row, target)
KLP_GETTER(const char *, klpdep_row_get_patch, klpdep_row, patch)
KLP_GETTER(const char *, klpdep_row_get_set, klpdep_row, set)
KLP_GETTER(enum klpdep_condition, klpdep_row_get_condition, klpdep_row, condition)
KLP_GETTER(int64_t, klpdep_row_get_since, klpdep_row, since)
KLP_GETTER(const char *, klpdep_row_get_reason, klpdep_row, reason)
KLP_GETTER(enum klpdep_refusal, klpdep_row_get_refusal, klpdep_row, refusal)
KLP_GETTER(bool, klpdep_row_is_target_loaded, klpdep_row, target_loaded)
KLP_GETTER(bool, klpdep_row_is_loaded, klpdep_row, loaded)
KLP_GETTER(bool, klpdep_row_is_enabled, klpdep_row, enabled)
KLP_GETTER(bool, klpdep_row_is_in_transition, klpdep_row, transition)
KLP_GETTER(bool, klpdep_row_is_patched, klpdep_row, patched)
KLP_GETTER(bool, klpdep_row_is_failing, klpdep_row, fails)
KLP_GETTER(const char *, klpdep_transition_get_patch, klpdep_transition, info.patch)
KLP_GETTER(bool, klpdep_transition_is_patching, klpdep_transition, info.patching)
KLP_GETTER(long, klpdep_transition_get_seconds, klpdep_transition, info.seconds)
KLP_GETTER(long, klpdep_transition_get_tasks, klpdep_transition, info.n_tasks)

const char *klpdep_transition_get_held_up_by(const struct klpdep_transition *transition)
{
	return *transition->held_up_by ? transition->held_up_by : NULL;
}

const char *klpdep_refusal_name(enum klpdep_refusal refusal)
{
	static const char *const names[] = {
		[KLPDEP_REFUSAL_NONE] = "none",
		[KLPDEP_REFUSAL_SIGNATURE] = "signature",
		[KLPDEP_REFUSAL_VERMAGIC] = "vermagic",
		[KLPDEP_REFUSAL_SYMBOL] = "symbol",
		[KLPDEP_REFUSAL_FTRACE] = "ftrace",
		[KLPDEP_REFUSAL_STATE] = "state",
		[KLPDEP_REFUSAL_BUSY] = "busy",
		[KLPDEP_REFUSAL_MISSING] = "missing",
		[KLPDEP_REFUSAL_OTHER] = "other",
	};

	return klp_name_of(names, refusal);
}

const char *klpdep_condition_name(enum klpdep_condition condition)
{
	static const char *const names[] = {
		[KLPDEP_CONDITION_PATCHED] = "patched",
		[KLPDEP_CONDITION_UNPATCHED] = "unpatched",
		[KLPDEP_CONDITION_IDLE] = "idle",
		[KLPDEP_CONDITION_TRANSITION] = "transition",
		[KLPDEP_CONDITION_SUPERSEDED] = "superseded",
		[KLPDEP_CONDITION_MASKED] = "masked",
		[KLPDEP_CONDITION_OVERRIDDEN] = "overridden",
		[KLPDEP_CONDITION_INCOMPATIBLE] = "incompatible",
		[KLPDEP_CONDITION_QUARANTINED] = "quarantined",
		[KLPDEP_CONDITION_BLOCKED] = "blocked",
		[KLPDEP_CONDITION_UNMET] = "unmet",
		[KLPDEP_CONDITION_FOREIGN] = "foreign",
	};

	return klp_name_of(names, condition);
}

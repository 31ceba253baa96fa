/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Getters for the rows and the transition of a status. */
#include "config.h"

#include "libklpdep/base/context.h"
#include "libklpdep/view/row.h"

const char *klpdep_row_get_target(const struct klpdep_row *row)
{
	return row->target;
}

const char *klpdep_row_get_patch(const struct klpdep_row *row)
{
	return row->patch;
}

const char *klpdep_row_get_set(const struct klpdep_row *row)
{
	return row->set;
}

enum klpdep_condition klpdep_row_get_condition(const struct klpdep_row *row)
{
	return row->condition;
}

int64_t klpdep_row_get_since(const struct klpdep_row *row)
{
	return row->since;
}

const char *klpdep_row_get_reason(const struct klpdep_row *row)
{
	return row->reason;
}

enum klpdep_refusal klpdep_row_get_refusal(const struct klpdep_row *row)
{
	return row->refusal;
}

bool klpdep_row_is_target_loaded(const struct klpdep_row *row)
{
	return row->target_loaded;
}

bool klpdep_row_is_loaded(const struct klpdep_row *row)
{
	return row->loaded;
}

bool klpdep_row_is_enabled(const struct klpdep_row *row)
{
	return row->enabled;
}

bool klpdep_row_is_in_transition(const struct klpdep_row *row)
{
	return row->transition;
}

bool klpdep_row_is_patched(const struct klpdep_row *row)
{
	return row->patched;
}

bool klpdep_row_is_failing(const struct klpdep_row *row)
{
	return row->fails;
}

const char *klpdep_transition_get_patch(const struct klpdep_transition *transition)
{
	return transition->info.patch;
}

bool klpdep_transition_is_patching(const struct klpdep_transition *transition)
{
	return transition->info.patching;
}

long klpdep_transition_get_seconds(const struct klpdep_transition *transition)
{
	return transition->info.seconds;
}

long klpdep_transition_get_tasks(const struct klpdep_transition *transition)
{
	return transition->info.n_tasks;
}

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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep status --fixes: which fixes are in effect. */
#include "config.h"

#include "tools/status.h"

enum { FIXES_FIX, FIXES_STATE, FIXES_PATCHES, FIXES_REASON };

const struct column fixes_columns[FIXES_COLUMNS] = {
	[FIXES_FIX] = { "fix", COLUMN_TEXT },
	[FIXES_STATE] = { "state", COLUMN_TEXT },
	[FIXES_PATCHES] = { "patches", COLUMN_TEXT },
	[FIXES_REASON] = { "reason", COLUMN_TEXT, .below = true },
};

/* Exit statuses.  The most important one counts: FAILED (a fix is not in effect, or
 * only partly), then UNKNOWN, then TRANSITION; TOOL_OK if all are in effect, or not
 * loaded. */
enum { FIXES_FAILED = TOOL_FAILED, FIXES_UNKNOWN = 4, FIXES_TRANSITION = 3 };

static const struct {
	const char *colour; /* NULL: dim */
	int status;
} states[] = {
	[KLPDEP_FIX_FIXED] = { GREEN, TOOL_OK },
	[KLPDEP_FIX_PARTLY] = { RED, FIXES_FAILED },
	[KLPDEP_FIX_NOT_FIXED] = { RED, FIXES_FAILED },
	[KLPDEP_FIX_NOT_LOADED] = { NULL, TOOL_OK },
	[KLPDEP_FIX_TRANSITION] = { YELLOW, FIXES_TRANSITION },
	[KLPDEP_FIX_UNKNOWN] = { MAGENTA, FIXES_UNKNOWN },
};

static void put_patches(struct table *table, const struct klpdep_fix *fix)
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	const char *name;

	for (size_t i = 0; (name = klpdep_fix_get_patch(fix, i)); i++) {
		if (klp_strv_add(&names, name) < 0)
			return;
	}
	table_list(table, FIXES_PATCHES, &names);
}

static void put_fix(struct table *table, const struct klpdep_fix *fix)
{
	enum klpdep_fix_state state = klpdep_fix_get_state(fix);

	table_row(table);
	table_cell(table, FIXES_FIX, klpdep_fix_get_id(fix));
	table_cell(table, FIXES_STATE, klpdep_fix_state_name(state));
	put_patches(table, fix);
	table_cell(table, FIXES_REASON,
		   state == KLPDEP_FIX_UNKNOWN ? "no livepatch here names it" :
						 klpdep_fix_get_reason(fix));
	if (states[state].colour)
		table_colour(table, FIXES_STATE, states[state].colour);
	else
		table_dim(table);
}

/* Whether one exit status says more than another. */
static int rank(int status)
{
	static const int order[] = { TOOL_OK, FIXES_TRANSITION, FIXES_UNKNOWN, FIXES_FAILED };
	int i = 0;

	while (order[i] != status)
		i++;
	return i;
}

int print_fixes(struct tool *tool, const struct klpdep_fixes *fixes, struct table *table)
{
	const struct klpdep_fix *fix;
	int worst = TOOL_OK;
	size_t n;

	for (n = 0; (fix = klpdep_fixes_get_fix(fixes, n)); n++) {
		int status = states[klpdep_fix_get_state(fix)].status;

		put_fix(table, fix);
		if (rank(status) > rank(worst))
			worst = status;
	}
	if (!n && !tool->json) {
		if (!tool->quiet)
			tool_error(tool, "no livepatch here names a fix");
		return TOOL_OK;
	}
	if (!tool->quiet && table_print(table) != TOOL_OK)
		return TOOL_FAILED;
	return worst;
}

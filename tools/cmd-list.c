/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep list: the edges of a kernel's index. */
#include "config.h"

#include "tools/table.h"

enum { LIST_TARGET, LIST_PATCH, LIST_ORDER, LIST_STATE, LIST_SET, LIST_FUNCS,
       LIST_REASON, LIST_FILE, LIST_FIXES, LIST_RULE };

static const struct column list_columns[] = {
	[LIST_TARGET] = { "target", COLUMN_TEXT },
	[LIST_PATCH] = { "patch", COLUMN_TEXT },
	[LIST_ORDER] = { "order", COLUMN_TEXT },
	[LIST_STATE] = { "state", COLUMN_TEXT },
	[LIST_SET] = { "set", COLUMN_TEXT, .on_request = true },
	[LIST_FUNCS] = { "funcs", COLUMN_NUMBER },
	[LIST_REASON] = { "reason", COLUMN_TEXT, .below = true },
	[LIST_FILE] = { "file", COLUMN_TEXT, .on_request = true },
	[LIST_FIXES] = { "fixes", COLUMN_TEXT, .on_request = true },
	[LIST_RULE] = { "rule", COLUMN_TEXT, .on_request = true },
};

static const struct layout list_layouts[] = {
	LAYOUT("edges", NULL, list_columns),
	{ 0 },
};

/* The rule in modprobe.d that loads the patch with its target.  A patch that is not
 * wanted has none. */
static void add_rule(struct table *table, const struct klpdep_rules *rules,
		     const struct klpdep_edge *edge)
{
	enum klpdep_rule rule = klpdep_rules_get_rule(rules, edge);
	const char *reason = klpdep_rules_get_reason(rules, edge);

	if (reason)
		table_cellf(table, LIST_RULE, "%s: %s", klpdep_rule_name(rule), reason);
	else if (rule != KLPDEP_RULE_NONE)
		table_cell(table, LIST_RULE, klpdep_rule_name(rule));
}

static void add_edge(struct table *table, const struct klpdep_view *view,
		     const struct klpdep_edge *edge)
{
	const struct klpdep_object *object = klpdep_edge_get_object(edge);
	const struct klpdep_patch *patch = klpdep_edge_get_patch(edge);
	enum klpdep_order order = klpdep_view_get_order(view, edge);
	enum klpdep_state state = klpdep_view_get_state(view, patch);
	const char *reason = klpdep_view_get_reason(view, patch);

	table_row(table);
	table_cell(table, LIST_TARGET, klpdep_object_get_name(object));
	table_cell(table, LIST_PATCH, klpdep_patch_get_name(patch));
	if (order != KLPDEP_ORDER_NONE)
		table_cell(table, LIST_ORDER, klpdep_order_name(order));
	table_cell(table, LIST_STATE, klpdep_state_name(state));
	table_cell(table, LIST_SET, klpdep_patch_get_set(patch));
	table_cellf(table, LIST_FUNCS, "%zu", klpdep_object_count_funcs(object));
	table_cell(table, LIST_REASON,
		   reason ? reason : klpdep_view_get_order_reason(view, edge));
	table_cell(table, LIST_FILE, klpdep_patch_get_file(patch));
	table_fixes(table, LIST_FIXES, view, patch);
	if (state != KLPDEP_STATE_ACTIVE)
		table_dim(table);
}

static int list_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_rules_ struct klpdep_rules *rules = NULL;
	_cleanup_table_ struct table *table = NULL;
	_cleanup_strv_ struct klp_strv names = { 0 }, seen = { 0 };
	const struct klpdep_edge *edge;
	int status = tool_read_names(tool, argc, argv, &names);

	if (status == 0)
		status = table_new(tool, list_layouts, &table);
	if (status == 0)
		status = tool_open(tool, KLPDEP_VIEW_LIVE, &view);
	if (status != 0)
		return status;
	if (table_has(table, LIST_RULE) && klpdep_rules_new(tool->ctx, view, &rules) < 0)
		return TOOL_FAILED;
	for (size_t i = 0; (edge = klpdep_index_get_edge(klpdep_view_get_index(view), i)); i++) {
		if (!tool_is_asked_for(&names, &seen,
				       klpdep_patch_get_name(klpdep_edge_get_patch(edge)),
				       klpdep_object_get_name(klpdep_edge_get_object(edge))))
			continue;
		add_edge(table, view, edge);
		if (rules)
			add_rule(table, rules, edge);
	}
	if (!tool->quiet && !tool->json && !names.n &&
	    !klpdep_index_get_edge(klpdep_view_get_index(view), 0))
		tool_error(tool, "kernel %s has no livepatches", tool->kernel);
	status = table_print(table);
	return status == TOOL_OK ? tool_check_seen(tool, &names, &seen) : status;
}

const struct command command_list = {
	.name = "list",
	.arguments = "[NAME...]",
	.summary = "list the patches of a kernel and its modules",
	.layouts = list_layouts,
	.run = list_run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep list: the edges of a kernel's index. */
#include "config.h"

#include "libklpdep/rules/rules.h"
#include "tools/relations.h"
#include "tools/table.h"

enum { LIST_TARGET, LIST_PATCH, LIST_ORDER, LIST_STATE, LIST_SET, LIST_FUNCS,
       LIST_REASON, LIST_RULE };

static const struct column list_columns[] = {
	[LIST_TARGET] = { "target", COLUMN_TEXT },
	[LIST_PATCH] = { "patch", COLUMN_TEXT },
	[LIST_ORDER] = { "order", COLUMN_TEXT },
	[LIST_STATE] = { "state", COLUMN_TEXT },
	[LIST_SET] = { "set", COLUMN_TEXT },
	[LIST_FUNCS] = { "funcs", COLUMN_NUMBER },
	[LIST_REASON] = { "reason", COLUMN_TEXT },
	[LIST_RULE] = { "rule", COLUMN_TEXT, .on_request = true },
};

static const struct layout list_layouts[] = {
	LAYOUT("edges", NULL, list_columns),
	{ 0 },
};

/* What of modprobe.d loads the patch with its target; there is none for what is not wanted. */
static int add_rule(struct table *table, const struct klp_shadows *shadows,
		    const struct klpdep_edge *edge)
{
	_cleanup_free_ char *text = NULL;
	int err;

	if (edge->order == KLPDEP_ORDER_NONE || edge->state != KLPDEP_STATE_ACTIVE)
		return 0;
	err = klp_shadows_rule(shadows, edge->target, klpdep_patch_get_name(edge->patch),
			       &text);
	table_cell(table, LIST_RULE, text);
	return err;
}

static void add_edge(struct table *table, const struct klpdep_edge *edge)
{
	table_row(table);
	table_cell(table, LIST_TARGET, edge->target);
	table_cell(table, LIST_PATCH, klpdep_patch_get_name(edge->patch));
	if (edge->order != KLPDEP_ORDER_NONE)
		table_cell(table, LIST_ORDER, klp_order_name(edge->order));
	table_cell(table, LIST_STATE, klp_state_name(edge->state));
	table_cell(table, LIST_SET, klpdep_patch_get_set(edge->patch));
	table_cellf(table, LIST_FUNCS, "%zu", klpdep_object_count_funcs(edge->object));
	table_cell(table, LIST_REASON, edge->reason);
	if (edge->state != KLPDEP_STATE_ACTIVE)
		table_dim(table);
}

static int list_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_table_ struct table *table = NULL;
	struct klp_shadows *shadows = NULL;
	struct klpdep_edge edge;
	int status, err = 0;

	if (argc > 0)
		return tool_usage(tool, "unexpected argument '%s'", argv[0]);
	status = table_new(tool, list_layouts, &table);
	if (status == 0)
		status = tool_open(tool, KLPDEP_VIEW_LIVE, &view);
	if (status != 0)
		return status;
	if (table_has(table, LIST_RULE))
		err = klp_shadows_new(tool->ctx, view, &shadows);
	for (size_t i = 0; klpdep_view_get_edge(view, i, &edge) == 0 && err == 0; i++) {
		add_edge(table, &edge);
		if (shadows)
			err = add_rule(table, shadows, &edge);
	}
	klp_shadows_free(shadows);
	if (err < 0)
		tool_error(tool, "modprobe.d: %s", klpdep_strerror(err));
	return err < 0 ? TOOL_FAILED : table_print(table);
}

const struct command command_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the patches of a kernel's modules",
	.layouts = list_layouts,
	.run = list_run,
};

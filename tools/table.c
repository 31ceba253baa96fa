/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables, by libsmartcols: nothing else includes its header. */
#include "config.h"

#include <libsmartcols.h>
#include <locale.h>

#include "tools/suggest.h"
#include "tools/table.h"
#include "tools/utf8.h"

struct table {
	struct tool *tool;
	struct libscols_table *scols;
	struct libscols_line *line;
	struct libscols_column *below; /* the last one, if it may stand below rows */
	const struct column *columns;
	size_t n;
	int *places; /* the place of each column in the output, or -1 */
	int next_place;
	struct libscols_line **path; /* of a tree: the last line of each depth */
	size_t n_path;
	bool failed;
};

static const int json_types[] = {
	[COLUMN_TEXT] = SCOLS_JSON_STRING,
	[COLUMN_NUMBER] = SCOLS_JSON_NUMBER,
	[COLUMN_BOOLEAN] = SCOLS_JSON_BOOLEAN,
};

static bool add_column(struct table *table, const char *name)
{
	for (size_t i = 0; i < table->n; i++) {
		struct libscols_column *column;

		if (!klp_streq(table->columns[i].name, name))
			continue;
		if (table->places[i] >= 0)
			return true;
		column = scols_table_new_column(
			table->scols, name, 0,
			(table->columns[i].kind == COLUMN_NUMBER ? SCOLS_FL_RIGHT : 0) |
				(table->columns[i].tree && !table->tool->raw ?
					 SCOLS_FL_TREE :
					 0));
		if (!column) {
			table->failed = true;
			return true;
		}
		scols_column_set_json_type(column, json_types[table->columns[i].kind]);
		table->below = table->columns[i].below && table->next_place ? column :
									      NULL;
		table->places[i] = table->next_place++;
		return true;
	}
	return false;
}

static int unknown_column(const struct table *table, const char *name)
{
	struct suggestion suggestion = { .typed = name };

	for (size_t i = 0; i < table->n; i++)
		suggestion_try(&suggestion, table->columns[i].name);
	if (suggestion.word)
		return tool_usage(table->tool,
				  "there is no column '%s'; did you mean '%s'?", name,
				  suggestion.word);
	return tool_usage(table->tool, "there is no column '%s'", name);
}

static int add_columns(struct table *table)
{
	_cleanup_strv_ struct klp_strv names = { 0 };

	if (!table->tool->columns) {
		for (size_t i = 0; i < table->n; i++) {
			if (!table->columns[i].on_request)
				add_column(table, table->columns[i].name);
		}
		return 0;
	}
	if (klp_strv_split(&names, table->tool->columns, ",") < 0)
		table->failed = true;
	for (size_t i = 0; i < names.n; i++) {
		if (!add_column(table, names.v[i]))
			return unknown_column(table, names.v[i]);
	}
	return names.n ? 0 : tool_usage(table->tool, "no columns to print");
}

static bool wants_colours(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) &&
	       !(terminal && klp_streq(terminal, "dumb"));
}

int table_new(struct tool *tool, const struct layout *layout, struct table **out)
{
	_cleanup_table_ struct table *table = calloc(1, sizeof(*table));
	int status;

	if (tool->json && tool->raw)
		return tool_usage(tool, "--json and --raw are two formats");
	scols_init_debug(0);
	if (table) {
		table->scols = scols_new_table();
		table->places = calloc(layout->n, sizeof(*table->places));
	}
	if (!table || !table->scols || !table->places)
		return tool_no_memory(tool);
	table->tool = tool;
	table->columns = layout->columns;
	table->n = layout->n;
	for (size_t i = 0; i < layout->n; i++)
		table->places[i] = -1;
	scols_table_set_name(table->scols, layout->name);
	scols_table_enable_json(table->scols, tool->json);
	scols_table_enable_raw(table->scols, tool->raw);
	scols_table_enable_noheadings(table->scols, tool->noheadings);
	scols_table_enable_colors(table->scols, wants_colours());
	status = add_columns(table);
	if (status == 0)
		*out = klp_take(table);
	return status;
}

/* The names of the columns that are printed anyway, or of the others. */
static void print_column_names(const char *when, const struct layout *layout,
			       bool on_request)
{
	size_t n = 0;

	for (size_t i = 0; i < layout->n; i++) {
		if (layout->columns[i].on_request != on_request)
			continue;
		if (n++ == 0)
			printf("%s: ", when);
		else
			putchar(',');
		fputs(layout->columns[i].name, stdout);
	}
	if (n)
		putchar('\n');
}

void table_print_columns(const struct layout *layouts)
{
	putchar('\n');
	for (const struct layout *layout = layouts; layout->name; layout++) {
		char when[32] = "Columns";

		if (layout->option)
			snprintf(when, sizeof(when), "With %s", layout->option);
		print_column_names(when, layout, false);
		print_column_names("With -o", layout, true);
	}
}

void table_free(struct table *table)
{
	if (!table)
		return;
	scols_unref_table(table->scols);
	free(table->places);
	free(table->path);
	free(table);
}

void table_row(struct table *table)
{
	table_row_at(table, 0);
}

void table_row_at(struct table *table, size_t depth)
{
	struct libscols_line **slot;

	table->line = NULL;
	if (table->n_path > depth)
		table->n_path = depth;
	slot = klp_append(table->path, table->n_path);
	if (slot && table->n_path == depth + 1)
		table->line = scols_table_new_line(table->scols,
						   depth ? table->path[depth - 1] : NULL);
	if (!slot || !table->line) {
		table->failed = true;
		return;
	}
	*slot = table->line;
}

bool table_has(const struct table *table, size_t column)
{
	return table->places[column] >= 0;
}

void table_cell(struct table *table, size_t column, const char *value)
{
	_cleanup_free_ char *text = NULL;

	if (!table->line || !value || table->places[column] < 0)
		return;
	if (table->tool->json)
		value = text = utf8_copy(value);
	if (!value || scols_line_set_data(table->line, (size_t)table->places[column], value) < 0)
		table->failed = true;
}

void table_cellf(struct table *table, size_t column, const char *format, ...)
{
	_cleanup_free_ char *value = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&value, format, args) < 0) {
		value = NULL;
		table->failed = true;
	}
	va_end(args);
	table_cell(table, column, value);
}

void table_list(struct table *table, size_t column, const struct klp_strv *names)
{
	_cleanup_free_ char *text = klp_strv_join(names, ",");

	if (names->n)
		table_cell(table, column, text ? text : "");
}

static int add_id(void *data, const char *id)
{
	return klp_strv_add(data, id);
}

void table_fixes(struct table *table, size_t column, const struct klpdep_view *view,
		 const struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv ids = { 0 };

	if (table_has(table, column) &&
	    klpdep_view_list_fixes(table->tool->ctx, view, patch, add_id, &ids) == 0)
		table_list(table, column, &ids);
}

void table_colour(struct table *table, size_t column, const char *sequence)
{
	struct libscols_cell *cell;

	if (!table->line || table->places[column] < 0)
		return;
	cell = scols_line_get_cell(table->line, (size_t)table->places[column]);
	if (!cell || scols_cell_set_color(cell, sequence) < 0)
		table->failed = true;
}

void table_dim(struct table *table)
{
	if (table->line && scols_line_set_color(table->line, "\033[2m") < 0)
		table->failed = true;
}

/* ---- a last column below its rows ------------------------------------------------ */

enum { BELOW_INDENT = 4 };

KLP_CLEANUP(struct libscols_iter *, iter_cleanup, scols_free_iter(*p))
#define _cleanup_iter_ _cleanup_(iter_cleanup)

/* Print words, in lines of up to @width; a longer word has one of its own. */
static void print_below(const char *text, size_t width)
{
	size_t at = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (at && at + 1 + n > width)
			at = 0;
		if (at)
			at += (size_t)printf(" %.*s", (int)n, text);
		else
			at += (size_t)printf("\n%*s%.*s", BELOW_INDENT, "", (int)n, text);
		text += n + strspn(text + n, " ");
	}
}

/* The table's text: the last column alone, or the others, or all.  Only libsmartcols knows
 * how to write what a terminal would take for more than text. */
enum part { ALL, LAST, OTHERS };

static char *render(struct table *table, enum part part)
{
	_cleanup_iter_ struct libscols_iter *columns = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_column *column = NULL;
	char *text = NULL;

	while (columns && scols_table_next_column(table->scols, columns, &column) == 0) {
		int flags = scols_column_get_flags(column) & ~SCOLS_FL_HIDDEN;

		if (part != ALL && (part == LAST) != (column == table->below))
			flags |= SCOLS_FL_HIDDEN;
		scols_column_set_flags(column, flags);
	}
	/* The sequences for colours have no width. */
	scols_table_enable_colors(table->scols, part == OTHERS && wants_colours());
	if (!columns || scols_print_table_to_string(table->scols, &text) < 0)
		return NULL;
	return text;
}

/* Whether the terminal, if it is one, is too narrow. */
static bool is_too_wide(struct table *table)
{
	_cleanup_free_ char *text = NULL;

	if (!isatty(STDOUT_FILENO) || table->tool->json || table->tool->raw)
		return false;
	text = render(table, ALL);
	scols_table_enable_colors(table->scols, wants_colours());
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strcspn(line, "\n") > scols_table_get_termwidth(table->scols))
			return true;
	}
	return false;
}

/* libsmartcols would let the terminal break the lines, or cut them. */
static int print_with_below(struct table *table)
{
	const size_t width = scols_table_get_termwidth(table->scols) - BELOW_INDENT;
	_cleanup_iter_ struct libscols_iter *lines = scols_new_iter(SCOLS_ITER_FORWARD);
	_cleanup_free_ char *last = render(table, LAST), *others = render(table, OTHERS);
	bool heading = !table->tool->noheadings;
	struct libscols_line *line = NULL;

	if (!lines || !last || !others)
		return -ENOMEM;
	for (char *next = others, *below = last, *row; (row = strsep(&next, "\n"));) {
		const char *text = below ? strsep(&below, "\n") : NULL, *colour = NULL;

		fputs(row, stdout);
		if (!heading && scols_table_next_line(table->scols, lines, &line) == 0 &&
		    wants_colours())
			colour = scols_line_get_color(line);
		heading = false;
		fputs(colour ? colour : "", stdout);
		if (text)
			print_below(text, width);
		fputs(colour ? "\033[0m" : "", stdout);
		if (next || *row)
			putchar('\n');
	}
	return 0;
}

int table_print(struct table *table)
{
	/* For the lines of trees; not earlier, since it makes fnmatch(3) slow. */
	setlocale(LC_CTYPE, "");
	if (!table->failed &&
	    (table->below && is_too_wide(table) ? print_with_below(table) :
						  scols_print_table(table->scols)) == 0)
		return TOOL_OK;
	tool_error(table->tool, "the table cannot be printed");
	return TOOL_FAILED;
}

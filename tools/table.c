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
	const char *wanted = table->tool->columns;
	/* As lsblk(8) and findmnt(8) have it. */
	bool adds = wanted && *wanted == '+';

	for (size_t i = 0; i < table->n && (!wanted || adds); i++) {
		if (!table->columns[i].on_request || table->tool->json)
			add_column(table, table->columns[i].name);
	}
	if (!wanted)
		return 0;
	if (klp_strv_split(&names, wanted + adds, ",") < 0)
		table->failed = true;
	for (size_t i = 0; i < names.n; i++) {
		if (!add_column(table, names.v[i]))
			return unknown_column(table, names.v[i]);
	}
	return names.n ? 0 : tool_usage(table->tool, "no columns to print");
}

bool wants_colours(void)
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

enum { HELP_WIDTH = 79 };

/* The names of the columns that are printed anyway, or of the others. */
static void print_column_names(const char *when, const struct layout *layout,
			       bool on_request)
{
	size_t at = 0;

	for (size_t i = 0; i < layout->n; i++) {
		const char *name = layout->columns[i].name;

		if (layout->columns[i].on_request != on_request)
			continue;
		if (at && at + 1 + strlen(name) > HELP_WIDTH) {
			putchar('\n');
			at = 0;
		}
		at += at ? (size_t)printf(",") : (size_t)printf("%s: ", when);
		at += (size_t)printf("%s", name);
	}
	if (at)
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

bool table_is_looked_at(const struct table *table)
{
	const struct tool *tool = table->tool;

	return isatty(STDOUT_FILENO) && !tool->json && !tool->raw && !tool->noheadings;
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
	value = klp_vformat(format, args);
	va_end(args);
	if (!value)
		table->failed = true;
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
	if (table->line && scols_line_set_color(table->line, DIM) < 0)
		table->failed = true;
}

/* ---- columns below their rows ------------------------------------------------------ */

enum { BELOW_INDENT = 4, BELOW_MORE = 7 };

/* Whether the column goes below its rows if the terminal is too narrow. */
static bool is_below(const struct table *table, size_t column)
{
	return table->columns[column].below && table->places[column] > 0;
}

KLP_CLEANUP(struct libscols_iter *, iter_cleanup, scols_free_iter(*p))

/* Print words after a column's name, in lines of up to @width; a longer word has a line
 * of its own. */
static void print_below(const char *name, const char *text, size_t width)
{
	size_t at = (size_t)printf("\n%*s%s:", BELOW_INDENT, "", name) - 1;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (at + 1 + n > width)
			at = (size_t)printf("\n%*s", BELOW_MORE, "") - 1;
		at += (size_t)printf(" %.*s", (int)n, text);
		text += n + strspn(text + n, " ");
	}
}

enum { ALL = -1, BESIDE = -2 };

/* The table's text: one column alone, ALL columns, or those that stay BESIDE each
 * other.  Only libsmartcols knows how to escape text that would control a terminal. */
static char *render(struct table *table, int which)
{
	char *text = NULL;

	for (size_t i = 0; i < table->n; i++) {
		struct libscols_column *column =
			table->places[i] < 0 ? NULL :
					       scols_table_get_column(table->scols,
								      (size_t)table->places[i]);
		bool shown = which == ALL || (which == BESIDE ? !is_below(table, i) :
								which == (int)i);
		int flags = column ? scols_column_get_flags(column) & ~SCOLS_FL_HIDDEN : 0;

		if (column)
			scols_column_set_flags(column, shown ? flags : flags | SCOLS_FL_HIDDEN);
	}
	/* Colour sequences have no width, so measure without them. */
	scols_table_enable_colors(table->scols, which == BESIDE && wants_colours());
	return scols_print_table_to_string(table->scols, &text) < 0 ? NULL : text;
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

struct below {
	const char *name;
	char *text, *next; /* the column's cells; the one of the next row */
};

static void below_clear(struct below **below)
{
	for (struct below *b = *below; b && b->name; b++)
		free(b->text);
	free(*below);
}

/* The last element has no name.  NULL: there is no memory. */
static struct below *render_below(struct table *table)
{
	struct below *below = calloc(table->n + 1, sizeof(*below));
	size_t n = 0;

	for (size_t i = 0; below && i < table->n; i++) {
		if (!is_below(table, i))
			continue;
		below[n].name = table->columns[i].name;
		below[n].next = below[n].text = render(table, (int)i);
		if (!below[n++].text) {
			below_clear(&below);
			return NULL;
		}
	}
	return below;
}

static void print_all_below(struct below *below, size_t width, bool heading)
{
	for (; below->name; below++) {
		const char *text = below->next ? strsep(&below->next, "\n") : "";

		if (*text && !heading)
			print_below(below->name, text, width);
	}
}

/* Print with columns below their rows.  libsmartcols would cut the lines, or let the
 * terminal break them. */
static int print_with_below(struct table *table)
{
	_cleanup_(below_clear) struct below *below = render_below(table);
	_cleanup_(iter_cleanup) struct libscols_iter *lines = scols_new_iter(SCOLS_ITER_FORWARD);
	_cleanup_free_ char *beside = render(table, BESIDE);
	bool heading = !table->tool->noheadings;
	struct libscols_line *line = NULL;

	if (!lines || !below || !beside)
		return -ENOMEM;
	for (char *next = beside, *row; (row = strsep(&next, "\n"));) {
		const char *colour = NULL;

		fputs(row, stdout);
		if (!heading && scols_table_next_line(table->scols, lines, &line) == 0 &&
		    wants_colours())
			colour = scols_line_get_color(line);
		fputs(colour ? colour : "", stdout);
		print_all_below(below, scols_table_get_termwidth(table->scols), heading);
		fputs(colour ? PLAIN : "", stdout);
		heading = false;
		if (next || *row)
			putchar('\n');
	}
	return 0;
}

int table_print(struct table *table)
{
	/* Trees have lines of non-ASCII characters.  This is not set earlier, since it
	 * makes fnmatch(3) slow. */
	setlocale(LC_CTYPE, "");
	if (!table->failed && (is_too_wide(table) ? print_with_below(table) :
						    scols_print_table(table->scols)) == 0)
		return TOOL_OK;
	tool_error(table->tool, "the table cannot be printed");
	return TOOL_FAILED;
}

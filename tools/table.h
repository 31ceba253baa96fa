/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables, by libsmartcols. */
#ifndef KLPDEP_TABLE_H
#define KLPDEP_TABLE_H

#include "tools/tool.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define MAGENTA "\033[35m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

/* Whether to print colours: standard output is a terminal, and neither NO_COLOR nor
 * TERM forbids them. */
bool wants_colours(void);

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_BOOLEAN, /* "yes" or "no"; true or false in JSON */
};

struct column {
	const char *name; /* lower case: also the JSON key */
	enum column_kind kind;
	bool on_request; /* printed only in JSON, and where -o names it */
	bool tree;	 /* shows the depth of table_row_at() */
	bool below;	 /* goes below its rows if the terminal is too narrow */
};

/* A table that a command prints.  The last of a command's layouts has no name. */
struct layout {
	const char *name;   /* the list's key in JSON */
	const char *option; /* the option for this table; NULL: it is the default */
	const struct column *columns;
	size_t n;
};

#define LAYOUT(name, option, columns) \
	{ name, option, columns, KLP_ARRAY_SIZE(columns) }

struct table;

/* Columns are numbered as in the layout.  0; or TOOL_USAGE if -o names an unknown
 * column, which has been reported. */
int table_new(struct tool *tool, const struct layout *layout, struct table **table);

/* Print the names of the columns, for --help. */
void table_print_columns(const struct layout *layouts);

void table_free(struct table *table);
KLP_CLEANUP(struct table *, table_cleanup, table_free(*p))
#define _cleanup_table_ _cleanup_(table_cleanup)

/* Whether a user reads the table on a terminal.  Programs get every row, and every
 * cell. */
bool table_is_looked_at(const struct table *table);

/* Whether a column is printed. */
bool table_has(const struct table *table, size_t column);
/* Begin a row; then set its cells.  A cell that is not set is empty; null in JSON. */
void table_row(struct table *table);
/* The same in a tree, below the last row of @depth - 1; depth 0: a root. */
void table_row_at(struct table *table, size_t depth);
void table_cell(struct table *table, size_t column, const char *value);
void table_cellf(struct table *table, size_t column, const char *format, ...)
	KLP_PRINTF(3, 4);
/* Set a cell to names, divided by commas; without names, it stays empty. */
void table_list(struct table *table, size_t column, const struct klp_strv *names);
/* Set a cell to the fixes of a patch. */
void table_fixes(struct table *table, size_t column, const struct klpdep_view *view,
		 const struct klpdep_patch *patch);
/* Show a cell of the row in a colour, if there are colours; set the cell first. */
void table_colour(struct table *table, size_t column, const char *sequence);
/* Dim the row, if there are colours. */
void table_dim(struct table *table);

/* TOOL_OK; or TOOL_FAILED, also if an earlier call has failed. */
int table_print(struct table *table);

#endif /* KLPDEP_TABLE_H */

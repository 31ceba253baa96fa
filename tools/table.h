/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reports: tables by libsmartcols. */
#ifndef KLPDEP_TABLE_H
#define KLPDEP_TABLE_H

#include "tools/tool.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define MAGENTA "\033[35m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

/* Whether standard output shows colours: a terminal, and neither NO_COLOR nor TERM says no. */
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
	bool tree;	 /* shows what table_row_at() says */
	bool below;	 /* stands below its row where a terminal is too narrow */
};

/* A table that a command prints.  Those of a command end with one without a name. */
struct layout {
	const char *name;   /* what JSON calls the list */
	const char *option; /* what asks for this table, or NULL: the ordinary one */
	const struct column *columns;
	size_t n;
};

#define LAYOUT(name, option, columns) \
	{ name, option, columns, KLP_ARRAY_SIZE(columns) }

struct table;

/* The cells go by the indexes of the layout's columns.  0; or TOOL_USAGE when -o names a
 * column that there is not, which is said. */
int table_new(struct tool *tool, const struct layout *layout, struct table **table);

/* Which columns there are, for --help. */
void table_print_columns(const struct layout *layouts);

void table_free(struct table *table);
KLP_CLEANUP(struct table *, table_cleanup, table_free(*p))
#define _cleanup_table_ _cleanup_(table_cleanup)

/* Whether somebody looks at a terminal: what programs read has every row, and every cell. */
bool table_is_looked_at(const struct table *table);

/* Whether a column is printed. */
bool table_has(const struct table *table, size_t column);
/* Begin a row, whose cells are then set; those that are not are empty, null in JSON. */
void table_row(struct table *table);
/* The same, in a tree: below the last row of @depth - 1; 0: a root. */
void table_row_at(struct table *table, size_t depth);
void table_cell(struct table *table, size_t column, const char *value);
void table_cellf(struct table *table, size_t column, const char *format, ...)
	KLP_PRINTF(3, 4);
/* Names, divided by commas; none: the cell stays empty. */
void table_list(struct table *table, size_t column, const struct klp_strv *names);
/* What a patch of the view fixes. */
void table_fixes(struct table *table, size_t column, const struct klpdep_view *view,
		 const struct klpdep_patch *patch);
/* Show a cell of the row, which has been set, in a colour, where there are colours. */
void table_colour(struct table *table, size_t column, const char *sequence);
/* Show the row dimmed, where there are colours. */
void table_dim(struct table *table);

/* TOOL_OK, or TOOL_FAILED when something was wrong on the way. */
int table_print(struct table *table);

#endif /* KLPDEP_TABLE_H */

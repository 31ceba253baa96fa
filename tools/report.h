/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep report: files of others, as text that a terminal can take. */
#ifndef KLPDEP_REPORT_H
#define KLPDEP_REPORT_H

#include "tools/tool.h"

/* Whether a line is shown. */
typedef bool (*line_fn)(const void *data, const char *line);

/* Print the last @n of the lines that are wanted, indented. */
void report_last_lines(FILE *stream, size_t n, line_fn wants, const void *data);

/* Print the lines of a file, or of each file in a directory that has this @end, below the system in
 * question, with its name above.  @wants NULL: all, and the name also where there are none.  One that
 * is not there is left out. */
void report_file(const struct tool *tool, const char *path, line_fn wants, const void *data);
void report_directory(const struct tool *tool, const char *path, const char *end, line_fn wants,
		      const void *data);

#endif /* KLPDEP_REPORT_H */

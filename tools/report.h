/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep report: files and logs as text without control characters. */
#ifndef KLPDEP_REPORT_H
#define KLPDEP_REPORT_H

#include "tools/tool.h"

/* Whether a line is shown. */
typedef bool (*line_fn)(const void *data, const char *line);

/* Print the last @n wanted lines, indented. */
void report_last_lines(FILE *stream, size_t n, line_fn wants, const void *data);

/* Print the wanted lines of a file of the selected system, or of each file in a
 * directory whose name has this @end, with the file's name above.  @wants NULL: print
 * all lines, and the name of an empty file, too.  A missing file is left out. */
void report_file(const struct tool *tool, const char *path, line_fn wants, const void *data);
void report_directory(const struct tool *tool, const char *path, const char *end, line_fn wants,
		      const void *data);

#endif /* KLPDEP_REPORT_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep status: shared by table, fixes and metrics. */
#ifndef KLPDEP_STATUS_H
#define KLPDEP_STATUS_H

#include "tools/table.h"

struct metrics {
	const struct klpdep_status *status;
	const struct klpdep_fixes *fixes;
	const struct klp_strv *lost; /* modules whose install lines are not in force */
	bool index;		     /* whether the running kernel has one */
};

/* Print OpenMetrics text to a file, which is replaced whole or stays as it is; NULL: to
 * standard output.  An exit status. */
int print_metrics(const struct tool *tool, const struct metrics *metrics, const char *file);

/* The table of --fixes. */
enum { FIXES_COLUMNS = 4 };
extern const struct column fixes_columns[FIXES_COLUMNS];

/* Print it; an exit status. */
int print_fixes(struct tool *tool, const struct klpdep_fixes *fixes, struct table *table);

#endif /* KLPDEP_STATUS_H */

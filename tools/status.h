/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep status: what table, fixes and metrics have in common. */
#ifndef KLPDEP_STATUS_H
#define KLPDEP_STATUS_H

#include "tools/table.h"

/* The status as OpenMetrics text; @index: whether there is one. */
void print_metrics(const struct tool *tool, const struct klpdep_status *status,
		   const struct klpdep_fixes *fixes, bool index, const struct klp_strv *lost);

/* The table of --fixes. */
enum { FIXES_COLUMNS = 4 };
extern const struct column fixes_columns[FIXES_COLUMNS];

/* The exit status. */
int print_fixes(struct tool *tool, const struct klpdep_fixes *fixes, struct table *table);

#endif /* KLPDEP_STATUS_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep status: what table and metrics have in common. */
#ifndef KLPDEP_STATUS_H
#define KLPDEP_STATUS_H

#include "tools/tool.h"

/* The status as OpenMetrics text; @index: whether there is one. */
void print_metrics(const struct tool *tool, const struct klpdep_status *status,
		   bool index, const struct klp_strv *lost);

#endif /* KLPDEP_STATUS_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A limit for lines that are logged repeatedly. */
#ifndef KLPDEP_LOG_LIMIT_H
#define KLPDEP_LOG_LIMIT_H

#include "shared/util.h"

/* Whether to log the line.  *left_out: how many equal lines were suppressed, to be
 * reported now.  If the counts are unavailable, log it. */
bool log_limit_passes(const char *line, unsigned int *left_out);

#endif /* KLPDEP_LOG_LIMIT_H */

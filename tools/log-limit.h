/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A limit for lines that are logged again and again. */
#ifndef KLPDEP_LOG_LIMIT_H
#define KLPDEP_LOG_LIMIT_H

#include "shared/util.h"

/* Whether the line is to be logged.  *left_out: so many that were the same were not, and
 * are to be told of now.  Where there is no telling, it is to be logged. */
bool log_limit_passes(const char *line, unsigned int *left_out);

#endif /* KLPDEP_LOG_LIMIT_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the helper has to say: to the log, and where it went wrong to standard error. */
#ifndef KLPDEP_LOG_H
#define KLPDEP_LOG_H

#include <syslog.h>

#include "shared/util.h"

/* One line to the log, unless the same was logged too often lately; from LOG_WARNING on
 * also to standard error, where modprobe's user sees it: modprobe itself says "Invalid
 * argument" whatever happened. */
void log_print(int priority, const char *format, ...) KLP_PRINTF(2, 3);

/* The same for the log only. */
void log_write(int priority, const char *message);

#endif /* KLPDEP_LOG_H */

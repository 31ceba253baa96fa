/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of the helper: to the log, and errors to standard error. */
#ifndef KLPDEP_LOG_H
#define KLPDEP_LOG_H

#include <syslog.h>

#include "shared/util.h"

/* Log one line, unless the same line was logged too often lately.  From LOG_WARNING on,
 * also print it to standard error for modprobe's user: modprobe itself prints "Invalid
 * argument" for any failure. */
void log_print(int priority, const char *format, ...) KLP_PRINTF(2, 3);

/* The same for the log only. */
void log_write(int priority, const char *message);

#endif /* KLPDEP_LOG_H */

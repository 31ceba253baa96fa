/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdarg.h>

#include "tools/report.h"

/* Before there is a syslog, and in an initrd, the kernel's log is the only one. */
static void to_kernel_log(int priority, const char *message)
{
	_cleanup_close_ int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_free_ char *record = NULL;
	int len = asprintf(&record, "<%d>klpdep: %s\n", priority | LOG_DAEMON, message);

	if (len < 0)
		record = NULL;
	/* One record is one write; dprintf(3) fails, since kmsg cannot seek.  When this
	 * is not possible either, there is nowhere left to say so. */
	if (fd >= 0 && record && write(fd, record, (size_t)len) < 0)
		return;
}

void report(int priority, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&message, format, args);
	va_end(args);
	if (len < 0) {
		message = NULL;
		return;
	}
	if (priority <= LOG_WARNING)
		fprintf(stderr, "klpdep: %s\n", message);
	if (access("/dev/log", W_OK) == 0) {
		openlog("klpdep", LOG_PID, LOG_DAEMON);
		syslog(priority, "%s", message);
	} else {
		to_kernel_log(priority, message);
	}
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The log: syslog, or else the kernel's. */
#include "config.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "tools/log-limit.h"
#include "tools/log.h"

/* The unit test has these in a directory of its own. */
#ifndef SYSLOG_PATH
#define SYSLOG_PATH "/dev/log"
#endif
#ifndef KMSG_PATH
#define KMSG_PATH "/dev/kmsg"
#endif

/* syslog(3) blocks while the daemon does not read, and does not report a socket without a
 * daemon. This returns false in both cases. */
static bool to_syslog(int priority, const char *line)
{
	static const struct sockaddr_un address = { AF_UNIX, SYSLOG_PATH };
	_cleanup_close_ int fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	_cleanup_free_ char *packet = NULL;
	time_t now = time(NULL);
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%b %e %T ", &tm);
	packet = klp_format("<%d>%sklpdep[%d]: %s", priority | LOG_DAEMON, when,
			   (int)getpid(), line);
	return fd >= 0 && packet &&
	       connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	       send(fd, packet, strlen(packet), MSG_NOSIGNAL) == (ssize_t)strlen(packet);
}

/* Before syslog runs, and in an initrd, there is only the kernel's log. */
static void to_kernel_log(int priority, const char *line)
{
	_cleanup_close_ int fd =
		open(KMSG_PATH, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_free_ char *record =
		klp_format("<%d>klpdep: %s\n", priority | LOG_DAEMON, line);

	/* Each record must be one write(2).  dprintf(3) fails, since kmsg cannot seek.
	 * If this fails, too, there is no other log. */
	if (fd >= 0 && record && write(fd, record, strlen(record)) < 0)
		return;
}

void log_write(int priority, const char *text)
{
	_cleanup_free_ char *longer = NULL, *message = strdup(text);
	unsigned int left_out;

	if (!message)
		return;
	klp_clean_text(message);
	if (!log_limit_passes(message, &left_out))
		return;
	if (left_out)
		longer = klp_format("%s (%u like this were not logged)", message,
				   left_out);
	if (!longer)
		longer = klp_take(message);
	if (!to_syslog(priority, longer))
		to_kernel_log(priority, longer);
}

void log_print(int priority, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list args;

	va_start(args, format);
	message = klp_vformat(format, args);
	va_end(args);
	if (!message)
		return;
	klp_clean_text(message);
	if (priority <= LOG_WARNING)
		fprintf(stderr, "klpdep: %s\n", message);
	log_write(priority, message);
}

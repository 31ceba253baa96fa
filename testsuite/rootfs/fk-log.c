// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The kernel's log.  /dev/kmsg is a plain file of records as the real one gives
 * them out, "PRIORITY,SEQUENCE,MICROSECONDS,-;TEXT"; its read and write are hooked
 * to deal in single records.
 */
#include "fk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The kernel's own clock, which nobody adjusts. */
static unsigned long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (unsigned long long)ts.tv_sec * 1000000 +
	       (unsigned long long)ts.tv_nsec / 1000;
}

static void append(int priority, const char *text, size_t len)
{
	char record[2048];
	int fd, n;

	n = snprintf(record, sizeof(record), "%d,%llu,%llu,-;%.*s\n", priority,
		     (unsigned long long)fk->kmsg_seq++, now_us(), (int)len, text);
	if (n >= (int)sizeof(record))
		n = (int)sizeof(record) - 1;
	fd = open(FK_KMSG, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, record, (size_t)n) != n)
		perror(FK_KMSG);
	close(fd);
}

void fk_log(int level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	append(level, text, strlen(text));
}

/* "<PRIORITY>text", or text alone: user.warning then, as the kernel has it. */
ssize_t fk_kmsg_write(const char *buf, size_t len)
{
	const char *text = buf, *close_mark;
	int priority = 12;
	size_t left = len;

	if (len && buf[0] == '<' && (close_mark = memchr(buf, '>', len))) {
		priority = atoi(buf + 1);
		text = close_mark + 1;
		left = len - (size_t)(text - buf);
	}
	while (left && text[left - 1] == '\n')
		left--;
	append(priority, text, left);
	return (ssize_t)len;
}

/* One record.  Where there is none, EAGAIN or wait, by the descriptor's mode. */
ssize_t fk_kmsg_read(int fd, char *buf, size_t len)
{
	static const struct timespec nap = { 0, 5000000 };
	char record[2048];

	for (;;) {
		off_t at = lseek(fd, 0, SEEK_CUR);
		ssize_t n = pread(fd, record, sizeof(record), at);
		char *end = n > 0 ? memchr(record, '\n', (size_t)n) : NULL;

		if (end) {
			size_t size = (size_t)(end - record) + 1;

			if (size > len)
				return -EINVAL;
			lseek(fd, at + (off_t)size, SEEK_SET);
			memcpy(buf, record, size);
			return (ssize_t)size;
		}
		if (fcntl(fd, F_GETFL) & O_NONBLOCK)
			return -EAGAIN;
		nanosleep(&nap, NULL);
	}
}

/* syslog(2): the sizes, and reading everything (3). */
int fk_klogctl(int type, char *buf, int len)
{
	char line[2048];
	int used = 0;
	FILE *f;

	if (type == 9 || type == 10)
		return 1 << 18;
	if (type != 3 && type != 4)
		return 0;
	f = fopen(FK_KMSG, "re");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long long usec = 0;
		int priority = 0, n;
		char out[2200];

		if (!strchr(line, ';') ||
		    sscanf(line, "%d,%*u,%llu", &priority, &usec) != 2)
			continue;
		n = snprintf(out, sizeof(out), "<%d>[%5llu.%06llu] %s", priority,
			     usec / 1000000, usec % 1000000, strchr(line, ';') + 1);
		if (used + n > len)
			break;
		memcpy(buf + used, out, (size_t)n);
		used += n;
	}
	if (f)
		fclose(f);
	return used;
}

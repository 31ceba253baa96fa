/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading the kernel's log for messages about livepatches. */
#include "config.h"

#include <fcntl.h>
#include <syslog.h>

#include "libklpdep/live/kernel-log.h"
#include "libklpdep/live/paths.h"

/* A record of /dev/kmsg is at most 8 KiB: kernel/printk/printk.c, PRINTKRB_RECORD_MAX,
 * and CONSOLE_EXT_LOG_MAX before. */
#define RECORD_MAX 8192

static int open_log(void)
{
	return open(KMSG_PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

int klp_kernel_log_watch(void)
{
	int fd = open_log();
	_cleanup_close_ int spare = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (fd >= 0 && (spare < 0 || lseek(fd, 0, SEEK_END) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Each read(2) returns one record.  EPIPE: the kernel has overwritten the next records. */
static bool read_record(int fd, char record[RECORD_MAX + 1])
{
	ssize_t n;

	if (fd < 0)
		return false;
	do {
		n = read(fd, record, RECORD_MAX);
	} while (n < 0 && (errno == EPIPE || errno == EINTR));
	if (n <= 0)
		return false;
	record[n] = '\0';
	return true;
}

/* The text of the next record that the kernel itself has written, or NULL at the end.  Records
 * of user space have a facility, from 1 << 3 on.  Further lines have the record's properties. */
static const char *next_line(int fd, char record[RECORD_MAX + 1], unsigned int *severity)
{
	while (read_record(fd, record)) {
		char *line = strchr(record, ';');
		unsigned long priority = strtoul(record, NULL, 10);

		if (!line || priority > LOG_DEBUG)
			continue;
		*severity = (unsigned int)priority;
		line[1 + strcspn(line + 1, "\n")] = '\0';
		return line + 1;
	}
	return NULL;
}

/* ---- a refused target -------------------------------------------------------------- */

/* kernel/livepatch/core.c, klp_module_coming(): "livepatch: patch '%s' failed for module
 * '%s', refusing to load module '%s'\n". */
static bool is_refusal(const char *line, const char *target, char patch[KLP_MODULE_NAME_LEN])
{
	const char *rest = klp_after_prefix(line, "livepatch: patch '");
	char expected[2 * KLP_MODULE_NAME_LEN + 64];
	size_t len;

	if (!rest)
		return false;
	len = strcspn(rest, "'");
	snprintf(expected, sizeof(expected),
		 "' failed for module '%s', refusing to load module '%s'", target,
		 target);
	if (len >= KLP_MODULE_NAME_LEN || !klp_after_prefix(rest + len, expected))
		return false;
	memcpy(patch, rest, len);
	patch[len] = '\0';
	return klp_name_valid(patch);
}

/* livepatch writes its messages about a target in one piece, since it holds its lock: first
 * notices, then what is wrong, and then that it refuses the target. */
static bool hear(const char *line, unsigned int severity, const char *target,
		 char patch[KLP_MODULE_NAME_LEN], struct klp_refusal *why)
{
	if (!klp_after_prefix(line, "livepatch: "))
		return false;
	if (is_refusal(line, target, patch))
		return true;
	if (severity > LOG_WARNING || strstr(line, "refusing to load"))
		*why = (struct klp_refusal){ 0 };
	else
		klp_refusal_hear(why, line, severity, "", 0);
	return false;
}

bool klp_kernel_log_find_refusal(int fd, const char *target, char patch[KLP_MODULE_NAME_LEN],
				 struct klp_refusal *why)
{
	char record[RECORD_MAX + 1];
	unsigned int severity;
	const char *line;

	*why = (struct klp_refusal){ 0 };
	while ((line = next_line(fd, record, &severity))) {
		if (hear(line, severity, target, patch, why))
			return true;
	}
	return false;
}

/* The kernel begins each attempt with one of these messages: applying a loaded patch to a
 * target, or enabling a patch. */
static bool is_new_try(const char *line, const char *patch, const char *target)
{
	char applying[2 * KLP_MODULE_NAME_LEN + 64], enabling[KLP_MODULE_NAME_LEN + 32];

	snprintf(applying, sizeof(applying),
		 "livepatch: applying patch '%s' to loading module '%s'", patch, target);
	snprintf(enabling, sizeof(enabling), "livepatch: enabling patch '%s'", patch);
	return klp_after_prefix(line, applying) || klp_after_prefix(line, enabling);
}

bool klp_kernel_log_find_last_refusal(const char *target, char patch[KLP_MODULE_NAME_LEN],
				      struct klp_refusal *why)
{
	_cleanup_close_ int fd = open_log();
	char record[RECORD_MAX + 1], found[KLP_MODULE_NAME_LEN];
	struct klp_refusal heard = { 0 };
	unsigned int severity;
	const char *line;

	patch[0] = '\0';
	while ((line = next_line(fd, record, &severity))) {
		if (hear(line, severity, target, found, &heard)) {
			snprintf(patch, KLP_MODULE_NAME_LEN, "%s", found);
			*why = heard;
			heard = (struct klp_refusal){ 0 };
		} else if (*patch && is_new_try(line, patch, target)) {
			patch[0] = '\0';
		}
	}
	return *patch;
}

/* ---- a refused patch --------------------------------------------------------------- */

void klp_kernel_log_find_reason(int fd, const char *module, int err, struct klp_refusal *why)
{
	char record[RECORD_MAX + 1];
	unsigned int severity;
	const char *line;

	*why = (struct klp_refusal){ 0 };
	while (!why->is_cause && (line = next_line(fd, record, &severity)))
		klp_refusal_hear(why, line, severity, module, err);
}

/* ---- transitions ------------------------------------------------------------------- */

/* kernel/livepatch/transition.c: "'%s': starting %s transition\n", "'%s': reversing transition
 * from %s\n", "'%s': %s complete\n".  klp_force_transition() writes "forcing remaining tasks to
 * the patched state\n" in either direction, and pins only a patch that is being disabled. */
bool klp_kernel_log_was_forced(const char *patch)
{
	_cleanup_close_ int fd = open_log();
	char record[RECORD_MAX + 1], own[KLP_MODULE_NAME_LEN + 16];
	bool disabling = false, forced = false;
	unsigned int severity;
	const char *line, *rest;

	snprintf(own, sizeof(own), "livepatch: '%s': ", patch);
	while ((line = next_line(fd, record, &severity))) {
		rest = klp_after_prefix(line, own);
		if (rest) {
			disabling = klp_streq(rest, "starting unpatching transition") ||
				    klp_streq(rest, "reversing transition from patching "
						    "to unpatching");
			forced = forced && klp_streq(rest, "unpatching complete");
		} else if (disabling &&
			   klp_after_prefix(line, "livepatch: forcing remaining tasks to ")) {
			forced = true;
		}
	}
	return forced;
}

/* klp_start_transition() also runs when a transition is reversed. */
bool klp_kernel_log_find_start(const char *patch, unsigned long long *us)
{
	_cleanup_close_ int fd = open_log();
	char record[RECORD_MAX + 1], expected[KLP_MODULE_NAME_LEN + 32];
	unsigned long long at;
	unsigned int severity;
	const char *line;
	bool found = false;

	snprintf(expected, sizeof(expected), "livepatch: '%s': starting ", patch);
	while ((line = next_line(fd, record, &severity))) {
		/* "PRIORITY,SEQUENCE,MICROSECONDS,...;LINE" */
		if (!klp_after_prefix(line, expected) ||
		    sscanf(record, "%*u,%*u,%llu,", &at) != 1)
			continue;
		*us = at;
		found = true;
	}
	return found;
}

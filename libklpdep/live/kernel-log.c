/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading the kernel's log: what it says of livepatches, in its own words, and when. */
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

/* What a record says; NULL where it is not the kernel's own: those of user space have a facility,
 * from 1 << 3 on.  Behind the first line there are the record's properties. */
static const char *kernel_line(char *record, unsigned int *severity)
{
	char *line = strchr(record, ';');
	unsigned long priority = strtoul(record, NULL, 10);

	if (!line || priority > LOG_DEBUG)
		return NULL;
	*severity = (unsigned int)priority;
	line[1 + strcspn(line + 1, "\n")] = '\0';
	return line + 1;
}

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

/* One record a read; EPIPE: records were overwritten before we came to them. */
static bool next_record(int fd, char record[RECORD_MAX + 1])
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

/* What livepatch says of a target comes in one piece, under its lock: what is wrong, and then that
 * the target is refused.  Its notices stand in front of that. */
static bool hear(char *record, const char *target, char patch[KLP_MODULE_NAME_LEN],
		 struct klp_refusal *why)
{
	unsigned int severity;
	const char *line = kernel_line(record, &severity);

	if (!line || !klp_after_prefix(line, "livepatch: "))
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

	*why = (struct klp_refusal){ 0 };
	while (next_record(fd, record)) {
		if (hear(record, target, patch, why))
			return true;
	}
	return false;
}

void klp_kernel_log_find_reason(int fd, const char *module, int err, struct klp_refusal *why)
{
	char record[RECORD_MAX + 1];

	*why = (struct klp_refusal){ 0 };
	while (!why->is_cause && next_record(fd, record)) {
		unsigned int severity;
		const char *line = kernel_line(record, &severity);

		if (line)
			klp_refusal_hear(why, line, severity, module, err);
	}
}

/* ---- forced ------------------------------------------------------------------------ */

/* What a record says of livepatches, or NULL. */
static const char *livepatch_line(char *record)
{
	unsigned int severity;
	const char *line = kernel_line(record, &severity);

	return line ? klp_after_prefix(line, "livepatch: ") : NULL;
}

/* kernel/livepatch/: core.c, __klp_enable_patch(): "enabling patch '%s'\n"; transition.c:
 * "'%s': starting %s transition\n", "'%s': reversing transition from %s\n", "'%s': %s
 * complete\n", "forcing remaining tasks to the patched state\n", whichever it is.  Only
 * who is forced out is pinned. */
bool klp_kernel_log_was_forced(const char *patch)
{
	_cleanup_close_ int fd = open_log();
	char record[RECORD_MAX + 1], own[KLP_MODULE_NAME_LEN + 8];
	bool disabling = false, forced = false;

	snprintf(own, sizeof(own), "'%s': ", patch);
	while (next_record(fd, record)) {
		const char *line = livepatch_line(record);
		const char *rest = line ? klp_after_prefix(line, own) : NULL;

		if (rest) {
			disabling = klp_streq(rest, "starting unpatching transition") ||
				    klp_streq(rest, "reversing transition from patching "
						    "to unpatching");
			forced = forced && klp_streq(rest, "unpatching complete");
		} else if (line && disabling) {
			forced |= klp_after_prefix(line, "forcing remaining tasks to ") !=
				  NULL;
		}
	}
	return forced;
}

/* ---- what was refused -------------------------------------------------------------- */

/* The kernel says "applying patch '%s' to loading module '%s'" at each try, and of a patch that is
 * loaded anew "enabling patch '%s'": what was refused before counts no more. */
static bool is_new_try(char *record, const char *patch, const char *target)
{
	char applying[2 * KLP_MODULE_NAME_LEN + 64], enabling[KLP_MODULE_NAME_LEN + 32];
	const char *line = livepatch_line(record);

	snprintf(applying, sizeof(applying), "applying patch '%s' to loading module '%s'",
		 patch, target);
	snprintf(enabling, sizeof(enabling), "enabling patch '%s'", patch);
	return line && (klp_after_prefix(line, applying) || klp_after_prefix(line, enabling));
}

bool klp_kernel_log_find_last_refusal(const char *target, char patch[KLP_MODULE_NAME_LEN],
				      struct klp_refusal *why)
{
	_cleanup_close_ int fd = open_log();
	char record[RECORD_MAX + 1], found[KLP_MODULE_NAME_LEN];
	struct klp_refusal heard = { 0 };

	patch[0] = '\0';
	while (next_record(fd, record)) {
		if (hear(record, target, found, &heard)) {
			snprintf(patch, KLP_MODULE_NAME_LEN, "%s", found);
			*why = heard;
			heard = (struct klp_refusal){ 0 };
		} else if (*patch && is_new_try(record, patch, target)) {
			patch[0] = '\0';
		}
	}
	return *patch;
}

/* ---- since when a transition runs -------------------------------------------------- */

/* kernel/livepatch/transition.c, klp_start_transition(): "livepatch: '%s': starting %s
 * transition\n", also when a transition is reversed.  True when @record is this of
 * @patch; its time is in *us then. */
static bool is_start(char *record, const char *patch, unsigned long long *us)
{
	char expected[KLP_MODULE_NAME_LEN + 32];
	const char *line = livepatch_line(record);

	/* "PRIORITY,SEQUENCE,MICROSECONDS,...;LINE" */
	if (!line || sscanf(record, "%*u,%*u,%llu,", us) != 1)
		return false;
	snprintf(expected, sizeof(expected), "'%s': starting ", patch);
	return klp_after_prefix(line, expected);
}

bool klp_kernel_log_find_start(const char *patch, unsigned long long *us)
{
	_cleanup_close_ int fd = open_log();
	char record[RECORD_MAX + 1];
	unsigned long long at;
	bool found = false;

	while (next_record(fd, record)) {
		if (is_start(record, patch, &at)) {
			*us = at;
			found = true;
		}
	}
	return found;
}

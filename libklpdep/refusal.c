/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>

#include "libklpdep/refusal.h"

/* A record of /dev/kmsg is at most 8 KiB: kernel/printk/printk.c, PRINTKRB_RECORD_MAX,
 * and CONSOLE_EXT_LOG_MAX before. */
#define RECORD_MAX 8192

int klp_refusal_watch(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* kernel/livepatch/core.c, klp_module_coming(): "livepatch: patch '%s' failed for module
 * '%s', refusing to load module '%s'\n". */
static bool find_in_record(const char *record, const char *target,
			   char patch[KLP_MODULE_NAME_LEN])
{
	const char *rest = strstr(record, "livepatch: patch '");
	char expected[2 * KLP_MODULE_NAME_LEN + 64];
	size_t len;

	if (!rest)
		return false;
	rest += strlen("livepatch: patch '");
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

bool klp_refusal_find(int fd, const char *target, char patch[KLP_MODULE_NAME_LEN])
{
	char record[RECORD_MAX + 1];
	ssize_t n;

	/* One record a read; EPIPE: records were overwritten before we came to them. */
	while (fd >= 0 && ((n = read(fd, record, RECORD_MAX)) > 0 ||
			   (n < 0 && (errno == EPIPE || errno == EINTR)))) {
		if (n < 0)
			continue;
		record[n] = '\0';
		for (char *rest = record, *line; (line = strsep(&rest, "\n"));) {
			if (find_in_record(line, target, patch))
				return true;
		}
	}
	return false;
}

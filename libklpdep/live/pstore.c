/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's messages from a crash: in pstore(5), or in /var, where
 * systemd-pstore.service moves them. */
#include "config.h"

#include <glob.h>
#include <sys/stat.h>

#include "libklpdep/live/guard.h"

#define RECORD_MAX ((size_t)4 << 20)

/* lib/vsprintf.c, symbol_string(): "function+0x12/0x34 [module]" is code on the stack.
 * With a build-id, a space follows the name.  The list of modules has no brackets. */
static bool has_frame(const char *line, const char *frame, size_t len)
{
	const char *at = strstr(line, frame);

	return at && (at[len] == ']' || at[len] == ' ') && strstr(line, "+0x") &&
	       strstr(line, "+0x") < at;
}

static bool names_patch(const char *path, const struct timespec *since, const char *frame)
{
	_cleanup_free_ char *data = NULL;
	struct stat st;
	size_t size;
	char *rest;

	if (stat(path, &st) < 0 || klp_cmp_times(&st.st_mtim, since) < 0 ||
	    klp_read_file(path, RECORD_MAX, &data, &size) < 0)
		return false;
	for (char *p = data; (p = memchr(p, '\0', (size_t)(data + size - p)));)
		*p = '\n';
	rest = data;
	for (char *line; (line = strsep(&rest, "\n"));) {
		if (has_frame(line, frame, strlen(frame)))
			return true;
	}
	return false;
}

bool klp_pstore_names(const char *patch, const struct timespec *since)
{
	static const char *const patterns[] = {
		"/sys/fs/pstore/dmesg-*",
		"/var/lib/systemd/pstore/*/dmesg*",
		"/var/lib/systemd/pstore/*/*/dmesg*",
	};
	char frame[KLP_MODULE_NAME_LEN + 3];
	glob_t found = { 0 };
	bool is_named = false;

	snprintf(frame, sizeof(frame), " [%s", patch);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(patterns); i++)
		glob(patterns[i], GLOB_NOSORT | (i ? GLOB_APPEND : 0), NULL, &found);
	for (size_t i = 0; i < found.gl_pathc && !is_named; i++)
		is_named = names_patch(found.gl_pathv[i], since, frame);
	globfree(&found);
	return is_named;
}

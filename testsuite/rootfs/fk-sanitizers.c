// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * For programs that were built with AddressSanitizer, LeakSanitizer and
 * UndefinedBehaviorSanitizer; these call the functions below, whatever the environment is.
 */
#include "fk.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define REPORTS FK_DIR "/sanitizers"
/* The machine's own, which the runner has put there; /proc/self leads there as well. */
#define REAL_PROC FK_DIR "/proc"

EXPORT const char *__asan_default_options(void);
EXPORT void __lsan_do_leak_check(void) __attribute__((weak));
EXPORT void __ubsan_on_report(void);
EXPORT void __ubsan_get_current_report_data(const char **kind, const char **message,
					    const char **file, unsigned int *line,
					    unsigned int *column, char **address)
	__attribute__((weak));

/* Reports go where the runner looks for them: nobody may look at what a helper printed, or
 * at its exit status.  What is preloaded comes before the sanitizers. */
const char *__asan_default_options(void)
{
	return "verify_asan_link_order=0:log_path=" REPORTS;
}

/* gcc's libubsan, beside libasan, knows only standard error. */
void __ubsan_on_report(void)
{
	const char *kind, *message, *file;
	unsigned int line, column;
	char *address;
	int fd;

	fk_inside = 1;
	__ubsan_get_current_report_data(&kind, &message, &file, &line, &column, &address);
	fd = open(REPORTS ".undefined", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	dprintf(fd, "%s:%u:%u: %s: %s\n", file, line, column, kind, message);
	close(fd);
	fk_inside = 0;
}

/* LeakSanitizer, which comes after all destructors, looks for the process's threads by its
 * number in /proc: show it the real one, and nobody else. */
static void __attribute__((destructor)) show_proc(void)
{
	fk_inside = 1;
	if (__lsan_do_leak_check && !access(REAL_PROC "/self", F_OK) &&
	    unshare(CLONE_NEWNS) == 0)
		mount(REAL_PROC, "/proc", NULL, MS_BIND | MS_REC, NULL);
}

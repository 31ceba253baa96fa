/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * To be preloaded, with alloc.c: FAULT_ALLOC=PROGRAM:N:FILE in the environment has the Nth
 * allocation of that program fail.  FILE then holds a line: SEEN LIVE WHOSE CRASHED, the
 * allocations that there were, the blocks that were not freed in the end, whose allocation
 * failed ("none", "klpdep", or a library), and where it crashed, or "-".
 */
#include "config.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/faults/alloc.h"

static int report = -1;

static void say(const char *crashed)
{
	const char *whose = fault_alloc.library ? fault_alloc.library : "klpdep";
	char line[256];
	int len;

	fault_alloc.armed = false;
	len = snprintf(line, sizeof(line), "%lu %ld %s %s\n", fault_alloc.seen,
		       fault_alloc.live, fault_alloc.failed ? whose : "none", crashed);
	if (write(report, line, (size_t)len) < 0)
		_exit(1);
}

static void on_crash(int signal)
{
	const char *where = fault_alloc_caller(2);

	say(where ? where : "klpdep");
	_exit(128 + signal);
}

static void __attribute__((constructor)) start(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	const char *fault = getenv("FAULT_ALLOC");
	size_t len = strlen(program_invocation_short_name);
	void *frame;
	char *end;

	if (!fault || strncmp(fault, program_invocation_short_name, len) || fault[len] != ':')
		return;
	backtrace(&frame, 1); /* which loads a library */
	fault_alloc.fail_at = strtoul(fault + len + 1, &end, 10);
	report = open(end + 1, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_crash);
	fault_alloc.live = 0;
	fault_alloc.armed = true;
}

static void __attribute__((destructor)) end(void)
{
	if (report >= 0)
		say("-");
}

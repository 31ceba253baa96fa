/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/stat and cmdline of each process in a fake root. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testsuite/rootfs/fk.h"

/* Not where there is one already: a case may have a say in who is whose parent. */
static int open_new(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)getpid(), name);
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
}

static void put_cmdline(int argc, char **argv)
{
	int fd = open_new("cmdline");

	for (int i = 0; fd >= 0 && i < argc; i++) {
		if (write(fd, argv[i], strlen(argv[i]) + 1) < 0)
			break;
	}
	if (fd >= 0)
		close(fd);
}

void fk_put_process(int argc, char **argv)
{
	/* A case may forbid files of any size. */
	sighandler_t on_size = signal(SIGXFSZ, SIG_IGN);
	int saved = errno, fd;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", (int)getpid());
	mkdir(path, 0755);
	fd = open_new("stat");
	if (fd >= 0) {
		dprintf(fd, "%d (%s) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n",
			(int)getpid(), program_invocation_short_name, (int)getppid(),
			(int)getpid());
		close(fd);
	}
	/* It changes with what the process executes. */
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)getpid());
	unlink(path);
	put_cmdline(argc, argv);
	signal(SIGXFSZ, on_size);
	errno = saved;
}

static void __attribute__((destructor)) remove_process(void)
{
	char path[64];

	for (const char *const *name = (const char *const[]){ "/stat", "/cmdline", "", NULL };
	     fk && *name; name++) {
		snprintf(path, sizeof(path), "/proc/%d%s", (int)getpid(), *name);
		remove(path);
	}
}

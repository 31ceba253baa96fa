/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In the place of a program, which stands beside it as NAME.real: run that, and kill it
 * where it is about to make the system call number $KILL_AT, counted from its execve(2) on.
 * What call that is, as the architecture numbers them, is in /tmp/killed then.
 *
 * strace(1) counts the calls of each kind by themselves, and takes longer.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* PTRACE_O_TRACESYSGOOD tells a stop at a call from a signal by this. */
#define AT_CALL (SIGTRAP | 0x80)

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Until its next stop, or its end. */
static int resume(int pid, int signal)
{
	int status;

	if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal) != 0 ||
	    waitpid(pid, &status, 0) != pid)
		fail("ptrace");
	return status;
}

/* Stopped where it is about to make its first call. */
static int start(const char *path, char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
			     PTRACE_O_EXITKILL;
	int pid = fork(), status;

	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execv(path, argv);
		fail(path);
	}
	if (waitpid(pid, &status, 0) != pid ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options) != 0)
		fail("ptrace");
	return pid;
}

/* The call that it is about to make, or -1. */
static long call_of(int pid, int status)
{
	struct __ptrace_syscall_info info;

	if (WSTOPSIG(status) != AT_CALL ||
	    ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return -1;
	return (long)info.entry.nr;
}

static void kill_it(int pid, long call)
{
	FILE *killed = fopen("/tmp/killed", "w");

	if (!killed || fprintf(killed, "%ld\n", call) < 0 || fclose(killed) != 0)
		fail("/tmp/killed");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* who waits for us sees the same */
	raise(SIGKILL);
}

int main(int argc, char **argv)
{
	const char *at = getenv("KILL_AT");
	long left = at ? atol(at) : 0;
	int pid, status, started = 0;
	char path[256];

	if (argc < 1 || snprintf(path, sizeof(path), "%s.real", argv[0]) >= 256)
		return 1;
	if (!at) {
		execv(path, argv);
		fail(path);
	}
	pid = start(path, argv);
	status = resume(pid, 0);
	while (WIFSTOPPED(status)) {
		long call = call_of(pid, status);

		started |= call == SYS_execve;
		if (started && call >= 0 && --left == 0)
			kill_it(pid, call);
		status = resume(pid, status >> 16 || WSTOPSIG(status) == AT_CALL ?
					     0 : WSTOPSIG(status));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory [-t] [-s STEP] [-f FIRST] [-R ROOT [-b SCRIPT]] COMMAND [ARGUMENT...]
 *
 * klpdep COMMAND, over and over, each time with another allocation failing: all of them,
 * or every STEPth.  Each time there has to be the usual exit status and standard output;
 * or exit status 1, and more on standard error than usual.  And all memory has to be free
 * again; in a build with sanitizers, and out of a fake root, what LeakSanitizer takes for
 * lost.
 *
 * In a fake root with -R, whose kernel is preloaded; there SCRIPT is run by the shell
 * before each time.  memory-helper is the same for klpdep-modprobe.
 *
 * Bad is what klpdep makes of that.  Where the allocation was libkmod's or libsmartcols'
 * own, what they make of it is listed, behind a #.  Exit status 1 where anything was bad.
 */
#include "config.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testsuite/faults/alloc.h"

#define ARGS_MAX 16

/* What tools/klpdep.c's is compiled as, or tools/klpdep-modprobe.c's. */
#undef main
int klpdep_main(int argc, char **argv);

static int out, err; /* what is printed goes there */
static FILE *report; /* what is for the caller */
static int trace;    /* where to say which allocation it was, when that is wanted */
static const char *root, *before; /* a fake one; a script */

/* No run takes as much of a processor, valgrind's included; libkmod may do so for ever. */
#define SECONDS_MAX 10

struct run {
	int status;	     /* of the exit; or the signal, negative */
	const char *failed;  /* whose allocation failed, as in fault_alloc */
	const char *crashed; /* in whose code, where one can tell */
	long leaked;
	unsigned long seen;
	char *out;
	off_t out_size, err_size;
};

static void start_over(int fd)
{
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		exit(2);
}

static void run(int argc, char **argv, unsigned long fail_at, struct run *run)
{
	char *copy[ARGS_MAX + 1] = { 0 };

	memcpy(copy, argv, (size_t)argc * sizeof(*argv));
	start_over(out);
	start_over(err);
	clearerr(stdout);
	optind = 0;
	fault_alloc = (struct fault_alloc){ .fail_at = fail_at, .live = fault_alloc.live,
					    .trace = trace };
	run->leaked = -fault_alloc.live;
	fault_alloc.armed = true;
	run->status = klpdep_main(argc, copy);
	fault_alloc.armed = false;
	run->leaked += fault_alloc.live;
	run->seen = fault_alloc.seen;
	run->failed = fault_alloc.library;
	fflush(stdout);
	run->out_size = lseek(out, 0, SEEK_END);
	run->err_size = lseek(err, 0, SEEK_END);
}

/* LeakSanitizer's, where it is there.  Then the count is none: strdup(3) and others are the
 * sanitizer's own, which do not call malloc(), and what they allocate is free()d. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static struct run *shared;

static void on_crash(int signal)
{
	shared->failed = fault_alloc.library;
	shared->crashed = fault_alloc_caller(2);
	_exit(128 + signal);
}

static void prepare(void)
{
	if (before && system(before) != 0) {
		fprintf(report, "this fails: %s\n", before);
		exit(2);
	}
}

/* The same in a process of its own, which may crash. */
static void fork_run(int argc, char **argv, unsigned long fail_at, struct run *result)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU };
	const struct rlimit limit = { SECONDS_MAX, RLIM_INFINITY };
	int status;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	prepare();
	pid = fork();
	if (pid < 0)
		exit(2);
	if (pid == 0) {
		for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
			signal(signals[i], on_crash);
		setrlimit(RLIMIT_CPU, &limit);
		run(argc, argv, fail_at, shared);
		/* which needs a real /proc */
		if (__lsan_do_recoverable_leak_check)
			shared->leaked = root ? 0 : __lsan_do_recoverable_leak_check();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		exit(2);
	*result = *shared;
	if (!WIFEXITED(status))
		result->status = -WTERMSIG(status);
	else if (status) /* by on_crash(), or 1 by a sanitizer */
		result->status = WEXITSTATUS(status) > 128 ? 128 - WEXITSTATUS(status) : -SIGABRT;
}

static bool same_output(const struct run *usual, const struct run *run)
{
	bool same = run->out_size == usual->out_size;

	if (same && run->out_size) {
		void *now = mmap(NULL, (size_t)run->out_size, PROT_READ, MAP_SHARED, out, 0);

		same = now != MAP_FAILED && !memcmp(now, usual->out, (size_t)run->out_size);
		munmap(now, (size_t)run->out_size);
	}
	return same;
}

/* A report that says of itself that there was no memory for something is good, too. */
static bool says_memory(const struct run *run)
{
	char *now = run->out_size ? mmap(NULL, (size_t)run->out_size, PROT_READ, MAP_SHARED,
					 out, 0) : MAP_FAILED;
	bool does = now != MAP_FAILED &&
		    memmem(now, (size_t)run->out_size, "memory", strlen("memory"));

	if (now != MAP_FAILED)
		munmap(now, (size_t)run->out_size);
	return does;
}

static void keep_output(struct run *usual)
{
	usual->out = malloc((size_t)usual->out_size + 1);
	if (!usual->out ||
	    pread(out, usual->out, (size_t)usual->out_size, 0) != usual->out_size)
		exit(2);
}

/* What is wrong with a run, or NULL. */
static const char *judge(const struct run *usual, const struct run *now)
{
	if (now->status < 0)
		return now->status == -SIGXCPU ? "no end" : "crash";
	/* The usual answer, or one that says what it lacks. */
	if (now->status == usual->status && same_output(usual, now))
		return NULL;
	if (now->status == 1 && says_memory(now))
		return NULL;
	if (now->status != 1)
		return now->status == usual->status ? "other output, and no error" : "exit status";
	return now->err_size > usual->err_size ? NULL : "fails without a word";
}

static struct {
	unsigned long tried, errors, good, bad, theirs, their_faults;
} counts;

static void try(int argc, char **argv, const struct run *usual, unsigned long at)
{
	struct run now;
	const char *wrong;

	fork_run(argc, argv, at, &now);
	wrong = judge(usual, &now);
	if (!wrong && now.leaked)
		wrong = "leak";
	counts.tried++;
	counts.theirs += now.failed != NULL;
	if (wrong) {
		/* Neither what libkmod makes of that nor what it keeps is for us to
		 * mend; to take what it then does not have is. */
		bool theirs = now.failed && (now.status >= 0 || now.crashed);

		counts.their_faults += theirs;
		counts.bad += !theirs;
		fprintf(report, "%s allocation %lu, %s: %s (exit status %d, %ld leaked%s%s)\n",
			theirs ? "#" : "bad:", at, now.failed ? now.failed : "klpdep", wrong,
			now.status, now.leaked, now.crashed ? ", crashed in " : "",
			now.crashed ? now.crashed : "");
	} else if (now.status != usual->status || now.err_size > usual->err_size) {
		counts.errors++;
	} else {
		counts.good++;
	}
}

int main(int argc, char **argv)
{
	static struct run usual; /* which LeakSanitizer sees */
	unsigned long step = 1, first = 1;
	void *frame;
	int c;

	while ((c = getopt(argc, argv, "+ts:f:R:b:")) != -1) {
		if (c == 's')
			step = strtoul(optarg, NULL, 10);
		else if (c == 'f')
			first = strtoul(optarg, NULL, 10);
		else if (c == 'R')
			root = optarg;
		else if (c == 'b')
			before = optarg;
		else if (c == 't')
			trace = dup(STDOUT_FILENO);
		else
			return 2;
	}
	/* klpdep_main()'s argv[0] */
	argc -= optind - 1;
	argv += optind - 1;
	report = fdopen(dup(STDOUT_FILENO), "w");
	out = memfd_create("out", MFD_CLOEXEC);
	err = memfd_create("err", MFD_CLOEXEC);
	if (argc < 2 || argc > ARGS_MAX || !step || !report || out < 0 || err < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		return 2;
	setvbuf(report, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	/* This loads a library, which stays. */
	if (__lsan_disable)
		__lsan_disable();
	backtrace(&frame, 1);
	if (__lsan_enable)
		__lsan_enable();
	unsetenv("LD_PRELOAD"); /* programs that are run in there have it otherwise */
	if (root && (chroot(root) < 0 || chdir("/") < 0))
		return 2;
	/* Twice: the first time the C library allocates what it keeps. */
	prepare();
	run(argc, argv, 0, &usual);
	unsetenv("KLPDEP_LOADING"); /* or each further helper would be one within the first */
	tzset();
	fork_run(argc, argv, 0, &usual);
	keep_output(&usual);
	if (usual.leaked)
		fprintf(report, "without any failure: %ld leaked\n", usual.leaked);
	for (unsigned long at = first; at <= usual.seen; at += step)
		try(argc, argv, &usual, at);
	fprintf(report, "%lu failed allocations, %lu of them in libraries: %lu errors, "
			"%lu without effect, %lu bad; %lu faults of libraries\n",
		counts.tried, counts.theirs, counts.errors, counts.good, counts.bad,
		counts.their_faults);
	fflush(report);
	/* LeakSanitizer's look at this process has nothing to find */
	_exit(counts.bad || usual.leaked);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who loads a module: from the processes above this one.
 *
 * The kernel has at most 50 modprobes of its own, udev about ten workers, and systemd gives
 * a service 90 s.  A helper that keeps one of these busy delays modules that have no patch.
 */
#include "config.h"

#include <time.h>

#include "libklpdep/live/caller.h"
#include "libklpdep/live/paths.h"

#ifndef PARENT
#define PARENT getppid()
#endif

#define STAT_MAX 4096
/* The command line of the rule's shell is as long as the rule, unless that is somebody's
 * own. */
#define CMDLINE_MAX ((size_t)1 << 20)
/* A limit for the number of processes above us, larger than any real one. */
#define DEPTH_MAX 64
/* include/linux/sched.h */
#define PF_KTHREAD 0x00200000u

struct process {
	pid_t pid, parent;
	char comm[64];
	unsigned int flags;
	unsigned long long start;
};

/* proc(5), /proc/PID/stat: the name is in brackets, and may contain brackets. */
static bool read_process(pid_t pid, struct process *process)
{
	_cleanup_free_ char *text = NULL;
	char path[64], *name, *end;
	int parent;

	snprintf(path, sizeof(path), PROC_DIR "/%d/stat", (int)pid);
	if (klp_read_file(path, STAT_MAX, &text, NULL) < 0 || !(name = strchr(text, '(')) ||
	    !(end = strrchr(name, ')')))
		return false;
	*end = '\0';
	if (sscanf(end + 1,
		   " %*c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
		   "%*d %llu",
		   &parent, &process->flags, &process->start) != 3)
		return false;
	process->pid = pid;
	process->parent = parent;
	snprintf(process->comm, sizeof(process->comm), "%s", name + 1);
	return true;
}

pid_t klp_caller_parent(pid_t pid)
{
	struct process process;

	return read_process(pid, &process) ? process.parent : 0;
}

/* Between the caller and us is the rule's shell, unless somebody's own rule makes the shell
 * exec the helper. */
static bool is_shell_of_rule(pid_t pid)
{
	_cleanup_free_ char *cmdline = NULL;
	char path[64];
	size_t size;

	snprintf(path, sizeof(path), PROC_DIR "/%d/cmdline", (int)pid);
	return klp_read_file(path, CMDLINE_MAX, &cmdline, &size) < 0 ||
	       memmem(cmdline, size, HELPER_PATH, strlen(HELPER_PATH));
}

static bool is_udev(const struct process *process)
{
	static const char *const names[] = { "(udev-worker)", "systemd-udevd", "udevd" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++) {
		if (klp_streq(process->comm, names[i]))
			return true;
	}
	return false;
}

/* By its cgroup: what a person has started is in a scope, or below user.slice. */
static bool is_in_service(pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[64];

	snprintf(path, sizeof(path), PROC_DIR "/%d/cgroup", (int)pid);
	if (klp_read_file(path, STAT_MAX, &text, NULL) < 0)
		return false;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		const char *found = strstr(line, ".service");

		/* systemd's own hierarchy, or the only one */
		if (!klp_after_prefix(line, "0::") && !strstr(line, ":name=systemd:"))
			continue;
		if (found && (found[8] == '\0' || found[8] == '/') &&
		    !strstr(line, "/user.slice/"))
			return true;
	}
	return false;
}

static void set_caller(struct klp_caller *caller, enum klp_caller_kind kind,
		       const struct process *process)
{
	*caller = (struct klp_caller){ kind, process->pid, process->start };
}

void klp_caller_find(struct klp_caller *caller)
{
	struct process process, above, parent;

	*caller = (struct klp_caller){ .kind = KLP_CALLER_OTHER };
	if (!read_process(PARENT, &process) ||
	    (is_shell_of_rule(process.pid) && !read_process(process.parent, &process)))
		return;
	above = process;
	for (unsigned int i = 0; i < DEPTH_MAX; i++) {
		if (is_udev(&above)) {
			set_caller(caller, KLP_CALLER_UDEV, &above);
			return;
		}
		if (above.parent <= 1 || !read_process(above.parent, &parent))
			break;
		if (parent.flags & PF_KTHREAD) {
			set_caller(caller, KLP_CALLER_KERNEL, &above);
			return;
		}
		above = parent;
	}
	/* systemd itself loads some when it starts. */
	set_caller(caller,
		   process.pid == 1 || is_in_service(process.pid) ? KLP_CALLER_SERVICE :
								    KLP_CALLER_OTHER,
		   &process);
}

static const char *const kinds[] = {
	[KLP_CALLER_OTHER] = "other",
	[KLP_CALLER_KERNEL] = "kernel",
	[KLP_CALLER_UDEV] = "udev",
	[KLP_CALLER_SERVICE] = "service",
};

const char *klp_caller_text(const struct klp_caller *caller,
			    char text[KLP_CALLER_TEXT_SIZE])
{
	snprintf(text, KLP_CALLER_TEXT_SIZE, "%s %d %llu", kinds[caller->kind],
		 (int)caller->pid, caller->start);
	return text;
}

bool klp_caller_parse(const char *text, struct klp_caller *caller)
{
	char kind[16];
	int pid, end = 0;

	if (sscanf(text, "%15s %d %llu%n", kind, &pid, &caller->start, &end) != 3 ||
	    text[end] != '\0' || !klp_caller_is_alive(pid, caller->start))
		return false;
	caller->pid = pid;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(kinds); i++) {
		caller->kind = (enum klp_caller_kind)i;
		if (klp_streq(kinds[i], kind))
			return true;
	}
	return false;
}

bool klp_caller_is_alive(pid_t pid, unsigned long long start)
{
	struct process process;

	return read_process(pid, &process) && process.start == start;
}

long long klp_caller_age(const struct klp_caller *caller)
{
	struct timespec now;
	long ticks = sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000 -
	       (long long)(caller->start * 1000 / (ticks > 0 ? (unsigned long)ticks : 100));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The running transition, and which tasks hold it up. */
#include "config.h"

#include <ctype.h>
#include <time.h>

#include "libklpdep/live/kernel-log.h"
#include "libklpdep/live/live.h"
#include "libklpdep/live/transition.h"

/* ---- its start --------------------------------------------------------------------- */

static long find_seconds(const char *patch)
{
	unsigned long long start_us, now_us;
	struct timespec now;

	if (!klp_kernel_log_find_start(patch, &start_us))
		return -1;
	/* NTP does not adjust the log's clock, which makes a difference of minutes in some
	 * months. */
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	now_us = (unsigned long long)now.tv_sec * 1000000 +
		 (unsigned long long)now.tv_nsec / 1000;
	return now_us > start_us ? (long)((now_us - start_us) / 1000000) : 0;
}

/* ---- the tasks that hold it up ----------------------------------------------------- */

/* The entries of a directory that are numbers, sorted. */
static int list_numbers(const char *path, struct klp_strv *numbers)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (name[strspn(name, "0123456789")] == '\0' &&
		    klp_strv_add(numbers, name) < 0)
			return -ENOMEM;
	}
	klp_strv_sort(numbers);
	return 0;
}

/* Any program can choose its name, and this one goes to logs and terminals. */
static void copy_comm(const char *task, char comm[KLP_COMM_LEN])
{
	_cleanup_free_ char *text = NULL;
	char path[128];

	size_t len;

	snprintf(path, sizeof(path), "%s/comm", task);
	if (klp_read_file(path, 4096, &text, &len) < 0 || len < 2)
		len = 0;
	else
		text[len - 1] = '\0'; /* the newline at the end; the name may have one */
	snprintf(comm, KLP_COMM_LEN, "%s", len ? text : "?");
	for (char *c = comm; *c; c++) {
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
	}
}

/* Examine one task, by its directory.  0, or an errno if its state cannot be read. */
static int look_at_task(struct klp_transition_info *transition, const char *task,
			const char *tid)
{
	_cleanup_free_ char *state = NULL;
	char path[128];
	int err;

	snprintf(path, sizeof(path), "%s/patch_state", task);
	err = klp_read_file(path, 64, &state, NULL);
	if (err < 0)
		return err;
	/* 1 patched, 0 not; -1 if no transition is running */
	if (state[0] != (transition->patching ? '0' : '1'))
		return 0;
	if (transition->n_tasks < KLP_TRANSITION_TASKS) {
		struct klp_task *held = &transition->tasks[transition->n_tasks];

		held->tid = (pid_t)strtol(tid, NULL, 10);
		copy_comm(task, held->comm);
	}
	transition->n_tasks++;
	return 0;
}

/* The threads of a process.  False if a thread has a state that cannot be read; sets
 * *readable if one could be read. */
static bool look_at_process(struct klp_transition_info *transition, const char *pid,
			    bool *readable)
{
	_cleanup_strv_ struct klp_strv tids = { 0 };
	char path[64];

	/* Processes come and go at the same time. */
	snprintf(path, sizeof(path), PROC_DIR "/%s/task", pid);
	list_numbers(path, &tids);
	for (size_t i = 0; i < tids.n; i++) {
		char task[96];
		int err;

		snprintf(task, sizeof(task), PROC_DIR "/%s/task/%s", pid, tids.v[i]);
		err = look_at_task(transition, task, tids.v[i]);
		if (err < 0 && err != -ENOENT && err != -ESRCH)
			return false;
		*readable |= err == 0;
	}
	return true;
}

static void find_tasks(struct klp_transition_info *transition)
{
	_cleanup_strv_ struct klp_strv pids = { 0 };
	bool readable = false;

	/* Without CONFIG_LIVEPATCH, or without a /proc here, no task has a state. */
	list_numbers(PROC_DIR, &pids);
	for (size_t i = 0; i < pids.n; i++) {
		if (!look_at_process(transition, pids.v[i], &readable)) {
			readable = false;
			break;
		}
	}
	if (!readable)
		transition->n_tasks = -1;
}

/* ---- everything -------------------------------------------------------------------- */

void klp_transition_look(struct klp_transition_info *transition)
{
	enum klp_patch_state state;

	*transition = (struct klp_transition_info){ 0 };
	klp_live_transition(transition->patch);
	if (!*transition->patch)
		return;
	state = klp_live_patch(transition->patch);
	if (state != KLP_PATCH_ENABLING && state != KLP_PATCH_DISABLING) {
		/* it has ended meanwhile */
		transition->patch[0] = '\0';
		return;
	}
	transition->patching = state == KLP_PATCH_ENABLING;
	transition->seconds = find_seconds(transition->patch);
	find_tasks(transition);
}

static void put_tasks(const struct klp_transition_info *transition, char *text, size_t size)
{
	long n = transition->n_tasks, i;
	size_t len = 0;

	text[0] = '\0';
	for (i = 0; i < n && i < KLP_TRANSITION_TASKS; i++) {
		const struct klp_task *task = &transition->tasks[i];
		const char *between = i == 0 ? "" : i == n - 1 ? " and " : ", ";

		len += (size_t)snprintf(text + len, size - len, "%s%s[%ld]", between,
					task->comm, (long)task->tid);
	}
	if (i < n)
		snprintf(text + len, size - len, " and %ld more", n - i);
}

const char *klp_transition_tasks(const struct klp_transition_info *transition,
				 char text[KLP_TRANSITION_TEXT_SIZE])
{
	put_tasks(transition, text, KLP_TRANSITION_TEXT_SIZE);
	return text;
}

const char *klp_transition_held_up(const struct klp_transition_info *transition,
				   char text[KLP_TRANSITION_TEXT_SIZE])
{
	const char *words = transition->n_tasks < 0 ?
				    "" :
			    transition->n_tasks == 0 ?
				    "held up by no task that can be seen" :
				    "held up by ";
	size_t len = (size_t)snprintf(text, KLP_TRANSITION_TEXT_SIZE, "%s", words);

	put_tasks(transition, text + len, KLP_TRANSITION_TEXT_SIZE - len);
	return text;
}

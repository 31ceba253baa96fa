/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel that is played: on files in the place of sysfs, and on a clock that only moves
 * when the loader sleeps, so that times are exact and nothing is waited for.  To be
 * included once, by the test of what stands on live.c and loader.c, which are included
 * here.
 */
#ifndef KLPDEP_UNIT_PLAY_H
#define KLPDEP_UNIT_PLAY_H

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define SYSFS_DIR "sys"
#define PROC_DIR "proc"
#define KMSG_PATH "kmsg"
#include "libklpdep/live/loader.h"
#include "testsuite/unit/fixture.h"

static int play_nanosleep(const struct timespec *interval, struct timespec *rest);
static int play_clock(clockid_t id, struct timespec *now);
static int play_flock(int fd, int operation);
static int play_disable(const char *patch);
static ssize_t play_read(int fd, void *buffer, size_t size);

#include "libklpdep/live/live.c"
#undef RUN_DIR
#define RUN_DIR "run"
#include "libklpdep/live/notes.c"
#include "libklpdep/live/stack.c"
#include "libklpdep/live/caller.c"
#include "libklpdep/live/transition.c"
#undef RECORD_MAX
#define read play_read
#include "libklpdep/live/kernel-log.c"
#undef read
#undef LOCK_PATH
#define LOCK_PATH "lock"
#define nanosleep play_nanosleep
#define clock_gettime play_clock
#include "libklpdep/live/wait.c"
#define flock(fd, operation) play_flock(fd, operation)
#include "libklpdep/live/patience.c"
#include "libklpdep/live/queue.c"
#define klp_live_disable play_disable
#include "libklpdep/live/loader.c"
#undef nanosleep
#undef clock_gettime
#undef flock
#undef klp_live_disable

/* ---- the kernel -------------------------------------------------------------------- */

struct event {
	unsigned int ms;
	const char *patch;
	enum klp_patch_state state;
};

/* How it behaves in a test. */
struct play {
	enum klp_patch_state kvm, other;  /* klp_kvm, klp_other at first */
	struct event events[4];		  /* what others do, by time */
	unsigned int locked;		  /* until then another has the lock */
	unsigned int transition;	  /* how long one takes; 0: for ever */
	int insert_err, disable_err, remove_err; /* said always */
	const char *insert_says; /* what is in the log then */
	unsigned int insert_busy;	  /* how often EBUSY comes first */
	unsigned int remove_again;	  /* how often EAGAIN comes first */
	bool overtaken;	    /* somebody else inserts just before us */
	const char *killed; /* who asks for this, "+klp_kvm", is killed then */
};

static struct play play;
static struct event todo[16]; /* patch NULL: free */
static unsigned int now_ms, inserts, removes, disables;
static const char *last_options;
static char *journal; /* +PATCH inserted, -PATCH disabled, ~PATCH removed */

static void note(const char *sign, const char *patch)
{
	journal = append(journal, "%s%s%s", journal ? " " : "", sign, patch);
}

#define KILLED 42

/* Whoever asked for this is killed; but it is done. */
static void is_killed(const char *sign, const char *patch)
{
	if (play.killed && klp_streq(play.killed, text("%s%s", sign, patch)))
		_exit(KILLED);
}

/* The attributes of each state; NULL: there are none. */
static void put_state(const char *patch, enum klp_patch_state state)
{
	static const char *const states[][3] = {
		[KLP_PATCH_ABSENT] = { NULL, NULL, NULL },
		[KLP_PATCH_COMING] = { "coming\n", NULL, NULL },
		[KLP_PATCH_ENABLING] = { "live\n", "1\n", "1\n" },
		[KLP_PATCH_ENABLED] = { "live\n", "1\n", "0\n" },
		[KLP_PATCH_DISABLING] = { "live\n", "0\n", "1\n" },
		[KLP_PATCH_DEAD] = { "live\n", NULL, NULL },
	};
	const char *const files[] = { "sys/module/%s/initstate",
				      "sys/kernel/livepatch/%s/enabled",
				      "sys/kernel/livepatch/%s/transition" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(files); i++) {
		char path[256];

		strcpy(path, fix_dir);
		strcat(path, "/");
		strncat(path, files[i], (size_t)(strstr(files[i], "%s") - files[i]));
		strcat(path, patch);
		strcat(path, strstr(files[i], "%s") + 2);
		if (states[state][i])
			put_text(path + strlen(fix_dir), states[state][i]);
		else
			unlink(path);
	}
	ck_assert_int_eq(klp_live_patch(patch), state);
}

static void at(unsigned int ms, const char *patch, enum klp_patch_state state)
{
	size_t i = 0;

	while (todo[i].patch)
		ck_assert_uint_lt(++i, KLP_ARRAY_SIZE(todo));
	todo[i] = (struct event){ ms, patch, state };
}

static void pass(unsigned int ms)
{
	now_ms += ms;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(todo); i++) {
		if (todo[i].patch && todo[i].ms <= now_ms) {
			put_state(todo[i].patch, todo[i].state);
			todo[i].patch = NULL;
		}
	}
}

static void start_transition(const char *patch, enum klp_patch_state during,
			     enum klp_patch_state after)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(todo); i++) {
		if (todo[i].patch && klp_streq(todo[i].patch, patch))
			todo[i].patch = NULL;
	}
	put_state(patch, during);
	if (play.transition)
		at(now_ms + play.transition, patch, after);
}

static int play_nanosleep(const struct timespec *interval, struct timespec *rest)
{
	(void)rest;
	pass((unsigned int)(interval->tv_nsec / 1000000));
	return 0;
}

static int play_clock(clockid_t id, struct timespec *now)
{
	/* somewhere within a second */
	unsigned int ms = now_ms + 700;

	ck_assert_int_eq(id, CLOCK_MONOTONIC);
	*now = (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
	return 0;
}

/* The kernel's log is a plain file here, and gives out one record a read all the same. */
static ssize_t play_read(int fd, void *buffer, size_t size)
{
	ssize_t n = read(fd, buffer, size);
	const char *end = n > 0 ? memchr(buffer, '\n', (size_t)n) : NULL;

	if (!end)
		return n;
	ck_assert_int_ge(lseek(fd, end + 1 - (char *)buffer - n, SEEK_CUR), 0);
	return end + 1 - (char *)buffer;
}

static void log_line(const char *line)
{
	FILE *f = fopen(KMSG_PATH, "ae");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "4,9,9,-;%s\n", line);
	ck_assert_int_eq(fclose(f), 0);
}

/* The lock is real, but for one who lets go of it by the played clock. */
static int play_flock(int fd, int operation)
{
	if (now_ms >= play.locked)
		return flock(fd, operation);
	ck_assert_int_eq(operation, LOCK_EX | LOCK_NB);
	errno = EWOULDBLOCK;
	return -1;
}

static bool is_busy(const char *patch)
{
	char name[KLP_MODULE_NAME_LEN];

	klp_live_transition(name);
	return *name && !klp_streq(name, patch);
}

static int play_disable(const char *patch)
{
	int err;

	disables++;
	if (play.disable_err || is_busy(patch))
		return play.disable_err ? play.disable_err : -EBUSY;
	err = klp_live_disable(patch);
	if (err == 0) {
		start_transition(patch, KLP_PATCH_DISABLING, KLP_PATCH_DEAD);
		note("-", patch);
		is_killed("-", patch);
	}
	return err;
}

int klp_kmod_add_beside(struct klp_kmod *kmod, const char *name, const char *path,
			const struct klp_strv *deps)
{
	(void)kmod, (void)name, (void)path, (void)deps;
	return 0;
}

int klp_kmod_insert(struct klp_kmod *kmod, const char *name, const char *options)
{
	(void)kmod;
	inserts++;
	last_options = options;
	if (play.insert_busy) {
		play.insert_busy--;
		return -EBUSY;
	}
	if (play.insert_says)
		log_line(play.insert_says);
	if (play.insert_err || is_busy(name))
		return play.insert_err ? play.insert_err : -EBUSY;
	if (klp_live_module(name) != KLP_MODULE_ABSENT)
		return -EEXIST;
	start_transition(name, KLP_PATCH_ENABLING, KLP_PATCH_ENABLED);
	note("+", name);
	is_killed("+", name);
	return play.overtaken ? -EEXIST : 0;
}

int klp_kmod_remove(struct klp_kmod *kmod, const char *name)
{
	(void)kmod;
	removes++;
	if (play.remove_again) {
		play.remove_again--;
		return -EAGAIN;
	}
	if (play.remove_err)
		return play.remove_err;
	if (klp_live_module(name) == KLP_MODULE_ABSENT)
		return -ENOENT;
	if (klp_live_patch(name) != KLP_PATCH_DEAD)
		return -EBUSY;
	put_state(name, KLP_PATCH_ABSENT);
	note("~", name);
	is_killed("~", name);
	return 0;
}

/* What was noted by a clock that begins anew. */
static void forget(const char *path)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
}

/* Begin anew. */
static void play_start(const struct play *how)
{
	ck_assert_int_eq(chdir(fix_dir), 0);
	play = *how;
	memset(todo, 0, sizeof(todo));
	forget("run/waited");
	forget("run/budget");
	now_ms = inserts = removes = disables = 0;
	journal = NULL;
}

#endif

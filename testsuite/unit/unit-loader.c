// SPDX-License-Identifier: LGPL-2.1-or-later
/* Loading and unloading, with a kernel that is played. */
#include "config.h"

#include "testsuite/unit/play.h"

/* ---- the frame --------------------------------------------------------------------- */

#define DUPLICATE(patch) "sysfs: cannot create duplicate filename " \
			 "'/kernel/livepatch/" patch "/kvm/f,1'"
#define FTRACE "livepatch: failed to register ftrace handler for function 'f' (-16)"

static void start(const struct play *how)
{
	play_start(how);
	put_state("klp_kvm", play.kvm);
	put_state("klp_other", play.other);
	put_state("klp_third", KLP_PATCH_ABSENT);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(play.events) && play.events[i].patch; i++)
		at(play.events[i].ms, play.events[i].patch, play.events[i].state);
}

/* Times to a tenth of a second: how often the loader looks is its own affair. */
static char *result(int err, const struct klp_failure *failure)
{
	ck_assert_int_eq(failure->err, err);
	return text("%d%s%s %ums inserts=%u disables=%u removes=%u%s%s", err,
		    *failure->blocker ? " " : "", failure->blocker, now_ms - now_ms % 100,
		    inserts, disables, removes, failure->forced ? " forced" : "",
		    *failure->why.text ? text(" (%s: %s)", klpdep_refusal_name(failure->why.class),
					      failure->why.text) : "");
}

static char *load(unsigned int retry, unsigned int settle_timeout, const char *options)
{
	struct klp_loader loader = { .ctx = ctx,
				     .retry_timeout = retry,
				     .settle_timeout = settle_timeout };
	struct klp_failure failure = { .err = 77, .blocker = "x" };
	bool settled = true;
	int err = klp_loader_load(&loader, "klp_kvm", options, &settled, &failure);
	char *is = append(result(err, &failure), "%s", settled ? " settled" : "");

	for (size_t i = 0; i < loader.inserted.n; i++)
		is = append(is, " +%s", loader.inserted.v[i]);
	klp_strv_clear(&loader.inserted);
	return is;
}

static char *unload(unsigned int retry)
{
	struct klp_loader loader = { .ctx = ctx, .retry_timeout = retry };
	struct klp_failure failure = { .err = 77, .blocker = "x" };
	int err = klp_loader_unload(&loader, "klp_kvm", &failure);

	ck_assert_uint_eq(loader.inserted.n, 0);
	return result(err, &failure);
}

/* ---- loading ----------------------------------------------------------------------- */

START_TEST(loading)
{
	static const struct {
		const char *what;
		struct play play;
		unsigned int retry, settle;
		const char *result;
	} cases[] = {
		{ "the plain case",
		  { .transition = 500 }, 60, 60,
		  "0 500ms inserts=1 disables=0 removes=0 settled +klp_kvm" },
		{ "it is there already",
		  { .kvm = KLP_PATCH_ENABLED }, 60, 60,
		  "0 0ms inserts=0 disables=0 removes=0 settled" },
		{ "it is there already, and another is busy",
		  { .kvm = KLP_PATCH_ENABLED, .other = KLP_PATCH_ENABLING }, 60, 60,
		  "0 0ms inserts=0 disables=0 removes=0 settled" },
		{ "somebody else has inserted it",
		  { .kvm = KLP_PATCH_ENABLING,
		    .events = { { 300, "klp_kvm", KLP_PATCH_ENABLED } } }, 60, 60,
		  "0 300ms inserts=0 disables=0 removes=0 settled" },
		{ "somebody else is inserting it",
		  { .kvm = KLP_PATCH_COMING,
		    .events = { { 200, "klp_kvm", KLP_PATCH_ENABLING },
				{ 700, "klp_kvm", KLP_PATCH_ENABLED } } }, 60, 60,
		  "0 700ms inserts=0 disables=0 removes=0 settled" },
		{ "somebody else is quicker",
		  { .transition = 500, .overtaken = true }, 60, 60,
		  "0 500ms inserts=1 disables=0 removes=0 settled" },
		{ "a dead one goes first",
		  { .kvm = KLP_PATCH_DEAD, .transition = 500 }, 60, 60,
		  "0 500ms inserts=1 disables=0 removes=1 settled +klp_kvm" },
		{ "a dead one that the kernel still holds",
		  { .kvm = KLP_PATCH_DEAD, .transition = 500, .remove_again = 3 }, 60, 60,
		  "0 500ms inserts=1 disables=0 removes=4 settled +klp_kvm" },
		{ "a dead one that stays",
		  { .kvm = KLP_PATCH_DEAD, .remove_again = 9999 }, 60, 60,
		  "-11 10000ms inserts=0 disables=0 removes=76" },
		{ "a dead one that must not be removed",
		  { .kvm = KLP_PATCH_DEAD, .remove_err = -EPERM }, 60, 60,
		  "-1 0ms inserts=0 disables=0 removes=1" },
		{ "one that is being disabled",
		  { .kvm = KLP_PATCH_DISABLING, .transition = 500,
		    .events = { { 400, "klp_kvm", KLP_PATCH_DEAD } } }, 60, 60,
		  "0 900ms inserts=1 disables=0 removes=1 settled +klp_kvm" },
		{ "another's transition: no try before it is over",
		  { .other = KLP_PATCH_ENABLING, .transition = 500,
		    .events = { { 300, "klp_other", KLP_PATCH_ENABLED } } }, 60, 60,
		  "0 800ms inserts=1 disables=0 removes=0 settled +klp_kvm" },
		{ "EBUSY without one",
		  { .transition = 500, .insert_busy = 3 }, 60, 60,
		  "0 500ms inserts=4 disables=0 removes=0 settled +klp_kvm" },
		{ "EBUSY without one, for good",
		  { .insert_err = -EBUSY }, 60, 60,
		  "-16 900ms inserts=27 disables=0 removes=0" },
		{ "EBUSY of its own init, because of a duplicate",
		  { .insert_err = -EBUSY, .insert_says = DUPLICATE("klp_kvm") }, 60, 60,
		  "-22 0ms inserts=1 disables=0 removes=0 (other: " DUPLICATE("klp_kvm") ")" },
		{ "and EEXIST, which it was before Linux 7",
		  { .insert_err = -EEXIST, .insert_says = DUPLICATE("klp_kvm") }, 60, 60,
		  "-22 0ms inserts=1 disables=0 removes=0 (other: " DUPLICATE("klp_kvm") ")" },
		{ "another patch's duplicate",
		  { .insert_err = -EBUSY, .insert_says = DUPLICATE("klp_kv") }, 60, 60,
		  "-16 900ms inserts=27 disables=0 removes=0" },
		{ "EBUSY, because somebody has a function's ftrace entry",
		  { .insert_err = -EBUSY, .insert_says = FTRACE }, 60, 60,
		  "-16 0ms inserts=1 disables=0 removes=0 (ftrace: " FTRACE ")" },
		{ "EBUSY, and a line that does not tell",
		  { .insert_err = -EBUSY, .insert_says = "klp_kvm: never mind" }, 60, 60,
		  "-16 900ms inserts=27 disables=0 removes=0 (other: klp_kvm: never mind)" },
		{ "busy for good",
		  { .other = KLP_PATCH_ENABLING }, 1, 60,
		  "-110 klp_other 1000ms inserts=0 disables=0 removes=0" },
		{ "busy for good, disabling",
		  { .other = KLP_PATCH_DISABLING }, 3, 60,
		  "-110 klp_other 3000ms inserts=0 disables=0 removes=0" },
		{ "the queue gets on: patience starts afresh",
		  { .other = KLP_PATCH_ENABLING, .transition = 500,
		    .events = { { 800, "klp_other", KLP_PATCH_ENABLED },
				{ 800, "klp_third", KLP_PATCH_ENABLING },
				{ 1600, "klp_third", KLP_PATCH_ENABLED } } }, 1, 60,
		  "0 2100ms inserts=1 disables=0 removes=0 settled +klp_kvm" },
		{ "no patience at all",
		  { .other = KLP_PATCH_ENABLING }, 0, 60,
		  "-110 klp_other 0ms inserts=0 disables=0 removes=0" },
		{ "no patience, and none needed",
		  { .transition = 500 }, 0, 0,
		  "0 0ms inserts=1 disables=0 removes=0 +klp_kvm" },
		{ "it does not settle",
		  { .transition = 0 }, 60, 2,
		  "0 2000ms inserts=1 disables=0 removes=0 +klp_kvm" },
		{ "somebody disables it meanwhile",
		  { .events = { { 300, "klp_kvm", KLP_PATCH_DEAD } },
		    .kvm = KLP_PATCH_ENABLING }, 60, 60,
		  "-125 300ms inserts=0 disables=0 removes=0" },
		{ "the kernel does not want it",
		  { .insert_err = -EINVAL }, 60, 60,
		  "-22 0ms inserts=1 disables=0 removes=0" },
		{ "there is none",
		  { .insert_err = -ENOENT }, 60, 60,
		  "-2 0ms inserts=1 disables=0 removes=0" },
	};

	put_text(KMSG_PATH, "");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		const char *is;

		start(&cases[i].play);
		is = load(cases[i].retry, cases[i].settle, NULL);
		ck_assert_msg(klp_streq(is, cases[i].result),
			      "%s:\nis:     %s\nwanted: %s", cases[i].what, is,
			      cases[i].result);
	}
}
END_TEST

START_TEST(options)
{
	const struct play plain = { .transition = 500 };

	start(&plain);
	load(60, 60, "a=1 b=\"2 3\"");
	expect_text(last_options, "a=1 b=\"2 3\"");
	start(&plain);
	load(60, 60, NULL);
	ck_assert_ptr_null(last_options);
}
END_TEST

/* To unload a dead one is nothing to wait for. */
START_TEST(dead_without_patience)
{
	start(&(struct play){ .kvm = KLP_PATCH_DEAD });
	expect_text(load(0, 0, NULL), "0 0ms inserts=1 disables=0 removes=1 +klp_kvm");
	ck_assert_int_eq(klp_live_patch("klp_kvm"), KLP_PATCH_ENABLING);
}
END_TEST

/* ---- unloading --------------------------------------------------------------------- */

START_TEST(unloading)
{
	static const struct {
		const char *what;
		struct play play;
		unsigned int retry;
		const char *result;
		enum klp_patch_state after;
	} cases[] = {
		{ "there is none",
		  { .kvm = KLP_PATCH_ABSENT }, 60,
		  "0 0ms inserts=0 disables=0 removes=0", KLP_PATCH_ABSENT },
		{ "the plain case",
		  { .kvm = KLP_PATCH_ENABLED, .transition = 500 }, 60,
		  "0 500ms inserts=0 disables=1 removes=1", KLP_PATCH_ABSENT },
		{ "the kernel still holds it",
		  { .kvm = KLP_PATCH_ENABLED, .transition = 500, .remove_again = 2 }, 60,
		  "0 500ms inserts=0 disables=1 removes=3", KLP_PATCH_ABSENT },
		{ "its transition is reversed",
		  { .kvm = KLP_PATCH_ENABLING, .transition = 200,
		    .events = { { 100, "klp_kvm", KLP_PATCH_ENABLED } } }, 60,
		  "0 200ms inserts=0 disables=1 removes=1", KLP_PATCH_ABSENT },
		{ "it is being disabled",
		  { .kvm = KLP_PATCH_DISABLING,
		    .events = { { 300, "klp_kvm", KLP_PATCH_DEAD } } }, 60,
		  "0 300ms inserts=0 disables=0 removes=1", KLP_PATCH_ABSENT },
		{ "somebody else unloads it",
		  { .kvm = KLP_PATCH_DISABLING,
		    .events = { { 300, "klp_kvm", KLP_PATCH_ABSENT } } }, 60,
		  "0 300ms inserts=0 disables=0 removes=0", KLP_PATCH_ABSENT },
		{ "it is dead",
		  { .kvm = KLP_PATCH_DEAD }, 60,
		  "0 0ms inserts=0 disables=0 removes=1", KLP_PATCH_ABSENT },
		{ "it is being disabled when we say so",
		  { .kvm = KLP_PATCH_ENABLED, .disable_err = -EINVAL,
		    .events = { { 100, "klp_kvm", KLP_PATCH_DEAD } } }, 60,
		  "0 100ms inserts=0 disables=1 removes=1", KLP_PATCH_ABSENT },
		{ "it goes when we say so",
		  { .kvm = KLP_PATCH_ENABLED, .disable_err = -ENODEV,
		    .events = { { 100, "klp_kvm", KLP_PATCH_DEAD } } }, 60,
		  "0 100ms inserts=0 disables=1 removes=1", KLP_PATCH_ABSENT },
		{ "it cannot be disabled",
		  { .kvm = KLP_PATCH_ENABLED, .disable_err = -EPERM }, 60,
		  "-1 0ms inserts=0 disables=1 removes=0", KLP_PATCH_ENABLED },
		{ "another's transition",
		  { .kvm = KLP_PATCH_ENABLED, .other = KLP_PATCH_ENABLING,
		    .transition = 500,
		    .events = { { 600, "klp_other", KLP_PATCH_ENABLED } } }, 60,
		  "0 1100ms inserts=0 disables=23 removes=1", KLP_PATCH_ABSENT },
		{ "another's transition, without end",
		  { .kvm = KLP_PATCH_ENABLED, .other = KLP_PATCH_ENABLING }, 1,
		  "-110 klp_other 5000ms inserts=0 disables=51 removes=0",
		  KLP_PATCH_ENABLED },
		{ "its own transition, without end",
		  { .kvm = KLP_PATCH_ENABLED, .transition = 0 }, 0,
		  "-110 klp_kvm 5000ms inserts=0 disables=1 removes=0",
		  KLP_PATCH_DISABLING },
		{ "the same, with more patience",
		  { .kvm = KLP_PATCH_ENABLED, .transition = 0 }, 7,
		  "-110 klp_kvm 7000ms inserts=0 disables=1 removes=0",
		  KLP_PATCH_DISABLING },
		{ "it is pinned",
		  { .kvm = KLP_PATCH_DEAD, .remove_again = 9999 }, 60,
		  "-11 10000ms inserts=0 disables=0 removes=76", KLP_PATCH_DEAD },
		{ "it must not be removed",
		  { .kvm = KLP_PATCH_DEAD, .remove_err = -EPERM }, 60,
		  "-1 0ms inserts=0 disables=0 removes=1", KLP_PATCH_DEAD },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		const char *is;

		start(&cases[i].play);
		is = unload(cases[i].retry);
		ck_assert_msg(klp_streq(is, cases[i].result),
			      "%s:\nis:     %s\nwanted: %s", cases[i].what, is,
			      cases[i].result);
		ck_assert_int_eq(klp_live_patch("klp_kvm"), cases[i].after);
	}
}
END_TEST

/* One whose disabling was forced is not waited for: the kernel's log tells. */
START_TEST(unload_forced)
{
	static const struct {
		const char *log;
		bool forced;
	} cases[] = {
		{ "", false },
		{ "5,1,1,-;livepatch: 'klp_kvm': starting unpatching transition\n"
		  "4,2,2,-;livepatch: forcing remaining tasks to the patched state\n"
		  "5,3,3,-;livepatch: 'klp_kvm': unpatching complete\n", true },
		{ "5,1,1,-;livepatch: 'klp_kvm': starting patching transition\n"
		  "5,2,2,-;livepatch: 'klp_kvm': reversing transition from patching to "
		  "unpatching\n"
		  "4,3,3,-;livepatch: forcing remaining tasks to the patched state\n"
		  "5,4,4,-;livepatch: 'klp_kvm': unpatching complete\n", true },
		/* not in this direction */
		{ "5,1,1,-;livepatch: 'klp_kvm': starting patching transition\n"
		  "4,2,2,-;livepatch: forcing remaining tasks to the patched state\n"
		  "5,3,3,-;livepatch: 'klp_kvm': patching complete\n"
		  "5,4,4,-;livepatch: 'klp_kvm': starting unpatching transition\n"
		  "5,5,5,-;livepatch: 'klp_kvm': unpatching complete\n", false },
		/* another's, and before */
		{ "5,1,1,-;livepatch: 'klp_other': starting unpatching transition\n"
		  "4,2,2,-;livepatch: forcing remaining tasks to the patched state\n"
		  "5,3,3,-;livepatch: 'klp_other': unpatching complete\n"
		  "5,4,4,-;livepatch: 'klp_kvm': starting unpatching transition\n"
		  "5,5,5,-;livepatch: 'klp_kvm': unpatching complete\n", false },
		/* not the kernel's own words */
		{ "5,1,1,-;livepatch: 'klp_kvm': starting unpatching transition\n"
		  "12,2,2,-;livepatch: forcing remaining tasks to the patched state\n"
		  "5,3,3,-;livepatch: 'klp_kvm': unpatching complete\n", false },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		const char *is;

		start(&(struct play){ .kvm = KLP_PATCH_DEAD, .remove_again = 9999 });
		put_text("kmsg", cases[i].log);
		is = unload(60);
		ck_assert_msg(klp_streq(is, cases[i].forced ?
			"-11 0ms inserts=0 disables=0 removes=1 forced" :
			"-11 10000ms inserts=0 disables=0 removes=76"),
			      "%zu: %s", i, is);
	}
	put_text("kmsg", "");
}
END_TEST

/* What is being inserted is unloaded as soon as it is there. */
START_TEST(unload_coming)
{
	const char *is;

	start(&(struct play){ .kvm = KLP_PATCH_COMING,
			      .transition = 500,
			      .events = { { 200, "klp_kvm", KLP_PATCH_ENABLING },
					  { 700, "klp_kvm", KLP_PATCH_ENABLED } } });
	is = unload(60);
	/* 200 ms, and a transition that is reversed */
	ck_assert_msg(klp_after_prefix(is, "0 700ms "), "is: %s", is);
	ck_assert_int_eq(klp_live_patch("klp_kvm"), KLP_PATCH_ABSENT);
}
END_TEST

/* ---- the lock ---------------------------------------------------------------------- */

/* A process that has the lock, and leaves a file when it lets go. */
static pid_t hold_lock(unsigned int ms)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(chdir(fix_dir), 0);
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd = open("lock", O_RDWR | O_CREAT, 0600);

		if (fd < 0 || flock(fd, LOCK_EX) < 0 || write(ready[1], "x", 1) < 0)
			_exit(1);
		usleep(ms * 1000);
		close(open("released", O_WRONLY | O_CREAT, 0600));
		_exit(0);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void let_go(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

#define LOADED " inserts=1 disables=0 removes=0 settled +klp_kvm"

START_TEST(lock_waited_for)
{
	struct sigaction before, after;

	ck_assert_int_eq(sigaction(SIGALRM, NULL, &before), 0);
	start(&(struct play){ .transition = 500, .locked = 300 });
	expect_text(load(60, 60, NULL), "0 800ms" LOADED);
	/* After a while the looks are fewer, and still so many that it is seen soon. */
	start(&(struct play){ .transition = 500, .locked = 50000 });
	expect_text(load(60, 60, NULL), "0 50600ms" LOADED);
	/* No signal is made use of. */
	ck_assert_int_eq(sigaction(SIGALRM, NULL, &after), 0);
	ck_assert(after.sa_handler == before.sa_handler);
}
END_TEST

/* Who sits on it. */
static void put_lock_holder(pid_t pid)
{
	struct stat st;
	uintmax_t inode;

	ck_assert_int_eq(stat("lock", &st), 0);
	inode = st.st_ino;
	put_text("proc/locks",
		 text("1: POSIX  ADVISORY  WRITE 7 %02x:%02x:%ju 0 EOF\n"
		      "2: FLOCK  ADVISORY  WRITE 8 %02x:%02x:%ju 0 EOF\n"
		      "3: FLOCK  ADVISORY  WRITE %d %02x:%02x:%ju 0 EOF\n"
		      "3: -> FLOCK  ADVISORY  WRITE 9 %02x:%02x:%ju 0 EOF\n",
		      major(st.st_dev), minor(st.st_dev), inode, major(st.st_dev),
		      minor(st.st_dev), inode + 1, pid, major(st.st_dev),
		      minor(st.st_dev), inode, major(st.st_dev), minor(st.st_dev),
		      inode));
}

/* One who sits on it is passed by, which is said where the kernel is free. */
START_TEST(lock_held_for_good)
{
	pid_t pid = hold_lock(60000);

	start(&(struct play){ .transition = 500 });
	put_lock_holder(pid);
	expect_text(load(1, 1, NULL), "0 1500ms" LOADED);
	expect_text(take_log(),
		    text("4 queue-stuck: klp_kvm: process %d holds lock and makes no "
			 "progress; going on without it\n",
			 pid));
	/* those in front get on */
	start(&(struct play){ .transition = 500,
			      .events = { { 900, "klp_other", KLP_PATCH_ENABLING },
					  { 1900, "klp_other", KLP_PATCH_ENABLED },
					  { 1900, "klp_third", KLP_PATCH_ENABLING },
					  { 2900, "klp_third", KLP_PATCH_ENABLED } } });
	expect_text(load(1, 0, NULL),
		    "0 4000ms inserts=1 disables=0 removes=0 +klp_kvm");
	ck_assert(klp_after_prefix(take_log(), "4 queue-stuck: klp_kvm: process "));
	/* they wait for a transition, and so do we, once for lock and insertion */
	start(&(struct play){ .other = KLP_PATCH_ENABLING });
	expect_text(load(2, 60, NULL),
		    "-110 klp_other 2000ms inserts=0 disables=0 removes=0");
	expect_text(take_log(), "");
	/* neither of these wants it */
	start(&(struct play){ .transition = 500 });
	expect_text(load(0, 60, NULL), "0 500ms" LOADED);
	start(&(struct play){ .kvm = KLP_PATCH_ENABLED });
	expect_text(load(60, 60, NULL), "0 0ms inserts=0 disables=0 removes=0 settled");
	let_go(pid);
}
END_TEST

/* It is held until the patch has settled, and let go then. */
START_TEST(lock_taken)
{
	struct stat st;
	int fd;

	start(&(struct play){ .transition = 500 });
	expect_text(load(60, 60, NULL), "0 500ms" LOADED);
	ck_assert_int_eq(stat("lock", &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	fd = open("lock", O_RDWR);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
}
END_TEST

START_TEST(lock_not_to_be_had)
{
	start(&(struct play){ .transition = 500 });
	ck_assert_int_eq(mkdir("lock", 0700), 0);
	expect_text(load(60, 60, NULL), "0 500ms" LOADED);
	ck_assert_int_eq(rmdir("lock"), 0);
	/* nor is a link followed */
	start(&(struct play){ .transition = 500 });
	ck_assert_int_eq(symlink("elsewhere", "lock"), 0);
	expect_text(load(60, 60, NULL), "0 500ms" LOADED);
	ck_assert_int_lt(access("elsewhere", F_OK), 0);
}
END_TEST

/* Whoever came before is waited for also where the lock is free, and he has not seen that yet;
 * who has come later is not. */
START_TEST(lock_in_turn)
{
	struct flock place = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1,
			       .l_len = 1 };
	int fd;

	start(&(struct play){ .transition = 500 });
	fd = open("lock", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &place), 0);
	expect_text(load(2, 60, NULL), "0 2600ms" LOADED);
	ck_assert(klp_after_prefix(take_log(), "4 queue-stuck: klp_kvm: a process holds lock"));
	place.l_type = F_UNLCK;
	ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &place), 0);
	place.l_type = F_WRLCK;
	place.l_start = (off_t)1 << 60;
	ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &place), 0);
	start(&(struct play){ .transition = 500 });
	expect_text(load(2, 60, NULL), "0 500ms" LOADED);
	/* The number is given back. */
	start(&(struct play){ .transition = 500, .locked = 300 });
	expect_text(load(2, 60, NULL), "0 800ms" LOADED);
	place.l_start = 0;
	place.l_len = (off_t)1 << 59;
	ck_assert_int_eq(fcntl(fd, F_OFD_GETLK, &place), 0);
	ck_assert_int_eq(place.l_type, F_UNLCK);
	close(fd);
}
END_TEST

/* ---- for others' sake ---------------------------------------------------------------- */

static void put_caller(void)
{
	put_text("proc/800/stat", "800 (x) S 1 1 1 0 -1 0 10 20 30 40 1 2 3 4 20 0 1 0 8000 "
				  "4096 7\n");
}

/* A helper below udev: what it says, and why it has not waited any longer. */
static char *load_below_udev(unsigned int budget, unsigned int waiters)
{
	struct klp_wait wait = {
		.caller = { KLP_CALLER_UDEV, 800, 8000 }, .has_places = true,
		.waiters = waiters, .has_budget = true, .budget = budget,
		.place = -1, .account = -1,
	};
	struct klp_loader loader = { .ctx = ctx, .retry_timeout = 60, .settle_timeout = 5,
				     .wait = &wait };
	struct klp_failure failure;
	bool settled;
	int err = klp_loader_load(&loader, "klp_kvm", NULL, &settled, &failure);
	static const char *const limits[] = { "", " time", " places", " budget" };

	/* The place is free again. */
	ck_assert(!wait.is_waiting && wait.place < 0 && wait.account < 0);
	klp_strv_clear(&loader.inserted);
	return text("%d%s%s %ums inserts=%u%s%s", err, *failure.blocker ? " " : "",
		    failure.blocker, now_ms - now_ms % 100, inserts,
		    settled ? " settled" : "", settled ? "" : limits[failure.limit]);
}

START_TEST(budget)
{
	const struct play busy = { .other = KLP_PATCH_ENABLING },
			  stalled = { .transition = 0 }, plain = { .transition = 2000 };

	start(&busy);
	put_caller();
	expect_text(load_below_udev(10, 8), "-110 klp_other 10100ms inserts=0 budget");
	/* What comes next below the same caller waits no more, but is inserted, if that can
	 * be. */
	expect_text(load_below_udev(10, 8), "-110 klp_other 10100ms inserts=0 budget");
	put_state("klp_other", KLP_PATCH_ENABLED);
	expect_text(load_below_udev(10, 8), "0 10100ms inserts=1 budget");
	/* The transition of the patch itself counts, too. */
	start(&stalled);
	expect_text(load_below_udev(3, 8), "0 3100ms inserts=1 budget");
	start(&stalled);
	expect_text(load_below_udev(30, 8), "0 5000ms inserts=1 time");
	start(&plain);
	expect_text(load_below_udev(30, 8), "0 2100ms inserts=1 settled");
	/* And the queue. */
	start(&(struct play){ .locked = 20000 });
	expect_text(load_below_udev(10, 8), "0 10100ms inserts=1 budget");
	expect_text(take_log(), "");
}
END_TEST

START_TEST(places)
{
	int fd;

	start(&(struct play){ .other = KLP_PATCH_ENABLING });
	put_caller();
	put_text("run/wait/0", "");
	fd = open("run/wait/0", O_RDONLY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	expect_text(load_below_udev(10, 1), "-110 klp_other 0ms inserts=0 places");
	start(&(struct play){ .transition = 500 });
	expect_text(load_below_udev(10, 1), "0 0ms inserts=1 places");
	/* What has not to be waited for needs none. */
	start(&(struct play){ .kvm = KLP_PATCH_ENABLED });
	expect_text(load_below_udev(10, 1), "0 0ms inserts=0 settled");
	start(&(struct play){ .other = KLP_PATCH_ENABLING });
	expect_text(load_below_udev(10, 2), "-110 klp_other 10100ms inserts=0 budget");
	close(fd);
	start(&(struct play){ .transition = 500 });
	expect_text(load_below_udev(10, 1), "0 500ms inserts=1 settled");
}
END_TEST

/* A transition that somebody has waited for as long as may be waited at all. */
START_TEST(waited_for)
{
	const struct play busy = { .other = KLP_PATCH_ENABLING }, free = { .transition = 500 };

	start(&busy);
	expect_text(load(7, 5, NULL), "-110 klp_other 7000ms inserts=0 disables=0 removes=0");
	expect_text(load(7, 5, NULL), "-110 klp_other 7000ms inserts=0 disables=0 removes=0");
	/* Who may wait longer does so for the rest. */
	expect_text(load(10, 5, NULL), "-110 klp_other 10000ms inserts=0 disables=0 removes=0");
	/* In the other direction it is another one. */
	put_state("klp_other", KLP_PATCH_DISABLING);
	expect_text(load(7, 5, NULL), "-110 klp_other 17000ms inserts=0 disables=0 removes=0");
	/* And so it is when the patch was loaded anew. */
	ck_assert_int_eq(rename("sys/kernel/livepatch/klp_other", "sys/old"), 0);
	put_state("klp_other", KLP_PATCH_DISABLING);
	expect_text(load(7, 5, NULL), "-110 klp_other 24000ms inserts=0 disables=0 removes=0");
	/* What has ended is forgotten. */
	at(now_ms + 1000, "klp_other", KLP_PATCH_ENABLED);
	ck_assert_int_eq(access("run/waited/klp_other", F_OK), 0);
	play = free;
	expect_text(load(10, 5, NULL),
		    "0 25500ms inserts=1 disables=0 removes=0 settled +klp_kvm");
	ck_assert_int_lt(access("run/waited/klp_other", F_OK), 0);
	ck_assert_int_lt(access("run/waited/klp_kvm", F_OK), 0);
}
END_TEST

/* The same of the patch's own: each target that it has waits, but for no longer. */
START_TEST(settling_waited_for)
{
	start(&(struct play){ .transition = 0 });
	expect_text(load(12, 5, NULL), "0 5000ms inserts=1 disables=0 removes=0 +klp_kvm");
	expect_text(load(12, 5, NULL), "0 10000ms inserts=1 disables=0 removes=0");
	expect_text(load(12, 5, NULL), "0 15000ms inserts=1 disables=0 removes=0");
	expect_text(load(12, 5, NULL), "0 15000ms inserts=1 disables=0 removes=0");
}
END_TEST

START_TEST(notes_not_to_be_had)
{
	start(&(struct play){ .other = KLP_PATCH_ENABLING });
	ck_assert_int_eq(system("rm -rf run && touch run"), 0);
	expect_text(load(7, 5, NULL), "-110 klp_other 7000ms inserts=0 disables=0 removes=0");
	expect_text(load(7, 5, NULL), "-110 klp_other 14000ms inserts=0 disables=0 removes=0");
	unlink("run");
	put_text("run/waited/klp_other", "1 2 x");
	expect_text(load(7, 5, NULL), "-110 klp_other 21000ms inserts=0 disables=0 removes=0");
	expect_text(load(7, 5, NULL), "-110 klp_other 21000ms inserts=0 disables=0 removes=0");
}
END_TEST

/* What has to be taken out for a module to be loaded has its five seconds all the same. */
START_TEST(unload_below_udev)
{
	struct klp_wait wait = {
		.caller = { KLP_CALLER_UDEV, 800, 8000 }, .has_places = true,
		.has_budget = true, .place = -1, .account = -1,
	};
	struct klp_loader loader = { .ctx = ctx, .retry_timeout = 60, .wait = &wait };
	struct klp_failure failure;

	start(&(struct play){ .kvm = KLP_PATCH_ENABLED, .transition = 3000 });
	put_caller();
	expect_text(result(klp_loader_unload(&loader, "klp_kvm", &failure), &failure),
		    "0 3100ms inserts=0 disables=1 removes=1");
	start(&(struct play){ .kvm = KLP_PATCH_ENABLED, .transition = 0 });
	expect_text(result(klp_loader_unload(&loader, "klp_kvm", &failure), &failure),
		    "-110 klp_kvm 5100ms inserts=0 disables=1 removes=0");
	ck_assert_int_eq(failure.limit, KLP_LIMIT_PLACES);
}
END_TEST

UNIT_MAIN("loader", loading, options, dead_without_patience, unloading, unload_forced,
	  unload_coming, lock_waited_for, lock_held_for_good, lock_taken, lock_in_turn, lock_not_to_be_had,
	  budget, places, waited_for, settling_waited_for, notes_not_to_be_had,
	  unload_below_udev)

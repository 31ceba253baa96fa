// SPDX-License-Identifier: LGPL-2.1-or-later
/* Places and budgets, by a clock that is played. */
#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "testsuite/unit/fixture.h"

static long long clock_ms, boot_ms;

static int play_clock(clockid_t id, struct timespec *now)
{
	long long ms = id == CLOCK_BOOTTIME ? boot_ms : clock_ms;

	*now = (struct timespec){ (time_t)(ms / 1000), (long)(ms % 1000 * 1000000) };
	return 0;
}

#define PROC_DIR "proc"
#undef RUN_DIR
#define RUN_DIR "run/klpdep"
#define clock_gettime play_clock
#include "libklpdep/live/caller.c"
#include "libklpdep/live/wait.c"
#undef clock_gettime

#define ACCOUNT ACCOUNTS_DIR "/800-8000"

static const char *const limits[] = {
	[KLP_LIMIT_NONE] = "none",
	[KLP_LIMIT_TIME] = "time",
	[KLP_LIMIT_PLACES] = "places",
	[KLP_LIMIT_BUDGET] = "budget",
};

static struct klpdep_config *config;

static void put_process(int pid)
{
	put_text(text("proc/%d/stat", pid),
		 text("%d (x) S 1 1 1 0 -1 0 10 20 30 40 1 2 3 4 20 0 1 0 %d 4096 7\n", pid,
		      pid * 10));
}

static void enter(const char *conf)
{
	ck_assert_int_eq(chdir(fix_dir), 0);
	put_text("etc/klpdep.d/a.conf", conf);
	config = klpdep_config_unref(config);
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("etc/klpdep.d"), &config), 0);
	put_process(800);
	clock_ms = boot_ms = 1000000;
}

static struct klp_wait wait_of(enum klp_caller_kind kind, int pid)
{
	const struct klp_caller caller = { kind, pid, (unsigned long long)pid * 10 };
	struct klp_wait wait;

	klp_wait_init(&wait, &caller, config, false);
	return wait;
}

/* How long it may wait, to half a second, and what ends it. */
static char *waited(struct klp_wait *wait, long long ms)
{
	long long begun = clock_ms;
	enum klp_limit limit;

	while ((limit = klp_wait_go_on(wait)) == KLP_LIMIT_NONE && clock_ms - begun < ms)
		clock_ms += 20;
	klp_wait_end(wait);
	return text("%lld %s", (clock_ms - begun) / 500 * 500, limits[limit]);
}

START_TEST(who_is_limited)
{
	static const struct {
		enum klp_caller_kind kind;
		bool required, places, budget;
	} cases[] = {
		{ KLP_CALLER_OTHER, false, false, false },
		{ KLP_CALLER_KERNEL, false, true, true },
		{ KLP_CALLER_UDEV, false, true, true },
		{ KLP_CALLER_SERVICE, false, false, true },
		{ KLP_CALLER_OTHER, true, false, false },
		{ KLP_CALLER_KERNEL, true, true, true },
		{ KLP_CALLER_SERVICE, true, false, true },
	};

	enter("");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		const struct klp_caller caller = { cases[i].kind, 800, 8000 };
		struct klp_wait wait;

		klp_wait_init(&wait, &caller, config, cases[i].required);
		ck_assert_msg(wait.has_places == cases[i].places &&
			      wait.has_budget == cases[i].budget, "%zu", i);
		ck_assert_uint_eq(wait.waiters, 8);
		/* retry-timeout's, under policy require */
		ck_assert_uint_eq(wait.budget, cases[i].required ? 60 : 30);
	}
	ck_assert_int_eq(klp_wait_go_on(NULL), KLP_LIMIT_NONE);
	klp_wait_end(NULL);
	/* Who is not limited leaves nothing behind. */
	struct klp_wait wait = wait_of(KLP_CALLER_OTHER, 800);

	expect_text(waited(&wait, 100000), "100000 none");
	ck_assert_int_lt(access("run", F_OK), 0);
}
END_TEST

START_TEST(places)
{
	struct klp_wait waits[4];
	struct stat st;

	enter("waiters 3\n");
	for (int i = 0; i < 4; i++) {
		waits[i] = wait_of(i % 2 ? KLP_CALLER_UDEV : KLP_CALLER_KERNEL, 800);
		ck_assert_int_eq(klp_wait_go_on(&waits[i]),
				 i < 3 ? KLP_LIMIT_NONE : KLP_LIMIT_PLACES);
	}
	ck_assert_int_eq(stat(PLACES_DIR "/0", &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	ck_assert_int_lt(access(PLACES_DIR "/3", F_OK), 0);
	/* A service takes none. */
	waits[3] = wait_of(KLP_CALLER_SERVICE, 800);
	ck_assert_int_eq(klp_wait_go_on(&waits[3]), KLP_LIMIT_NONE);
	klp_wait_end(&waits[3]);
	/* Whoever has one keeps it, and then it is free. */
	ck_assert_int_eq(klp_wait_go_on(&waits[1]), KLP_LIMIT_NONE);
	klp_wait_end(&waits[1]);
	waits[3] = wait_of(KLP_CALLER_UDEV, 800);
	ck_assert_int_eq(klp_wait_go_on(&waits[3]), KLP_LIMIT_NONE);
	ck_assert_int_eq(klp_wait_go_on(&waits[1]), KLP_LIMIT_PLACES);
	for (int i = 0; i < 4; i++)
		klp_wait_end(&waits[i]);
}
END_TEST

START_TEST(no_places)
{
	struct klp_wait wait;

	enter("waiters 0\n");
	wait = wait_of(KLP_CALLER_KERNEL, 800);
	expect_text(waited(&wait, 100), "0 places");
	wait = wait_of(KLP_CALLER_SERVICE, 800);
	expect_text(waited(&wait, 500), "500 none");
}
END_TEST

/* Nothing of a helper that is killed stays. */
START_TEST(killed)
{
	struct klp_wait wait;
	int status, ready[2];
	pid_t pid;
	char byte;

	enter("waiters 1\n");
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		wait = wait_of(KLP_CALLER_UDEV, 800);
		if (klp_wait_go_on(&wait) == KLP_LIMIT_NONE)
			byte = (char)write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	wait = wait_of(KLP_CALLER_UDEV, 800);
	ck_assert_int_eq(klp_wait_go_on(&wait), KLP_LIMIT_PLACES);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(klp_wait_go_on(&wait), KLP_LIMIT_NONE);
	klp_wait_end(&wait);
}
END_TEST

START_TEST(budget)
{
	struct klp_wait wait, other;
	struct stat st;

	enter("wait-budget 10\n");
	/* one helper after the other, each with a pause that is not waited for */
	wait = wait_of(KLP_CALLER_SERVICE, 800);
	expect_text(waited(&wait, 4000), "4000 none");
	ck_assert_int_eq(stat(ACCOUNT, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	clock_ms += 100000;
	expect_text(waited(&wait, 4000), "4000 none");
	clock_ms += 100000;
	wait = wait_of(KLP_CALLER_SERVICE, 800);
	expect_text(waited(&wait, 100000), "2000 budget");
	wait = wait_of(KLP_CALLER_SERVICE, 800);
	expect_text(waited(&wait, 100000), "0 budget");
	/* another caller, whose number is the same */
	other = wait_of(KLP_CALLER_SERVICE, 800);
	other.caller.start = 8001;
	expect_text(waited(&other, 100000), "10000 budget");
	enter("wait-budget 0\n");
	wait = wait_of(KLP_CALLER_UDEV, 800);
	expect_text(waited(&wait, 100000), "0 budget");
}
END_TEST

/* Several below one caller at once: the time counts, and counts once. */
START_TEST(side_by_side)
{
	struct klp_wait a, b;
	int i;

	enter("wait-budget 10\n");
	a = wait_of(KLP_CALLER_SERVICE, 800);
	b = wait_of(KLP_CALLER_SERVICE, 800);
	for (i = 0; i < 4000; i += 20) {
		ck_assert_int_eq(klp_wait_go_on(&a), KLP_LIMIT_NONE);
		clock_ms += 10;
		ck_assert_int_eq(klp_wait_go_on(&b), KLP_LIMIT_NONE);
		clock_ms += 10;
	}
	klp_wait_end(&a);
	/* b goes on alone */
	expect_text(waited(&b, 2000), "2000 none");
	expect_text(waited(&a, 100000), "4000 budget");
}
END_TEST

/* Each of two processes writes what the other has not. */
START_TEST(two_processes)
{
	long long used, until;
	int fd;

	enter("wait-budget 100\n");
	for (int i = 0; i < 2; i++) {
		if (fork() == 0) {
			for (int j = 0; j < 100; j++) {
				struct klp_wait wait = wait_of(KLP_CALLER_SERVICE, 800);

				/* time that no other has */
				clock_ms = 1000000 + (2 * j + i) * 1000;
				if (klp_wait_go_on(&wait) != KLP_LIMIT_NONE)
					_exit(1);
				clock_ms += 100;
				klp_wait_end(&wait);
			}
			_exit(0);
		}
	}
	for (int i = 0; i < 2; i++) {
		int status;

		wait(&status);
		ck_assert_int_eq(status, 0);
	}
	fd = open(ACCOUNT, O_RDONLY);
	ck_assert(read_account(fd, &used, &until));
	close(fd);
	/* One may be behind the other here, as processes that share a clock cannot be: then
	 * what it waits has been counted. */
	ck_assert_msg(used >= 10000 && used <= 20000, "%lld", used);
}
END_TEST

START_TEST(accounts_go)
{
	struct klp_wait wait;

	enter("");
	put_text(ACCOUNTS_DIR "/801-8010", "");
	put_text(ACCOUNTS_DIR "/800-7999", "");
	put_text(ACCOUNTS_DIR "/802-8020", "");
	put_text(ACCOUNTS_DIR "/other", "");
	put_process(802);
	wait = wait_of(KLP_CALLER_SERVICE, 800);
	expect_text(waited(&wait, 500), "500 none");
	ck_assert_int_lt(access(ACCOUNTS_DIR "/801-8010", F_OK), 0);
	ck_assert_int_lt(access(ACCOUNTS_DIR "/800-7999", F_OK), 0);
	ck_assert_int_eq(access(ACCOUNTS_DIR "/802-8020", F_OK), 0);
	ck_assert_int_eq(access(ACCOUNTS_DIR "/other", F_OK), 0);
	ck_assert_int_eq(access(ACCOUNT, F_OK), 0);
}
END_TEST

/* What cannot be written down has an end all the same: by the caller's own age. */
START_TEST(nothing_to_be_written)
{
	struct klp_wait wait;

	enter("wait-budget 10\n");
	put_text("run", "a file");
	wait = wait_of(KLP_CALLER_UDEV, 800); /* started 80 s after the kernel */
	boot_ms = 85000;
	expect_text(waited(&wait, 3000), "3000 none");
	boot_ms = 90000;
	expect_text(waited(&wait, 3000), "0 budget");
}
END_TEST

START_TEST(hostile)
{
	static const char *const texts[] = { "x", "-5 1000000\n", "9", "\n" };
	struct klp_wait wait;
	struct stat st;
	int fd;

	enter("wait-budget 10\n");
	/* What is damaged is as if it could not be written. */
	for (size_t i = 0; i < KLP_ARRAY_SIZE(texts); i++) {
		put_text(ACCOUNT, texts[i]);
		wait = wait_of(KLP_CALLER_SERVICE, 800);
		boot_ms = 91000;
		expect_text(waited(&wait, 1000), "0 budget");
	}
	/* A time that has not come does not stop the clock. */
	put_text(ACCOUNT, "000000000000000 999999999999999\n");
	expect_text(waited(&wait, 100000), "10000 budget");
	unlink(ACCOUNT);
	put_text("other", "");
	ck_assert_int_eq(symlink("../../../other", ACCOUNT), 0);
	expect_text(waited(&wait, 1000), "0 budget");
	ck_assert_int_eq(stat("other", &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	unlink(ACCOUNT);
	/* One who was stopped while he had it. */
	put_text(ACCOUNT, "");
	fd = open(ACCOUNT, O_RDONLY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	expect_text(waited(&wait, 100000), "2000 budget");
	close(fd);
}
END_TEST

UNIT_MAIN("wait", who_is_limited, places, no_places, killed, budget, side_by_side,
	  two_processes, accounts_go, nothing_to_be_written, hostile)

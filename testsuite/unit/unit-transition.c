// SPDX-License-Identifier: LGPL-2.1-or-later
/* The running transition: tasks and kernel log, in a directory in their place. */
#include "config.h"

#include <time.h>

#include "testsuite/unit/fixture.h"

static ssize_t play_kmsg(int fd, char *buf, size_t size);
static int play_clock(clockid_t id, struct timespec *now);

#define SYSFS_DIR "sys"
#define PROC_DIR "proc"
#define KMSG_PATH "kmsg"
#include "libklpdep/live/live.c"
#define read play_kmsg
#include "libklpdep/live/kernel-log.c"
#undef read
#define clock_gettime play_clock
#include "libklpdep/live/transition.c"
#undef clock_gettime

static int overruns; /* so often the log says that records were lost */

/* As /dev/kmsg does: one record a read. */
static ssize_t play_kmsg(int fd, char *buf, size_t size)
{
	size_t n = 0;

	if (overruns) {
		errno = overruns-- % 2 ? EPIPE : EINTR;
		return -1;
	}
	while (n < size && read(fd, buf + n, 1) == 1) {
		if (buf[n++] == '\n')
			return (ssize_t)n;
	}
	errno = EAGAIN;
	return -1;
}

/* It is 100.5 s after the boot. */
static int play_clock(clockid_t id, struct timespec *now)
{
	ck_assert_int_eq(id, CLOCK_MONOTONIC_RAW);
	*now = (struct timespec){ 100, 500000000 };
	return 0;
}

static void enter(void)
{
	ck_assert_int_eq(chdir(fix_dir), 0);
	overruns = 0;
}

static void put_patch(const char *name, const char *enabled, const char *transition)
{
	put_text(text("sys/module/%s/initstate", name), "live\n");
	put_text(text("sys/kernel/livepatch/%s/enabled", name), enabled);
	put_text(text("sys/kernel/livepatch/%s/transition", name), transition);
}

static void put_task(int pid, int tid, const char *comm, const char *state)
{
	const char *dir = text("proc/%d/task/%d", pid, tid);

	if (comm)
		put_text(text("%s/comm", dir), comm);
	if (state)
		put_text(text("%s/patch_state", dir), state);
}

/* PATCH, where it goes, for how long, how many tasks, and their words. */
static const char *look(void)
{
	struct klp_transition_info transition;
	char tasks[KLP_TRANSITION_TEXT_SIZE], words[KLP_TRANSITION_TEXT_SIZE];

	klp_transition_look(&transition);
	return text("%s %s %ld %ld (%s) (%s)", transition.patch,
		    transition.patching ? "patching" : "unpatching", transition.seconds,
		    transition.n_tasks, klp_transition_tasks(&transition, tasks),
		    klp_transition_held_up(&transition, words));
}

START_TEST(none)
{
	enter();
	put_task(1, 1, "init\n", "0\n");
	expect_text(look(), " unpatching 0 0 () (held up by no task that can be seen)");
	put_patch("klp_a", "1\n", "0\n");
	expect_text(look(), " unpatching 0 0 () (held up by no task that can be seen)");
	/* its module has gone meanwhile */
	put_text("sys/kernel/livepatch/klp_b/transition", "1\n");
	expect_text(look(), " unpatching 0 0 () (held up by no task that can be seen)");
}
END_TEST

START_TEST(directions)
{
	enter();
	put_task(1, 1, "init\n", "1\n");
	put_task(30, 30, "bash\n", "0\n");
	put_task(30, 31, "thread\n", "-1\n");
	put_patch("klp_a", "1\n", "0\n");
	put_patch("klp_b", "1\n", "1\n");
	expect_text(look(), "klp_b patching -1 1 (bash[30]) (held up by bash[30])");
	put_patch("klp_b", "0\n", "1\n");
	expect_text(look(), "klp_b unpatching -1 1 (init[1]) (held up by init[1])");
	put_task(1, 1, "init\n", "0\n");
	expect_text(look(), "klp_b unpatching -1 0 () "
			    "(held up by no task that can be seen)");
}
END_TEST

START_TEST(many)
{
	enter();
	put_patch("klp_b", "1\n", "1\n");
	put_task(10, 10, "ten\n", "0\n");
	put_task(9, 9, "nine\n", "0\n");
	expect_text(look(), "klp_b patching -1 2 (nine[9] and ten[10]) "
			    "(held up by nine[9] and ten[10])");
	put_task(9, 100, "hundred\n", "0\n");
	expect_text(look(), "klp_b patching -1 3 (nine[9], hundred[100] and ten[10]) "
			    "(held up by nine[9], hundred[100] and ten[10])");
	put_task(11, 11, "a\n", "0\n");
	put_task(12, 12, "b\n", "0\n");
	expect_text(look(), "klp_b patching -1 5 "
			    "(nine[9], hundred[100], ten[10], a[11] and b[12]) "
			    "(held up by "
			    "nine[9], hundred[100], ten[10], a[11] and b[12])");
	for (int i = 13; i < 33; i++)
		put_task(i, i, "more\n", "0\n");
	expect_text(look(), "klp_b patching -1 25 "
			    "(nine[9], hundred[100], ten[10], a[11], b[12] and 20 more) "
			    "(held up by "
			    "nine[9], hundred[100], ten[10], a[11], b[12] and 20 more)");
}
END_TEST

/* All of them with the longest name and number: nothing is cut off. */
START_TEST(longest)
{
	char *all = text("%s", "");
	struct klp_transition_info transition;
	char words[KLP_TRANSITION_TEXT_SIZE];

	enter();
	put_patch("klp_b", "1\n", "1\n");
	for (int i = 0; i < KLP_TRANSITION_TASKS; i++) {
		put_task(i + 1, 2000000001 + i, text("%064d\n", 0), "0\n");
		all = append(all, "%s%063d[%d]", i ? ", " : "held up by ", 0,
			     2000000001 + i);
	}
	klp_transition_look(&transition);
	transition.n_tasks = 2000000000;
	all = append(all, " and 1999999995 more");
	expect_text(klp_transition_held_up(&transition, words), all);
}
END_TEST

START_TEST(names)
{
	static const struct {
		const char *comm, *shown;
	} cases[] = {
		{ "kvm-vcpu 0\n", "kvm-vcpu 0" },
		{ "a\nb\n", "a?b" },
		{ "\033[31mred\177\r\n", "?[31mred??" },
		{ "caf\303\251\n", "caf??" },
		{ "\n", "?" },
		{ "", "?" },
		{ NULL, "?" },
	};

	enter();
	put_patch("klp_b", "1\n", "1\n");
	put_task(7, 7, NULL, "0\n");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		unlink("proc/7/task/7/comm");
		put_task(7, 7, cases[i].comm, NULL);
		expect_text(look(), text("klp_b patching -1 1 (%s[7]) (held up by %s[7])",
					 cases[i].shown, cases[i].shown));
	}
}
END_TEST

START_TEST(unknown)
{
	enter();
	put_patch("klp_b", "1\n", "1\n");
	/* no /proc */
	expect_text(look(), "klp_b patching -1 -1 () ()");
	/* no CONFIG_LIVEPATCH; not a process */
	put_task(7, 7, "x\n", NULL);
	put_text("proc/version", "x\n");
	put_text("proc/7x/task/7/patch_state", "0\n");
	expect_text(look(), "klp_b patching -1 -1 () ()");
	put_task(8, 8, "y\n", "0\n");
	expect_text(look(), "klp_b patching -1 1 (y[8]) (held up by y[8])");
	/* somebody else's that cannot be read, were it the last: who knows */
	put_text("proc/9/task/9/patch_state/x", "");
	expect_text(look(), "klp_b patching -1 -1 () ()");
}
END_TEST

#define START(us, word) "5,7," us ",-;livepatch: 'klp_b': starting " word " transition\n"

START_TEST(since)
{
	static const struct {
		const char *log;
		long seconds;
	} cases[] = {
		{ "", -1 },
		{ START("83499999", "patching"), 17 },
		{ START("83500000", "patching"), 17 },
		{ START("83500001", "patching"), 16 },
		/* reversed, or another time: the last one counts */
		{ START("40000000", "patching") START("90000000", "unpatching"), 10 },
		{ START("90000000", "patching") "6,8,90000001,-;something else\n", 10 },
		/* a clock that is a bit ahead */
		{ START("100600000", "patching"), 0 },
		/* with the caller's number, and with lines of a dictionary behind */
		{ "5,7,90000000,-,caller=T1;livepatch: 'klp_b': starting patching\n"
		  " SUBSYSTEM=x\n", 10 },
		/* another's; not the kernel's; no record */
		{ "5,7,90000000,-;livepatch: 'klp_bb': starting patching\n", -1 },
		{ "13,7,90000000,-;livepatch: 'klp_b': starting patching\n", -1 },
		{ "5,7,90000000,-;xlivepatch: 'klp_b': starting patching\n", -1 },
		{ "5,7,90000000,-;livepatch: 'klp_b': patching complete\n", -1 },
		{ "5,7;livepatch: 'klp_b': starting patching\n", -1 },
		{ "5,7,90000000,livepatch: 'klp_b': starting patching\n", -1 },
		{ ";livepatch: 'klp_b': starting patching\n;\n\n", -1 },
	};

	enter();
	put_patch("klp_b", "1\n", "1\n");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		put_text("kmsg", cases[i].log);
		overruns = 4;
		expect_text(look(),
			    text("klp_b patching %ld -1 () ()", cases[i].seconds));
		ck_assert_int_eq(overruns, 0);
	}
}
END_TEST

UNIT_MAIN("transition", none, directions, many, longest, names, unknown, since)

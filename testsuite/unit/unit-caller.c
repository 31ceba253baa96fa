// SPDX-License-Identifier: LGPL-2.1-or-later
/* Who has a module loaded, by what /proc says in a directory in its place. */
#include "config.h"

#include <limits.h>

#define PROC_DIR "proc"
#define PARENT 900
#include "libklpdep/live/caller.c"
#include "testsuite/unit/fixture.h"

#define WORKER "(udev-worker)"
#define KTHREAD 0x208040
#define UNIT "0::/system.slice/systemd-modules-load.service\n"

struct made {
	int pid;
	const char *comm;
	int parent;
	unsigned int flags;
	const char *cgroup, *cmdline;
};

static void put_process(const struct made *made)
{
	put_text(text("proc/%d/stat", made->pid),
		 text("%d (%s) S %d 1 1 0 -1 %u 10 20 30 40 1 2 3 4 20 0 1 0 %d 4096 7\n",
		      made->pid, made->comm, made->parent, made->flags, made->pid * 10));
	if (made->cgroup)
		put_text(text("proc/%d/cgroup", made->pid), made->cgroup);
	if (made->cmdline)
		put_file(text("proc/%d/cmdline", made->pid), made->cmdline,
			 strlen(made->cmdline));
}

static char *found(void)
{
	struct klp_caller caller = { KLP_CALLER_UDEV, 77, 77 };
	char words[KLP_CALLER_TEXT_SIZE];

	klp_caller_find(&caller);
	return text("%s", klp_caller_text(&caller, words));
}

START_TEST(kinds_of_callers)
{
	static const struct {
		const char *what;
		struct made made[5]; /* 900 is the rule's shell */
		const char *caller;
	} cases[] = {
		{ "there is no /proc", { { 0 } }, "other 0 0" },
		{ "a person's shell",
		  { { 900, "sh", 800, 0, NULL, NULL },
		    { 800, "modprobe", 700, 0, "0::/user.slice/user-0.slice/session-1.scope\n",
		      NULL },
		    { 700, "bash", 1, 0, NULL, NULL } }, "other 800 8000" },
		{ "request_module()",
		  { { 900, "sh", 800, 0, NULL, NULL }, { 800, "modprobe", 2, 0, "0::/\n", NULL },
		    { 2, "kthreadd", 0, KTHREAD, NULL, NULL } }, "kernel 800 8000" },
		{ "the same, by a foreign rule that runs modprobe again",
		  { { 900, "sh", 850, 0, NULL, NULL }, { 850, "modprobe", 820, 0, NULL, NULL },
		    { 820, "sh", 800, 0, NULL, NULL }, { 800, "modprobe", 2, 0, NULL, NULL },
		    { 2, "kthreadd", 0, KTHREAD, NULL, NULL } }, "kernel 800 8000" },
		{ "a worker of udev's",
		  { { 900, "sh", 800, 0, NULL, NULL },
		    { 800, WORKER, 300, 0, "0::/system.slice/systemd-udevd.service/udev\n",
		      NULL },
		    { 300, "systemd-udevd", 1, 0, NULL, NULL } }, "udev 800 8000" },
		{ "an older one",
		  { { 900, "sh", 800, 0, NULL, NULL },
		    { 800, "systemd-udevd", 300, 0, NULL, NULL },
		    { 300, "systemd-udevd", 1, 0, NULL, NULL } }, "udev 800 8000" },
		{ "a program that a rule of udev's runs",
		  { { 900, "sh", 850, 0, NULL, NULL }, { 850, "modprobe", 800, 0, NULL, NULL },
		    { 800, WORKER, 300, 0, NULL, NULL } }, "udev 800 8000" },
		{ "systemd-modules-load",
		  { { 900, "sh", 800, 0, NULL, NULL },
		    { 800, "systemd-modules", 1, 0, UNIT, NULL } }, "service 800 8000" },
		{ "in a hierarchy of systemd's own",
		  { { 900, "sh", 800, 0, NULL, NULL },
		    { 800, "x", 1, 0, "9:cpu:/\n1:name=systemd:/system.slice/a.service/b\n",
		      NULL } }, "service 800 8000" },
		{ "in another hierarchy",
		  { { 900, "sh", 800, 0, NULL, NULL },
		    { 800, "x", 1, 0, "9:cpu:/system.slice/a.service\n0::/\n", NULL } },
		  "other 800 8000" },
		{ "a service of a person's",
		  { { 900, "sh", 800, 0, NULL, NULL },
		    { 800, "x", 1, 0,
		      "0::/user.slice/user-0.slice/user@0.service/app.slice/a.service\n", NULL } },
		  "other 800 8000" },
		{ "no service",
		  { { 900, "sh", 800, 0, NULL, NULL },
		    { 800, "x", 1, 0, "0::/system.slice/a.services\n", NULL } },
		  "other 800 8000" },
		{ "a name with brackets",
		  { { 900, "a) S 1 (x", 800, 0, NULL, NULL },
		    { 800, "b) R 2 3", 1, 0, UNIT, NULL } }, "service 800 8000" },
		{ "a name that is like one",
		  { { 900, "sh", 800, 0, NULL, NULL }, { 800, "udev-worker", 1, 0, NULL, NULL } },
		  "other 800 8000" },
		{ "the shell is known by its command",
		  { { 900, "sh", 800, 0, NULL, "sh -c " HELPER_PATH " kvm" },
		    { 800, WORKER, 1, 0, NULL, NULL } }, "udev 800 8000" },
		{ "somebody's rule, without a shell between",
		  { { 900, "modprobe", 2, 0, NULL, "/sbin/modprobe -q kvm" },
		    { 2, "kthreadd", 0, KTHREAD, NULL, NULL } }, "kernel 900 9000" },
		{ "systemd itself",
		  { { 900, "sh", 1, 0, NULL, NULL },
		    { 1, "systemd", 0, 0, "0::/init.scope\n", NULL } }, "service 1 10" },
		{ "the caller has gone",
		  { { 900, "sh", 800, 0, NULL, NULL } }, "other 0 0" },
	};

	ck_assert_int_eq(chdir(fix_dir), 0);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		ck_assert_int_eq(system("rm -rf proc"), 0);
		for (size_t j = 0; j < 5 && cases[i].made[j].pid; j++)
			put_process(&cases[i].made[j]);
		ck_assert_msg(klp_streq(found(), cases[i].caller), "%s: %s", cases[i].what,
			      found());
	}
}
END_TEST

START_TEST(damaged_stat)
{
	static const char *const texts[] = { "", "800", "800 (x", "800 x) S 2",
					     "800 (x) S 2 1 1", "800 )x( S 1" };

	ck_assert_int_eq(chdir(fix_dir), 0);
	put_process(&(struct made){ 900, "sh", 800, 0, NULL, NULL });
	for (size_t i = 0; i < KLP_ARRAY_SIZE(texts); i++) {
		put_text("proc/800/stat", texts[i]);
		expect_text(found(), "other 0 0");
	}
}
END_TEST

START_TEST(as_text)
{
	static const char *const bad[] = { "", "udev", "udev 800", "udev 800 8000 ",
					   "udev 800 8000x", "tap 800 8000", "udev 801 8000",
					   "udev 800 8001", "udev -1 8000", "0 800 8000" };
	struct klp_caller caller = { KLP_CALLER_SERVICE, 800, 8000 }, back;
	char words[KLP_CALLER_TEXT_SIZE];

	ck_assert_int_eq(chdir(fix_dir), 0);
	put_process(&(struct made){ 800, "x", 1, 0, NULL, NULL });
	for (int kind = KLP_CALLER_OTHER; kind <= KLP_CALLER_SERVICE; kind++) {
		caller.kind = (enum klp_caller_kind)kind;
		ck_assert(klp_caller_parse(klp_caller_text(&caller, words), &back));
		ck_assert(back.kind == caller.kind && back.pid == 800 && back.start == 8000);
	}
	for (size_t i = 0; i < KLP_ARRAY_SIZE(bad); i++)
		ck_assert_msg(!klp_caller_parse(bad[i], &back), "%s", bad[i]);
	/* The longest that there is. */
	caller = (struct klp_caller){ KLP_CALLER_SERVICE, INT_MAX, ULLONG_MAX };
	ck_assert_uint_lt(strlen(klp_caller_text(&caller, words)), sizeof(words) - 1);
}
END_TEST

START_TEST(age_of_a_caller)
{
	struct timespec now;
	struct klp_caller caller = { .pid = 800 };
	long long age;

	clock_gettime(CLOCK_BOOTTIME, &now);
	caller.start = (unsigned long long)now.tv_sec * (unsigned long long)sysconf(_SC_CLK_TCK);
	age = klp_caller_age(&caller);
	ck_assert(age >= 0 && age < 60000);
}
END_TEST

UNIT_MAIN("caller", kinds_of_callers, damaged_stat, as_text, age_of_a_caller)

// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is left to klpdep sync: added, taken, and both at once. */
#include "config.h"

#include <sys/wait.h>

#define LATE_DIR "run/klpdep"
#undef RUN_DIR
#define RUN_DIR "run/klpdep"
#include "libklpdep/live/notes.c"
#include "libklpdep/live/late.c"
#include "testsuite/unit/fixture.h"

#define N_WRITERS 8
#define N_NAMES 40

static char *take(void)
{
	_cleanup_strv_ struct klp_strv targets = { 0 };
	char *all = text("%s", "");

	ck_assert_int_eq(klp_late_take(&targets), 0);
	for (size_t i = 0; i < targets.n; i++)
		all = append(all, "%s%s", i ? " " : "", targets.v[i]);
	return all;
}

static void enter(void)
{
	ck_assert_int_eq(chdir(fix_dir), 0);
}

START_TEST(added_and_taken)
{
	enter();
	ck_assert_str_eq(take(), "");
	ck_assert_int_eq(klp_late_add("zram"), 0);
	ck_assert_int_eq(klp_late_add("kvm"), 0);
	ck_assert_int_eq(klp_late_add("zram"), 0);
	ck_assert_int_eq(access(LATE_PATH, F_OK), 0);
	ck_assert_str_eq(take(), "kvm zram");
	ck_assert_int_eq(access(LATE_PATH, F_OK), -1);
	ck_assert_str_eq(take(), "");
	/* It is a mark also without a name. */
	ck_assert_int_eq(klp_late_add(NULL), 0);
	ck_assert_int_eq(access(LATE_PATH, F_OK), 0);
	ck_assert_str_eq(take(), "");
	ck_assert_int_eq(access(LATE_PATH, F_OK), -1);
}
END_TEST

/* klpdep-late.service has moved it, the udev rule has made it anew. */
START_TEST(moved)
{
	enter();
	ck_assert_int_eq(klp_late_add("kvm"), 0);
	ck_assert_int_eq(rename(LATE_PATH, TAKEN_PATH), 0);
	put_text(LATE_PATH, "");
	ck_assert_int_eq(klp_late_add("zram"), 0);
	ck_assert_str_eq(take(), "kvm zram");
	ck_assert_int_eq(access(TAKEN_PATH, F_OK), -1);
	ck_assert_int_eq(access(LATE_PATH, F_OK), -1);
}
END_TEST

START_TEST(hostile)
{
	struct stat st;

	enter();
	put_text(RUN_DIR "/" LEFT "/kvm-intel", "");
	put_text(RUN_DIR "/" LEFT "/zram", "x");
	put_text(RUN_DIR "/" LEFT "/-x", "");
	put_text(RUN_DIR "/" LEFT "/zram.tmpABCDEF", "");
	ck_assert_str_eq(take(), "kvm_intel zram");
	ck_assert_int_eq(klp_late_add("a/b"), -EINVAL);
	ck_assert_int_eq(access(LATE_PATH, F_OK), -1);
	/* Nothing is written through a link, and none stays a mark for ever. */
	put_text("other", "kvm\n");
	ck_assert_int_eq(symlink("../../other", LATE_PATH), 0);
	ck_assert_str_eq(take(), "");
	ck_assert_int_eq(lstat(LATE_PATH, &st), -1);
	ck_assert_int_eq(symlink("../../other", LATE_PATH), 0);
	ck_assert_int_eq(klp_late_add("zram"), 0);
	ck_assert_int_eq(stat("other", &st), 0);
	ck_assert_int_eq(st.st_size, 4);
	ck_assert_str_eq(take(), "zram");
	/* It cannot be made where a directory is. */
	ck_assert_int_eq(mkdir(LATE_PATH, 0700), 0);
	ck_assert_int_lt(klp_late_add("zram"), 0);
}
END_TEST

/* No name gets lost between those who write and one who takes. */
START_TEST(at_once)
{
	_cleanup_strv_ struct klp_strv targets = { 0 };
	int left = N_WRITERS;

	enter();
	for (int i = 0; i < N_WRITERS; i++) {
		if (fork() != 0)
			continue;
		for (int j = 0; j < N_NAMES; j++) {
			if (klp_late_add(text("m%d_%d", i, j)) < 0)
				_exit(1);
		}
		_exit(0);
	}
	while (left) {
		int status;

		ck_assert_int_eq(klp_late_take(&targets), 0);
		while (left && waitpid(-1, &status, WNOHANG) > 0) {
			ck_assert_int_eq(status, 0);
			left--;
		}
	}
	ck_assert_int_eq(klp_late_take(&targets), 0);
	ck_assert_uint_eq(targets.n, N_WRITERS * N_NAMES);
}
END_TEST

UNIT_MAIN("late", added_and_taken, moved, hostile, at_once)

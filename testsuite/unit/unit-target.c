// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whether the file of a target is another one than when the index was written. */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/fit/fit.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
/* As users have it: their PATH is without the directories of root's programs. */
#define DEPMOD "PATH=\"$PATH:/usr/sbin:/sbin\" depmod"

static void touch(const char *path, time_t seconds, long nanoseconds)
{
	const struct timespec times[] = { { .tv_nsec = UTIME_OMIT },
					  { .tv_sec = seconds, .tv_nsec = nanoseconds } };

	ck_assert_int_eq(utimensat(AT_FDCWD, in_dir(path), times, 0), 0);
}

/* Another file with this in it, as a copy is or a new build. */
static void replace(const char *path, const char *spec)
{
	put_module("new", spec);
	ck_assert_int_eq(rename(in_dir("new"), in_dir(path)), 0);
}

START_TEST(targets)
{
#define KVM TREE "kernel/kvm.ko"
#define ZRAM TREE "kernel/zram.ko"
	_cleanup_index_ struct klpdep_index *index =
		make_index("patch p file=p.ko\nobject gone p order=none\n"
			   "object kvm p order=before\nobject vmlinux p order=none\n"
			   "object zram p order=before\n");
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	struct klp_fit fit = { .ctx = ctx, .kernel = KERNEL };

	/* one with a build-id, and one without */
	put_module(KVM, "name kvm;local f;buildid aa01");
	put_module(ZRAM, "name zram;local f");
	put_text(TREE "modules.order", "");
	put_text(TREE "modules.builtin", "");
	put_text(TREE "modules.builtin.modinfo", "");
	ck_assert_int_eq(system(text(DEPMOD " -C /dev/null -b '%s' " KERNEL, fix_dir)), 0);
	touch(KVM, 1000, 5);
	touch(ZRAM, 1000, 5);
	ck_assert_int_eq(klp_moddep_read(ctx, KERNEL, &moddep), 0);
	ck_assert_int_eq(klp_fit_init(&fit, &moddep), 0);
	ck_assert_int_eq(klp_fit_targets(&fit, index), 0);
	ck_assert_int_eq(klp_fit_build_ids(&fit, index), 0);
	klp_fit_clear(&fit);
	ck_assert_uint_eq(index->n_targets, 2);
	expect_text(index->targets[0].name, "kvm");
	expect_text(index->targets[0].build_id, "aa01");
	ck_assert_int_eq(index->targets[0].mtime, 1000000000005);
	expect_text(index->targets[1].name, "zram");
	ck_assert_ptr_null(index->targets[1].build_id);

	ck_assert_int_eq(klp_kmod_new(ctx, KERNEL, KLP_KMOD_NO_CONFIG, &kmod), 0);
#define CHANGED(target) klp_fit_target_changed(kmod, index, target)
	ck_assert(!CHANGED("kvm"));
	ck_assert(!CHANGED("zram"));
	ck_assert(!CHANGED("gone")); /* nothing is known of it */
	/* a copy, without and with its time */
	replace(KVM, "name kvm;local f;buildid aa01");
	ck_assert(!CHANGED("kvm"));
	replace(ZRAM, "name zram;local f");
	ck_assert(CHANGED("zram"));
	touch(ZRAM, 1000, 5);
	ck_assert(!CHANGED("zram"));
	touch(ZRAM, 1000, 0); /* out of an archive */
	ck_assert(!CHANGED("zram"));
	touch(ZRAM, 1000, 6);
	ck_assert(CHANGED("zram"));
	touch(ZRAM, 1001, 0);
	ck_assert(CHANGED("zram"));
	/* of another size */
	replace(ZRAM, "name zram;local f;local g;local h");
	touch(ZRAM, 1000, 5);
	ck_assert(CHANGED("zram"));
	/* another build, which has its time, too */
	replace(KVM, "name kvm;local g;buildid bb02");
	touch(KVM, 1000, 5);
	ck_assert(CHANGED("kvm"));
	/* the same file, in which there is something else now: by its time */
	replace(KVM, "name kvm;local f;buildid aa01");
	ck_assert(!CHANGED("kvm"));
	put_module(KVM, "name kvm;local f;buildid aa02");
	ck_assert(CHANGED("kvm"));
	/* none any more: by size and time */
	replace(KVM, "name kvm;local f");
	ck_assert(CHANGED("kvm"));
	put_text(KVM, "damaged");
	ck_assert(CHANGED("kvm"));
	ck_assert_int_eq(unlink(in_dir(KVM)), 0);
	ck_assert(!CHANGED("kvm"));
#undef CHANGED
#undef KVM
#undef ZRAM
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { targets, NULL };

	if (system(DEPMOD " --version > /dev/null") != 0) {
		fputs("unit-target: skipped: there is no depmod to index a tree with\n",
		      stderr);
		return 77;
	}
	return run_tests("target", tests);
}

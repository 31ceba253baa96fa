// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists, names, and files that are published. */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "testsuite/unit/fixture.h"

#define N55 "n1234567890123456789012345678901234567890123456789012_5"

START_TEST(module_names)
{
	/* NULL: not a name */
	static const struct {
		const char *name, *normalized;
	} cases[] = {
		{ "kvm", "kvm" }, { "kvm-amd", "kvm_amd" }, { "a-b_c-d", "a_b_c_d" },
		{ "9p", "9p" },	  { "_x", "_x" },	    { "i.x", "i.x" },
		{ N55, N55 },	  { N55 "6", NULL },	    { "", NULL },
		{ ".x", NULL },	  { "-x", NULL },	    { "a b", NULL },
		{ "a\n", NULL },  { "a/b", NULL },	    { "a'b", NULL },
		{ "a$b", NULL },  { "a;b", NULL },	    { "a*", NULL },
		{ "a=b", NULL },  { "a,b", NULL },	    { "a\\b", NULL },
		{ "a%b", NULL },  { "m\303\266dul", NULL },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		char out[KLP_MODULE_NAME_LEN] = "";
		int err = klp_name_normalize(cases[i].name, out);

		ck_assert_msg(err == (cases[i].normalized ? 0 : -EINVAL), "%s: %d",
			      cases[i].name, err);
		ck_assert_int_eq(klp_name_valid(cases[i].name),
				 cases[i].normalized != NULL);
		if (!err)
			expect_text(out, cases[i].normalized);
	}
}
END_TEST

START_TEST(names_of_paths)
{
	static const struct {
		const char *path, *name;
	} cases[] = {
		{ "kernel/arch/x86/kvm/kvm.ko", "kvm" },
		{ "/lib/modules/6.1/updates/kvm-amd.ko.xz", "kvm_amd" },
		{ "a.ko.zst", "a" },
		{ "a.ko.gz", "a" },
		{ "a", "a" },
		{ "a.ko.ko", "a.ko" },
		{ "a.ko.bz2", "a.ko.bz2" },
		{ "x/.ko", NULL },
		{ "x/", NULL },
		{ "", NULL },
		{ "x/a b.ko", NULL },
		{ "x/" N55 ".ko.zst", N55 },
		{ "x/" N55 "6.ko.zst", NULL },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		char out[KLP_MODULE_NAME_LEN] = "";
		int err = klp_name_from_path(cases[i].path, out);

		ck_assert_msg(err == (cases[i].name ? 0 : -EINVAL), "%s: %d",
			      cases[i].path, err);
		if (!err)
			expect_text(out, cases[i].name);
	}
}
END_TEST

/* Each name comes before the ones that follow it, and the order is total. */
START_TEST(version_order)
{
	static const char *const names[] = {
		"",	      "1.0~rc1",	"1.0~rc2",	   "1.0",	"1.0+deb12u1",
		"1.0-1",      "1.0-1+deb12u1",	"1.0.1",	   "1.0a",	"1.09",
		"1.10",	      "klp_kvm",	"klp_kvm_0",	   "klp_kvm_1", "klp_kvm_02",
		"klp_kvm_2",  "klp_kvm_9",	"klp_kvm_010",	   "klp_kvm_10", "klp_kvm_100",
		"klp_kvm_99999999999999999999", "klp_kvm_100000000000000000000",
		"klp_zram",   "lp6__kvm",	"lp7__kvm",	   "lp10__kvm",
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++) {
		for (size_t j = 0; j < KLP_ARRAY_SIZE(names); j++) {
			int cmp = klp_name_cmp(names[i], names[j]);

			ck_assert_msg((cmp > 0) - (cmp < 0) == (i > j) - (i < j),
				      "%s and %s: %d", names[i], names[j], cmp);
		}
	}
}
END_TEST

static const char *joined(const struct klp_strv *list)
{
	char *all = text("%zu", list->n);

	for (size_t i = 0; i < list->n; i++)
		all = append(all, " %s", list->v[i]);
	return all;
}

START_TEST(lists)
{
	_cleanup_strv_ struct klp_strv a = { 0 }, b = { 0 };

	ck_assert(!klp_strv_has(&a, "x"));
	klp_strv_sort(&a);
	ck_assert_int_eq(klp_strv_split(&a, "  x_10, x_9,,x_9\t", " ,\t"), 0);
	expect_text(joined(&a), "3 x_10 x_9 x_9");
	ck_assert_int_eq(klp_strv_split(&a, "", " "), 0);
	ck_assert_int_eq(klp_strv_split(&a, " , ", " ,"), 0);
	ck_assert_int_eq(klp_strv_add_unique(&a, "x_9"), 0);
	ck_assert_int_eq(klp_strv_add_len(&a, "yz", 1), 0);
	expect_text(joined(&a), "4 x_10 x_9 x_9 y");
	ck_assert(klp_strv_has(&a, "y") && !klp_strv_has(&a, "yz"));
	klp_strv_sort(&a);
	expect_text(joined(&a), "4 x_9 x_9 x_10 y");
	ck_assert_int_eq(klp_strv_add(&b, "y"), 0);
	ck_assert_int_eq(klp_strv_merge(&b, &a), 0);
	expect_text(joined(&b), "3 y x_9 x_10");
	klp_strv_clear(&a);
	expect_text(joined(&a), "0");
}
END_TEST

/* Arrays grow without losing anything; what is new is zero. */
START_TEST(growing)
{
	size_t *v = NULL, n = 0;

	for (size_t i = 0; i < 5000; i++) {
		size_t *slot = klp_append(v, n);

		ck_assert_ptr_nonnull(slot);
		ck_assert_uint_eq(n, i + 1);
		ck_assert_uint_eq(*slot, 0);
		*slot = i;
	}
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(v[i], i);
	free(v);
	/* too much for any memory: NULL, not a small array */
	ck_assert_ptr_null(klp_grow(NULL, SIZE_MAX / 8, 16));
}
END_TEST

START_TEST(prefixes)
{
	expect_text(klp_after_prefix("patch x", "patch "), "x");
	expect_text(klp_after_prefix("x", ""), "x");
	ck_assert_ptr_null(klp_after_prefix("pat", "patch"));
	ck_assert(klp_ends_with("a.conf", ".conf") && klp_ends_with(".conf", ".conf"));
	ck_assert(!klp_ends_with("conf", ".conf") && !klp_ends_with("a.conf~", ".conf"));
}
END_TEST

START_TEST(reading)
{
	_cleanup_free_ char *data = NULL, *proc = NULL;
	size_t size = 99;
	char *none = NULL;

	put_file("f", "ab\0cd", 5);
	ck_assert_int_eq(klp_read_file(in_dir("f"), 5, &data, &size), 0);
	ck_assert_uint_eq(size, 5);
	ck_assert_mem_eq(data, "ab\0cd", 6);
	ck_assert_int_eq(klp_read_file(in_dir("f"), 4, &none, &size), -EFBIG);
	ck_assert_int_eq(klp_read_file(in_dir("g"), 4, &none, &size), -ENOENT);
	ck_assert_int_eq(klp_read_file(fix_dir, 4, &none, &size), -EISDIR);
	ck_assert_int_eq(mkfifo(in_dir("fifo"), 0644), 0);
	ck_assert_int_eq(klp_read_file(in_dir("fifo"), 4, &none, &size), -ESPIPE);
	ck_assert_ptr_null(none);
	/* these do not tell their size */
	ck_assert_int_eq(klp_read_file("/proc/self/status", 1 << 20, &proc, &size), 0);
	ck_assert_uint_gt(size, 100);
	ck_assert_int_eq(klp_read_file("/proc/self/status", 10, &none, NULL), -EFBIG);
	ck_assert_ptr_null(none);
}
END_TEST

/* What there is in a directory, apart from its own entries. */
static size_t count_entries(const char *path)
{
	_cleanup_closedir_ DIR *dir = opendir(in_dir(path));
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	return n - 2;
}

static struct stat stat_of(const char *path)
{
	struct stat st = { 0 };

	ck_assert_int_eq(lstat(in_dir(path), &st), 0);
	return st;
}

START_TEST(publishing)
{
	const char *path = in_dir("a/b/c");
	struct stat first, st;

	umask(077);
	ck_assert_int_eq(klp_write_whole(path, "one", 3), 0);
	expect_text(get_text("a/b/c"), "one");
	first = stat_of("a/b/c");
	ck_assert_uint_eq(first.st_mode, S_IFREG | 0644);
	ck_assert_int_eq(klp_write_if_changed(path, "one", 3), 0);
	ck_assert_uint_eq(stat_of("a/b/c").st_ino, first.st_ino);
	/* of the same size; shorter; longer */
	ck_assert_int_eq(klp_write_if_changed(path, "two", 3), 0);
	expect_text(get_text("a/b/c"), "two");
	st = stat_of("a/b/c");
	ck_assert_int_eq(klp_write_if_changed(path, "tw", 2), 0);
	expect_text(get_text("a/b/c"), "tw");
	ck_assert_int_eq(klp_write_if_changed(path, "two2", 4), 0);
	expect_text(get_text("a/b/c"), "two2");
	ck_assert_uint_eq(count_entries("a/b"), 1);
	ck_assert_int_eq(klp_remove_file(path), 0);
	ck_assert_int_eq(klp_remove_file(path), 0);
	ck_assert_int_eq(klp_remove_file(in_dir("a/nonesuch/c")), 0);
	ck_assert_uint_eq(count_entries("a/b"), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0644);
}
END_TEST

/* A link is replaced, and what it led to is left alone: it may be /dev/null. */
START_TEST(publishing_over_a_link)
{
	put_text("real", "old");
	ck_assert_int_eq(symlink("real", in_dir("link")), 0);
	ck_assert_int_eq(klp_write_whole(in_dir("link"), "new", 3), 0);
	expect_text(get_text("real"), "old");
	expect_text(get_text("link"), "new");
	ck_assert(S_ISREG(stat_of("link").st_mode));
}
END_TEST

/* What cannot be written leaves no trace, and the old file as it was. */
START_TEST(publishing_in_vain)
{
	put_text("dir/x", "old");
	put_text("file", "old");
	ck_assert_int_eq(klp_write_whole(in_dir("file/x"), "new", 3), -ENOTDIR);
	/* a directory stands there */
	ck_assert_int_eq(klp_write_whole(in_dir("dir"), "new", 3), -EISDIR);
	expect_text(get_text("dir/x"), "old");
	ck_assert_int_lt(klp_remove_file(in_dir("dir")), 0);
	ck_assert_uint_eq(count_entries(""), 2);
}
END_TEST

/* Temporary files of those who died are swept; one that is being written is not, nor is
 * what only looks alike. */
START_TEST(publishing_sweeps)
{
	_cleanup_close_ int fd = -1;

	put_text("d/x.tmpAAAAAA", "left");
	put_text("d/x.tmpBBBBBB", "under way");
	put_text("d/x.tmpCCCCCCC", "somebody else's");
	put_text("d/y.tmpDDDDDD", "another file's");
	ck_assert_int_eq(symlink("y.tmpDDDDDD", in_dir("d/x.tmpEEEEEE")), 0);
	fd = open(in_dir("d/x.tmpBBBBBB"), O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(klp_write_whole(in_dir("d/x"), "new", 3), 0);
	ck_assert_uint_eq(count_entries("d"), 5);
	ck_assert_int_lt(access(in_dir("d/x.tmpAAAAAA"), F_OK), 0);
	put_text("d/x.tmpAAAAAA", "left");
	ck_assert_int_eq(klp_remove_file(in_dir("d/x")), 0);
	ck_assert_uint_eq(count_entries("d"), 4);
	ck_assert_int_lt(access(in_dir("d/x.tmpAAAAAA"), F_OK), 0);
}
END_TEST

/* What a file is does not pass; what came in the way of reading it does, whatever errno a
 * file system has for that. */
START_TEST(passing_errors)
{
	static const int lasting[] = { 0, -ENOENT, -EACCES, -ELOOP, -EISDIR, -ESPIPE,
				       -EBADMSG };
	static const int passing[] = { -ENOMEM, -EMFILE, -EIO, -EINTR, -ESTALE, -ENOSPC };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(lasting); i++)
		ck_assert(!klp_is_passing(lasting[i]));
	for (size_t i = 0; i < KLP_ARRAY_SIZE(passing); i++)
		ck_assert(klp_is_passing(passing[i]));
}
END_TEST

UNIT_MAIN("util", module_names, names_of_paths, version_order, lists, growing, prefixes,
	  reading, publishing, publishing_over_a_link, publishing_in_vain,
	  publishing_sweeps, passing_errors)

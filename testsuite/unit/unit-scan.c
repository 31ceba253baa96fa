// SPDX-License-Identifier: LGPL-2.1-or-later
/* Scanning a tree, and the cache of what need not be read again. */
#include "config.h"

#include <fcntl.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "libklpdep/tree/scan.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define CACHE CACHE_DIR "/" KERNEL ".scan"
#define KVM_PATCH "livepatch klp-patch;object kvm;func kvm_init 0;"

static size_t unreadable;

/* The index of the tree, without header and end. */
static char *scan_with(unsigned int threads, unsigned int flags)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_free_ char *data = NULL;
	size_t size, skip = strlen("# klpdep index 1 " KERNEL "\n");
	int err = klpdep_index_scan(ctx, KERNEL, NULL, threads, flags, NULL, NULL, &index,
				    &unreadable);

	if (err < 0)
		return text("%d", err);
	ck_assert_int_eq(klp_index_format(index, &data, &size), 0);
	ck_assert(klp_ends_with(data, "end\n"));
	return text("%.*s", (int)(size - skip - strlen("end\n")), data + skip);
}

static char *scan(void)
{
	return scan_with(1, 0);
}

/* Two targets, two patches; "klp_kvm" and "klp_zram". */
static void put_tree(void)
{
	put_module(TREE "kernel/kvm.ko", "name kvm;local f");
	put_module(TREE "kernel/zram.ko", "name zram;local f");
	put_module(TREE "updates/klp-kvm.ko", "name klp_kvm;" KVM_PATCH);
	put_module(TREE "updates/klp_zram.ko",
		   "name klp_zram;livepatch klp-patch;"
		   "modinfo version=2;object zram;func z 1;object vmlinux;func v 0;"
		   "replace init");
	put_text(TREE "modules.dep",
		 "kernel/kvm.ko:\nkernel/zram.ko:\nupdates/klp-kvm.ko:\n"
		 "updates/klp_zram.ko: kernel/zram.ko\n");
}

/* What klpdep depmod would leave. */
static void write_index(void)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_free_ char *data = NULL;
	size_t size;

	ck_assert_int_eq(klpdep_index_scan(ctx, KERNEL, NULL, 1, 0, NULL, NULL, &index, NULL), 0);
	ck_assert_int_eq(klp_index_format(index, &data, &size), 0);
	put_file(TREE KLP_INDEX_FILE, data, size);
}

#define VERMAGIC " vermagic=6.1.0-klpdep%20SMP%20preempt%20mod_unload%20modversions"
#define KVM_OBJECT "object kvm klp_kvm order=before\n"
#define ZRAM_OBJECTS                                                                     \
	"object vmlinux klp_zram order=none\nobject zram klp_zram order=after\n"
#define KVM_LINE "patch klp_kvm file=updates/klp-kvm.ko format=klp-patch replace=no"
#define ZRAM_LINE                                                                        \
	"patch klp_zram file=updates/klp_zram.ko format=klp-patch replace=unknown "      \
	"version=2"
#define FULL                                                                             \
	"func klp_kvm kvm kvm_init 0\nfunc klp_zram vmlinux v 0\nfunc klp_zram zram z "  \
	"1\n" KVM_OBJECT ZRAM_OBJECTS KVM_LINE VERMAGIC "%20\n" ZRAM_LINE VERMAGIC       \
	"%20\n"
#define ONLY_ZRAM                                                                        \
	"func klp_zram vmlinux v 0\nfunc klp_zram zram z 1\n" ZRAM_OBJECTS ZRAM_LINE     \
		VERMAGIC "%20\n"

/* What is the library's own cannot be asked for. */
START_TEST(flags)
{
	for (unsigned int bit = 1; bit < 32; bit++) {
		ck_assert_int_eq(klpdep_index_scan(ctx, KERNEL, NULL, 1, 1U << bit, NULL, NULL, NULL,
						   NULL), -EINVAL);
		ck_assert_int_eq(klpdep_plan_new(ctx, NULL, "m", 1U << bit, NULL), -EINVAL);
	}
}
END_TEST

START_TEST(tree)
{
	put_tree();
	expect_text(scan(), FULL);
	expect_text(take_log(), "");
	ck_assert_uint_eq(unreadable, 0);
	/* again, with the cache; and without it */
	expect_text(scan(), FULL);
	expect_text(scan_with(1, KLPDEP_SCAN_NO_CACHE), FULL);
}
END_TEST

START_TEST(no_tree)
{
	expect_text(scan(), "-2");
	put_text(TREE "modules.dep", "");
	klp_strv_clear(&logged);
	expect_text(scan(), "");
	expect_text(take_log(), "");
}
END_TEST

/* Many modules, and what comes out is the same with any number of threads. */
START_TEST(threads)
{
	static const unsigned int counts[] = { 1, 2, 3, 8, 0, 64, 1000 };
	char *dep = text("%s", ""), *first;

	for (int i = 0; i < 200; i++) {
		char *path = text("kernel/m%03d.ko", i);

		dep = append(dep, "%s:\n", path);
		if (i == 77)
			put_text(text(TREE "%s", path), "damaged");
		else
			put_module(text(TREE "%s", path),
				   i % 3 ? text("name m%03d;local f", i) :
					   text("name m%03d;livepatch klp-patch;object "
						"m%03d;"
						"func f %d",
						i, i + 1, i));
	}
	put_text(TREE "modules.dep", dep);
	first = scan_with(1, KLPDEP_SCAN_NO_CACHE);
	ck_assert_uint_eq(strlen(first) > 10000, 1);
	ck_assert_uint_eq(unreadable, 1);
	klp_strv_clear(&logged);
	for (size_t i = 0; i < 2 * KLP_ARRAY_SIZE(counts); i++) {
		expect_text(scan_with(counts[i / 2], i % 2 ? KLPDEP_SCAN_NO_CACHE : 0),
			    first);
		ck_assert_uint_eq(unreadable, 1);
		expect_text(take_log(), "3 @" TREE "kernel/m077.ko: too short for an ELF "
					"file\n");
	}
}
END_TEST

/* What the index had, and can be read no more, stays in it; what it never had is not known. */
START_TEST(not_forgotten)
{
	put_tree();
	write_index();
	put_text(TREE "updates/klp-kvm.ko", "damaged");
	put_text(TREE "updates/new.ko", "damaged");
	put_text(TREE "modules.dep",
		 "kernel/kvm.ko:\nkernel/zram.ko:\nupdates/klp-kvm.ko:\n"
		 "updates/klp_zram.ko: kernel/zram.ko\nupdates/new.ko:\n");
	for (size_t i = 0; i < 2; i++) {
		char *seen = scan();

		ck_assert_uint_eq(unreadable, 2);
		ck_assert_ptr_nonnull(strstr(
			seen, "incompatible klp_kvm unreadable "
			      "why=too%20short%20for%20an%20ELF%20file\n" KVM_OBJECT));
		ck_assert_ptr_nonnull(strstr(seen, "func klp_kvm kvm kvm_init 0\n"));
		ck_assert_ptr_nonnull(strstr(seen, KVM_LINE));
		ck_assert_ptr_null(strstr(seen, "new"));
		expect_text(take_log(),
			    "3 @" TREE "updates/klp-kvm.ko: too short for an ELF file\n"
			    "3 @" TREE "updates/new.ko: too short for an ELF file\n");
		write_index();
		klp_strv_clear(&logged);
	}
	/* Once it can be read, or has been uninstalled, that is over. */
	put_tree();
	expect_text(scan(), FULL);
	put_text(TREE "updates/klp-kvm.ko", "damaged");
	put_text(TREE "modules.dep",
		 "kernel/kvm.ko:\nkernel/zram.ko:\nupdates/klp_zram.ko: kernel/zram.ko\n");
	expect_text(scan(), ONLY_ZRAM);
	/* No index that can be read: nothing is known. */
	put_tree();
	put_text(TREE KLP_INDEX_FILE, "damaged");
	put_text(TREE "updates/klp-kvm.ko", "damaged");
	expect_text(scan(), ONLY_ZRAM);
	expect_text(take_log(),
		    "3 @" TREE "updates/klp-kvm.ko: too short for an ELF file\n");
}
END_TEST

/* Progress goes from some number up to all, and is told by this thread. */
static size_t progress_done, progress_calls, progress_stop;

static int on_progress(void *data, size_t done, size_t total)
{
	ck_assert_ptr_eq(data, &progress_done);
	ck_assert_uint_le(done, total);
	ck_assert_uint_ge(done, progress_done);
	ck_assert_uint_eq(total, 4);
	progress_done = done;
	progress_calls++;
	return progress_stop && progress_calls == progress_stop ? 7 : 0;
}

START_TEST(progress)
{
	static const unsigned int counts[] = { 0, 2, 1 };

	put_tree();
	for (size_t i = 0; i < KLP_ARRAY_SIZE(counts); i++) {
		_cleanup_index_ struct klpdep_index *index = NULL;

		progress_done = progress_calls = 0;
		ck_assert_int_eq(klpdep_index_scan(ctx, KERNEL, NULL, counts[i], 0, on_progress,
						   &progress_done, &index, NULL),
				 0);
		ck_assert_msg(progress_calls > 0 && progress_done == 4,
			      "%u threads: %zu "
			      "calls, up to %zu",
			      counts[i], progress_calls, progress_done);
	}
}
END_TEST

/* What the callback returns ends the scan, and is returned; there is no index then. */
START_TEST(progress_ends)
{
	struct klpdep_index *index = NULL;

	put_tree();
	progress_stop = 1;
	progress_done = progress_calls = 0;
	ck_assert_int_eq(klpdep_index_scan(ctx, KERNEL, NULL, 2, KLPDEP_SCAN_NO_CACHE, on_progress,
					   &progress_done, &index, NULL),
			 7);
	ck_assert_uint_eq(progress_calls, 1);
	ck_assert_ptr_null(index);
	progress_stop = 0;
}
END_TEST

/* What cannot be read is named, counted, and left out. */
START_TEST(unreadable_files)
{
	struct image image = build("name klp_kvm;" KVM_PATCH);

	put_tree();
	put_file(TREE "updates/klp-kvm.ko", image.data, image.size / 2);
	expect_text(scan(), ONLY_ZRAM);
	ck_assert_uint_eq(unreadable, 1);
	ck_assert_ptr_nonnull(strstr(take_log(), "3 @" TREE "updates/klp-kvm.ko: "));
	/* it is not taken for known the next time */
	expect_text(scan(), ONLY_ZRAM);
	ck_assert_uint_eq(unreadable, 1);
	ck_assert_int_eq(unlink(in_dir(TREE "updates/klp-kvm.ko")), 0);
	ck_assert_int_eq(unlink(in_dir(TREE "kernel/kvm.ko")), 0);
	take_log();
	expect_text(scan(), ONLY_ZRAM);
	ck_assert_uint_eq(unreadable, 2);
	expect_text(take_log(),
		    "3 @" TREE "updates/klp-kvm.ko: No such file or directory\n"
		    "3 @" TREE "kernel/kvm.ko: No such file or directory\n");
	put_module(TREE "updates/klp-kvm.ko", "name klp_kvm;" KVM_PATCH);
	put_module(TREE "kernel/kvm.ko", "name kvm");
	expect_text(scan(), FULL);
	ck_assert_uint_eq(unreadable, 0);
}
END_TEST

/* What a patch is called, and what it names, is not always fit to be written. */
START_TEST(odd_patches)
{
	static const struct {
		const char *spec, *index, *log;
	} cases[] = {
		{ "name other;" KVM_PATCH,
		  "func klp_x kvm kvm_init 0\nobject kvm klp_x order=none\n"
		  "patch klp_x file=klp-x.ko format=klp-patch replace=no",
		  "4 @" TREE
		  "klp-x.ko: the module inside is called other; rename the file\n" },
		{ "name klp_x;livepatch klp-patch;object a/b;func f 0;object kvm;func g "
		  "0;"
		  "object zfs.ko;func h 0",
		  "func klp_x kvm g 0\nfunc klp_x zfs.ko h 0\nobject kvm klp_x "
		  "order=none\n"
		  "object zfs.ko klp_x order=none\n"
		  "patch klp_x file=klp-x.ko format=klp-patch replace=no",
		  "4 @" TREE
		  "klp-x.ko: patches the object 'a/b', which is no module's name; it "
		  "is left out\n" },
		{ "name klp_x;livepatch none-evidence",
		  "patch klp_x file=klp-x.ko replace=unknown",
		  "4 @" TREE
		  "klp-x.ko: its objects cannot be read from the file; name them in the "
		  "modinfo tag klp_objects\n" },
		{ "name klp_x;livepatch klp-patch;object kvm;func f%g.h 0",
		  "func klp_x kvm f%25g.h 0\nobject kvm klp_x order=none\n"
		  "patch klp_x file=klp-x.ko format=klp-patch replace=no",
		  "" },
	};

	put_text(TREE "modules.dep", "klp-x.ko:\n");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		put_module(TREE "klp-x.ko", cases[i].spec);
		expect_text(scan(), text("%s%s", cases[i].index, VERMAGIC "%20\n"));
		expect_text(take_log(), cases[i].log);
	}
}
END_TEST

/* Directories outside of the tree are below the root, too. */
START_TEST(external)
{
	put_tree();
	put_module("opt/live/klp-kvm.ko", "name klp_kvm;" KVM_PATCH);
	put_text(TREE "modules.dep", "kernel/kvm.ko:\n/opt/live/klp-kvm.ko:\n");
	expect_text(scan(), "func klp_kvm kvm kvm_init 0\n" KVM_OBJECT
			    "patch klp_kvm file=/opt/live/klp-kvm.ko format=klp-patch "
			    "replace=no" VERMAGIC "%20\n");
}
END_TEST

#ifdef HAVE_ZLIB
/* A module that is cut off, far behind its .modinfo. */
static void put_cut_off(const char *path)
{
	struct image image = build("name kvm;modinfo license=GPL;modinfo intree=Y");
	gzFile gz = gzopen(in_dir(path), "wb");
	struct stat st;

	ck_assert_int_eq(gzwrite(gz, image.data, (unsigned int)image.size),
			 (int)image.size);
	for (unsigned int i = 0, x = 1; i < 100000; i++, x = x * 1103515245 + 12345)
		gzputc(gz, (int)(x >> 16 & 0xff));
	ck_assert_int_eq(gzclose(gz), Z_OK);
	ck_assert_int_eq(stat(in_dir(path), &st), 0);
	ck_assert_int_eq(truncate(in_dir(path), st.st_size - 1000), 0);
}

/* Of what modules.order lists nothing is decompressed behind .modinfo; of all else
 * everything. */
START_TEST(modules_order)
{
	static const struct {
		const char *order;
		size_t unreadable;
	} cases[] = {
		{ "kernel/kvm.ko\n", 0 },
		{ "kernel/a.ko\n\nkernel/kvm.ko\nkernel/b.ko\n", 0 },
		{ "kernel/a.ko\nkernel/kvm.ko", 0 },
		{ "", 1 },
		{ "kernel/vm.ko\nkvm.ko\nkernel/kvm.k\nkernel/kvm.ko.gz\n", 1 },
		{ "updates/kvm.ko\n", 1 },
	};

	put_tree();
	put_text(TREE "modules.dep", "kernel/kvm.ko.gz:\nupdates/klp-kvm.ko:\n");
	put_cut_off(TREE "kernel/kvm.ko.gz");
	scan_with(1, KLPDEP_SCAN_NO_CACHE); /* and no modules.order */
	ck_assert_uint_eq(unreadable, 1);
	expect_text(take_log(), "3 @" TREE "kernel/kvm.ko.gz: gzip data: truncated\n");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		put_text(TREE "modules.order", cases[i].order);
		scan_with(2, KLPDEP_SCAN_NO_CACHE);
		ck_assert_msg(unreadable == cases[i].unreadable, "%zu", i);
	}
}
END_TEST
#endif

/* ---- the cache -------------------------------------------------------------------- */

/* Claims in the cache that a file, as it is now, is no livepatch. */
static void claim(const char *path)
{
	struct klp_module module = { .path = (char *)path };
	struct klp_scanned scanned = { .module = &module, .err = -ENODATA };
	const struct klp_scan_cache none = { 0 };

	ck_assert_int_eq(stat(in_dir(text(TREE "%s", path)), &scanned.module->st), 0);
	ck_assert_int_eq(klp_scan_cache_write(ctx, KERNEL, &none, &scanned, 1), 0);
}

/* It is used, and only when asked for. */
START_TEST(cache_used)
{
	put_tree();
	claim("updates/klp-kvm.ko");
	expect_text(scan(), ONLY_ZRAM);
	expect_text(scan_with(1, KLPDEP_SCAN_NO_CACHE), FULL);
	expect_text(scan(), ONLY_ZRAM);
	ck_assert_int_eq(unlink(in_dir(CACHE)), 0);
	expect_text(scan(), FULL);
	ck_assert_ptr_nonnull(get_text(CACHE));
	ck_assert_int_eq(unlink(in_dir(CACHE)), 0);
	expect_text(scan_with(1, KLPDEP_SCAN_NO_CACHE), FULL);
	ck_assert_ptr_null(get_text(CACHE));
}
END_TEST

/* Only files that are no livepatches are in it, and it is written once. */
START_TEST(cache_contents)
{
	struct stat first, again;
	const char *content;

	put_tree();
	scan();
	content = get_text(CACHE);
	ck_assert_ptr_nonnull(strstr(content, "/kvm.ko\t"));
	ck_assert_ptr_nonnull(strstr(content, "/zram.ko\t"));
	ck_assert_ptr_null(strstr(content, "klp_zram"));
	ck_assert_int_eq(stat(in_dir(CACHE), &first), 0);
	scan();
	ck_assert_int_eq(stat(in_dir(CACHE), &again), 0);
	ck_assert_uint_eq(first.st_ino, again.st_ino);
	ck_assert_int_eq(first.st_mtim.tv_nsec, again.st_mtim.tv_nsec);
	/* a module less is a line less */
	put_text(TREE "modules.dep", "kernel/kvm.ko:\n");
	scan();
	ck_assert_ptr_null(strstr(get_text(CACHE), "/zram.ko\t"));
}
END_TEST

/* A file that has changed in any way is read again. */
START_TEST(cache_changes)
{
	static const struct timespec times[] = { { 1000, 1 }, { 1000, 1 } };
	const char *path = in_dir(TREE "updates/klp-kvm.ko");
	struct image image = build("name klp_kvm;" KVM_PATCH);

	put_tree();
	/* written to in place */
	claim("updates/klp-kvm.ko");
	expect_text(scan(), ONLY_ZRAM);
	put_file(TREE "updates/klp-kvm.ko", image.data, image.size);
	expect_text(scan(), FULL);
	/* replaced by a file of the same size and time */
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
	claim("updates/klp-kvm.ko");
	put_file("new.ko", image.data, image.size);
	ck_assert_int_eq(utimensat(AT_FDCWD, in_dir("new.ko"), times, 0), 0);
	expect_text(scan(), ONLY_ZRAM);
	ck_assert_int_eq(rename(in_dir("new.ko"), path), 0);
	expect_text(scan(), FULL);
	/* the time was set back, which the ctime tells */
	claim("updates/klp-kvm.ko");
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
	expect_text(scan(), FULL);
	/* a larger one */
	claim("updates/klp-kvm.ko");
	ck_assert_int_eq(truncate(path, (off_t)image.size + 8), 0);
	expect_text(scan(), FULL);
}
END_TEST

/* In an image of erofs or squashfs, another release's file can have the same of everything. */
START_TEST(cache_images)
{
	struct klp_module module = { .path = (char *)"kernel/kvm.ko" };
	struct klp_scanned scanned = { .module = &module, .err = -ENODATA };
	struct klp_scan_cache cache = { 0 };
	/* seconds and nanoseconds of mtime and ctime, and whether a file with them is known */
	static const long times[][5] = {
		{ 0, 0, 0, 0, false },	      { 1700000000, 0, 1700000000, 0, false },
		{ 0, 0, 1700000000, 0, true }, { 1700000000, 1, 1700000000, 1, true },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(times); i++) {
		module.st = (struct stat){ .st_size = 1 };
		module.st.st_mtim = (struct timespec){ times[i][0], times[i][1] };
		module.st.st_ctim = (struct timespec){ times[i][2], times[i][3] };
		ck_assert_int_eq(klp_scan_cache_write(ctx, KERNEL, &cache, &scanned, 1), 0);
		klp_scan_cache_read(ctx, KERNEL, &cache);
		ck_assert_int_eq(klp_scan_cache_knows(&cache, module.path, &module.st),
				 times[i][4]);
		klp_scan_cache_clear(&cache);
	}
}
END_TEST

/* A cache that is damaged is none. */
START_TEST(cache_damaged)
{
	char *good;

	put_tree();
	claim("updates/klp-kvm.ko");
	good = get_text(CACHE);
	for (size_t n = 0; n < strlen(good); n += 3) {
		put_file(CACHE, good, n);
		expect_text(scan(), FULL);
	}
	for (size_t i = 0; good[i]; i++) {
		static const char bytes[] = { '\n', '\t', ' ', 'x', '\0' };
		char saved = good[i];
		size_t size = strlen(good);

		for (size_t j = 0; j < sizeof(bytes); j++) {
			char *is;

			if (bytes[j] == saved)
				continue;
			good[i] = bytes[j];
			put_file(CACHE, good, size);
			good[i] = saved;
			is = scan();
			ck_assert_msg(klp_streq(is, FULL), "byte %zu as %d:\n%s", i,
				      bytes[j], is);
		}
	}
	/* two lines out of order: what is looked for might not be found */
	ck_assert_int_eq(unlink(in_dir(CACHE)), 0);
	scan();
	good = get_text(CACHE);
	claim("updates/klp-kvm.ko");
	put_text(CACHE, text("%.*s%s", (int)strlen(get_text(CACHE)) - (int)strlen("end\n"),
			     get_text(CACHE), strchr(good, '\n') + 1));
	expect_text(scan(), FULL);
	expect_text(get_text(CACHE), good);
	put_text(CACHE, "# klpdep scan 999\nend\n");
	expect_text(scan(), FULL);
	expect_text(take_log(), "");
}
END_TEST

/* Where it cannot be written there is none, and nothing else is different. */
START_TEST(cache_unwritable)
{
	put_tree();
	put_text(CACHE_DIR, "a file in the place of the directory");
	expect_text(scan(), FULL);
	expect_text(take_log(), "");
	klpdep_set_log_priority(ctx, LOG_INFO);
	expect_text(scan(), FULL);
	ck_assert_ptr_nonnull(strstr(take_log(),
				     "6 the scan cache of " KERNEL " cannot be "
				     "written: "));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		tree, no_tree, flags, threads, not_forgotten, progress, progress_ends,
		unreadable_files, odd_patches,
		external,
#ifdef HAVE_ZLIB
		modules_order,
#endif
		cache_used, cache_contents, cache_changes, cache_images, cache_damaged,
		cache_unwritable,
		NULL,
	};

	return run_tests("scan", tests);
}

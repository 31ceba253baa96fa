// SPDX-License-Identifier: LGPL-2.1-or-later
/* The index as a file. */
#include "config.h"

/* The largest index is a small one here; it is read with the library's own limit. */
#include "libklpdep/tree/index.h"
#undef KLP_INDEX_MAX
#define KLP_INDEX_MAX ((size_t)1 << 20)
#include "libklpdep/tree/index-write.c"
#include "testsuite/unit/fixture.h"

#define HEADER "# klpdep index 1 " KERNEL "\n"
#define FILE_ MODULES_DIR "/" KERNEL "/modules.klpdep"

/* Every kind of record, in order. */
static const char *const complete =
	"func klp_a kvm f 0\n"
	"func klp_a kvm f 2\n"
	"func klp_a kvm odd%20%25name, 18446744073709551615\n"
	"func klp_b vmlinux g 0\n"
	"incompatible klp_a no-symbol object=kvm why=f:%20kvm%20has%20no%20f\n"
	"incompatible klp_a release why=x\n"
	"object kvm klp_a order=before\n"
	"object kvm klp_c order=after\n"
	"object vmlinux klp_b order=none\n"
	"patch klp_a file=updates/klp%20a.ko format=klp-patch replace=no set=lp "
	"version=1 "
	"srcversion=ABC vermagic=6.1%20SMP%20\n"
	"patch klp_b file=/opt/klp-b.ko.xz format=klp-rela replace=yes\n"
	"patch klp_c file=c.ko replace=unknown missing=klp_x,odd.name "
	"supersedes=klp_[!0-9]*,b\\?\n"
	"requires klp_b klp_a reason=declared\n"
	"requires klp_b klp_a reason=import\n"
	"softdep kvm pre=a,b%2Cc post=d\n"
	"softdep zram post=x\n"
	"target kvm stamp=18446744073709551615:-5:7 buildid=ab\n"
	"target zram stamp=1:1700000000123456789:3\n";

static int open_text(const char *content, struct klpdep_index **index)
{
	put_text(FILE_, content);
	return klpdep_index_open(ctx, KERNEL, 0, index);
}

static char *written(const struct klpdep_index *index)
{
	char *data = NULL, *copy;
	size_t size;

	ck_assert_int_eq(klp_index_format(index, &data, &size), 0);
	ck_assert_uint_eq(strlen(data), size);
	copy = text("%s", data);
	free(data);
	return copy;
}

START_TEST(round_trip)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	char *content = text(HEADER "%send\n", complete);
	const struct klpdep_edge *edge;
	const struct klpdep_patch *patch;

	ck_assert_int_eq(open_text(content, &index), 0);
	expect_text(written(index), content);
	expect_text(klpdep_index_get_kernel(index), KERNEL);
	ck_assert_uint_eq(klpdep_index_count_patches(index), 3);
	ck_assert_ptr_null(klpdep_index_get_patch(index, 3));
	ck_assert_ptr_null(klpdep_index_find_patch(index, "kvm"));
	ck_assert_ptr_null(klpdep_index_find_patch(index, ""));
	patch = klpdep_index_find_patch(index, "klp_a");
	ck_assert_ptr_eq(patch, klpdep_index_get_patch(index, 0));
	expect_text(klpdep_patch_get_file(patch), "updates/klp a.ko");
	expect_text(klpdep_patch_get_vermagic(patch), "6.1 SMP ");
	expect_text(klpdep_patch_get_set(patch), "lp");
	expect_text(outline(patch), "klp_a klp-patch replace=no; kvm: f@0 f@2 "
				    "odd %name,@18446744073709551615;");
	ck_assert_ptr_null(
		klpdep_patch_get_format(klpdep_index_find_patch(index, "klp_c")));
	ck_assert_ptr_eq(klpdep_index_find_patch(index, "klp-a"), patch);
	ck_assert_ptr_nonnull(klpdep_index_find_edge(index, "vmlinux", 0));
	ck_assert_ptr_null(klpdep_index_find_edge(index, "vmlinux", 1));
	ck_assert_ptr_null(klpdep_index_find_edge(index, "klp_a", 0));
	ck_assert_ptr_null(klpdep_index_find_edge(index, "kv", 0));
	edge = klpdep_index_get_edge(index, 1);
	ck_assert_ptr_eq(edge, klpdep_index_find_edge(index, "kvm", 1));
	expect_text(klpdep_object_get_name(klpdep_edge_get_object(edge)), "kvm");
	expect_text(klpdep_patch_get_name(klpdep_edge_get_patch(edge)), "klp_c");
	ck_assert_int_eq(klpdep_view_get_order(view_of(index, NULL), edge), KLPDEP_ORDER_AFTER);
	ck_assert_ptr_null(klpdep_index_get_edge(index, 3));
	expect_text(take_log(), "");
}
END_TEST

/* The stream's way gives the same bytes, and tells when it cannot write. */
START_TEST(streams)
{
	_cleanup_index_ struct klpdep_index *index = make_index(complete);
	_cleanup_fclose_ FILE *full = fopen("/dev/full", "w");
	FILE *out = fopen(in_dir("out"), "w");

	ck_assert_int_eq(klpdep_index_write(ctx, index, out), 0);
	fclose(out);
	expect_text(get_text("out"), written(index));
	ck_assert_ptr_nonnull(full);
	ck_assert_int_eq(klpdep_index_write(ctx, index, full), -EIO);
}
END_TEST

/* One that could not be read again is none. */
START_TEST(too_large)
{
	_cleanup_index_ struct klpdep_index *index = make_index(complete);
	static char version[KLP_INDEX_MAX];
	char *data = NULL;
	size_t size;

	/* in place of "1" */
	memset(version, 'v', KLP_INDEX_MAX + 1 - strlen(written(index)));
	ck_assert_int_eq(klp_set_string(&index->patches[0]->version, version), 0);
	ck_assert_uint_eq(strlen(written(index)), KLP_INDEX_MAX);
	strcat(version, "v");
	ck_assert_int_eq(klp_set_string(&index->patches[0]->version, version), 0);
	ck_assert_int_eq(klp_index_format(index, &data, &size), -EFBIG);
	ck_assert_ptr_null(data);
}
END_TEST

START_TEST(empty)
{
	_cleanup_index_ struct klpdep_index *index = NULL;

	ck_assert_int_eq(open_text(HEADER "end\n", &index), 0);
	ck_assert_uint_eq(klpdep_index_count_patches(index), 0);
	ck_assert_ptr_null(klpdep_index_get_edge(index, 0));
	ck_assert_ptr_null(klpdep_index_find_edge(index, "kvm", 0));
	expect_text(written(index), HEADER "end\n");
}
END_TEST

/* Whatever the order of the lines is, and twice the same: what is written is sorted. */
START_TEST(sorted)
{
	_cleanup_strv_ struct klp_strv lines = { 0 };
	char *wanted = text(HEADER "%send\n", complete);

	ck_assert_int_eq(klp_strv_split(&lines, complete, "\n"), 0);
	for (size_t turn = 0; turn < lines.n; turn++) {
		_cleanup_index_ struct klpdep_index *index = NULL;
		char *content = text(HEADER);

		for (size_t i = lines.n; i-- > 0;)
			content = append(content, "%s\n",
					 lines.v[(i * 7 + turn) % lines.n]);
		ck_assert_int_eq(open_text(append(content, "end\n"), &index), 0);
		expect_text(written(index), wanted);
	}
}
END_TEST

/* What later versions may add. */
START_TEST(unknown_words)
{
	_cleanup_index_ struct klpdep_index *index = NULL;

	ck_assert_int_eq(
		open_text(HEADER
			  "checksum crc32c=00000000\n"
			  "# a comment\n"
			  "func klp_a kvm f 0 crc=1\n"
			  "object kvm klp_a future order=before when=now\n"
			  "patch klp_a new=1 file=a.ko format=kpatch-2 replace=maybe\n"
			  "zebra a b c d e f g h i j k l m n o p q r s t u v w x y z\n"
			  "end\n",
			  &index),
		0);
	expect_text(take_log(), "");
	expect_text(written(index), HEADER "func klp_a kvm f 0\n"
					   "object kvm klp_a order=before\n"
					   "patch klp_a file=a.ko format=other "
					   "replace=unknown\nend\n");
}
END_TEST

#define P "patch klp_a file=a.ko\n"

START_TEST(malformed)
{
	static const struct {
		const char *lines, *message;
	} cases[] = {
		{ "patch klp_a\n", ":2: a patch without a file" },
		{ "patch klp_a format=klp-patch\n", ":2: a patch without a file" },
		{ "patch  file=x\n", ":2: not the name of a module" },
		{ "patch a/b file=x\n", ":2: not the name of a module" },
		{ "patch $(x) file=x\n", ":2: not the name of a module" },
		{ "patch ../x file=x\n", ":2: not the name of a module" },
		{ "patch klp_a file=%zz\n", ":2: a value is not properly encoded" },
		{ "patch klp_a file=x%0\n", ":2: a value is not properly encoded" },
		{ "patch klp_a file=x%\n", ":2: a value is not properly encoded" },
		{ "patch klp_a file=x%00y\n", ":2: a value is not properly encoded" },
		{ "patch klp_a file=a version=%-1\n",
		  ":2: a value is not properly encoded" },
		{ P P, ": the patch klp_a is there twice" },
		{ P "object kvm\n", ":3: too few words" },
		{ P "object\n", ":3: too few words" },
		{ P "object kvm klp_b order=before\n", ":3: no such patch" },
		{ P "object kvm klp_a order=sideways\n", ":3: unknown order" },
		{ P "object k'm klp_a order=before\n", ":3: not the name of a module" },
		{ P "object  klp_a order=before\n", ":3: not the name of a module" },
		{ P "func klp_a kvm f\n", ":3: too few words" },
		{ P "func klp_b kvm f 0\n", ":3: no such patch" },
		{ P "func klp_a k/m f 0\n", ":3: not the name of a module" },
		{ P "func klp_a kvm f%0 0\n", ":3: a value is not properly encoded" },
		{ P "func klp_a kvm f -1\n", ":3: sympos is not a number" },
		{ P "func klp_a kvm f 1x\n", ":3: sympos is not a number" },
		{ P "func klp_a kvm f \n", ":3: sympos is not a number" },
		{ P "func klp_a kvm f 18446744073709551616\n",
		  ":3: sympos is not a number" },
		{ P "requires klp_a\n", ":3: too few words" },
		{ P "requires klp_a klp_b reason=import\n", ":3: no such patch" },
		{ P "requires klp_b klp_a reason=import\n", ":3: no such patch" },
		{ P "requires klp_a klp_a reason=%%\n",
		  ":3: a value is not properly encoded" },
		{ P "incompatible klp_a\n", ":3: too few words" },
		{ P "incompatible klp_b release why=x\n", ":3: no such patch" },
		{ P "incompatible klp_a a%20b why=x\n", ":3: not a code" },
		{ P "incompatible klp_a release why=%00\n",
		  ":3: a value is not properly encoded" },
		{ P "target\n", ":3: too few words" },
		{ P "target a;b stamp=1:2:3\n", ":3: not the name of a module" },
		{ P "target a stamp=1:2\n", ":3: no stamp of the form SIZE:MTIME:INODE" },
		{ P "target a stamp=1:2:3:4\n",
		  ":3: no stamp of the form SIZE:MTIME:INODE" },
		{ P "target a\n", ":3: no stamp of the form SIZE:MTIME:INODE" },
		{ "patch p file=x missing=$(touch\n", ":2: not the name of a module" },
		{ "patch p file=x missing=a,b/c\n", ":2: not the name of a module" },
		{ "patch p file=x missing=a%20b\n", ":2: not the name of a module" },
		{ "patch p file=x missing=a%2Cb\n", ":2: not the name of a module" },
		{ "patch p file=x supersedes=$(touch)*\n",
		  ":2: not the name of a module" },
		{ "patch p file=x supersedes=a%0Apatch*\n",
		  ":2: not the name of a module" },
		{ P "object ../x klp_a\n", ":3: not the name of a module" },
		{ P "object $(x) klp_a\n", ":3: not the name of a module" },
		{ P "incompatible klp_a release object=$(x) why=x\n",
		  ":3: not the name of a module" },
		{ P "incompatible $(x) release why=x\n", ":3: no such patch" },
		{ P "requires klp_a $(x) reason=import\n", ":3: no such patch" },
		{ P "softdep kvm pre=x,a%0Ab\n", ":3: not the name of a module" },
		{ P "softdep kvm post=a%5C\n", ":3: not the name of a module" },
		{ P "softdep\n", ":3: too few words" },
		{ P "softdep a;b pre=x\n", ":3: not the name of a module" },
		{ P "softdep kvm pre=x,%\n", ":3: a value is not properly encoded" },
		{ P "softdep kvm post=%00\n", ":3: a value is not properly encoded" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		struct klpdep_index *index = NULL;
		int err = open_text(text(HEADER "%send\n", cases[i].lines), &index);

		ck_assert_msg(err == -EBADMSG && !index, "%s: %d", cases[i].lines, err);
		expect_text(text("%s%s", cases[i].lines, take_log()),
			    text("%s3 @" FILE_ "%s; run klpdep depmod\n", cases[i].lines,
				 cases[i].message));
	}
}
END_TEST

START_TEST(wrong_file)
{
	static const struct {
		const char *content;
		int err;
		const char *message;
	} cases[] = {
		{ "", -EBADMSG, "not an index of klpdep" },
		{ "end\n", -EBADMSG, "not an index of klpdep" },
		{ "# klpdep index", -EBADMSG, "not an index of klpdep" },
		{ "# klpdep index x " KERNEL "\nend\n", -EBADMSG,
		  "not an index of klpdep" },
		{ "# klpdep index 2 " KERNEL "\nend\n", -ENOTSUP,
		  "an index of another version of klpdep; run klpdep depmod" },
		{ "# klpdep index 11 " KERNEL "\nend\n", -ENOTSUP,
		  "an index of another version of klpdep; run klpdep depmod" },
		{ "# klpdep index 1 6.2\nend\n", -EBADMSG,
		  "the index of another kernel; run klpdep depmod" },
		{ "# klpdep index 1 " KERNEL "-rt\nend\n", -EBADMSG,
		  "the index of another kernel; run klpdep depmod" },
		{ "# klpdep index 1 " KERNEL, -EBADMSG,
		  "the index of another kernel; run klpdep depmod" },
		{ HEADER, -EBADMSG, "truncated or damaged; run klpdep depmod" },
		{ HEADER "end", -EBADMSG, "truncated or damaged; run klpdep depmod" },
		{ HEADER P "en\n", -EBADMSG, "truncated or damaged; run klpdep depmod" },
		{ HEADER P "rend\n", -EBADMSG,
		  "truncated or damaged; run klpdep depmod" },
		{ HEADER "end\n\n", -EBADMSG, "truncated or damaged; run klpdep depmod" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		struct klpdep_index *index = NULL;

		ck_assert_int_eq(open_text(cases[i].content, &index), cases[i].err);
		ck_assert_ptr_null(index);
		expect_text(take_log(), text("3 @" FILE_ ": %s\n", cases[i].message));
	}
}
END_TEST

/* Cut off anywhere it is refused; a NUL inside, too. */
START_TEST(truncated)
{
	char *content = text(HEADER "%send\n", complete);
	struct klpdep_index *index = NULL;
	size_t size = strlen(content);
	int err;

	for (size_t n = 0; n < size; n++) {
		put_file(FILE_, content, n);
		err = klpdep_index_open(ctx, KERNEL, 0, &index);
		/* just behind the version, it might be of another one */
		ck_assert_msg(err == -EBADMSG ||
				      (err == -ENOTSUP && n == strlen("# klpdep "
								      "index 1")),
			      "%zu: %d", n, err);
		ck_assert_str_ne(take_log(), "");
	}
	for (size_t n = 0; n < size; n += 7) {
		char saved = content[n];

		content[n] = '\0';
		put_file(FILE_, content, size);
		content[n] = saved;
		ck_assert_msg(klpdep_index_open(ctx, KERNEL, 0, &index) == -EBADMSG, "%zu",
			      n);
	}
	ck_assert_ptr_null(index);
}
END_TEST

/* Any other byte in any place: read or refused, and what is read can be written. */
START_TEST(damaged)
{
	static const char bytes[] = { ' ', '\n', '=', ',', '%', 'x', '\377', '/' };
	char *content = text(HEADER "%send\n", complete);

	for (size_t i = 0; content[i]; i++) {
		char saved = content[i];

		for (size_t j = 0; j < sizeof(bytes); j++) {
			_cleanup_index_ struct klpdep_index *index = NULL;
			_cleanup_free_ char *out = NULL;
			size_t size;
			int err;

			content[i] = bytes[j];
			err = open_text(content, &index);
			content[i] = saved;
			ck_assert_msg(err == 0 || err == -EBADMSG || err == -ENOTSUP,
				      "byte %zu: %d", i, err);
			ck_assert_msg(err == 0 || logged.n > 0, "byte %zu: no message",
				      i);
			klp_strv_clear(&logged);
			if (err == 0)
				ck_assert_int_eq(klp_index_format(index, &out, &size), 0);
		}
	}
}
END_TEST

START_TEST(missing)
{
	struct klpdep_index *index = NULL;

	ck_assert_int_eq(klpdep_index_open(ctx, KERNEL, 0, &index), -ENOENT);
	expect_text(take_log(), "3 there is no @/lib/modules/" KERNEL ": kernel " KERNEL
				" is not installed here\n");
	/* it is a system without livepatches, where one does not insist */
	ck_assert_int_eq(klpdep_index_open(ctx, KERNEL, KLPDEP_OPEN_OPTIONAL, &index), 0);
	ck_assert_uint_eq(klpdep_index_count_patches(index), 0);
	index = klpdep_index_unref(index);
	expect_text(take_log(), "");
	put_text(FILE_ "/directory", "");
	ck_assert_int_eq(klpdep_index_open(ctx, KERNEL, 0, &index), -EISDIR);
	expect_text(take_log(), "3 @" FILE_ ": Is a directory\n");
}
END_TEST

static bool has(const char *content, const char *word, const char *name)
{
	return klp_index_text_has(content, strlen(content), word, name);
}

/* The quick look into the text finds what is there and nothing else. */
START_TEST(text_has)
{
	_cleanup_index_ struct klpdep_index *index = klp_index_new(KERNEL);
	char *content;

	for (int i = 0; i < 1000; i++) {
		struct klpdep_patch *patch = klp_patch_new();
		struct klpdep_object *object;

		ck_assert_int_eq(
			klp_set_string(&patch->name, text("klp_%d", i * 7919 % 1000)), 0);
		ck_assert_int_eq(klp_set_string(&patch->file, "x.ko"), 0);
		ck_assert_int_eq(klp_patch_add_object(patch,
						      text("mod%d", i * 7919 % 1000 * 2),
						      &object),
				 0);
		ck_assert_int_eq(klp_patch_add_object(patch, "vmlinux", &object), 0);
		ck_assert_int_eq(klp_index_add_patch(index, patch), 0);
	}
	klp_index_sort_patches(index);
	ck_assert_int_eq(klp_index_make_edges(index), 0);
	content = written(index);
	for (int i = 0; i < 1000; i++) {
		const char *const absent[] = { text("mod%d_", i),  text("mo%d", i),
					       text("klp_%d_", i), text("%d", i),
					       text("xklp_%d", i), text("z%d", i) };

		ck_assert(has(content, "patch", text("klp_%d", i)));
		ck_assert(!has(content, "object", text("klp_%d", i)));
		ck_assert_int_eq(has(content, "object", text("mod%d", i)), i % 2 == 0);
		for (size_t j = 0; j < KLP_ARRAY_SIZE(absent); j++) {
			ck_assert_msg(!has(content, "patch", absent[j]), "%s", absent[j]);
			ck_assert_msg(!has(content, "object", absent[j]), "%s",
				      absent[j]);
		}
	}
	ck_assert(has(content, "object", "vmlinux"));
	ck_assert(!has(content, "patch", "vmlinux"));
	ck_assert(!has(content, "object", ""));
	ck_assert(!has(content, "object", text("%0300d", 1)));
	ck_assert(!has(content, "softdep", "mod0"));
	ck_assert(!has(content, "zebra", "mod0"));
	ck_assert(!has(content, "a", "mod0"));
}
END_TEST

/* The same on indexes of every small size, whose ends are what a search gets wrong. */
START_TEST(text_has_small)
{
	for (int n = 0; n < 12; n++) {
		char *lines = text("%s", ""), *content;

		for (int i = 0; i < n; i++)
			lines = append(lines, "object t%02d p%02d order=none\n", i, i);
		for (int i = 0; i < n; i++)
			lines = append(lines, "patch p%02d file=x\n", i);
		for (int tail = 0; tail < 2; tail++) {
			content = text(HEADER "%s%send\n", lines,
				       tail ? "softdep t00 pre=x\n" : "");
			for (int i = 0; i < 12; i++) {
				ck_assert_int_eq(has(content, "object", text("t%02d", i)),
						 i < n);
				ck_assert_int_eq(has(content, "patch", text("p%02d", i)),
						 i < n);
			}
			ck_assert_int_eq(has(content, "softdep", "t00"), tail);
			ck_assert(!has(content, "object", "t"));
			ck_assert(!has(content, "object", "t000"));
		}
	}
}
END_TEST

/* Edges stand sorted by target, then as versions go. */
START_TEST(edge_order)
{
	_cleanup_index_ struct klpdep_index *index = make_index(
		"patch klp_10 file=x\npatch klp_9 file=x\npatch a file=x\n"
		"object b klp_10\nobject b klp_9\nobject a klp_9\nobject b a\n");
	const struct klpdep_edge *edge;
	char *is = text("%s", "");

	for (size_t i = 0; (edge = klpdep_index_get_edge(index, i)); i++)
		is = append(is, "%s:%s ", edge->object->name, edge->patch->name);
	expect_text(is, "a:klp_9 b:a b:klp_9 b:klp_10 ");
}
END_TEST

UNIT_MAIN("index", round_trip, streams, too_large, empty, sorted, unknown_words,
	  malformed, wrong_file, truncated, damaged, missing, text_has, text_has_small, edge_order)

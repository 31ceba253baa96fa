// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opening modules: kinds of files, and compression, which is told by content. */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_XZ
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "libklpdep/image/file.h"
#include "testsuite/unit/fixture.h"

#define SPEC                                                                             \
	"name klp_x;livepatch klp-patch;object kvm;func f 0;func g 1;option "            \
	"signature=yes"
#define SOUND "klp_x klp-patch replace=no; kvm: f@0 g@1;"

/* ---- compressors ------------------------------------------------------------------ */

static struct image room_for(size_t size)
{
	struct image image = { (unsigned char *)text("%*s", (int)(size + size / 8 + 1024),
						     ""),
			       size + size / 8 + 1024 };

	return image;
}

static struct image pack_gzip(const struct image *in)
{
	struct image out = room_for(in->size);

#ifdef HAVE_ZLIB
	z_stream z = { .next_in = in->data, .avail_in = (uInt)in->size };

	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	z.next_out = out.data;
	z.avail_out = (uInt)out.size;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.size = z.total_out;
	deflateEnd(&z);
#else
	memcpy(out.data, "\x1f\x8b\x08", 3);
#endif
	return out;
}

static struct image pack_xz(const struct image *in)
{
	struct image out = room_for(in->size);

#ifdef HAVE_XZ
	size_t size = 0;

	/* As the kernel's build does it: its own decoder knows CRC32 alone. */
	ck_assert_int_eq(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, in->data,
						 in->size, out.data, &size, out.size),
			 LZMA_OK);
	out.size = size;
#else
	memcpy(out.data,
	       "\xfd"
	       "7zXZ",
	       6);
#endif
	return out;
}

static struct image pack_zstd(const struct image *in)
{
	struct image out = room_for(in->size);

#ifdef HAVE_ZSTD
	/* A checksum in the end, as zstd(1) writes it. */
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	out.size = ZSTD_compress2(zstd, out.data, out.size, in->data, in->size);
	ZSTD_freeCCtx(zstd);
	ck_assert(!ZSTD_isError(out.size));
#else
	memcpy(out.data, "\x28\xb5\x2f\xfd", 4);
#endif
	return out;
}

static const struct kind {
	const char *name;
	struct image (*pack)(const struct image *in);
	size_t magic; /* bytes that are enough to tell */
	bool supported;
} kinds[] = {
#ifdef HAVE_ZLIB
	{ "gzip", pack_gzip, 2, true },
#else
	{ "gzip", pack_gzip, 2, false },
#endif
#ifdef HAVE_XZ
	{ "xz", pack_xz, 5, true },
#else
	{ "xz", pack_xz, 5, false },
#endif
#ifdef HAVE_ZSTD
	{ "zstd", pack_zstd, 4, true },
#else
	{ "zstd", pack_zstd, 4, false },
#endif
};

#define for_each_kind(kind)                                                              \
	for (const struct kind *kind = kinds; kind < kinds + KLP_ARRAY_SIZE(kinds);      \
	     kind++)

/* ---- tests ------------------------------------------------------------------------ */

START_TEST(compressed)
{
	struct image plain = build(SPEC);

	for_each_kind(kind)
	{
		struct image packed = kind->pack(&plain);
		char *result;
		int err = read_image(&packed, &result);

		if (kind->supported) {
			ck_assert_int_eq(err, 0);
			expect_text(result, SOUND);
		} else {
			ck_assert_int_eq(err, -ENOTSUP);
			expect_text(result,
				    text("compressed with %s, which this build of "
					 "klpdep leaves out",
					 kind->name));
		}
	}
}
END_TEST

/* Cut off anywhere. */
START_TEST(truncated)
{
	struct image plain = build(SPEC);

	for_each_kind(kind)
	{
		struct image packed = kind->pack(&plain), part = packed;

		for (part.size = 0; kind->supported && part.size < packed.size;
		     part.size++) {
			char *result,
				*wanted = part.size < kind->magic ?
						  text(part.size ? "too short for an ELF file" : "empty file") :
						  text("%s data: truncated", kind->name);
			int err = read_image(&part, &result);

			ck_assert_msg(err == -EBADMSG && klp_streq(result, wanted),
				      "%s, %zu of %zu: %d %s", kind->name, part.size,
				      packed.size, err, result);
		}
	}
}
END_TEST

/* Every byte changed: the checksums find it, unless it does not matter. */
START_TEST(flipped)
{
	struct image plain = build(SPEC);

	for_each_kind(kind)
	{
		struct image packed = kind->pack(&plain);
		size_t sound = 0;

		for (size_t i = kind->magic; kind->supported && i < packed.size; i++) {
			char *result;
			int err;

			packed.data[i] ^= 0xff;
			err = read_image(&packed, &result);
			packed.data[i] ^= 0xff;
			if (err == 0) {
				expect_text(result, SOUND);
				sound++;
			} else {
				ck_assert_msg(err == -EBADMSG || err == -EFBIG,
					      "%s, byte %zu: %d %s", kind->name, i, err,
					      result);
			}
		}
		/* Times and names in headers do not matter; contents do. */
		ck_assert_msg(sound < 16, "%s: %zu changes not seen", kind->name, sound);
	}
}
END_TEST

/* What stands behind the compressed data: gzip(1) and libkmod leave it alone, xz takes
 * zeros in fours; anything else, they refuse. */
START_TEST(garbage_behind)
{
	static const char behind[] = "something else stands behind it";
	static const struct {
		const char *kind;
		const char *bytes;
		size_t size;
		const char *why; /* NULL: the module is read */
	} cases[] = {
		{ "gzip", "~Module signature appended~\n", 28, NULL },
		{ "gzip", "\0\0\0\0", 4, NULL },
		{ "gzip", "\x1f", 1, NULL },
		{ "xz", "~Module signature appended~\n", 28, behind },
		{ "xz", "\0\0\0\0\0\0\0\0", 8, NULL },
		{ "xz", "\0\0\0\0\0\0", 6, behind },
		{ "xz", "\0\0\0\0~~~~~~~~", 12, behind },
		{ "xz", "\xfd" "7zXY~~~~~~~~", 13, "damaged" },
		{ "zstd", "~Module signature appended~\n", 28, behind },
		{ "zstd", "\0\0\0\0\0\0\0\0", 8, behind },
	};
	struct image plain = build(SPEC);

	for_each_kind(kind)
	{
		for (size_t i = 0; kind->supported && i < KLP_ARRAY_SIZE(cases); i++) {
			struct image packed;
			char *result;

			if (!klp_streq(cases[i].kind, kind->name))
				continue;
			packed = kind->pack(&plain);
			memcpy(packed.data + packed.size, cases[i].bytes, cases[i].size);
			packed.size += cases[i].size;
			ck_assert_int_eq(read_image(&packed, &result),
					 cases[i].why ? -EBADMSG : 0);
			expect_text(result, cases[i].why ? text("%s data: %s", kind->name,
								cases[i].why) : SOUND);
		}
	}
}
END_TEST

/* Members, streams and frames may follow each other. */
START_TEST(in_two_parts)
{
	struct image plain = build(SPEC), first = plain, second = plain;

	first.size = plain.size / 3;
	second.data += first.size;
	second.size -= first.size;
	for_each_kind(kind)
	{
		struct image packed = kind->pack(&first), rest = kind->pack(&second);
		struct image both = room_for(packed.size + rest.size);
		char *result;

		if (!kind->supported)
			continue;
		memcpy(both.data, packed.data, packed.size);
		memcpy(both.data + packed.size, rest.data, rest.size);
		both.size = packed.size + rest.size;
		ck_assert_int_eq(read_image(&both, &result), 0);
		expect_text(result, SOUND);
	}
}
END_TEST

/* Compressed data that is fine, but of something that is not. */
START_TEST(odd_contents)
{
	static const struct {
		const char *content;
		size_t size;
		const char *message;
	} cases[] = {
		{ "", 0, "empty file" },
		{ "\x7f"
		  "ELF",
		  4, "too short for an ELF file" },
		{ "\x1f\x8b\x28\xb5\x2f\xfd 3456789 123456789 123456789 123456789 "
		  "123456789 "
		  "123456789",
		  64, "not an ELF file" },
	};

	for_each_kind(kind)
	{
		for (size_t i = 0; kind->supported && i < KLP_ARRAY_SIZE(cases); i++) {
			struct image plain = { (unsigned char *)text("%*s", 100, ""),
					       cases[i].size };
			struct image packed;
			char *result;

			memcpy(plain.data, cases[i].content, cases[i].size);
			packed = kind->pack(&plain);
			ck_assert_int_eq(read_image(&packed, &result), -EBADMSG);
			expect_text(result, cases[i].message);
		}
	}
}
END_TEST

#if defined(HAVE_ZLIB)
/* Small files that become huge: eight members of 64 MiB, and what is one byte too
 * much. */
START_TEST(gzip_bomb)
{
	struct image zeros = { calloc(1, (size_t)64 << 20), (size_t)64 << 20 }, packed,
		     all;
	char *result;

	packed = pack_gzip(&zeros);
	free(zeros.data);
	all = room_for(9 * packed.size);
	all.size = 0;
	for (int i = 0; i < 9; i++) {
		memcpy(all.data + all.size, packed.data, packed.size);
		all.size += packed.size;
	}
	ck_assert_int_eq(read_image(&all, &result), -EFBIG);
	expect_text(result, "decompresses to more than 512 MiB");
}
END_TEST
#endif

#ifdef HAVE_ZSTD
static struct image zstd_zeros(size_t size)
{
	static const char zeros[1 << 16];
	struct image out = room_for((size_t)1 << 20);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	ZSTD_outBuffer to = { out.data, out.size, 0 };
	size_t left;

	while (size) {
		ZSTD_inBuffer from = { zeros, size < sizeof(zeros) ? size : sizeof(zeros),
				       0 };

		size -= from.size;
		while (from.pos < from.size)
			ck_assert(!ZSTD_isError(
				ZSTD_compressStream2(zstd, &to, &from, ZSTD_e_continue)));
	}
	do {
		ZSTD_inBuffer nothing = { NULL, 0, 0 };

		left = ZSTD_compressStream2(zstd, &to, &nothing, ZSTD_e_end);
		ck_assert(!ZSTD_isError(left));
	} while (left);
	ZSTD_freeCCtx(zstd);
	out.size = to.pos;
	return out;
}

/* Just as large as allowed, and a byte larger. */
START_TEST(zstd_bomb)
{
	struct image packed = zstd_zeros(KLP_IMAGE_MAX);
	char *result;

	ck_assert_int_eq(read_image(&packed, &result), -EBADMSG);
	expect_text(result, "not an ELF file");
	packed = zstd_zeros(KLP_IMAGE_MAX + 1);
	ck_assert_int_eq(read_image(&packed, &result), -EFBIG);
	expect_text(result, "decompresses to more than 512 MiB");
}
END_TEST
#endif

#ifdef HAVE_XZ
/* A dictionary that would take gigabytes is refused before they are allocated. */
START_TEST(xz_memory)
{
	struct image plain = build(SPEC), packed = room_for(plain.size);
	lzma_options_lzma options;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options },
				  { LZMA_VLI_UNKNOWN, NULL } };
	size_t size = 0;
	char *result;

	ck_assert(!lzma_lzma_preset(&options, 0));
	options.dict_size = (uint32_t)256 << 20;
	ck_assert_int_eq(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL,
						   plain.data, plain.size, packed.data,
						   &size, packed.size),
			 LZMA_OK);
	packed.size = size;
	ck_assert_int_eq(read_image(&packed, &result), -EBADMSG);
	expect_text(result, "xz data: needs more than 128 MiB to decompress");
	/* what xz -9 makes is fine */
	options.dict_size = (uint32_t)64 << 20;
	size = 0;
	packed = room_for(plain.size);
	ck_assert_int_eq(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC64, NULL,
						   plain.data, plain.size, packed.data,
						   &size, packed.size),
			 LZMA_OK);
	packed.size = size;
	ck_assert_int_eq(read_image(&packed, &result), 0);
	expect_text(result, SOUND);
}
END_TEST
#endif

/* Files that are no modules' files. */
START_TEST(kinds_of_files)
{
	static const struct {
		const char *path;
		int err;
		const char *message; /* NULL: the C library's word for @err */
	} cases[] = {
		{ "nonesuch.ko", -ENOENT, NULL },
		{ "dir.ko", -EISDIR, "not a regular file" },
		{ "fifo.ko", -ESPIPE, "not a regular file" },
		{ "huge.ko", -EFBIG, "larger than 512 MiB" },
		{ "empty.ko", -EBADMSG, "empty file" },
		{ "dangling.ko", -ENOENT, NULL },
		{ "loop.ko", -ELOOP, NULL },
		{ "empty.ko/x.ko", -ENOTDIR, NULL },
	};

	put_text("empty.ko", "");
	put_text("huge.ko", "");
	ck_assert_int_eq(truncate(in_dir("huge.ko"), (off_t)KLP_IMAGE_MAX + 1), 0);
	ck_assert_int_eq(mkdir(in_dir("dir.ko"), 0755), 0);
	ck_assert_int_eq(mkfifo(in_dir("fifo.ko"), 0644), 0);
	ck_assert_int_eq(symlink("nowhere", in_dir("dangling.ko")), 0);
	ck_assert_int_eq(symlink("loop.ko", in_dir("loop.ko")), 0);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		struct klpdep_patch *patch = NULL;
		int err = klpdep_patch_new_from_file(ctx, in_dir(cases[i].path), &patch);

		ck_assert_msg(err == cases[i].err, "%s: %d", cases[i].path, err);
		ck_assert_ptr_null(patch);
		expect_text(take_log(),
			    text("3 @/%s: %s\n", cases[i].path,
				 cases[i].message ? cases[i].message : strerror(-err)));
	}
}
END_TEST

/* The door: what is asked for is in the file, or there is nothing. */
START_TEST(door)
{
	for (int loaded = 0; loaded < 2; loaded++) {
		_cleanup_file_ struct klp_file *file = NULL;
		int err = 0;

		put_text("f", "0123456789");
		ck_assert_int_eq(klp_file_open(in_dir("f"), &file), 0);
		ck_assert_uint_eq(file->size, 10);
		if (loaded)
			ck_assert_int_eq(klp_file_load(file), 0);
		ck_assert_mem_eq(klp_file_at(file, 3, 7, &err), "3456789", 7);
		ck_assert_ptr_nonnull(klp_file_at(file, 10, 0, &err));
		ck_assert_ptr_null(file->error);
		ck_assert_ptr_null(klp_file_at(file, 10, 1, &err));
		ck_assert_int_eq(err, -EBADMSG);
		expect_text(file->error,
			    "1 bytes at offset 10 lie beyond the end (10 bytes)");
		ck_assert_ptr_null(klp_file_at(file, 11, 0, &err));
		ck_assert_ptr_null(klp_file_at(file, 4, UINT64_MAX - 2, &err));
		ck_assert_ptr_null(klp_file_at(file, UINT64_MAX, 2, &err));
		/* the first message is kept */
		ck_assert_int_eq(klp_file_fail(file, -ENOTSUP, "other"), -ENOTSUP);
		ck_assert_ptr_nonnull(strstr(file->error, "offset 10"));
	}
}
END_TEST

/* As a scan opens it: a livepatch whole; of another module damage is found, unless the
 * kernel's build made it. */
START_TEST(livepatch_only)
{
	struct image module = build("name other;modinfo license=GPL;modinfo intree=Y");
	struct image livepatch = build(SPEC);

	for_each_kind (kind) {
		struct image packed = kind->pack(&module), live = kind->pack(&livepatch);

		for (int built = 0; built < 2 && kind->supported; built++) {
			const char *name = built ? "other" : NULL;
			_cleanup_file_ struct klp_file *whole = NULL, *cut = NULL;
			_cleanup_file_ struct klp_file *file = NULL;

			put_file("f", live.data, live.size);
			ck_assert_int_eq(klp_file_open_livepatch(AT_FDCWD, in_dir("f"),
								 name, &file), 0);
			ck_assert_uint_eq(file->size, livepatch.size);
			ck_assert_mem_eq(file->data, livepatch.data, livepatch.size);
			put_file("f", packed.data, packed.size);
			ck_assert_int_eq(klp_file_open_livepatch(AT_FDCWD, in_dir("f"), name,
								 &whole), -ENODATA);
			ck_assert_ptr_null(whole->error);
			if (built)
				continue;
			put_file("f", packed.data, packed.size / 2);
			ck_assert_int_eq(klp_file_open_livepatch(AT_FDCWD, in_dir("f"),
								 name, &cut), -EBADMSG);
			expect_text(cut->error, text("%s data: truncated", kind->name));
		}
	}
	put_file("f", "", 0);
	_cleanup_file_ struct klp_file *empty = NULL;

	/* an uncompressed one is read where it is looked at */
	ck_assert_int_eq(klp_file_open_livepatch(AT_FDCWD, in_dir("f"), NULL, &empty), 0);
	ck_assert_uint_eq(empty->size, 0);
}
END_TEST

/* What comes from a file cannot give orders to a terminal. */
START_TEST(message)
{
	_cleanup_file_ struct klp_file *file = NULL;

	put_text("f", "x");
	ck_assert_int_eq(klp_file_open(in_dir("f"), &file), 0);
	klp_file_fail(file, -EBADMSG, "%s",
		      "a\033[2J\n\x7f, \x9b" "2J, \xc2\x9b" "2J, \xc3\x9f\xe2\x80\x9c.");
	expect_text(file->error, "a?[2J??, ?2J, ??2J, ?????.");
}
END_TEST

/* A file that shrinks while it is read is an error, not a bus error. */
START_TEST(shrinking)
{
	_cleanup_file_ struct klp_file *file = NULL;
	int err = 0;

	put_text("f", text("%100s", "x"));
	ck_assert_int_eq(klp_file_open(in_dir("f"), &file), 0);
	ck_assert_int_eq(truncate(in_dir("f"), 70), 0);
	ck_assert_ptr_nonnull(klp_file_at(file, 0, 70, &err));
	ck_assert_ptr_null(klp_file_at(file, 0, 71, &err));
	ck_assert_int_eq(err, -EBADMSG);
	expect_text(file->error, "became shorter while it was read");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		compressed,	truncated, flipped,   garbage_behind, in_two_parts,
		odd_contents,
#ifdef HAVE_ZLIB
		gzip_bomb,
#endif
#ifdef HAVE_ZSTD
		zstd_bomb,
#endif
#ifdef HAVE_XZ
		xz_memory,
#endif
		kinds_of_files, livepatch_only, door, message, shrinking, NULL,
	};

	return run_tests("file", tests);
}

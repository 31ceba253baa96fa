// SPDX-License-Identifier: LGPL-2.1-or-later
/* Telling from the first part of an image that it is no livepatch; and images that are
 * made to look as if they were none. */
#include "config.h"

#include <elf.h>

#include "libklpdep/livepatch/format.h"
#include "testsuite/unit/fixture.h"

#define STEP 8192 /* as in file-search.c */

/* A string with NULs in it, without the one that C adds. */
struct part {
	const char *name; /* of its section; NULL: bytes that are in no section */
	const char *data;
	size_t size;
};

#define PART(section, text) { section, text, sizeof(text) - 1 }
#define MODINFO(text) PART(".modinfo", text)
#define RODATA(text) PART(".rodata", text)
#define FILL(n) { ".text", NULL, n }
#define BUILT "depends=\0retpoline=Y\0intree=Y\0name=klp_x\0vermagic=6.1.0\0"
#define LIVE "license=GPL\0livepatch=Y\0"

struct layout {
	bool table_in_front;
	bool is_32_bit;
	struct part parts[8]; /* in the file's order, which is the table's too */
};

static struct image image;
static size_t decompressed;

static size_t put_part(unsigned char *to, const struct part *part)
{
	if (part->data)
		memcpy(to, part->data, part->size);
	else
		memset(to, 0x90, part->size);
	return part->size;
}

static size_t size_of(const struct layout *layout, size_t *n)
{
	size_t size = sizeof(Elf64_Ehdr) + (KLP_ARRAY_SIZE(layout->parts) + 2) *
					   (sizeof(Elf64_Shdr) + 32);

	for (*n = 0; layout->parts[*n].size; ++*n)
		size += layout->parts[*n].size;
	return size;
}

/* A module of those sections, with their names behind, and the table in front or last. */
static void make(const struct layout *layout)
{
	Elf64_Shdr sections[KLP_ARRAY_SIZE(layout->parts) + 2] = { 0 };
	char names[256] = "";
	size_t n_parts, n = 1, at = sizeof(Elf64_Ehdr), n_names = 1;
	Elf64_Ehdr header = { .e_ident = ELFMAG,
			      .e_type = ET_REL,
			      .e_machine = EM_X86_64,
			      .e_version = EV_CURRENT,
			      .e_shentsize = sizeof(Elf64_Shdr) };

	image.size = size_of(layout, &n_parts);
	image.data = (unsigned char *)text("%*s", (int)image.size, "");
	header.e_ident[EI_CLASS] = layout->is_32_bit ? ELFCLASS32 : ELFCLASS64;
	header.e_ident[EI_DATA] = __BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB :
								       ELFDATA2MSB;
	if (layout->table_in_front) {
		header.e_shoff = at;
		at += (n_parts + 2) * sizeof(*sections);
	}
	for (size_t i = 0; i < n_parts; i++) {
		const struct part *part = &layout->parts[i];

		if (part->name) {
			sections[n++] = (Elf64_Shdr){ .sh_name = (Elf64_Word)n_names,
						      .sh_type = SHT_PROGBITS,
						      .sh_offset = at,
						      .sh_size = part->size };
			strcpy(names + n_names, part->name);
			n_names += strlen(part->name) + 1;
		}
		at += put_part(image.data + at, part);
	}
	sections[n] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
				    .sh_offset = at,
				    .sh_size = n_names };
	memcpy(image.data + at, names, n_names);
	at += n_names;
	if (!layout->table_in_front)
		header.e_shoff = at;
	header.e_shstrndx = (Elf64_Half)n;
	header.e_shnum = (Elf64_Half)(n + 1);
	memcpy(image.data, &header, sizeof(header));
	memcpy(image.data + header.e_shoff, sections, (n + 1) * sizeof(*sections));
	if (!layout->table_in_front)
		image.size = at + (n + 1) * sizeof(*sections);
}

static int copy(const unsigned char *in, size_t size, struct klp_sink *sink,
		const char **why)
{
	(void)why;
	for (decompressed = 0; decompressed < size;) {
		int err = klp_sink_reserve(sink);
		size_t room = sink->capacity - sink->size;
		size_t left = size - decompressed, n = room < left ? room : left;

		if (err != 0)
			return err;
		memcpy(sink->data + sink->size, in + decompressed, n);
		sink->size += n;
		decompressed += n;
	}
	return 0;
}

static int search(const char *built_as)
{
	const char *why = NULL;

	return klp_file_search(copy, image.data, image.size, built_as, &why);
}

/* Whether the section table leads to a livepatch. */
static bool is_livepatch(void)
{
	_cleanup_file_ struct klp_file *file = NULL;
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	int err;

	put_file("klp_x.ko", image.data, image.size);
	ck_assert_int_eq(klp_file_open(in_dir("klp_x.ko"), &file), 0);
	err = klp_format_read(file, &patch);
	ck_assert_msg(err == 0 || err == -ENODATA || !strstr(file->error, "section"),
		      "%s", file->error);
	return err != -ENODATA;
}

/* ---- what is none ------------------------------------------------------------------ */

/* Wherever .modinfo lies in what is decompressed at a time, the rest is not. */
START_TEST(stops)
{
	for (size_t pad = STEP - 200; pad < STEP + 20; pad++) {
		const struct layout layout = {
			.parts = { FILL(pad), MODINFO("license=GPL\0" BUILT),
				   PART("__param", "\0\0\0\0\1"), FILL(5 * STEP) },
		};

		make(&layout);
		ck_assert(!is_livepatch());
		ck_assert_int_eq(search("klp_x"), 0);
		ck_assert_uint_le(decompressed, 3 * STEP);
		/* any other module, to its end */
		ck_assert_int_eq(search(NULL), 0);
		ck_assert_uint_eq(decompressed, image.size);
	}
}
END_TEST

/* What is not as the kernel's build makes it is decompressed to its end. */
START_TEST(does_not_stop)
{
#define AND_MORE PART(".data", "\0\0\1"), FILL(5 * STEP)
	static const struct layout layouts[] = {
		{ .parts = { MODINFO("name=klp_x\0vermagic=6.1.0\0"), AND_MORE } },
		{ .parts = { MODINFO("intree=Y\0vermagic=6.1.0\0"), AND_MORE } },
		{ .parts = { MODINFO("intree=Y\0name=klp_x\0"), AND_MORE } },
		{ .parts = { MODINFO("intree=Y\0name=klp_xy\0vermagic=6\0"),
			     AND_MORE } },
		{ .parts = { MODINFO("intree=Yes\0name=klp_x\0vermagic=6\0"),
			     AND_MORE } },
		{ .parts = { MODINFO("intree=Y\0xname=klp_x\0vermagic=6\0"),
			     AND_MORE } },
		{ .parts = { MODINFO("intree=Y\0name=klp_x\0xvermagic=6\0"),
			     AND_MORE } },
		{ .parts = { MODINFO("intree=Y\0name=klp_x\0\1\0vermagic=6\0"),
			     AND_MORE } },
		{ .table_in_front = true, .parts = { MODINFO(BUILT), AND_MORE } },
		{ .is_32_bit = true, .parts = { MODINFO(BUILT), AND_MORE } },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(layouts); i++) {
		make(&layouts[i]);
		ck_assert_msg(search("klp_x") == 0, "%zu", i);
		ck_assert_msg(decompressed == image.size, "%zu: %zu", i, decompressed);
	}
}
END_TEST

/* ---- livepatches ------------------------------------------------------------------- */

/* However .modinfo lies across what is decompressed at a time. */
START_TEST(found)
{
	for (size_t pad = STEP - 200; pad < STEP + 20; pad++) {
		const struct layout layouts[] = {
			{ .parts = { FILL(pad), MODINFO(LIVE BUILT),
				     PART("__param", "\0\0\1"), FILL(5 * STEP) } },
			{ .parts = { FILL(pad), MODINFO(BUILT LIVE),
				     PART("__param", "\0\0\1"), FILL(5 * STEP) } },
		};

		for (size_t i = 0; i < KLP_ARRAY_SIZE(layouts); i++) {
			make(&layouts[i]);
			ck_assert(is_livepatch());
			ck_assert_int_eq(search("klp_x"), 1);
			ck_assert_int_eq(search(NULL), 1);
		}
	}
}
END_TEST

/* All sorts of text in front of the real .modinfo, and odd places for it. */
START_TEST(decoys)
{
#define THEN_REAL PART("__param", "\0\0\1"), FILL(5 * STEP), MODINFO(LIVE BUILT)
	static const struct layout layouts[] = {
		{ .parts = { RODATA("\0vermagic=%s\0name=%s\0intree=Y\0"),
			     THEN_REAL } },
		{ .parts = { RODATA("\0vermagic=6.1.0\0intree=Y\0"), THEN_REAL } },
		{ .parts = { RODATA("\0name=klp_x\0vermagic=6.1.0\0"), THEN_REAL } },
		/* the .modinfo of another module */
		{ .parts = { RODATA("\0name=kvm\0intree=Y\0vermagic=6.1.0\0"),
			     THEN_REAL } },
		/* of itself, but built elsewhere */
		{ .parts = { RODATA("\0intree=N\0name=klp_x\0vermagic=6.1.0\0"),
			     THEN_REAL } },
		/* two modules' entries, with something between */
		{ .parts = { RODATA("\0name=klp_x\0\5\0intree=Y\0vermagic=6\0"),
			     THEN_REAL } },
		/* a copy of all of it, between sections, and the table in front */
		{ .table_in_front = true,
		  .parts = { PART(NULL, "\0" BUILT), THEN_REAL } },
		/* none but the real one, last, or behind the section table */
		{ .parts = { FILL(5 * STEP), MODINFO(LIVE BUILT) } },
		{ .table_in_front = true,
		  .parts = { FILL(5 * STEP), MODINFO(LIVE BUILT) } },
		/* nothing but the tag */
		{ .parts = { FILL(5 * STEP), MODINFO("livepatch=\0") } },
		{ .parts = { MODINFO("livepatch=\0"), FILL(5 * STEP) } },
		/* it comes behind the kernel's, and behind what is no text */
		{ .parts = { MODINFO(BUILT "author=\1\2\0" LIVE), FILL(STEP) } },
		{ .parts = { MODINFO(BUILT "\xc3\xa4=b\0" LIVE), FILL(STEP) } },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(layouts); i++) {
		make(&layouts[i]);
		ck_assert_msg(is_livepatch(), "%zu", i);
		ck_assert_msg(search("klp_x") == 1, "%zu", i);
		ck_assert_msg(search(NULL) == 1, "%zu", i);
	}
}
END_TEST

/* A .modinfo of any length, the tag behind all else. */
START_TEST(long_modinfo)
{
	for (size_t n = 1; n < 300000; n = n * 3 / 2 + 1) {
		_cleanup_free_ char *modinfo = calloc(1, n + 200);
		size_t size = sizeof("x\0" BUILT) - 1;
		struct layout layout = { .parts = { { ".modinfo", modinfo, 0 } } };

		memcpy(modinfo, "x\0" BUILT, size);
		memcpy(modinfo + size, "alias=", 6);
		memset(modinfo + size + 6, 'a', n);
		size += 6 + n + 1;
		memcpy(modinfo + size, LIVE, sizeof(LIVE) - 1);
		layout.parts[0].size = size + sizeof(LIVE) - 1;
		make(&layout);
		ck_assert(is_livepatch());
		ck_assert_int_eq(search("klp_x"), 1);
	}
}
END_TEST

/* What no beginning of an image can tell, and why modules.order is asked: a copy of a
 * kernel module's .modinfo in front of the real one. */
START_TEST(copy_of_modinfo)
{
	static const struct layout layout = { .parts = { RODATA("\0" BUILT),
							 THEN_REAL } };

	make(&layout);
	ck_assert(is_livepatch());
	ck_assert_int_eq(search(NULL), 1);
	ck_assert_int_eq(search("klp_x"), 0);
	/* under another name it helps nobody */
	ck_assert_int_eq(search("other"), 1);
}
END_TEST

/* What is no ELF file is left to who complains of it. */
START_TEST(no_module)
{
	for (size_t size = 0; size < 100; size++) {
		image = (struct image){ (unsigned char *)text("%100s", ""), size };
		ck_assert_int_eq(search(NULL), 1);
		ck_assert_int_eq(search("klp_x"), 1);
	}
}
END_TEST

UNIT_MAIN("search", stops, does_not_stop, found, decoys, long_modinfo, copy_of_modinfo,
	  no_module)

// SPDX-License-Identifier: LGPL-2.1-or-later
/* Damaged images: always an error that is documented, with a message, or no harm done. */
#include "config.h"

#include <elf.h>

#include "libklpdep/livepatch/format.h"
#include "testsuite/unit/fixture.h"

#define SPEC                                                                             \
	"name klp_x;livepatch klp-patch;object kvm;func f 0;func g 1;reloc kvm kvm s 0"
#define SOUND "klp_x klp-patch replace=no; kvm: f@0 g@1 ~kvm.s@0;"
#define ONLY_RELA "klp_x klp-rela; kvm: ~kvm.s@0;"

/* What a number is put into. */
enum where { EHDR, SHDR, SYMBOL, CONTENTS };

static const struct damage {
	enum where where;
	const char *name; /* of section or symbol */
	size_t offset;
	unsigned int width;
	uint64_t value;
	bool relative; /* the value is added to what stands there */
	int err;
	const char *result; /* a part of the message, or the whole outline */
} damages[] = {
#define E(field, width, ...)                                                             \
	{                                                                                \
		EHDR, "", offsetof(Elf64_Ehdr, field), width, __VA_ARGS__                \
	}
#define IDENT(i, ...)                                                                    \
	{                                                                                \
		EHDR, "", i, 1, __VA_ARGS__                                              \
	}
	IDENT(0, 0, false, -EBADMSG, "not an ELF file"),
	IDENT(3, 'f', false, -EBADMSG, "not an ELF file"),
	IDENT(EI_CLASS, ELFCLASS32, false, -EBADMSG,
	  "section headers of a wrong size: 0"),
	IDENT(EI_CLASS, 0, false, -EBADMSG,
	  "unknown ELF class 0"),
	IDENT(EI_DATA, ELFDATANONE, false, -EBADMSG, "unknown byte order 0"),
	IDENT(EI_DATA, 3, false, -EBADMSG, "unknown byte order 3"),
	IDENT(EI_DATA, ELFDATA2MSB, false, -EBADMSG,
	  "the ELF header is little-endian but says that it is not"),
	E(e_type, 2, ET_EXEC, false, -EBADMSG, "not a relocatable ELF file"),
	E(e_type, 2, ET_DYN, false, -EBADMSG, "not a relocatable ELF file"),
	E(e_machine, 2, EM_386, false, -ENOTSUP,
	  "a livepatch for ELF machine 3, which klpdep does not know"),
	E(e_shoff, 8, UINT64_MAX, false, -EBADMSG,
	  "lies beyond the end of the file (5032 bytes)"),
	E(e_shoff, 8, UINT64_MAX - 63, false, -EBADMSG,
	  "lies beyond the end of the file (5032 bytes)"),
	E(e_shoff, 8, 64, true, -EBADMSG,
	  "should have 19 entries, but there is room for 18"),
	E(e_shoff, 8, 1, true, -EBADMSG, ""),
	E(e_shoff, 8, 0, false, -EBADMSG, ""),
	E(e_shentsize, 2, 0, false, -EBADMSG, "section headers of a wrong size"),
	E(e_shentsize, 2, 40, false, -EBADMSG, "section headers of a wrong size"),
	E(e_shnum, 2, 0, false, -EBADMSG,
	  "the section table at offset 3816 has no entries"),
	E(e_shnum, 2, 1, false, -EBADMSG,
	  "the section names should be in section 18 of 1"),
	E(e_shnum, 2, 0xffff, false, -EBADMSG,
	  "should have 65535 entries, but there is room for 19"),
	E(e_shnum, 2, 1, true, -EBADMSG,
	  "should have 20 entries, but there is room for 19"),
	E(e_shstrndx, 2, 0, false, -EBADMSG,
	  "the section names should be in section 0, which is no string table"),
	E(e_shstrndx, 2, 1, false, -EBADMSG,
	  "the section names should be in section 1, which is no string table"),
	E(e_shstrndx, 2, 0xfffe, false, -EBADMSG,
	  "the section names should be in section 65534 of 19"),
	E(e_shstrndx, 2, SHN_XINDEX, false, -EBADMSG,
	  "the section names should be in section 0, which is no string table"),

#define S(name, field, width, ...)                                                       \
	{                                                                                \
		SHDR, name, offsetof(Elf64_Shdr, field), width, __VA_ARGS__              \
	}
#define BEYOND false, -EBADMSG, "lies beyond the end of the file"
	S(".modinfo", sh_offset, 8, UINT64_MAX, BEYOND),
	S(".modinfo", sh_size, 8, UINT64_MAX, BEYOND),
	S(".modinfo", sh_size, 8, (uint64_t)INT64_MAX, BEYOND),
	S(".data", sh_size, 8, (uint64_t)1 << 32, BEYOND),
	S(".text", sh_offset, 8, UINT64_MAX - 1, BEYOND),
	S(".modinfo", sh_size, 8, UINT64_MAX, true, -EBADMSG, "does not end with a NUL"),
	S(".modinfo", sh_size, 8, 0, false, -ENODATA, "not a livepatch"),
	S(".modinfo", sh_type, 4, SHT_NOBITS, false, -EBADMSG,
	  ".modinfo has no contents"),
	S(".modinfo", sh_type, 4, SHT_NULL, false, -EBADMSG, ".modinfo"),
	S(".modinfo", sh_name, 4, UINT32_MAX, false, -EBADMSG, "beyond the name table"),
	S(".modinfo", sh_name, 4, 1, true, -ENODATA, "not a livepatch"),
	S(".shstrtab", sh_size, 8, 0, false, -EBADMSG,
	  "the section names should be in section 18, which is no string table"),
	S(".shstrtab", sh_size, 8, UINT64_MAX, true, -EBADMSG, "does not end"),
	S(".shstrtab", sh_size, 8, 1, false, -EBADMSG, "beyond the name table"),
	S(".shstrtab", sh_type, 4, SHT_NOBITS, false, -EBADMSG,
	  "the section names should be in section 18, which is no string table"),
	/* relocations without symbols, or symbols without names */
	S(".symtab", sh_type, 4, SHT_PROGBITS, false, -EBADMSG, ""),
	S(".symtab", sh_type, 4, SHT_NOBITS, false, -EBADMSG, ""),
	S(".symtab", sh_size, 8, 0, false, -EBADMSG, ""),
	S(".symtab", sh_size, 8, 24, false, -EBADMSG, ""),
	S(".symtab", sh_link, 4, 0, false, -EBADMSG,
	  "the symbol table's names should be in section 0, which is no string table"),
	S(".symtab", sh_link, 4, UINT32_MAX, false, -EBADMSG,
	  "should be in section 4294967295, which is no string table"),
	S(".strtab", sh_type, 4, SHT_NOBITS, false, -EBADMSG,
	  "the symbol table's names should be in section 17, which is no string table"),
	S(".strtab", sh_size, 8, 1, false, -EBADMSG,
	  "the name of livepatch symbol 19 lies beyond the name table"),
	/* relocations that are for nothing */
	S(".rela.data", sh_info, 4, 0, false, -EBADMSG,
	  "for section 0, which is no code and no data"),
	S(".rela.data", sh_info, 4, UINT32_MAX, false, -EBADMSG,
	  "section 11 (.rela.data) are for section 4294967295, which there is not"),
	S(".rela.data", sh_type, 4, SHT_REL, false, -ENOTSUP,
	  "relocations without addends in section 11 (.rela.data)"),
	S(".rela.data", sh_size, 8, 0, false, 0, ONLY_RELA),
	S(".rela.init.text", sh_info, 4, UINT32_MAX, false, -EBADMSG,
	  "section 3 (.rela.init.text) are for section 4294967295"),
	S(".data", sh_flags, 8, 0, false, 0, ONLY_RELA),
	S(".data", sh_type, 4, SHT_NOBITS, false, -EBADMSG, ""),
	S(".rodata.str1.1", sh_type, 4, SHT_NOBITS, false, -EBADMSG, ""),
	S(".rodata.str1.1", sh_size, 8, 1, false, -EBADMSG, ""),
	S(".klp.rela.kvm..text", sh_size, 8, 1, true, -EBADMSG,
	  "section 15 (.klp.rela.kvm..text) is no multiple of 24: 25"),
	S(".klp.rela.kvm..text", sh_size, 8, UINT64_MAX, true, -EBADMSG,
	  "section 15 (.klp.rela.kvm..text) is no multiple of 24: 23"),
	S(".klp.rela.kvm..text", sh_flags, 8, SHF_ALLOC, false, -EBADMSG,
	  "section 15 (.klp.rela.kvm..text) lacks the flag of livepatch relocations"),
	S(".klp.rela.kvm..text", sh_flags, 8, KLP_SHF_RELA_LIVEPATCH | SHF_ALLOC, false,
	  0, SOUND), /* as strip leaves it */
	S(".klp.rela.kvm..text", sh_info, 4, UINT32_MAX, false, -EBADMSG,
	  "section 15 (.klp.rela.kvm..text) are for section 4294967295"),

#define SYM(name, field, width, ...)                                                     \
	{                                                                                \
		SYMBOL, name, offsetof(Elf64_Sym, field), width, __VA_ARGS__             \
	}
	SYM(".klp.sym.kvm.s,0", st_name, 4, UINT32_MAX, false, -EBADMSG,
	  "the name of livepatch symbol 19 lies beyond the name table"),
	SYM(".klp.sym.kvm.s,0", st_name, 4, 1, true, -EBADMSG, "is not of the form"),
	SYM(".klp.sym.kvm.s,0", st_shndx, 2, 0, false, -EBADMSG,
	  "symbol 19 (.klp.sym.kvm.s,0), which is no livepatch symbol"),
	SYM(".klp.sym.kvm.s,0", st_shndx, 2, 0xfe00, false, -EBADMSG, "in section 65024"),
	SYM(".klp.sym.kvm.s,0", st_shndx, 2, SHN_XINDEX, false, -EBADMSG, ""),
	SYM("patch", st_size, 8, UINT64_MAX, false, 0, SOUND),
	SYM("objs", st_size, 8, UINT64_MAX, false, 0, SOUND),
	SYM("funcs", st_size, 8, UINT64_MAX, false, 0, SOUND),
	SYM("funcs", st_size, 8, 0, false, 0, SOUND),
	SYM("objs", st_value, 8, UINT64_MAX, false, 0, SOUND),

#define RELA(section, i, field, width, ...)                                              \
	{                                                                                \
		CONTENTS, section,                                                       \
			(i) * sizeof(Elf64_Rela) + offsetof(Elf64_Rela, field), width,   \
			__VA_ARGS__                                                      \
	}
#define INFO(symbol) ELF64_R_INFO((uint64_t)(symbol), R_X86_64_64)
	RELA(".rela.data", 0, r_info, 8, INFO(UINT32_MAX), false, -EBADMSG, "symbol"),
	RELA(".rela.data", 3, r_info, 8, INFO(9999), false, -EBADMSG, "symbol"),
	RELA(".klp.rela.kvm..text", 0, r_info, 8, INFO(9999), false, -EBADMSG, "symbol"),
	RELA(".rela.init.text", 0, r_info, 8, INFO(9999), false, -EBADMSG, "symbol"),
	RELA(".klp.rela.kvm..text", 0, r_offset, 8, UINT64_MAX, false, -EBADMSG,
	  "(.klp.rela.kvm..text) is for offset 0xffffffffffffffff, beyond the end of"),
	RELA(".rela.data", 0, r_offset, 8, UINT64_MAX, false, -EBADMSG,
	  "is for offset 0xffffffffffffffff, beyond the end of .data"),
	RELA(".rela.data", 1, r_offset, 8, UINT64_MAX - 7, false, -EBADMSG,
	  "is for offset 0xfffffffffffffff8, beyond the end of .data"),
	RELA(".rela.data", 0, r_addend, 8, UINT64_MAX, false, 0, ONLY_RELA),
	RELA(".rela.data", 1, r_addend, 8, UINT64_MAX, false, -EBADMSG,
	     "leads to no sound array of klp_object"),
	RELA(".rela.data", 2, r_addend, 8, UINT64_MAX, false, -EBADMSG, "is no string"),
	RELA(".rela.data", 4, r_addend, 8, UINT64_MAX, false, -EBADMSG, "has no name"),
};

static size_t place_of(const struct image *image, const struct damage *d)
{
	size_t at = d->where == SHDR   ? mkmodule_shdr(image->data, d->name) :
		    d->where == SYMBOL ? mkmodule_symbol(image->data, d->name) :
		    d->where == EHDR   ? 0 :
					 mkmodule_contents(image->data, d->name);

	ck_assert_msg(at || d->where == EHDR, "there is no %s", d->name);
	return at + d->offset;
}

static void apply(struct image *image, const struct damage *d)
{
	size_t at = place_of(image, d);
	uint64_t old = d->relative ? mkmodule_get(image->data, at, d->width) : 0;

	mkmodule_put(image->data, at, d->width, old + d->value);
}

START_TEST(sound)
{
	expect_text(outline_of(SPEC), SOUND);
}
END_TEST

START_TEST(damaged)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(damages); i++) {
		const struct damage *d = &damages[i];
		struct image image = build(SPEC);
		char *result;
		int err;

		apply(&image, d);
		err = read_image(&image, &result);
		ck_assert_msg(err == d->err && (err ? strstr(result, d->result) != NULL :
						      klp_streq(result, d->result)),
			      "damage %zu, %s+%zu=%#llx\nis:     %d %s\nwanted: %d %s", i,
			      d->name, d->offset, (unsigned long long)d->value, err,
			      result, d->err, d->result);
	}
}
END_TEST

/* More sections than e_shnum can say: their number is in section 0. */
START_TEST(extended_numbering)
{
	static const char *const arches[] = { "x86_64", "s390x" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(arches); i++) {
		struct image image = build(text("arch %s;" SPEC, arches[i]));
		size_t num = offsetof(Elf64_Ehdr, e_shnum);
		size_t names = offsetof(Elf64_Ehdr, e_shstrndx);
		size_t first = (size_t)mkmodule_get(image.data,
						     offsetof(Elf64_Ehdr, e_shoff), 8);
		size_t size = first + offsetof(Elf64_Shdr, sh_size);
		uint64_t n = mkmodule_get(image.data, num, 2);
		char *result;

		mkmodule_put(image.data, first + offsetof(Elf64_Shdr, sh_link), 4,
			     mkmodule_get(image.data, names, 2));
		mkmodule_put(image.data, names, 2, SHN_XINDEX);
		mkmodule_put(image.data, num, 2, 0);
		for (uint64_t wrong = n + 1; wrong; wrong *= 2) {
			mkmodule_put(image.data, size, 8, wrong);
			ck_assert_int_eq(read_image(&image, &result), -EBADMSG);
		}
		mkmodule_put(image.data, size, 8, n);
		ck_assert_int_eq(read_image(&image, &result), 0);
		expect_text(result, SOUND);
	}
}
END_TEST

/* A file that ends anywhere, but behind the last section header. */
START_TEST(truncated)
{
	struct image image = build(SPEC ";option signature=yes"), part = image;
	size_t end = (size_t)mkmodule_get(image.data, offsetof(Elf64_Ehdr, e_shoff), 8) +
		     sizeof(Elf64_Shdr) *
		     (size_t)mkmodule_get(image.data, offsetof(Elf64_Ehdr, e_shnum), 2);
	char *result;

	ck_assert_uint_lt(end, image.size);
	for (part.size = 0; part.size <= image.size; part.size++) {
		int err = read_image(&part, &result);

		ck_assert_msg(err == (part.size < end ? -EBADMSG : 0),
			      "%zu of %zu: %d %s", part.size, end, err, result);
	}
}
END_TEST

static void check_documented(const struct image *image, const char *what)
{
	char *result;
	int err = read_image(image, &result);

	ck_assert_msg(err == 0 || err == -EBADMSG || err == -ENOTSUP || err == -ENODATA,
		      "%s: %d %s", what, err, result);
}

static void flip_every_byte(const char *spec)
{
	static const unsigned char masks[] = { 0xff, 0x01, 0x80, 0x10 };
	struct image image = build(spec);

	for (size_t at = 0; at < image.size; at++) {
		/* struct module takes up most of the image, and is not looked at. */
		if (at == mkmodule_contents(image.data, ".gnu.linkonce.this_module"))
			at += 0x3e0;
		for (size_t i = 0; i < sizeof(masks); i++) {
			image.data[at] ^= masks[i];
			check_documented(&image, spec);
			image.data[at] ^= masks[i];
		}
	}
}

START_TEST(flipped_x86_64)
{
	flip_every_byte(SPEC);
}
END_TEST

START_TEST(flipped_s390x)
{
	flip_every_byte("arch s390x;option symbols=named;" SPEC ";replace init");
}
END_TEST

/* Wrong numbers together, where they hurt most: always the same ones. */
START_TEST(scrambled)
{
	static const uint64_t values[] = {
		0,	    1,
		7,	    8,
		24,	    0x7f,
		0xff,	    0xff20,
		0xffff,	    INT32_MAX,
		UINT32_MAX, INT64_MAX,
		UINT64_MAX, UINT64_MAX - 7,
	};
	struct image sound_one = build(SPEC ";object zram;func h 0;option decoy=yes");
	struct image image = { malloc(sound_one.size), sound_one.size };
	size_t table = (size_t)mkmodule_get(sound_one.data,
					     offsetof(Elf64_Ehdr, e_shoff), 8);
	const struct {
		size_t start, size;
	} tables[] = {
		{ table, sound_one.size - table },
		{ mkmodule_contents(sound_one.data, ".rela.data"), 15 * 24 },
		{ mkmodule_contents(sound_one.data, ".symtab"), 30 * 24 },
		{ mkmodule_contents(sound_one.data, ".rela.init.text"), 2 * 24 },
	};
	uint32_t random = 1;

	for (int round = 0; round < 5000; round++) {
		memcpy(image.data, sound_one.data, image.size);
		for (int i = 0; i < 1 + round % 4; i++) {
			size_t where;

			random = random * 1664525 + 1013904223;
			where = (random >> 8) % KLP_ARRAY_SIZE(tables);
			mkmodule_put(image.data,
				     tables[where].start +
					     (random >> 12) %
						     (tables[where].size / 4 - 1) * 4,
				     random >> 31 ? 4 : 8,
				     values[(random >> 24) % KLP_ARRAY_SIZE(values)]);
		}
		check_documented(&image, text("round %d", round));
	}
	free(image.data);
}
END_TEST

/* Numbers are read in the file's byte order, and not past a string's section. */
START_TEST(primitives)
{
	static const unsigned char bytes[] = { 1, 2, 3, 4, 5, 6, 7, 0x88 };
	struct klp_elf little = { 0 }, big = { .big_endian = true };

	ck_assert_uint_eq(klp_elf_u16(&little, bytes), 0x0201);
	ck_assert_uint_eq(klp_elf_u16(&big, bytes), 0x0102);
	ck_assert_uint_eq(klp_elf_u32(&little, bytes), 0x04030201);
	ck_assert_uint_eq(klp_elf_u32(&big, bytes + 4), 0x05060788);
	ck_assert_uint_eq(klp_elf_u64(&little, bytes), 0x8807060504030201);
	ck_assert_uint_eq(klp_elf_u64(&big, bytes), 0x0102030405060788);
}
END_TEST

START_TEST(strings)
{
	_cleanup_file_ struct klp_file *file = NULL;
	_cleanup_elf_ struct klp_elf elf = { 0 };
	struct image image = build(SPEC);
	uint32_t modinfo, bss;
	uint64_t size;
	int err = 0;

	put_file("x.ko", image.data, image.size);
	ck_assert_int_eq(klp_file_open(in_dir("x.ko"), &file), 0);
	ck_assert_int_eq(klp_elf_open(&elf, file), 0);
	modinfo = klp_elf_find_section(&elf, ".modinfo");
	bss = klp_elf_find_section(&elf, ".bss");
	ck_assert_uint_ne(modinfo, 0);
	ck_assert_uint_ne(bss, 0);
	ck_assert_uint_eq(klp_elf_find_section(&elf, ".nonesuch"), 0);
	size = elf.sections[modinfo].size;
	expect_text(klp_elf_string(&elf, modinfo, size - 1), "");
	ck_assert_ptr_null(klp_elf_string(&elf, modinfo, size));
	ck_assert_ptr_null(klp_elf_string(&elf, modinfo, UINT64_MAX));
	ck_assert_ptr_null(klp_elf_string(&elf, bss, 0));
	ck_assert_ptr_null(klp_elf_string(&elf, 0, 0));
	ck_assert_ptr_null(klp_elf_string(&elf, elf.n_sections, 0));
	ck_assert_ptr_nonnull(klp_elf_data(&elf, modinfo, size - 1, 1, &err));
	ck_assert_ptr_null(klp_elf_data(&elf, modinfo, size, 1, &err));
	ck_assert_int_eq(err, -EBADMSG);
	ck_assert_ptr_null(klp_elf_data(&elf, modinfo, UINT64_MAX, 2, &err));
	ck_assert_ptr_null(klp_elf_data(&elf, modinfo, 1, UINT64_MAX, &err));
	ck_assert_ptr_null(klp_elf_data(&elf, elf.n_sections, 0, 1, &err));
	ck_assert_ptr_nonnull(strstr(file->error, "section .modinfo has no 1 bytes"));
}
END_TEST

UNIT_MAIN("elf", sound, damaged, extended_numbering, truncated, flipped_x86_64,
	  flipped_s390x, scrambled, primitives, strings)

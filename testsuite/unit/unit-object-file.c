// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is read of objects: modules, and the kernel in all the places where it may be. */
#include "config.h"

#include "libklpdep/fit/object-file.h"
#include "testsuite/unit/images.h"

#define TREE MODULES_DIR "/" KERNEL "/"

/* "NAME[:STATE]...", by name: t traceable, i gone after the init. */
static char *symbols_of(const struct klp_object_file *target, const char *const *names)
{
	char *out = text("%s", "");

	for (; *names; names++) {
		const struct klp_object_file_symbol *s;

		for (unsigned long i = 1;
		     (s = klp_object_file_symbol(target, *names, i, false)); i++)
			out = append(out, "%s:%s%s ", s->name, s->traceable ? "t" : "",
				     s->stays ? "" : "i");
	}
	return out;
}

static void read_target(const struct image *image, struct klp_object_file *target)
{
	put_file("x.ko", image->data, image->size);
	*target = (struct klp_object_file){ 0 };
	ck_assert_int_eq(klp_object_file_read(in_dir("x.ko"), true, target), 0);
}

static struct klp_object_file read_spec(const char *spec)
{
	struct image image = build(spec);
	struct klp_object_file target;

	read_target(&image, &target);
	if (target.err < 0)
		ck_abort_msg("%s: %s", spec, target.why);
	return target;
}

/* ---- modules ---------------------------------------------------------------------- */

START_TEST(modules)
{
	static const char *const names[] = { "e",     "f",     "gone", "init_module",
					     "quiet", "twice", "used", NULL };

	for (size_t i = 0; i < N_ARCHES; i++) {
		struct klp_object_file t = read_spec(
			text("name x;arch %s;modinfo srcversion=S;export e 5;local f;"
			     "local twice;notrace twice;notrace quiet;import used 6",
			     arches[i]));
		const struct klp_crc *crc;

		expect_text(symbols_of(&t, names),
			    "e:t f:t init_module:i quiet: twice:t twice: ");
		expect_text(t.vermagic, MKMODULE_VERMAGIC);
		expect_text(t.srcversion, "S");
		ck_assert(t.has_symbols && t.has_locations && t.has_versions &&
			  t.has_exports);
		crc = klp_crc_find(&t.exports, "e");
		ck_assert(crc && crc->crc == 5);
		ck_assert_ptr_null(klp_crc_find(&t.exports, "f"));
		crc = klp_crc_find(&t.imports, "used");
		ck_assert(crc && crc->crc == 6);
		ck_assert_uint_eq(t.exports.n, 1);
		ck_assert_uint_eq(t.imports.n, 2); /* and module_layout */
		ck_assert_uint_eq(klp_object_file_count(&t, "twice", true), 2);
		ck_assert_uint_eq(klp_object_file_count(&t, "init_module", false), 1);
		ck_assert_uint_eq(klp_object_file_count(&t, "init_module", true), 0);
		klp_object_file_clear(&t);
	}
}
END_TEST

/* x86 modules have both sections where calls are counted: that of the room in front of
 * functions means nothing. */
START_TEST(x86_padding)
{
	static const char section[] = "__patchable_function_entries";
	static const char *const names[] = { "f", "g", NULL };
	struct image image = build("name x;arch aarch64;local f;notrace g");
	struct klp_object_file target;

	read_target(&image, &target);
	expect_text(symbols_of(&target, names), "f:t g: ");
	klp_object_file_clear(&target);
	/* The same image as another machine's. */
	for (size_t i = 0, at; (at = mkmodule_reloc(image.data, section, i * 8)); i++)
		mkmodule_put(image.data, at + offsetof(Elf64_Rela, r_info), 4,
			     R_X86_64_64);
	mkmodule_put(image.data, offsetof(Elf64_Ehdr, e_machine), 2, EM_X86_64);
	read_target(&image, &target);
	ck_assert_int_eq(target.err, 0);
	expect_text(symbols_of(&target, names), "f: g: ");
	klp_object_file_clear(&target);
}
END_TEST

static void rename_section(struct image *image, const char *from, const char *to)
{
	size_t shdr = mkmodule_shdr(image->data, from);
	size_t names = mkmodule_contents(image->data, ".shstrtab");

	ck_assert(shdr && names && strlen(from) == strlen(to));
	memcpy(image->data + names + mkmodule_get(image->data, shdr, 4), to, strlen(to));
}

/* Linux 6.14 has them for names that are too long for __versions. */
START_TEST(extended_versions)
{
	static const char crcs[] = "__version_ext_crcs", names[] = "__version_ext_names";
	static const struct {
		const char *names; /* 16 bytes */
		const char *wanted;
	} cases[] = {
		{ "long\0other\0\0\0\0\0\0", "long=17 other=18 " },
		{ "a\0b\0c\0d\0e\0f\0g\0h\0", "a=17 b=18 c=19 d=20 " },
		{ "no_end_of_names.", "no_end_of_names.=17 " },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases) * 2; i++) {
		const char *const arch = i & 1 ? "s390x" : "x86_64";
		struct image image = build(text("name x;arch %s;archsection aaaaaa b;"
						"archsection aaaaaaa b",
						arch));
		struct klp_object_file target;
		char *is = text("%s", "");

		rename_section(&image, ".klp.arch.aaaaaa.b", crcs);
		rename_section(&image, ".klp.arch.aaaaaaa.b", names);
		for (uint32_t n = 0; n < 4; n++)
			mkmodule_put(image.data,
				     mkmodule_contents(image.data, crcs) + n * 4ul, 4,
				     17 + n);
		memcpy(image.data + mkmodule_contents(image.data, names),
		       cases[i / 2].names, 16);
		read_target(&image, &target);
		ck_assert_int_eq(target.err, 0);
		for (size_t n = 0; n < target.imports.n; n++) {
			const struct klp_crc *crc = &target.imports.v[n];

			if (*crc->symbol && !klp_streq(crc->symbol, "module_layout"))
				is = append(is, "%s=%u ", crc->symbol, crc->crc);
		}
		expect_text(is, cases[i / 2].wanted);
		klp_object_file_clear(&target);
	}
}
END_TEST

/* Whatever stands in a file: it is read, or there is a message. */
START_TEST(damaged)
{
	uint32_t random = 1;

	for (unsigned int i = 0; i < 3000; i++) {
		struct klp_object_file target;
		struct image image =
			build(text("name x;arch %s;export e;local f;local f;import u;"
				   "modinfo srcversion=S",
				   arches[i % N_ARCHES]));

		for (unsigned int n = 0; n <= i % 4; n++) {
			random = random * 1664525 + 1013904223;
			image.data[random % image.size] = (unsigned char)(random >> 24);
		}
		if (i % 16 == 0)
			image.size = random % image.size;
		read_target(&image, &target);
		ck_assert(target.err ? target.why && !target.n_symbols :
				       target.has_symbols);
		klp_object_file_clear(&target);
	}
}
END_TEST

/* ---- ftrace ----------------------------------------------------------------------- */

START_TEST(locations)
{
	static const struct {
		const char *what;
		bool in_front;
		struct klp_object_file_symbol symbols[6];
		struct klp_place locations[4];
		const char *wanted; /* of the symbols as they stand there */
	} cases[] = {
#define S(s, v, z) { .name = "x", .at = { (s), (v) }, .size = (z) }
		{ "at the beginning, and behind endbr64",
		  false,
		  { S(1, 0x10, 8), S(1, 0x20, 8), S(1, 0x30, 8) },
		  { { 1, 0x10 }, { 1, 0x34 } },
		  "t-t" },
		{ "to the next symbol, whatever its size says",
		  false,
		  { S(1, 0x10, 0), S(1, 0x20, 0x20), S(1, 0x30, 8) },
		  { { 1, 0x1f }, { 1, 0x30 } },
		  "t-t" },
		{ "aliases",
		  false,
		  { S(1, 0x10, 8), S(1, 0x10, 0), S(1, 0x20, 8), S(1, 0x20, 8) },
		  { { 1, 0x14 } },
		  "tt--" },
		{ "another section's",
		  false,
		  { S(1, 0x10, 8), S(2, 0x10, 8), S(3, 0x10, 8), S(0, 0x10, 8) },
		  { { 2, 0x10 } },
		  "-t--" },
		{ "the last one, and one in front of all",
		  false,
		  { S(1, 0x10, 8), S(1, 0x20, 8) },
		  { { 1, 0x100 }, { 1, 0 } },
		  "-t" },
		{ "in front does not count on x86",
		  false,
		  { S(1, 0x10, 8), S(1, 0x20, 8) },
		  { { 1, 0x18 } },
		  "t-" },
		{ "in front does count on arm64",
		  true,
		  { S(1, 0x10, 8), S(1, 0x20, 8), S(1, 0x30, 8) },
		  { { 1, 0x8 }, { 1, 0x18 } },
		  "tt-" },
		{ "in a function, and not in front of the next",
		  true,
		  { S(1, 0x10, 0x10), S(1, 0x20, 8), S(1, 0x30, 0), S(1, 0x38, 0) },
		  { { 1, 0x18 }, { 1, 0x30 } },
		  "t-t-" },
		{ "too far in front",
		  true,
		  { S(1, 0x10, 8), S(1, 0x40, 8) },
		  { { 1, 0x28 } },
		  "t-" },
		{ "in front of another section's",
		  true,
		  { S(1, 0x10, 8), S(2, 0x20, 8) },
		  { { 1, 0x18 } },
		  "t-" },
		{ "unsorted",
		  true,
		  { S(2, 0x20, 8), S(1, 0x30, 8), S(1, 0x10, 8) },
		  { { 2, 0x18 }, { 1, 0x10 } },
		  "t-t" },
		{ "sizes that cannot be",
		  true,
		  { S(1, 0x10, UINT64_MAX), S(1, 0x20, 8), S(1, UINT64_MAX, 1) },
		  { { 1, 0x18 }, { 1, UINT64_MAX } },
		  "-tt" },
#undef S
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		struct klp_object_file_symbol symbols[6];
		struct klp_place l[4];
		struct klp_object_file target = { .symbols = symbols };
		char is[7] = "";
		size_t n = 0;

		memcpy(symbols, cases[i].symbols, sizeof(symbols));
		memcpy(l, cases[i].locations, sizeof(l));
		while (target.n_symbols < 6 && symbols[target.n_symbols].name) {
			symbols[target.n_symbols].number = (uint32_t)target.n_symbols;
			target.n_symbols++;
		}
		while (n < 4 && (l[n].section || l[n].offset))
			n++;
		klp_object_file_mark_traceable(&target, l, n,
					       cases[i].in_front ? EM_AARCH64 : EM_X86_64);
		klp_object_file_sort(&target);
		for (size_t s = 0; s < target.n_symbols; s++)
			is[s] = symbols[s].traceable ? 't' : '-';
		ck_assert_msg(klp_streq(is, cases[i].wanted), "%s: %s, wanted: %s",
			      cases[i].what, is, cases[i].wanted);
	}
}
END_TEST

/* ---- the kernel ------------------------------------------------------------------- */

#define MAP "ffffffff81000000 T _stext\nffffffff81000010 t v\n"

static struct klp_object_file read_kernel(void)
{
	struct klp_object_file target = { 0 };

	ck_assert_int_eq(klp_object_file_read_vmlinux(ctx, KERNEL, &target), 0);
	return target;
}

START_TEST(maps)
{
	static const struct {
		const char *map;
		bool accepted;
	} cases[] = {
		{ MAP, true },
		{ "", false },
		/* Debian's. */
		{ "ffffffffffffffff B The real System.map is in the "
		  "linux-image-<version>-dbg package\n",
		  false },
		{ "ffffffff81000010 t v\n", false },
		{ "ffffffff81000000 T _stext \nffffffff81000010 t v\n", false },
		{ "0 T _stext\n0 t v\nx\n0\n0 t\n0 t \n t v\n0 U v\n0 t v\tmod\n0tv\n"
		  "0 t v\t[kvm]\n0 t $x\n",
		  true },
		/* A kernel whose addresses are hidden. */
		{ "0000000000000000 A fixed\n0000000000000000 T _text\n"
		  "0000000000000000 t v\n0000000000000000 t v\t[kvm]\n",
		  true },
	};
	static const char *const places[] = { "boot/System.map-" KERNEL,
					      TREE "System.map", TREE "build/System.map",
					      "usr/lib/debug/boot/System.map-" KERNEL };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases) * KLP_ARRAY_SIZE(places); i++) {
		const char *place = places[i % KLP_ARRAY_SIZE(places)];
		const size_t n = i / KLP_ARRAY_SIZE(places);
		struct klp_object_file target;

		put_text(place, cases[n].map);
		target = read_kernel();
		ck_assert_msg(target.has_symbols == cases[n].accepted, "%s",
			      cases[n].map);
		ck_assert_uint_eq(klp_object_file_count(&target, "v", true),
				  cases[n].accepted);
		ck_assert(!target.has_locations && !target.has_exports && !target.err);
		klp_object_file_clear(&target);
		ck_assert_int_eq(unlink(in_dir(place)), 0);
	}
}
END_TEST

#define TEXT 0xffffffff81000000
#define LOCATIONS 0xffffffff82000000

/* A linked kernel: sections and symbols have addresses, and the table of ftrace locations
 * has contents; or, as in one that is position-independent, none as yet. */
static struct image link_kernel(const char *spec, bool independent)
{
	struct image image = build(spec);
	unsigned char *p = image.data;
	size_t text = mkmodule_shdr(p, ".text"), loc = mkmodule_shdr(p, "__mcount_loc");
	uint64_t headers = mkmodule_get(p, offsetof(Elf64_Ehdr, e_shoff), 8);
	size_t symtab = mkmodule_shdr(p, ".symtab");
	size_t symbols = mkmodule_contents(p, ".symtab");
	uint64_t n = mkmodule_get(p, symtab + offsetof(Elf64_Shdr, sh_size), 8);
	uint64_t size = mkmodule_get(p, loc + offsetof(Elf64_Shdr, sh_size), 8);

	mkmodule_put(p, offsetof(Elf64_Ehdr, e_type), 2, independent ? ET_DYN : ET_EXEC);
	mkmodule_put(p, text + offsetof(Elf64_Shdr, sh_addr), 8, TEXT);
	mkmodule_put(p, loc + offsetof(Elf64_Shdr, sh_addr), 8, LOCATIONS);
	for (size_t at = symbols; at < symbols + n; at += sizeof(Elf64_Sym)) {
		size_t value = at + offsetof(Elf64_Sym, st_value);

		if (mkmodule_get(p, at + offsetof(Elf64_Sym, st_shndx), 2) ==
		    (text - headers) / sizeof(Elf64_Shdr))
			mkmodule_put(p, value, 8, TEXT + mkmodule_get(p, value, 8));
	}
	for (size_t at = 0; at < size && !independent; at += 8)
		mkmodule_put(p, mkmodule_contents(p, "__mcount_loc") + at, 8,
			     TEXT + mkmodule_get(p,
						 mkmodule_reloc(p, "__mcount_loc", at) +
							 offsetof(Elf64_Rela, r_addend),
						 8));
	mkmodule_put(p,
		     mkmodule_symbol(p, "__start_mcount_loc") +
			     offsetof(Elf64_Sym, st_value),
		     8, LOCATIONS);
	mkmodule_put(p,
		     mkmodule_symbol(p, "__stop_mcount_loc") +
			     offsetof(Elf64_Sym, st_value),
		     8, LOCATIONS + size);
	return image;
}

static const char kernel_spec[] =
	"name vmlinux;notrace _stext;export v;notrace w;local w;notrace quiet;"
	"notrace __start_mcount_loc;notrace __stop_mcount_loc";

START_TEST(vmlinux)
{
	static const char *const names[] = { "v", "w", "quiet", "used", NULL };
	static const char *const places[] = { TREE "vmlinux", TREE "build/vmlinux",
					      "usr/lib/debug/boot/vmlinux-" KERNEL,
					      "usr/lib/debug/lib/modules/" KERNEL
					      "/vmlinux",
					      "boot/vmlinux-" KERNEL };
	struct image image = link_kernel(kernel_spec, false);
	struct image independent = link_kernel(kernel_spec, true);

	for (size_t i = 0; i < KLP_ARRAY_SIZE(places); i++) {
		struct klp_object_file target;

		put_file(places[i], image.data, image.size);
		target = read_kernel();
		ck_assert(target.has_symbols && target.has_locations);
		expect_text(symbols_of(&target, names), "v:t w: w:t quiet: ");
		klp_object_file_clear(&target);
		put_file(places[i], independent.data, independent.size);
		target = read_kernel();
		ck_assert(target.has_symbols && !target.has_locations);
		expect_text(symbols_of(&target, names), "v: w: w: quiet: ");
		klp_object_file_clear(&target);
		ck_assert_int_eq(unlink(in_dir(places[i])), 0);
	}
}
END_TEST

/* Debian's headers have a vmlinux with BTF and nothing of the kernel: the map is used. */
START_TEST(useless_vmlinux)
{
	struct image image = link_kernel("name vmlinux;local v;local v;"
					 "notrace __start_mcount_loc;"
					 "notrace __stop_mcount_loc",
					 false);
	struct klp_object_file target;

	put_text(TREE "System.map", MAP);
	put_file(TREE "build/vmlinux", image.data, image.size);
	put_text("boot/vmlinux-" KERNEL, "no ELF file at all");
	put_module("usr/lib/debug/boot/vmlinux-" KERNEL, "name x;local _stext");
	target = read_kernel();
	ck_assert(target.has_symbols && !target.has_locations);
	ck_assert_uint_eq(klp_object_file_count(&target, "v", true), 1);
	klp_object_file_clear(&target);
}
END_TEST

START_TEST(damaged_vmlinux)
{
	uint32_t random = 7;

	for (unsigned int i = 0; i < 2000; i++) {
		struct image image = link_kernel(kernel_spec, false);
		struct klp_object_file target;

		for (unsigned int n = 0; n <= i % 4; n++) {
			random = random * 1664525 + 1013904223;
			image.data[random % image.size] = (unsigned char)(random >> 24);
		}
		put_file(TREE "vmlinux", image.data, image.size);
		target = read_kernel();
		ck_assert(target.has_symbols || !target.n_symbols);
		klp_object_file_clear(&target);
	}
}
END_TEST

START_TEST(exports)
{
	static const struct {
		const char *text;
		const char *crc; /* of "s" */
	} cases[] = {
		{ "0x00000011\ts\tvmlinux\tEXPORT_SYMBOL\t\n", "11" },
		{ "0xfeedbeef\ts\tvmlinux\tEXPORT_SYMBOL_GPL", "feedbeef" },
		{ "0x00000011\ts\tvmlinux", "11" },
		{ "0x00000011\ts\tkernel/s\tEXPORT_SYMBOL\n0x12\tt\tvmlinux\tX\n",
		  "none" },
		{ "0x00000011\ts\n0x11\n0x\ns\n\n", NULL },
		{ "", NULL },
	};
	static const char *const places[] = {
		TREE "build/Module.symvers",
		"usr/src/linux-headers-" KERNEL "/Module.symvers",
		"boot/symvers-" KERNEL,
		TREE "symvers.xz",
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases) * KLP_ARRAY_SIZE(places); i++) {
		const char *place = places[i % KLP_ARRAY_SIZE(places)];
		const size_t n = i / KLP_ARRAY_SIZE(places);
		const struct klp_crc *crc;
		struct klp_object_file target;

		put_text(place, cases[n].text);
		target = read_kernel();
		ck_assert(target.has_exports == !!cases[n].crc);
		crc = klp_crc_find(&target.exports, "s");
		if (cases[n].crc)
			expect_text(crc ? text("%x", crc->crc) : "none", cases[n].crc);
		klp_object_file_clear(&target);
		ck_assert_int_eq(unlink(in_dir(place)), 0);
	}
}
END_TEST

/* ---- the cache -------------------------------------------------------------------- */

START_TEST(read_once)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	const struct klp_object_file *first, *second;
	struct klp_object_files *targets;

	put_module(TREE "kernel/a.ko", "name a;local f");
	put_text(TREE "kernel/b.ko", "");
	put_text(TREE "System.map", MAP);
	put_text(TREE "modules.dep", "kernel/b.ko:\nkernel/a.ko:\n");
	ck_assert_int_eq(klp_moddep_read(ctx, KERNEL, &moddep), 0);
	ck_assert_int_eq(klp_object_files_new(ctx, KERNEL, &moddep, &targets), 0);
	ck_assert_int_eq(klp_object_files_get(targets, "c", &first), -ENOENT);
	ck_assert_int_eq(klp_object_files_get(targets, "a", &first), 0);
	ck_assert(first->has_symbols && first->err == 0);
	expect_text(first->name, "a");
	ck_assert_int_eq(klp_object_files_get(targets, "b", &first), 0);
	ck_assert_int_eq(first->err, -EBADMSG);
	expect_text(first->why, "empty file");
	/* In the tree's own order, a is asked first, and b cannot be read. */
	ck_assert_int_eq(klp_object_files_get_model(targets, &first), 0);
	expect_text(first->name, "a");

	ck_assert_int_eq(klp_object_files_get(targets, "vmlinux", &first), 0);
	ck_assert_int_eq(unlink(in_dir(TREE "System.map")), 0);
	ck_assert_int_eq(klp_object_files_get(targets, "vmlinux", &second), 0);
	ck_assert_ptr_eq(first, second);
	ck_assert_int_eq(klp_object_files_get(targets, "a", &first), 0);
	ck_assert_int_eq(unlink(in_dir(TREE "kernel/a.ko")), 0);
	ck_assert_int_eq(klp_object_files_get(targets, "a", &second), 0);
	ck_assert_ptr_eq(first, second);
	ck_assert_uint_eq(klp_object_file_count(second, "f", true), 1);
	klp_object_files_free(targets);
}
END_TEST

UNIT_MAIN("target", modules, x86_padding, extended_versions, damaged, locations, maps,
	  vmlinux, useless_vmlinux, damaged_vmlinux, exports, read_once)

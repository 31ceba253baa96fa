// SPDX-License-Identifier: LGPL-2.1-or-later
/* The reader of what kpatch-build makes: every feature of it, and every way to break it.
 */
#include "config.h"

#include "testsuite/unit/images.h"

static const char *const variants[] = {
	"",
	"option symbols=named;",
	"option symbols=stripped;",
	"option symbols=global;option decoy=yes;",
	"option prefix=16;",
	"option interleave=yes;",
	"option record=72;",
	"option record=72;option interleave=yes;option symbols=named;",
	"option record=56;option prefix=32;",
	"option record=72;option symbols=stripped;option interleave=yes;",
	"option force=yes;option signature=yes;",
	NULL,
};

static void check(const char *spec, const char *wanted)
{
	check_everywhere(variants, text("livepatch kpatch;%s", spec), wanted);
}

START_TEST(functions)
{
	check("object vmlinux;func cmdline_proc_show 0",
	      "klp_x kpatch; vmlinux: cmdline_proc_show@0;");
	check("object kvm;func kvm_init 1", "klp_x kpatch; kvm: kvm_init@1;");
	check("object kvm;func b 0;func a 2;func a 1", "klp_x kpatch; kvm: a@1 a@2 b@0;");
	check("object kvm;func b.isra.0 0;func b.part.0.cold 18446744073709551615",
	      "klp_x kpatch; kvm: b.isra.0@0 b.part.0.cold@18446744073709551615;");
}
END_TEST

/* An object's records need not stand beside each other, and sympos may be 0 and 1 in one
 * module. */
START_TEST(objects)
{
	static const char *const specs[] = {
		"object vmlinux;func a 0;func b 1;object kvm;func c 0;func d 1;"
		"object zram;func e 7",
		"object zram;func e 7;object kvm;func c 0;func d 1;"
		"object vmlinux;func a 0;func b 1",
		"object kvm;func d 1;object vmlinux;func b 1;object kvm;func c 0;"
		"object zram;func e 7;object vmlinux;func a 0",
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(specs); i++)
		check(specs[i],
		      "klp_x kpatch; kvm: c@0 d@1; vmlinux: a@0 b@1; zram: e@7;");
	/* the same function in two objects is two functions */
	check("object b;func f 0;func g 1;object a;func f 1;func g 0",
	      "klp_x kpatch; a: f@1 g@0; b: f@0 g@1;");
}
END_TEST

START_TEST(callbacks)
{
	static const char *const names[] = { "pre_patch", "post_patch", "pre_unpatch",
					     "post_unpatch" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++)
		check(text("object kvm;func f 0;callback %s", names[i]),
		      text("klp_x kpatch; kvm[%s]: f@0;", names[i]));
	check("object kvm;callback post_unpatch;callback pre_patch;object vmlinux;func f "
	      "1;callback pre_patch;callback post_patch;object zram;func g 0",
	      "klp_x kpatch; kvm[pre_patch post_unpatch]:; "
	      "vmlinux[pre_patch post_patch]: f@1; zram: g@0;");
	/* callbacks and no function at all */
	check("object vmlinux;callback pre_unpatch",
	      "klp_x kpatch; vmlinux[pre_unpatch]:;");
	/* the names of odd objects are as they stand there: verify says what is wrong */
	check("object zfs.ko;callback pre_patch;func f 0",
	      "klp_x kpatch; zfs.ko[pre_patch]: f@0;");
}
END_TEST

/* A hook that allocates the klp_patch sets its replace, too: to a constant, that can be read
 * on x86_64. */
START_TEST(replace)
{
	check("object kvm;func f 0", "klp_x kpatch; kvm: f@0;");
	expect_text(outline_of("name klp_x;livepatch kpatch;object kvm;func f 0;replace yes"),
		    "klp_x kpatch replace=yes; kvm: f@0;");
	expect_text(outline_of("name klp_x;livepatch kpatch;object kvm;func f 0;replace no"),
		    "klp_x kpatch replace=no; kvm: f@0;");
}
END_TEST

START_TEST(relocations)
{
	check("object kvm;func f 0;reloc kvm kvm secret 0;"
	      "reloc kvm vmlinux secret.isra.3 2;reloc kvm kvm secret 0",
	      "klp_x kpatch; kvm: f@0 ~kvm.secret@0 ~vmlinux.secret.isra.3@2;");
	/* the symbol's object may be a module that is not patched, and the section's, too
	 */
	check("object zram;func f 0;reloc zram zsmalloc zs_pool_stats 0;"
	      "reloc kvm_amd kvm x 1",
	      "klp_x kpatch; kvm_amd: ~kvm.x@1; zram: f@0 ~zsmalloc.zs_pool_stats@0;");
	check("object kvm;callback pre_patch;reloc kvm kvm x 0",
	      "klp_x kpatch; kvm[pre_patch]: ~kvm.x@0;");
	check("object kvm;func f 0;archsection kvm .altinstructions;"
	      "archsection nf .parainstructions",
	      "klp_x kpatch; kvm: f@0; nf:;");
}
END_TEST

/* .kpatch.funcs may be empty: what there is to say is that nothing is patched. */
START_TEST(nothing)
{
	check("local f", "klp_x kpatch;");
}
END_TEST

/* Without the tag it is none, whatever its sections are called. */
START_TEST(no_livepatch)
{
	struct image image =
		build("name x;livepatch kpatch;object kvm;func f 0;modinfo livepatch=N");
	char *is;
	size_t tag;

	/* the kernel looks for the tag alone: check_modinfo_livepatch() */
	ck_assert_int_eq(read_image(&image, &is), 0);
	expect_text(is, "x kpatch; kvm: f@0;");
	tag = mkmodule_contents(image.data, ".modinfo");
	ck_assert_int_eq(memcmp(image.data + tag, "livepatch=", 10), 0);
	image.data[tag] = 'L';
	ck_assert_int_eq(read_image(&image, &is), -ENODATA);
}
END_TEST

#define FUNCS ".kpatch.funcs"
#define TWO "livepatch kpatch;object kvm;func f 0;func g 1"
#define BIG TWO ";option record=72"
#define PRE ".kpatch.callbacks.pre_patch"
#define CALLBACKS                                                                        \
	"livepatch kpatch;object kvm;func f 0;callback pre_patch;object zram;callback "  \
	"pre_patch"

static const struct damaged broken_functions[] = {
	{ TWO, { DROP(FUNCS, 0) }, FUNCS ": the record at 0x0 has no function" },
	{ TWO, { DROP(FUNCS, 40) }, FUNCS ": the record at 0x0 has no name" },
	{ TWO, { DROP(FUNCS, 48) }, FUNCS ": the record at 0x0 has no object" },
	{ TWO, { DROP(FUNCS, 56) }, FUNCS ": the record at 0x38 has no function" },
	{ TWO, { DROP(FUNCS, 56 + 40) }, FUNCS ": the record at 0x38 has no name" },
	{ TWO, { DROP(FUNCS, 56 + 48) }, FUNCS ": the record at 0x38 has no object" },
	/* the last record has nothing */
	{ TWO,
	  { DROP(FUNCS, 56), DROP(FUNCS, 56 + 40), DROP(FUNCS, 56 + 48) },
	  FUNCS ": the record at 0x38 has no function" },
	{ "livepatch kpatch;object kvm;func f 0",
	  { DROP(FUNCS, 0), DROP(FUNCS, 40), DROP(FUNCS, 48) },
	  FUNCS ": the record at 0x0 has no function" },
	/* openEuler's */
	{ BIG, { DROP(FUNCS, 48) }, FUNCS ": the record at 0x0 has no object" },
	{ BIG, { DROP(FUNCS, 72) }, FUNCS ": the record at 0x48 has no function" },
	{ BIG, { DROP(FUNCS, 72 + 40) }, FUNCS ": the record at 0x48 has no name" },
	{ BIG, { DROP(FUNCS, 72 + 48) }, FUNCS ": the record at 0x48 has no object" },
	/* room for one more, and pointers where records have none */
	{ TWO, { RESIZE(FUNCS, 56) }, FUNCS ": the record at 0x70 has no function" },
	{ TWO,
	  { OFFSET(FUNCS, 40, 24) },
	  FUNCS ": 112 bytes are no array of kpatch's records" },
	{ TWO,
	  { OFFSET(FUNCS, 56, 60) },
	  FUNCS ": 112 bytes are no array of kpatch's records" },
	{ TWO, { OFFSET(FUNCS, 48, 40) }, FUNCS ": the record at 0x0 has no object" },
	/* what is no code cannot run, and code names nothing */
	{ TWO,
	  { TARGET(FUNCS, 0, ".kpatch.strings") },
	  FUNCS ": the record at 0x0 has no function" },
	{ TWO,
	  { TARGET(FUNCS, 40, ".text.f") },
	  FUNCS ": the record at 0x0 has no name" },
	/* names that point outside, to an empty string, and to what is no data */
	{ TWO, { ADDEND(FUNCS, 40, 1 << 20) }, FUNCS ": the record at 0x0 has no name" },
	{ TWO,
	  { ADDEND(FUNCS, 48, 1 << 20) },
	  FUNCS ": the record at 0x0 has no object" },
	{ TWO,
	  { ADDEND(FUNCS, 48, UINT64_MAX) },
	  FUNCS ": the record at 0x0 has no object" },
	{ TWO ";object;func h 0",
	  { UNHARMED },
	  FUNCS ": the record at 0x70 has no object" },
	{ TWO ";func 0", { UNHARMED }, FUNCS ": the record at 0x70 has no name" },
	{ TWO, { SYMBOL(FUNCS, 48, 2) }, FUNCS ": the record at 0x0 has no object" },
	{ TWO, { SYMBOL(FUNCS, 48, 0) }, FUNCS ": the record at 0x0 has no object" },
	/* the last string has no end */
	{ "livepatch kpatch;object kvm;func f 0",
	  { RESIZE(".kpatch.strings", -1) },
	  FUNCS ": the record at 0x0 has no object" },
	/* strings that are not in the file */
	{ TWO,
	  { SECTION(".kpatch.strings", SHT_NOBITS) },
	  FUNCS ": the record at 0x0 has no object" },
};

START_TEST(functions_broken)
{
	check_damaged(broken_functions, KLP_ARRAY_SIZE(broken_functions));
}
END_TEST

static const struct damaged broken_callbacks[] = {
	{ CALLBACKS, { DROP(PRE, 0) }, PRE ": the record at 0x0 has no function" },
	{ CALLBACKS, { DROP(PRE, 8) }, PRE ": the record at 0x0 has no object" },
	{ CALLBACKS, { DROP(PRE, 16) }, PRE ": the record at 0x10 has no function" },
	{ CALLBACKS, { DROP(PRE, 24) }, PRE ": the record at 0x10 has no object" },
	{ CALLBACKS,
	  { ADDEND(PRE, 24, 1 << 20) },
	  PRE ": the record at 0x10 has no object" },
	{ CALLBACKS,
	  { DROP(PRE, 16), DROP(PRE, 24) },
	  PRE ": the record at 0x10 has no function" },
	{ CALLBACKS, { RESIZE(PRE, 8) }, PRE ": the record at 0x20 has no function" },
	{ CALLBACKS, { OFFSET(PRE, 24, 28) }, PRE ": the record at 0x10 has no object" },
	{ CALLBACKS ";object;callback pre_patch",
	  { UNHARMED },
	  PRE ": the record at 0x20 has no object" },
};

START_TEST(callbacks_broken)
{
	check_damaged(broken_callbacks, KLP_ARRAY_SIZE(broken_callbacks));
}
END_TEST

UNIT_MAIN("kpatch", functions, objects, callbacks, replace, relocations, nothing,
	  no_livepatch, functions_broken, callbacks_broken)

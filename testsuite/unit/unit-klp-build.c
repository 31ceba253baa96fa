// SPDX-License-Identifier: LGPL-2.1-or-later
/* The reader of what klp-build makes: every feature of it, and every way to break it. */
#include "config.h"

#include "testsuite/unit/images.h"

static const char *const variants[] = {
	"",
	"option sections=old;",
	"option symbols=named;",
	"option symbols=stripped;",
	"option symbols=stripped;option sections=old;",
	"option symbols=global;option decoy=yes;option prefix=16;",
	"option signature=yes;option sections=old;option symbols=named;",
	NULL,
};

static void check(const char *spec, const char *wanted)
{
	check_everywhere(variants, text("livepatch klp-build;%s", spec), wanted);
}

START_TEST(functions)
{
	check("object vmlinux;func cmdline_proc_show 0",
	      "klp_x klp-build; vmlinux: cmdline_proc_show@0;");
	check("object kvm;func b 0;func a 2;func a 1",
	      "klp_x klp-build; kvm: a@1 a@2 b@0;");
	check("object kvm;func b.isra.0 18446744073709551615",
	      "klp_x klp-build; kvm: b.isra.0@18446744073709551615;");
}
END_TEST

START_TEST(objects)
{
	check("object zram;func e 7;object vmlinux;func a 0;func b 1;object kvm;func c 0",
	      "klp_x klp-build; kvm: c@0; vmlinux: a@0 b@1; zram: e@7;");
	/* the arrays of several source files, one behind the other */
	check("object vmlinux;func b 1;object kvm;func d 1;object vmlinux;func a 0;"
	      "object kvm;func c 0;callback pre_patch;object vmlinux;callback post_patch",
	      "klp_x klp-build; kvm[pre_patch]: c@0 d@1; vmlinux[post_patch]: a@0 b@1;");
	check("object kvm;func f 0;object zram;samefuncs",
	      "klp_x klp-build; kvm: f@0; zram: f@0;");
}
END_TEST

START_TEST(callbacks)
{
	static const char *const names[] = { "pre_patch", "post_patch", "pre_unpatch",
					     "post_unpatch" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++)
		check(text("object kvm;func f 0;callback %s", names[i]),
		      text("klp_x klp-build; kvm[%s]: f@0;", names[i]));
	check("object kvm;callback post_unpatch;callback pre_patch;object vmlinux;"
	      "func f 1;callback pre_patch;callback post_patch",
	      "klp_x klp-build; kvm[pre_patch post_unpatch]:; "
	      "vmlinux[pre_patch post_patch]: f@1;");
	check("object vmlinux;emptyfuncs;callback pre_unpatch;object kvm;func f 0",
	      "klp_x klp-build; kvm: f@0; vmlinux[pre_unpatch]:;");
}
END_TEST

/* init.c sets it in what it allocates. */
START_TEST(replace)
{
	check("object kvm;func f 0", "klp_x klp-build; kvm: f@0;");
	expect_text(
		outline_of("name klp_x;livepatch klp-build;object kvm;func f 0;replace yes"),
		"klp_x klp-build replace=yes; kvm: f@0;");
	expect_text(
		outline_of("name klp_x;livepatch klp-build;object kvm;func f 0;replace no"),
		"klp_x klp-build replace=no; kvm: f@0;");
}
END_TEST

START_TEST(relocations)
{
	check("object kvm;func f 0;reloc kvm kvm secret 0;"
	      "reloc kvm vmlinux secret.isra.3 2;reloc kvm kvm secret 0;reloc nf nf x 1",
	      "klp_x klp-build; kvm: f@0 ~kvm.secret@0 ~vmlinux.secret.isra.3@2; "
	      "nf: ~nf.x@1;");
}
END_TEST

/* The first release's linker script has left the sections in every module. */
START_TEST(empty)
{
	static const char *const sections[] = { "option empty=yes;",
						"option empty=yes;option sections=old;",
						NULL };

	check_everywhere(sections, "local f;export g",
			 text("%d not a livepatch", -ENODATA));
	check_everywhere(sections, "livepatch klp-patch;object kvm;func f 0",
			 "klp_x klp-patch replace=no; kvm: f@0;");
	check_everywhere(sections, "livepatch kpatch;object kvm;func f 0",
			 "klp_x kpatch; kvm: f@0;");
	check_everywhere(sections, "livepatch klp-rela;reloc kvm kvm x 0",
			 "klp_x klp-rela; kvm: ~kvm.x@0;");
	check_everywhere(sections, "livepatch none-evidence", "klp_x ?;");
}
END_TEST

#define OBJECTS ".init.klp_objects"
#define FUNCS ".init.klp_funcs"
#define ELEMENT(section, at, what) section ": the element at " at " " what
#define BEYOND(at, n, funcs)                                                             \
	ELEMENT(OBJECTS, at, "has " n " functions at " funcs ", beyond the end of " FUNCS)
#define ONE "livepatch klp-build;object kvm;func f 0"
#define TWO                                                                              \
	"livepatch klp-build;object kvm;func f 0;func g 1;object vmlinux;func h 0;"      \
	"callback pre_patch"

static const struct damaged broken[] = {
	{ TWO, { DROP(FUNCS, 0) }, ELEMENT(FUNCS, "0x0", "has no name") },
	{ TWO, { DROP(FUNCS, 8) }, ELEMENT(FUNCS, "0x0", "has no function") },
	{ TWO, { DROP(FUNCS, 24) }, ELEMENT(FUNCS, "0x18", "has no name") },
	{ TWO, { DROP(FUNCS, 48 + 8) }, ELEMENT(FUNCS, "0x30", "has no function") },
	{ TWO, { ADDEND(FUNCS, 0, 1 << 20) }, ELEMENT(FUNCS, "0x0", "has no name") },
	{ TWO, { ADDEND(FUNCS, 0, UINT64_MAX) }, ELEMENT(FUNCS, "0x0", "has no name") },
	{ TWO, { SYMBOL(FUNCS, 24, 0) }, ELEMENT(FUNCS, "0x18", "has no name") },
	{ TWO ";func 0", { UNHARMED }, ELEMENT(FUNCS, "0x48", "has no name") },
	{ TWO,
	  { ADDEND(OBJECTS, 0, 1 << 20) },
	  ELEMENT(OBJECTS, "0x0", "has a name that is no string") },
	{ TWO,
	  { SYMBOL(OBJECTS, 0, 0) },
	  ELEMENT(OBJECTS, "0x0", "has a name that is no string") },
	{ TWO ";object;func i 0",
	  { UNHARMED },
	  ELEMENT(OBJECTS, "0x80", "has a name that is no string") },
	/* the last string has no end */
	{ "livepatch klp-build;object vmlinux;func f 0",
	  { RESIZE(".rodata.klp.str1.1", -1) },
	  ELEMENT(FUNCS, "0x0", "has no name") },
	/* counts */
	{ TWO, { PUT(OBJECTS, 56, 4) }, BEYOND("0x0", "4", "0x0") },
	{ TWO, { PUT(OBJECTS, 56, UINT32_MAX) }, BEYOND("0x0", "4294967295", "0x0") },
	{ TWO, { PUT(OBJECTS, 64 + 56, 2) }, BEYOND("0x40", "2", "0x30") },
	{ TWO, { RESIZE(FUNCS, -1) }, BEYOND("0x40", "1", "0x30") },
	/* functions that are nowhere, outside, or not in their section */
	{ TWO,
	  { DROP(OBJECTS, 8) },
	  ELEMENT(OBJECTS, "0x0", "has functions that are nowhere") },
	{ TWO,
	  { SYMBOL(OBJECTS, 64 + 8, 0) },
	  ELEMENT(OBJECTS, "0x40", "has functions that are nowhere") },
	{ TWO, { ADDEND(OBJECTS, 8, 1 << 20) }, BEYOND("0x0", "2", "0x100000") },
	{ TWO,
	  { ADDEND(OBJECTS, 8, UINT64_MAX) },
	  BEYOND("0x0", "2", "0xffffffffffffffff") },
	{ TWO,
	  { SYMBOL(OBJECTS, 8, 2) },
	  ELEMENT(OBJECTS, "0x0", "has functions that are nowhere") },
	{ TWO, { ADDEND(OBJECTS, 8, 8) }, ELEMENT(FUNCS, "0x8", "has no name") },
	/* structures that are not what points to them says */
	{ ONE,
	  { TARGET(OBJECTS, 8, OBJECTS) },
	  ELEMENT(OBJECTS, "0x0", "has functions that are nowhere") },
	{ ONE,
	  { TARGET(OBJECTS, 8, ".text.f") },
	  ELEMENT(OBJECTS, "0x0", "has functions that are nowhere") },
	{ ONE, { TARGET(FUNCS, 8, OBJECTS) }, ELEMENT(FUNCS, "0x0", "has no function") },
	{ ONE, { TARGET(FUNCS, 0, ".text.f") }, ELEMENT(FUNCS, "0x0", "has no name") },
	/* half an object */
	{ TWO, { RESIZE(OBJECTS, -8) }, OBJECTS ": the size is no multiple of 64: 120" },
	{ TWO, { RESIZE(OBJECTS, 8) }, OBJECTS ": the size is no multiple of 64: 136" },
};

START_TEST(all_broken)
{
	check_damaged(broken, KLP_ARRAY_SIZE(broken));
}
END_TEST

UNIT_MAIN("klp-build", functions, objects, callbacks, replace, relocations, empty,
	  all_broken)

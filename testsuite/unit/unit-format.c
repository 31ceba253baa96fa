// SPDX-License-Identifier: LGPL-2.1-or-later
/* The readers of livepatches' representations, over images of every layout. */
#include "config.h"

#include "libklpdep/image/elf.h"
#include "testsuite/unit/images.h"

/* What kernels do to the structures and compilers and strip to the symbols. */
static const char *const layouts[] = {
	"",
	"option split=yes;",
	"option order=patch-last;",
	"option order=patch-last;option split=yes;",
	"option decoy=yes;",
	"option decoy=yes;option order=patch-last;",
	"option padding=64;",
	"option padding=24;option align=8;",
	"option padding=8;option align=8;option decoy=yes;",
	"option align=8;",
	"option align=64;option signature=yes;",
	/* debug kernels: kobjects and locks of another size */
	"option patchsize=328;option objsize=288;option funcsize=272;",
	"option objsize=184;option funcsize=160;option order=patch-last;",
	"option patchsize=264;option objsize=232;option funcsize=216;option split=yes;",
	/* arrays that are not used up */
	"option room=3;",
	"option room=4;option order=patch-last;",
	"option room=8;option split=yes;",
	"option room=5;option objsize=288;option funcsize=272;",
};

static const char *const symbols[] = { "section", "named", "global", "stripped" };

/* What is patched, and what is to be read of it. */
static const struct {
	const char *spec, *outline;
} patches[] = {
	{ "object vmlinux;func cmdline_proc_show 0", "vmlinux: cmdline_proc_show@0;" },
	{ "object kvm;func kvm_init 1", "kvm: kvm_init@1;" },
	{ "object kvm;func b 0;func a 2;func a 1", "kvm: a@1 a@2 b@0;" },
	{ "object kvm;func a 0;object vmlinux;func b 0", "kvm: a@0; vmlinux: b@0;" },
	{ "object vmlinux;func b 0;object kvm;func a 0", "kvm: a@0; vmlinux: b@0;" },
	{ "object kvm;func a 0;object vmlinux;func b 0;func c 0;object zram;func d "
	  "0;func e 7",
	  "kvm: a@0; vmlinux: b@0 c@0; zram: d@0 e@7;" },
	{ "object a;func f 0;object b;func f 0;object c;func f 0;object d;func f 0;"
	  "object e;func f 0;object f;func f 0;object g;func f 18446744073709551615",
	  "a: f@0; b: f@0; c: f@0; d: f@0; e: f@0; f: f@0; g: f@18446744073709551615;" },
	/* as the kernel's own test_klp_callbacks_demo */
	{ "object vmlinux;emptyfuncs;callback pre_patch;callback post_patch;"
	  "callback pre_unpatch;callback post_unpatch;object test_klp_callbacks_mod;"
	  "emptyfuncs;callback pre_patch;callback post_patch;callback pre_unpatch;"
	  "callback post_unpatch;object test_klp_callbacks_busy;func busymod_work_func 0;"
	  "callback pre_patch;callback post_patch;callback pre_unpatch;callback "
	  "post_unpatch",
	  "test_klp_callbacks_busy[pre_patch post_patch pre_unpatch post_unpatch]: "
	  "busymod_work_func@0; test_klp_callbacks_mod[pre_patch post_patch pre_unpatch "
	  "post_unpatch]:; vmlinux[pre_patch post_patch pre_unpatch post_unpatch]:;" },
	{ "object vmlinux;emptyfuncs;callback post_unpatch", "vmlinux[post_unpatch]:;" },
	{ "object kvm;emptyfuncs;callback pre_patch", "kvm[pre_patch]:;" },
	{ "object kvm;func a 0;callback pre_unpatch;object kvm_amd;emptyfuncs;"
	  "callback post_patch;object zram;func b 0;func c 0",
	  "kvm[pre_unpatch]: a@0; kvm_amd[post_patch]:; zram: b@0 c@0;" },
	{ "object vmlinux;func a 0;object zram;emptyfuncs", "vmlinux: a@0; zram:;" },
	/* two objects of one name are one */
	{ "object kvm;func a 0;object zram;func b 0;object kvm;func c 0;callback "
	  "pre_patch",
	  "kvm[pre_patch]: a@0 c@0; zram: b@0;" },
	{ "object kvm;func a 0;func b 0;object zram;func c 3;reloc kvm kvm secret 0;"
	  "reloc kvm vmlinux secret.isra.3 2;reloc kvm kvm secret 0;reloc nf nf x 1",
	  "kvm: a@0 b@0 ~kvm.secret@0 ~vmlinux.secret.isra.3@2; nf: ~nf.x@1; zram: "
	  "c@3;" },
};

#define N_LAYOUTS KLP_ARRAY_SIZE(layouts)

/* Every patch in every layout: what is read depends on neither. */
static void check_arch(const char *arch)
{
	for (size_t p = 0; p < KLP_ARRAY_SIZE(patches); p++) {
		for (size_t l = 0; l < N_LAYOUTS * KLP_ARRAY_SIZE(symbols); l++) {
			char *spec = text("name klp_x;arch %s;livepatch klp-patch;%s"
					  "option symbols=%s;%s",
					  arch, layouts[l % N_LAYOUTS],
					  symbols[l / N_LAYOUTS], patches[p].spec);
			struct image image = build(spec);
			char *is, *wanted = text("klp_x klp-patch replace=no; %s",
						 patches[p].outline);
			int err = read_image(&image, &is);

			ck_assert_msg(err == 0 && klp_streq(is, wanted),
				      "%s\nis:     %s %s\nwanted: %s", spec,
				      err ? klpdep_strerror(err) : "", is, wanted);
		}
	}
}

START_TEST(x86_64)
{
	check_arch("x86_64");
}
END_TEST

START_TEST(aarch64)
{
	check_arch("aarch64");
}
END_TEST

START_TEST(ppc64le)
{
	check_arch("ppc64le");
}
END_TEST

START_TEST(s390x)
{
	check_arch("s390x");
}
END_TEST

START_TEST(loongarch64)
{
	check_arch("loongarch64");
}
END_TEST

START_TEST(riscv64)
{
	check_arch("riscv64");
}
END_TEST

/* On all architectures, with and without symbols, decoys and signatures. */
static void check(const char *spec, const char *wanted)
{
	static const char *const variants[] = {
		"",
		"option symbols=named;",
		"option symbols=stripped;",
		"option decoy=yes;option symbols=global;",
		"option signature=yes;option split=yes;",
		NULL,
	};

	check_everywhere(variants, spec, wanted);
}

START_TEST(replace)
{
	static const char *const spec =
		"livepatch klp-patch;object kvm;func f 0;replace ";

	check(text("%sno", spec), "klp_x klp-patch replace=no; kvm: f@0;");
	check(text("%syes", spec), "klp_x klp-patch replace=yes; kvm: f@0;");
	check(text("%sinit", spec), "klp_x klp-patch; kvm: f@0;");
}
END_TEST

START_TEST(klp_rela)
{
	check("livepatch klp-rela;reloc kvm kvm b 0;reloc kvm_amd kvm a.part.0 2;"
	      "reloc kvm zsmalloc zs_pool_stats 0;reloc vmlinux vmlinux x 1;"
	      "reloc kvm kvm b 0;reloc kvm kvm b 1",
	      "klp_x klp-rela; kvm: ~kvm.b@0 ~kvm.b@1 ~zsmalloc.zs_pool_stats@0; "
	      "kvm_amd: ~kvm.a.part.0@2; vmlinux: ~vmlinux.x@1;");
	check("livepatch klp-rela;reloc kvm kvm x 18446744073709551615",
	      "klp_x klp-rela; kvm: ~kvm.x@18446744073709551615;");
}
END_TEST

/* Whatever reader has found the objects, klp relocations are theirs; and objects that
 * have nothing else. */
START_TEST(klp_rela_merged)
{
	static const struct {
		const char *kind, *format;
	} kinds[] = {
		{ "klp-patch", "klp-patch replace=no" },
		{ "kpatch", "kpatch" },
		{ "klp-build", "klp-build" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(kinds); i++) {
		check(text("livepatch %s;object vmlinux;func f 0;object kvm;func g 1;"
			   "callback pre_patch;reloc kvm kvm a 0;reloc kvm kvm_intel b 1;"
			   "reloc vmlinux vmlinux c 0;reloc zram zsmalloc d 2;"
			   "reloc kvm kvm a 0;reloc zram zram d 0",
			   kinds[i].kind),
		      text("klp_x %s; kvm[pre_patch]: g@1 ~kvm.a@0 ~kvm_intel.b@1; "
			   "vmlinux: f@0 ~vmlinux.c@0; zram: ~zram.d@0 ~zsmalloc.d@2;",
			   kinds[i].format));
		check(text("livepatch %s;object kvm;func f 0;archsection kvm "
			   ".altinstructions;archsection nf .parainstructions",
			   kinds[i].kind),
		      text("klp_x %s; kvm: f@0; nf:;", kinds[i].format));
	}
	/* a patch that makes its objects at run time */
	check("livepatch none-evidence;reloc kvm kvm a 0",
	      "klp_x klp-rela; kvm: ~kvm.a@0;");
	check("livepatch none-evidence;reloc kvm kvm a 0;modinfo klp_objects=zram,kvm",
	      "klp_x klp-rela; kvm: ~kvm.a@0; zram:;");
}
END_TEST

/* Before 5.8 there were sections of what is about an object's alternatives, for example.
 */
START_TEST(klp_arch)
{
	check("livepatch klp-rela;archsection kvm .altinstructions;archsection kvm "
	      ".parainstructions;archsection vmlinux __jump_table;reloc zram zram a 0",
	      "klp_x klp-rela; kvm:; vmlinux:; zram: ~zram.a@0;");
	check("livepatch none-evidence;archsection kvm .altinstructions",
	      "klp_x klp-rela; kvm:;");
	/* in what is no livepatch they are nothing */
	check("archsection kvm .altinstructions", text("%d not a livepatch", -ENODATA));
}
END_TEST

/* A form that klp-convert should have turned into .klp.sym.OBJECT.NAME,SYMPOS. */
START_TEST(klp_sym_rela)
{
	static const char *const kinds[] = { "klp-patch;object kvm;func f 0",
					     "kpatch;object kvm;func f 0",
					     "klp-build;object kvm;func f 0", "klp-rela",
					     "none-evidence" };
	static const char *const name = ".klp.sym.rela.kvm.vmlinux.secret,0";

	for (size_t i = 0; i < KLP_ARRAY_SIZE(kinds); i++) {
		const char *wanted =
			text("%d symbol '%s' is of a form that the kernel does "
			     "not know: the module was linked, but not "
			     "converted",
			     -EBADMSG, name);

		/* undefined, and with the number that klp relocations are made with */
		check(text("livepatch %s;symbol %s 0", kinds[i], name), wanted);
		check(text("livepatch %s;symbol %s 0xff20", kinds[i], name), wanted);
	}
	/* a module called rela is one like others */
	check("livepatch klp-rela;reloc rela kvm secret 0",
	      "klp_x klp-rela; rela: ~kvm.secret@0;");
	check("symbol .klp.sym.rela.kvm.vmlinux.secret,0 0",
	      text("%d not a livepatch", -ENODATA));
}
END_TEST

/* The kernel refuses relocations in such a section that are for other symbols. */
#define KLP_RELA ".klp.rela.kvm..text"
#define RELAS "livepatch klp-rela;import x;reloc kvm kvm a 0;reloc kvm kvm b 0"

static const struct damaged broken_relas[] = {
	{ RELAS,
	  { SECTION(KLP_RELA, SHT_PROGBITS) },
	  "section 14 (" KLP_RELA ") lacks the flag of livepatch relocations" },
	{ RELAS,
	  { FLAGS(KLP_RELA, SHF_ALLOC | SHF_INFO_LINK) },
	  "section 14 (" KLP_RELA ") lacks the flag of livepatch relocations" },
	{ RELAS,
	  { SYMBOL(KLP_RELA, ANY, 0) },
	  "relocation 0 in section 14 (" KLP_RELA ") is for symbol 0 (), which is no "
	  "livepatch symbol" },
	{ RELAS,
	  { SYMBOL(KLP_RELA, ANY, 1) },
	  "relocation 0 in section 14 (" KLP_RELA
	  ") is for symbol 1 (module.c), which is "
	  "no livepatch symbol" },
	{ RELAS,
	  { FLAGS(".text", SHF_ALLOC | SHF_EXECINSTR | KLP_SHF_RELA_LIVEPATCH),
	    FLAGS(".rela.text", SHF_INFO_LINK | KLP_SHF_RELA_LIVEPATCH) },
	  "section 2 (.rela.text) is for livepatching, but its name names no object" },
	{ "livepatch klp-rela;archsection kvm .altinstructions;archsection "
	  "n123456789012345678901234567890123456789012345678901234_56 .x",
	  { UNHARMED },
	  "section 12 (.klp.arch.n12345678901234567890123456789012345678901234567890123"
	  "4_56..x) is for livepatching, but its name names no object" },
};

START_TEST(klp_rela_broken)
{
	check_damaged(broken_relas, KLP_ARRAY_SIZE(broken_relas));
}
END_TEST

/* The kernel's "%55[^.].%511[^,],%lu" takes exactly three fields. */
START_TEST(klp_rela_refused)
{
	static const struct {
		const char *reloc, *message;
	} cases[] = {
		{ "kvm kvm b x", "'.klp.sym.kvm.b,x' is not of the form" },
		{ "kvm kvm b -1", "'.klp.sym.kvm.b,-1' is not of the form" },
		{ "kvm kvm b +1", "'.klp.sym.kvm.b,+1' is not of the form" },
		{ "kvm kvm b 1x", "'.klp.sym.kvm.b,1x' is not of the form" },
		{ "kvm kvm b 0,1", "'.klp.sym.kvm.b,0,1' is not of the form" },
		{ "kvm kvm b 18446744073709551616", "is not of the form" },
		{ "kvm kvm ,b 1", "'.klp.sym.kvm.,b,1' is not of the form" },
		{ "kvm "
		  "n123456789012345678901234567890123456789012345678901234_56 b 0",
		  "is not of the form" },
		{ "n123456789012345678901234567890123456789012345678901234_56 kvm b 0",
		  "names no object" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		struct image image =
			build(text("name x;livepatch klp-rela;reloc %s", cases[i].reloc));
		char *message;
		int err = read_image(&image, &message);

		ck_assert_msg(err == -EBADMSG && strstr(message, cases[i].message),
			      "%s: %d %s", cases[i].reloc, err, message);
	}
}
END_TEST

/* 55 bytes are the longest name of an object. */
START_TEST(longest_object)
{
	static const char *const name =
		"n1234567890123456789012345678901234567890123456789012_5";

	ck_assert_uint_eq(strlen(name), KLP_MODULE_NAME_LEN - 1);
	expect_text(
		outline_of(text("name x;livepatch klp-rela;reloc %s %s b 0", name, name)),
		text("x klp-rela; %s: ~%s.b@0;", name, name));
}
END_TEST

/* A patch that builds its objects at run time is not one without objects. */
START_TEST(undeterminable)
{
	check("livepatch none-evidence", "klp_x ?;");
	check("livepatch none-evidence;modinfo klp_objects=zram,kvm zram",
	      "klp_x modinfo; kvm:; zram:;");
	check("livepatch klp-patch;object kvm;func f 0;modinfo klp_objects=zram",
	      "klp_x klp-patch replace=no; kvm: f@0; zram:;");
}
END_TEST

START_TEST(no_livepatch)
{
	check("local f;export g;import printk", text("%d not a livepatch", -ENODATA));
	/* file_operations and the like do not make a livepatch */
	check("option decoy=yes;local f", text("%d not a livepatch", -ENODATA));
}
END_TEST

/* The structures need not be sized as any kernel known today has them. */
START_TEST(strides)
{
	for (unsigned int size = 120; size <= 4096; size += 8) {
		unsigned int func = size < 152 ? size : size - 16;

		expect_text(
			outline_of(text("name x;livepatch klp-patch;option objsize=%u;"
					"option funcsize=%u;option symbols=%s;"
					"object vmlinux;func a 0;func b 1;func c 2;"
					"object kvm;func d 3;object zram;func e 4",
					size, func, size % 16 ? "stripped" : "section")),
			"x klp-patch replace=no; kvm: d@3; vmlinux: a@0 b@1 c@2; "
			"zram: e@4;");
	}
}
END_TEST

/* A long patch: 300 objects of 1 to 5 functions. */
START_TEST(many)
{
	char *spec = text("name x;livepatch klp-patch"), *wanted = text("x klp-patch "
									"replace=no;");

	for (int i = 0; i < 300; i++) {
		spec = append(spec, ";object m%03d", i);
		wanted = append(wanted, " m%03d:", i);
		for (int j = 0; j <= i % 5; j++) {
			spec = append(spec, ";func f%d %d", j, i);
			wanted = append(wanted, " f%d@%d", j, i);
		}
		wanted = append(wanted, ";");
	}
	expect_text(outline_of(spec), wanted);
	expect_text(outline_of(append(spec, ";option symbols=stripped")), wanted);
}
END_TEST

/* Names that are wrong are reported as they are: verify(8) says what is wrong with
 * them. */
START_TEST(odd_names)
{
	static const struct {
		const char *spec, *outline;
	} cases[] = {
		{ "object net/bluetooth/bluetooth;func f 0",
		  "net/bluetooth/bluetooth: f@0;" },
		{ "object zfs.ko;func f 0", "zfs.ko: f@0;" },
		{ "object snd-hda;func f.isra.0.cold 0", "snd-hda: f.isra.0.cold@0;" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		expect_text(
			outline_of(text("name x;livepatch klp-patch;%s", cases[i].spec)),
			text("x klp-patch replace=no; %s", cases[i].outline));
}
END_TEST

/* What there is no name for is said to be broken, not left out. */
START_TEST(empty_names)
{
	static const struct {
		const char *spec, *message;
	} cases[] = {
		{ "object;func f 0", "no string" },
		{ "object kvm;func f 0;object;func f 0", "no string" },
		{ "object kvm;func f 0;func 0;func g 0", "has no name" },
		{ "object kvm;func 1", "has no name" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		struct image image =
			build(text("name x;livepatch klp-patch;%s", cases[i].spec));
		char *message;
		int err = read_image(&image, &message);

		ck_assert_msg(err == -EBADMSG && strstr(message, cases[i].message),
			      "%s: %d %s", cases[i].spec, err, message);
	}
}
END_TEST

/* Objects that share one array of functions: each has them. */
START_TEST(shared_funcs)
{
	check("livepatch klp-patch;object kvm;func f 0;func g 1;object zram;"
	      "samefuncs",
	      "klp_x klp-patch replace=no; kvm: f@0 g@1; zram: f@0 g@1;");
}
END_TEST

UNIT_MAIN("format", x86_64, aarch64, ppc64le, s390x, loongarch64, riscv64, replace,
	  klp_rela, klp_rela_merged, klp_arch, klp_sym_rela, klp_rela_broken,
	  klp_rela_refused, longest_object, undeterminable, no_livepatch, strides, many,
	  odd_names, empty_names, shared_funcs)

// SPDX-License-Identifier: LGPL-2.1-or-later
/* The checks of verify that look at the objects' images, each with a patch that it says
 * something about, and near misses that it is silent about. */
#include "config.h"

#include "libklpdep/fit/object-file.h"
#include "libklpdep/fit/fit.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"

/* ---- the frame -------------------------------------------------------------------- */

static char *found;

/* "SEVERITY CODE OBJECT SUBJECT: MESSAGE"; whose patch it is, is always the same. */
static int note_finding(void *data, const struct klpdep_finding *f)
{
	ck_assert_ptr_eq(data, &found);
	expect_text(f->patch, "p");
	found = append(found, "%s %s %s %s: %s\n", klpdep_severity_name(f->severity), f->code,
		       f->object ? f->object : "-", f->subject ? f->subject : "-",
		       f->message);
	return 0;
}

static const struct setting {
	const char *kernel; /* NULL: KERNEL */
	const char *config;
	bool installed;	  /* the patch is the tree's p.ko */
	bool no_versions; /* it has no __versions */
} ordinary = { 0 };

/* What the patch depends on, as klpdep_verify() finds in modules.symbols: kvm exports e. */
static void add_providers(const struct klpdep_patch *patch, struct klp_moddep *moddep)
{
	_cleanup_strv_ struct klp_strv providers = { 0 };

	if (klp_strv_has(&patch->imports, "e"))
		ck_assert_int_eq(klp_strv_add(&providers, "kvm"), 0);
	ck_assert_int_eq(klp_moddep_add_deps(moddep, patch->name, &providers), 0);
}

/* What the checks say about a patch, all of them that are about images. */
static char *verify(const char *spec, const struct setting *setting)
{
	static int (*const checks[])(struct klp_fit *, const struct klpdep_patch *) = {
		klp_fit_functions, klp_fit_relocs, klp_fit_vermagic, klp_fit_build,
		klp_fit_imports
	};
	struct klp_fit v = { .ctx = ctx, .fn = note_finding, .data = &found };
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_index_ struct klpdep_index *index = NULL;
	struct klpdep_patch *patch = NULL;
	struct image image;
	const char *file = setting->installed ? TREE "p.ko" : "p.ko";

	v.kernel = setting->kernel ? setting->kernel : KERNEL;
	found = text("%s", "");
	image = build(text("name p\n%s", spec));
	if (setting->no_versions)
		/* By another name; the modpost of a kernel without CRCs makes none. */
		image.data[mkmodule_contents(image.data, ".shstrtab") +
			   mkmodule_get(image.data,
					mkmodule_shdr(image.data, "__versions"), 4)] =
			'.';
	put_file(file, image.data, image.size);
	ck_assert_int_eq(klpdep_patch_new_from_file(ctx, in_dir(file), &patch), 0);
	if (setting->installed)
		ck_assert_int_eq(klp_set_string(&patch->file, "p.ko"), 0);
	config = setting->config ? make_config(setting->config) : NULL;
	v.config = config;
	ck_assert_int_eq(klp_moddep_read_files(ctx, v.kernel, &moddep), 0);
	if (!setting->installed)
		ck_assert_int_eq(klp_moddep_add(&moddep, "p", in_dir(file)), 0);
	ck_assert_int_eq(klp_moddep_resolve(&moddep), 0);
	if (!setting->installed)
		add_providers(patch, &moddep);
	index = klp_index_new(v.kernel);
	ck_assert_int_eq(klp_index_add_patch(index, patch), 0);
	klp_index_sort_patches(index);
	ck_assert_int_eq(klp_index_make_edges(index), 0);
	ck_assert_int_eq(klp_links_find_orders(index, &moddep), 0);
	ck_assert_int_eq(klp_fit_init(&v, &moddep), 0);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(checks); i++)
		ck_assert_int_eq(checks[i](&v, patch), 0);
	klp_fit_clear(&v);
	expect_text(take_log(), "");
	return found;
}

static void expect(const char *spec, const char *wanted)
{
	expect_text(verify(spec, &ordinary), wanted);
}

/* kvm with functions of all kinds, and kvm_amd, which depends on it. */
static void put_tree(void)
{
	put_module(TREE "kernel/kvm.ko",
		   "name kvm;modinfo srcversion=AAA;export e;local f;local twice;"
		   "local twice;notrace quiet;local g.isra.0;local g.cold;local h.cold;"
		   "import used 1");
	put_module(TREE "kernel/kvm_amd.ko", "name kvm_amd;local a;import e");
	put_module(TREE "kernel/zram.ko", "name zram;local z");
	put_text(TREE "modules.dep", "kernel/kvm.ko:\nkernel/zram.ko:\n"
				     "kernel/kvm_amd.ko: kernel/kvm.ko\n");
}

/* As Debian has it, in a real one's place. */
#define STUB_MAP                                                                         \
	"ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg "    \
	"package\n"
#define REAL_MAP                                                                         \
	"ffffffff81000000 T _stext\nffffffff81000010 t v\nffffffff81000020 t w\n"        \
	"ffffffff81000030 t w\n"
#define MAP "boot/System.map-" KERNEL

#define KLP "livepatch klp-patch\nobject kvm\n"
#define NO_TRACING                                                                       \
	"note not-checked vmlinux -: whether its functions can be traced is not "        \
	"checked, for lack of a vmlinux of " KERNEL " with symbols\n"

/* ---- functions -------------------------------------------------------------------- */

START_TEST(functions)
{
	static const struct {
		const char *funcs;
		const char *wanted;
	} cases[] = {
		{ "func f 0\nfunc e 0\nfunc twice 1\nfunc twice 2\nfunc g.isra.0 0", "" },
		{ "func f 1", "" },
		{ "func gone 0", "error no-symbol kvm gone: kvm has no such symbol: "
				 "inlined, left out of "
				 "this build, or of another object\n" },
		{ "func gone 7", "error no-symbol kvm gone: kvm has no such symbol: "
				 "inlined, left out of "
				 "this build, or of another object\n" },
		{ "func g 0",
		  "error no-symbol kvm g: kvm has no such symbol, but 'g.isra.0', which "
		  "the compiler made of it\n" },
		{ "func g.isra.7 0",
		  "error no-symbol kvm g.isra.7: kvm has no such symbol, but 'g.isra.0', "
		  "which the compiler made of it\n" },
		{ "func f.constprop.0 0",
		  "error no-symbol kvm f.constprop.0: kvm has no such symbol, but 'f', "
		  "which the compiler made of it\n" },
		{ "func h 0",
		  "error no-symbol kvm h: kvm has no such symbol: inlined, left out of "
		  "this build, or of another object\n" },
		{ "func used 0",
		  "error no-symbol kvm used: kvm only uses it: it is a symbol of another "
		  "object\n" },
		{ "func twice 0",
		  "error ambiguous-symbol kvm twice: kvm has 2 symbols of that name: say "
		  "by a sympos from 1 to 2 which is meant\n" },
		{ "func twice 3",
		  "error ambiguous-symbol kvm twice: kvm has 2 symbols of that name, and "
		  "none at position 3\n" },
		{ "func f 2",
		  "error ambiguous-symbol kvm f: kvm has 1 symbol of that name, and none "
		  "at position 2\n" },
		{ "func quiet 0",
		  "error untraceable kvm quiet: kvm has it without an ftrace location "
		  "(notrace, assembly, or no function at all), so it cannot be patched: "
		  "patch its callers\n" },
		{ "func __this_module 0",
		  "error untraceable kvm __this_module: kvm has it without an ftrace "
		  "location (notrace, assembly, or no function at all), so it cannot be "
		  "patched: patch its callers\n" },
	};

	put_tree();
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		expect(text(KLP "%s\n", cases[i].funcs), cases[i].wanted);
	/* Said where whole objects are missing: by another check. */
	expect("livepatch klp-patch\nobject gone\nfunc f 0\n", "");
	/* No function, nothing to look up. */
	expect("livepatch klp-patch\nobject vmlinux\nemptyfuncs\n", "");
}
END_TEST

START_TEST(init_code)
{
	static const struct setting after = { .config = "order p after\n" };
	static const char spec[] = KLP "func init_module 0\nfunc f 0\n";

	put_tree();
	/* There while the target is coming, and not any more when it has come. */
	expect_text(
		verify(spec, &ordinary),
		"error untraceable kvm init_module: kvm has it without an ftrace "
		"location (notrace, assembly, or no function at all), so it cannot be "
		"patched: patch its callers\n");
	expect_text(verify(spec, &after),
		    "error no-symbol kvm init_module: kvm has it in its init code only, "
		    "which is gone when the patch is loaded after it\n");
}
END_TEST

START_TEST(vmlinux_functions)
{
	static const char spec[] = "livepatch klp-patch\nobject vmlinux\nfunc v 0\n"
				   "func w 1\nfunc w 2\n";
	static const char no_symbols[] =
		"note not-checked vmlinux -: its functions are not checked, for lack of "
		"symbols: there is no vmlinux of " KERNEL
		" that has them, no System.map, "
		"and it is not the running kernel\n";

	put_tree();
	expect(spec, no_symbols);
	put_text(MAP, STUB_MAP);
	expect(spec, no_symbols);
	put_text(TREE "System.map", REAL_MAP);
	expect(spec, NO_TRACING);
	expect("livepatch klp-patch\nobject vmlinux\nfunc x 0\nfunc w 0\n",
	       "error ambiguous-symbol vmlinux w: vmlinux has 2 symbols of that name: "
	       "say "
	       "by a sympos from 1 to 2 which is meant\n"
	       "error no-symbol vmlinux x: vmlinux has no such symbol: inlined, left out "
	       "of this build, or of another object\n" NO_TRACING);
}
END_TEST

START_TEST(unreadable)
{
	static const struct setting installed = { .installed = true };

	put_tree();
	put_text(TREE "kernel/kvm.ko", "");
	expect(KLP "func f 0\nfunc g 0\nreloc kvm kvm f 0\nreloc kvm kvm g 0\n"
		   "modinfo klp_target_srcversion=kvm:AAA\n",
	       "note not-checked kvm -: its functions are not checked, as kvm cannot be "
	       "read: empty file\n"
	       "note not-checked kvm -: what klp relocations need of it is not checked, "
	       "as kvm cannot be read: empty file\n"
	       "note not-checked kvm -: its srcversion is not checked, as kvm cannot be "
	       "read: empty file\n");
	/* The patch itself has become so. */
	put_text(TREE "modules.dep", "p.ko:\nkernel/zram.ko:\n");
	expect_text(verify("livepatch klp-patch\nobject zram\nfunc z 0\n", &installed),
		    "");
}
END_TEST

/* ---- klp relocations -------------------------------------------------------------- */

START_TEST(relocations)
{
	static const struct {
		const char *relocs;
		const char *wanted;
	} cases[] = {
		{ "reloc kvm kvm f 0\nreloc kvm kvm twice 2\nreloc kvm kvm quiet 1", "" },
		{ "reloc kvm kvm gone 0", "error klp-symbol kvm gone: kvm has no such "
					  "symbol: inlined, left out of "
					  "this build, or of another object\n" },
		{ "reloc kvm kvm twice 0",
		  "error klp-symbol kvm twice: kvm has 2 symbols of that name: say by a "
		  "sympos from 1 to 2 which is meant\n" },
		{ "reloc kvm kvm f 2",
		  "error klp-symbol kvm f: kvm has 1 symbol of that name, and none at "
		  "position 2\n" },
		/* What the object depends on is there before it; its init code is not. */
		{ "reloc kvm_amd kvm f 0\nreloc kvm_amd kvm_amd init_module 0", "" },
		{ "reloc kvm_amd kvm init_module 0",
		  "error klp-symbol kvm_amd init_module: kvm has it in its init code "
		  "only, "
		  "which is gone when the patch is loaded after it\n" },
		{ "reloc kvm_amd kvm gone 0",
		  "error klp-symbol kvm_amd gone: kvm has no such symbol: inlined, left "
		  "out of this build, or of another object\n" },
		{ "reloc kvm kvm_amd a 0\nreloc kvm kvm_amd gone 0",
		  "error klp-symbol kvm a: it is in kvm_amd, but kvm does not depend "
		  "on that, and kvm may be loaded without it: move the code that uses it, "
		  "or make the patch depend on kvm_amd\n" },
		{ "reloc vmlinux kvm f 0",
		  "error klp-symbol vmlinux f: it is in kvm, but the patch does not depend "
		  "on that, and the patch may be loaded without it: move the code that "
		  "uses it, or make the patch depend on kvm\n" },
		/* That the patch imports from it makes it a dependency. */
		{ "import e\nreloc zram kvm f 0\nreloc vmlinux kvm f 0", "" },
		{ "reloc kvm gone f 0",
		  "error klp-symbol kvm f: it should be in 'gone', but the tree of "
		  KERNEL " has no module of that name; symbols of built-in code belong to "
		  "vmlinux\n" },
		/* Nobody ever resolves these. */
		{ "reloc gone gone f 0\nreloc gone vmlinux x 0", "" },
		{ "reloc vmlinux vmlinux v 0\nreloc vmlinux vmlinux w 2", "" },
		{ "reloc vmlinux vmlinux w 0\nreloc vmlinux vmlinux x 0",
		  "error klp-symbol vmlinux w: vmlinux has 2 symbols of that name: say "
		  "by "
		  "a sympos from 1 to 2 which is meant\n"
		  "error klp-symbol vmlinux x: vmlinux has no such symbol: inlined, left "
		  "out of this build, or of another object\n" },
		{ "reloc kvm vmlinux v 0\nreloc kvm vmlinux w 1",
		  "error klp-symbol kvm v: a section for the module kvm refers to a "
		  "symbol "
		  "of vmlinux, which kernels since 5.8 refuse: use an exported one, or "
		  "move what needs it to a patch for vmlinux\n" },
	};

	put_tree();
	put_text(MAP, REAL_MAP);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		expect(text("livepatch klp-rela\n%s\n", cases[i].relocs),
		       cases[i].wanted);
}
END_TEST

START_TEST(relocations_elsewhere)
{
	static const struct setting old = { .kernel = "5.7.0-9-amd64" };
	static const struct setting installed = { .installed = true };
	static const char spec[] = "livepatch klp-rela\nreloc kvm vmlinux v 0\n";

	put_tree();
	expect("livepatch klp-rela\nreloc vmlinux vmlinux v 0\nreloc vmlinux vmlinux w "
	       "0\n",
	       "note not-checked vmlinux -: what klp relocations need of it is not "
	       "checked, for lack of symbols: there is no vmlinux of " KERNEL " that has "
	       "them, no System.map, and it is not the running kernel\n");
	/* Before 5.8 that was in order. */
	put_module(MODULES_DIR "/5.7.0-9-amd64/kernel/kvm.ko", "name kvm;local f");
	put_text(MODULES_DIR "/5.7.0-9-amd64/modules.dep", "kernel/kvm.ko:\n");
	put_text("boot/System.map-5.7.0-9-amd64", REAL_MAP);
	expect_text(verify(spec, &old), "");
	expect_text(
		verify("livepatch klp-rela\nreloc kvm vmlinux x 0\n", &old),
		"error klp-symbol kvm x: vmlinux has no such symbol: inlined, left out "
		"of this build, or of another object\n");
	/* A dependency of the patch is there, too. */
	put_text(TREE "modules.dep", "kernel/kvm.ko:\nkernel/zram.ko:\n"
				     "p.ko: kernel/kvm.ko\n");
	expect_text(verify("livepatch klp-rela\nreloc zram kvm f 0\n", &installed), "");
}
END_TEST

/* ---- builds ----------------------------------------------------------------------- */

START_TEST(vermagic)
{
	static const char rest[] = " SMP preempt mod_unload modversions";
	static const char spec[] = KLP "func f 0\nmodinfo vermagic=";

	put_module(TREE "kernel/kvm.ko",
		   text("name kvm;local f;modinfo vermagic=6.1.0-klpdep%s", rest));
	put_text(TREE "modules.dep", "kernel/kvm.ko:\n");
	expect(text("%s6.1.0-klpdep%s\n", spec, rest), "");
	/* Where there are CRCs, the kernel does not look at the release. */
	expect(text("%s6.1.0-other%s\n", spec, rest),
	       "error release kvm -: it is built for release 6.1.0-other, and kvm for "
	       "6.1.0-klpdep: get the patch that belongs to that\n");
	expect(text("%s6.1.0-klpdep SMP mod_unload modversions\n", spec),
	       "error vermagic - -: it is built for '6.1.0-klpdep SMP mod_unload "
	       "modversions', and the modules of " KERNEL " for '6.1.0-klpdep SMP "
	       "preempt mod_unload modversions': build it against that kernel\n");
	/* What is not of the kernel's own build does not say what that is. */
	put_module(TREE "updates/aaa.ko", "name aaa;modinfo vermagic=5.0 other");
	put_text(TREE "modules.dep", "updates/aaa.ko:\nkernel/kvm.ko:\n");
	expect(text("%s6.1.0-klpdep%s\n", spec, rest), "");
	put_text(TREE "modules.dep", "updates/aaa.ko:\n");
	expect("livepatch klp-patch\nobject aaa\nfunc init_module 9\n",
	       "error ambiguous-symbol aaa init_module: aaa has 1 symbol of that name, "
	       "and "
	       "none at position 9\n"
	       "note not-checked - -: its vermagic is not checked, for lack of a module "
	       "of " KERNEL " to compare it with\n"
	       "error release aaa -: it is built for release 6.1.0-klpdep, and aaa for "
	       "5.0: get the patch that belongs to that\n");
}
END_TEST

START_TEST(target_build)
{
	static const char spec[] = KLP "func f 0\nmodinfo klp_target_srcversion=";

	put_tree();
	expect(text("%skvm:AAA\n", spec), "");
	expect(text("%skvm:BBB\n", spec),
	       "error target-build kvm -: it is for the kvm of srcversion BBB, and "
	       "depmod has selected kernel/kvm.ko, which has AAA: build it against that "
	       "one, or make depmod select the other one\n");
	expect("livepatch klp-patch\nobject zram\nfunc z 0\n"
	       "modinfo klp_target_srcversion=zram:AAA\n",
	       "error target-build zram -: it is for the zram of srcversion AAA, and "
	       "depmod has selected kernel/zram.ko, which has none: build it against "
	       "that one, or make depmod select the other one\n");
	put_text(MAP, REAL_MAP);
	expect("livepatch klp-patch\nobject vmlinux\nfunc v 0\n"
	       "modinfo klp_target_srcversion=vmlinux:AAA\n",
	       NO_TRACING
	       "warning target-build vmlinux -: klp_target_srcversion names vmlinux, which "
	       "has no srcversion: leave it out\n");
	expect("livepatch klp-patch\nobject gone\nfunc f 0\n"
	       "modinfo klp_target_srcversion=gone:AAA\n",
	       "");
}
END_TEST

/* ---- CRCs ------------------------------------------------------------------------- */

/* A Module.symvers that has what every livepatch imports, and more. */
static char *symvers(const char *more)
{
	return text("0x%08x\tmodule_layout\tvmlinux\tEXPORT_SYMBOL\t\n"
		    "0x%08x\tklp_enable_patch\tvmlinux\tEXPORT_SYMBOL_GPL\t\n%s",
		    mkmodule_crc("module_layout"), mkmodule_crc("klp_enable_patch"),
		    more);
}

static const char imports_three[] = KLP "func f 0\nimport one 0x11\nimport two 0x22\n"
					"import three 0x33\n";

START_TEST(kernel_crcs)
{
	static const char good[] = "0x00000011\tone\tvmlinux\tEXPORT_SYMBOL\t\n"
				   "0x00000022\ttwo\tvmlinux\tEXPORT_SYMBOL\t\n"
				   "0x00000033\tthree\tvmlinux\tEXPORT_SYMBOL\t\n"
				   "0x00000099\tone\tdrivers/x\tEXPORT_SYMBOL\t\n";
	static const char one[] =
		"error crc vmlinux two: it is built against a vmlinux where this has the "
		"CRC 0x00000022, and in this one it has 0x00000023: build it against "
		"this "
		"one\n";
	static const char several[] =
		"error crc vmlinux one: it is built against a vmlinux where this has the "
		"CRC 0x00000011, and in this one it has 0x00000012 (and so have 1 more "
		"symbols): build it against this one\n";

	put_tree();
	put_text("usr/src/linux-headers-" KERNEL "/Module.symvers", symvers(good));
	expect(imports_three, "");
	put_text("usr/src/linux-headers-" KERNEL "/Module.symvers",
		 symvers("0x00000023\ttwo\tvmlinux\tEXPORT_SYMBOL\t\n"));
	expect(imports_three, one);
	/* Where the link leads is below the root. */
	put_text("usr/src/elsewhere/Module.symvers",
		 symvers("0x00000012\tone\tvmlinux\tEXPORT_SYMBOL\t\n"
			 "0x00000034\tthree\tvmlinux\tEXPORT_SYMBOL\t\n"));
	ck_assert_int_eq(symlink("/usr/src/elsewhere", in_dir(TREE "build")), 0);
	expect(imports_three, several);
}
END_TEST

START_TEST(module_crcs)
{
	static const struct setting installed = { .installed = true };
	static const char wrong[] =
		"error crc kvm e: it is built against a kvm where this has the CRC "
		"0x00000007, and in this one it has 0x%08x: build it against this one\n";

	put_tree();
	put_text(TREE "build/Module.symvers", symvers(""));
	put_text(TREE "modules.dep", "kernel/kvm.ko:\np.ko: kernel/kvm.ko\n");
	expect_text(verify(KLP "func f 0\nimport e\n", &installed), "");
	expect_text(verify(KLP "func f 0\nimport e 7\n", &installed),
		    text(wrong, mkmodule_crc("e")));
	/* Of what nobody exports there is nothing to compare. */
	expect_text(verify(KLP "func f 0\nimport nobody 7\n", &installed), "");
}
END_TEST

START_TEST(no_crcs)
{
	static const struct setting bare = { .no_versions = true };
	static const char spec[] = KLP "func f 0\n", version[] = "modinfo vermagic=";

	put_tree();
	expect_text(
		verify(spec, &bare),
		"error crc - -: it has no CRCs of its imports (__versions), and " KERNEL
		" accepts no module without them: build it with CONFIG_MODVERSIONS, like "
		"that kernel\n");
	/* Then the version counts. */
	put_module(TREE "kernel/kvm.ko", text("name kvm;local f;%s6.1.0-a SMP", version));
	put_text(TREE "modules.dep", "kernel/kvm.ko:\n");
	expect_text(verify(text("%s%s6.1.0-a SMP\n", spec, version), &bare), "");
	expect_text(verify(text("%s%s6.1.0-b SMP\n", spec, version), &bare),
		    "error vermagic - -: it is built for '6.1.0-b SMP', and the modules "
		    "of " KERNEL " for '6.1.0-a SMP': build it against that kernel\n");
	expect_text(verify(text("%s%s6.1.0-b SMP\n", spec, version), &ordinary),
		    "error release kvm -: it is built for release 6.1.0-b, and kvm for "
		    "6.1.0-a: get the patch that belongs to that\n");
}
END_TEST

/* By the object's own file; that of vmlinux is that of the kernel's own modules. */
START_TEST(releases)
{
	static const char both[] = "object kvm\nfunc f 0\nobject weak\nfunc f 0\n"
				   "object vmlinux\nfunc v 0\nobject gone\nfunc f 0\n";
#define SPEC "livepatch klp-patch\nmodinfo vermagic=6.1.0-%d X\n"
#define RELEASE(object, what, of)                                                        \
	"error release " object " -: it is built for release 6.1.0-" what ", and " of    \
	": get the patch that belongs to that\n"

	put_module(TREE "kernel/kvm.ko", "name kvm;local f;modinfo vermagic=6.1.0-2 X");
	put_module(TREE "weak-updates/weak.ko",
		   "name weak;local f;modinfo vermagic=6.1.0-1 Y Z");
	put_text(TREE "modules.dep", "kernel/kvm.ko:\nweak-updates/weak.ko:\n");
	put_text(MAP, REAL_MAP);
	expect(text(SPEC "%s", 2, both), NO_TRACING RELEASE("weak", "2", "weak for 6.1.0-1"));
	expect(text(SPEC "%s", 1, both),
	       NO_TRACING RELEASE("kvm", "1", "kvm for 6.1.0-2")
		       RELEASE("vmlinux", "1", "the kernel's own modules for 6.1.0-2"));
	expect(text(SPEC "object weak\nfunc f 0\n", 1), "");
	expect(text(SPEC "object kvm\nfunc f 0\n", 2), "");
	/* 6.1.0-2 is not the beginning of 6.1.0-22 */
	expect(text(SPEC "object kvm\nfunc f 0\n", 22),
	       RELEASE("kvm", "22", "kvm for 6.1.0-2"));
#undef RELEASE
#undef SPEC
}
END_TEST

START_TEST(crcs_of_other_modules)
{
	static const char note[] = "note not-checked vmlinux -: the CRCs of imported "
				   "symbols are not checked, "
				   "for lack of a Module.symvers of " KERNEL "\n";

	put_tree();
	expect(KLP "func f 0\nimport used 1\n", "");
	expect(KLP "func f 0\nimport used 2\n",
	       "error crc - used: it is built against a kernel where this has the CRC "
	       "0x00000002, and the tree's kvm against one where it has 0x00000001: "
	       "build "
	       "it against that kernel\n");
	/* Of no target, but of the tree. */
	put_text(MAP, REAL_MAP);
	expect("livepatch klp-patch\nobject vmlinux\nfunc v 0\nimport used 2\n",
	       NO_TRACING
	       "error crc - used: it is built against a kernel where this has the CRC "
	       "0x00000002, and the tree's kvm against one where it has 0x00000001: "
	       "build "
	       "it against that kernel\n");
	put_text(TREE "modules.dep", "");
	expect("livepatch klp-patch\nobject vmlinux\nfunc v 0\nimport used 2\n",
	       text("%snote not-checked - -: its vermagic is not checked, for lack of a "
		    "module of " KERNEL " to compare it with\n%s",
		    NO_TRACING, note));
}
END_TEST

UNIT_MAIN("verify-target", functions, init_code, vmlinux_functions, unreadable,
	  relocations, relocations_elsewhere, vermagic, releases, target_build,
	  kernel_crcs, module_crcs, no_crcs, crcs_of_other_modules)

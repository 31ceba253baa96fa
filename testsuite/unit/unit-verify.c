// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify: each finding that needs no image of an object, and the near miss of each. */
#include "config.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/base/finding.h"
#include "libklpdep/publish/publish.h"
#include "libklpdep/tree/scan.h"
#include "libklpdep/rules/rules.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define PATCH "livepatch klp-patch;replace no;"
#define KVM_FUNC "object kvm;func f 0;"

/* ---- the tree ---------------------------------------------------------------------- */

/* The lines of modules.dep: a module's closure stands behind its colon. */
static char *dep;

static void put_dep(const char *file, const char *needs)
{
	dep = append(dep, "%s: %s\n", file, needs);
	put_text(TREE "modules.dep", dep);
}

static void put_builtin(const char *lines)
{
	put_text(TREE "modules.builtin", lines);
}

/* The modules kvm, kvm_amd, which needs it, and zram. */
static void put_modules(void)
{
	static const char *const names[] = { "kvm", "kvm-amd", "zram" };

	dep = NULL;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++) {
		char *file = text("kernel/%s.ko", names[i]);

		put_module(text(TREE "%s", file), text("name %s;local f;local g;local h;local y;local z", names[i]));
		put_dep(file, klp_streq(names[i], "kvm-amd") ? "kernel/kvm.ko" : "");
	}
	put_builtin("kernel/fs/ext4/ext4.ko\nkernel/drivers/tty/n-null.ko\n");
}

/* A patch in the tree, which needs the modules of those files. */
static void put_patch(const char *name, const char *needs, const char *spec)
{
	char *file = text("updates/%s.ko", name);

	put_module(text(TREE "%s", file), text("name %s;%s", name, spec));
	put_dep(file, needs);
}

static void depmod(void)
{
	struct klpdep_publisher publisher = { .ctx = ctx, .out = ctx,
					      .flags = KLPDEP_PUBLISH_NO_CACHE };
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_free_ char *data = NULL;
	size_t size;

	ck_assert_int_eq(klp_scan_list(ctx, KERNEL, NULL, &moddep), 0);
	ck_assert_int_eq(klp_index_scan(ctx, KERNEL, &moddep, 1, KLPDEP_SCAN_NO_CACHE, NULL, NULL,
					&index, NULL),
			 0);
	ck_assert_int_eq(klp_publish_misfits(&publisher, &moddep, index), 0);
	klpdep_config_unref(publisher.config);
	ck_assert_int_eq(klp_index_format(index, &data, &size), 0);
	put_file(TREE KLP_INDEX_FILE, data, size);
	klp_strv_clear(&logged);
}

/* ... and rules. */
static void depmod_rules(struct klpdep_config *config)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_(klp_rules_clear) struct klp_rules rules;

	depmod();
	ck_assert_int_eq(klpdep_index_open(ctx, KERNEL, 0, &index), 0);
	ck_assert_int_eq(klpdep_view_new(ctx, index, config, 0, &view), 0);
	ck_assert_int_eq(klp_rules_make(ctx, &view, 1, &rules), 0);
	if (rules.rules)
		put_text(RULES_DIR "/" RULES_FILE, rules.rules);
	if (rules.softdeps)
		put_text(RULES_DIR "/" SOFTDEP_FILE, rules.softdeps);
}

/* ---- what is found ----------------------------------------------------------------- */

/* What the checks of images find of these trees is left out, but for where it is asked
 * for: it has tests of its own. */
static const char *const codes_of_images[] = { "no-symbol",  "ambiguous-symbol",
					       "klp-symbol", "untraceable",
					       "vermagic",   "target-build",
					       "crc",	     "not-checked" };
static bool with_images;

static bool is_of_images(const char *code)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(codes_of_images); i++) {
		if (klp_streq(codes_of_images[i], code))
			return true;
	}
	return false;
}

/* "SEVERITY CODE PATCH OBJECT SUBJECT: MESSAGE", a line each. */
static int add_finding(void *data, const struct klpdep_finding *finding)
{
	const char *message = finding->message, *at = strstr(message, fix_dir);
	char **out = data;

	if (is_of_images(finding->code) && !with_images)
		return 0;
	if (at)
		message = text("%.*s@%s", (int)(at - message), message,
			       at + strlen(fix_dir));
	*out = append(*out, "%s %s %s %s %s: %s\n", klpdep_severity_name(finding->severity),
		      finding->code, finding->patch ? finding->patch : "-",
		      finding->object ? finding->object : "-",
		      finding->subject ? finding->subject : "-", message);
	return 0;
}

/* Verify the files of those names, up to three; none: the tree. */
static char *verify_files(struct klpdep_config *config, const char *const files[3])
{
	struct klpdep_patch *patches[3];
	char *out = text("%s", "");
	size_t n = 0;

	for (; n < 3 && files[n]; n++)
		ck_assert_int_eq(
			klpdep_patch_new_from_file(ctx, in_dir(files[n]), &patches[n]),
			0);
	ck_assert_int_eq(
		klpdep_verify(ctx, KERNEL, config, patches, n, add_finding, &out), 0);
	while (n)
		klpdep_patch_unref(patches[--n]);
	return out;
}

static char *verify(void)
{
	static const char *const none[3];

	return verify_files(NULL, none);
}

static char *verify_one(const char *file)
{
	const char *const files[3] = { file };

	return verify_files(NULL, files);
}

/* What is found about a tree whose index has been written. */
static char *verify_written(void)
{
	depmod_rules(NULL);
	return verify();
}

/* What is found about the modules and this patch, klp_x. */
static char *verify_spec(const char *needs, const char *spec)
{
	put_modules();
	put_patch("klp_x", needs, spec);
	return verify_written();
}

struct single {
	const char *needs, *spec, *found;
};

static void check_singles(const struct single *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *found = verify_spec(cases[i].needs, cases[i].spec);

		ck_assert_msg(klp_streq(found, cases[i].found),
			      "%s\nis:     %s\nwanted: %s", cases[i].spec, found,
			      cases[i].found);
		expect_text(take_log(), "");
	}
}

/* ---- names and objects ------------------------------------------------------------- */

#define UNKNOWN(object)                                                                  \
	"error unknown-object klp_x " object " -: kernel " KERNEL " has no module of "   \
	"that name, so that the patch has no effect: correct it, or drop the object\n"
#define ABSENT(patch, object)                                                            \
	"warning absent " patch " " object " -: kernel " KERNEL " has no module of "     \
	"that name installed: if a package has it (such as linux-modules-extra), the "   \
	"patch waits for that; otherwise correct the name, or drop the object\n"
#define MEANT(object, hint)                                                              \
	"error unknown-object klp_x " object " -: the kernel compares names as they "    \
	"are, without path, .ko or dashes: call the object " hint "\n"

#define UNFINISHED(what)                                                                 \
	"error unfinished klp_x - " what ": the tool that made it has not done its last " \
	"step, which removes this: the kernel accepts it, and then crashes; build it "   \
	"anew\n"

#define MISNAMED                                                                         \
	"error unknown-object klp_x vmlinux -: vmlinux is the name of a module for the "  \
	"kernel, and there is no such module: leave the object's name NULL\n"

START_TEST(objects)
{
	static const struct single cases[] = {
		{ "", PATCH KVM_FUNC "object kvm_amd;func f 0;object vmlinux;func f 0",
		  "" },
		{ "", PATCH "object zork;func f 0", ABSENT("klp_x", "zork") },
		{ "", PATCH "object kvm.ko;func f 0", MEANT("kvm.ko", "kvm") },
		{ "", PATCH "object kvm-amd.ko.xz;func f 0",
		  MEANT("kvm-amd.ko.xz", "kvm_amd") },
		{ "", PATCH "object kvm-amd;func f 0", MEANT("kvm-amd", "kvm_amd") },
		{ "", PATCH "object arch/x86/kvm/kvm;func f 0",
		  MEANT("arch/x86/kvm/kvm", "kvm") },
		{ "", PATCH "object /kvm;func f 0", MEANT("/kvm", "kvm") },
		/* of built-in ones too, of which one is told when the name is right */
		{ "", PATCH "object fs/ext4/ext4.ko;func f 0",
		  MEANT("fs/ext4/ext4.ko", "ext4") },
		{ "", PATCH "object boot/vmlinux;func f 0",
		  MEANT("boot/vmlinux", "vmlinux") },
		{ "", PATCH "object net/zork;func f 0", UNKNOWN("net/zork") },
		{ "", PATCH "object kv-m;func f 0", UNKNOWN("kv-m") },
		{ "", PATCH "object ext4;func f 0;object n_null;func f 0",
		  "error builtin-object klp_x ext4 -: it is built into kernel " KERNEL
		  ", so that the kernel never finds a module of that name: patch the "
		  "functions in vmlinux\n"
		  "error builtin-object klp_x n_null -: it is built into kernel " KERNEL
		  ", so that the kernel never finds a module of that name: patch the "
		  "functions in vmlinux\n" },
		/* which the kernel itself is not called */
		{ "", PATCH "object \"vmlinux\";func f 0;object kvm;func f 0", MISNAMED },
		{ "", "livepatch klp-build;object \"vmlinux\";func f 0", MISNAMED },
		{ "", "livepatch kpatch;object vmlinux;func f 0", "" },
		/* a patch that is one of them, and its own object */
		{ "", PATCH "object klp_x;func f 0", "" },
		{ "", "livepatch none-evidence",
		  "warning undeterminable klp_x - -: its objects are made at run time, "
		  "and cannot be read: name them in the modinfo tag klp_objects\n" },
		{ "", "livepatch none-evidence;modinfo klp_objects=kvm", "" },
		{ "", "livepatch kpatch;option unfinished=yes;" KVM_FUNC,
		  UNFINISHED(".kpatch.relocations") },
		{ "", "livepatch klp-build;symbol .klp.sym.vmlinux.x,0 0;" KVM_FUNC,
		  UNFINISHED(".klp.sym.vmlinux.x,0") },
		{ "", "livepatch klp-build;symbol .klp.sym.kvm.f,0 0xff20;" KVM_FUNC, "" },
	};

	check_singles(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

/* A kernel of which nothing is said to be built in. */
START_TEST(no_builtin)
{
	put_modules();
	put_patch("klp_x", "", PATCH "object ext4;func f 0");
	ck_assert_int_eq(unlink(in_dir(TREE "modules.builtin")), 0);
	expect_text(verify_written(), ABSENT("klp_x", "ext4"));
	put_builtin("");
	expect_text(verify_written(), ABSENT("klp_x", "ext4"));
	/* what is built in here, and a module in another kernel */
	put_builtin("kernel/kvm.ko\n");
	put_patch("klp_x", "", PATCH KVM_FUNC);
	expect_text(verify_written(), "");
}
END_TEST

static char *long_name(int len)
{
	return text("%0*d", len, 7);
}

START_TEST(names)
{
	const struct single cases[] = {
		{ "", text(PATCH "object %s;func f 0", long_name(56)),
		  text("error bad-name klp_x %s -: the kernel takes object names of up "
		       "to "
		       "55 bytes only\n",
		       long_name(56)) },
		{ "", text(PATCH "object %s;func f 0", long_name(55)),
		  text(ABSENT("klp_x", "%s"), long_name(55)) },
		{ "", PATCH "object kv%m;func f 0",
		  "error bad-name klp_x kv%m -: no module can have such a name: correct "
		  "the "
		  "object's\n" },
		{ "",
		  text(PATCH "object kvm;func %s 0;func %s 0", long_name(512),
		       long_name(511)),
		  text("error bad-name klp_x kvm %s: the kernel takes function names of "
		       "up "
		       "to 511 bytes only: no function can have this one\n",
		       long_name(512)) },
		{ "",
		  PATCH "object kvm;func f,1 0;func f\x01 0;func f\xc3\xa4 0;func "
			"f.isra.0 0;func _RNvCs$_f 0",
		  "error bad-name klp_x kvm f\x01: no function can have such a name: "
		  "correct old_name\n"
		  "error bad-name klp_x kvm f,1: no function can have such a name: "
		  "correct old_name\n"
		  "error bad-name klp_x kvm f\xc3\xa4: no function can have such a name: "
		  "correct old_name\n" },
	};

	check_singles(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

/* Files that are not called as the module in them. */
START_TEST(file_names)
{
	put_modules();
	put_module(TREE "updates/klp-x.ko", "name klp_x;" PATCH KVM_FUNC);
	put_module(TREE "updates/klp_y.ko", "name klp_z;" PATCH "object zram;func f 0");
	put_dep("updates/klp-x.ko", "");
	put_dep("updates/klp_y.ko", "");
	expect_text(
		verify_written(),
		"warning bad-name klp_y - klp_z: the module in updates/klp_y.ko calls "
		"itself klp_z, and modprobe goes by the file's name: name the file "
		"klp_z.ko\n");
	put_module("build/klp-a.ko", "name klp_a;" PATCH "object zram;func g 0");
	put_module("build/klp_b.ko", "name klp_a;" PATCH "object zram;func g 0");
	put_module("build/klp a.tmp", "name klp_a;" PATCH "object zram;func g 0");
	expect_text(verify_one("build/klp-a.ko"), "");
	expect_text(
		verify_one("build/klp_b.ko"),
		"warning bad-name klp_a - -: modprobe goes by the file's name: install "
		"@/build/klp_b.ko as klp_a.ko\n");
	expect_text(
		verify_one("build/klp a.tmp"),
		"warning bad-name klp_a - -: modprobe goes by the file's name: install "
		"@/build/klp a.tmp as klp_a.ko\n");
	expect_text(
		verify_one(TREE "updates/klp_y.ko"),
		"warning bad-name klp_y - klp_z: the module in updates/klp_y.ko calls "
		"itself klp_z, and modprobe goes by the file's name: name the file "
		"klp_z.ko\n");
}
END_TEST

#define TWICE(object, n)                                                                 \
	"error duplicate klp_x " object " -: the patch has it " n " times, which the "   \
	"kernel refuses: make one klp_object of them\n"
#define FUNC_TWICE(func)                                                                 \
	"error duplicate klp_x kvm " func ": the object has the function twice, which "  \
	"the kernel refuses: keep one\n"

START_TEST(duplicates)
{
	static const char vmlinux[] = "object vmlinux;func g 0;";
	static const char *const kinds[] = { "klp-patch", "klp-build", "kpatch" };
	const struct {
		const char *objects;
		const char *found[KLP_ARRAY_SIZE(kinds)];
	} cases[] = {
		/* in kpatch, records of one object are all of one klp_object */
		{ KVM_FUNC "object zram;func f 0;object kvm;func g 0",
		  { TWICE("kvm", "2"), TWICE("kvm", "2"), "" } },
		{ KVM_FUNC "object kvm;func g 0;object kvm;func h 0",
		  { TWICE("kvm", "3"), TWICE("kvm", "3"), "" } },
		{ text("%s%s", vmlinux, "object vmlinux;func f 0"),
		  { TWICE("vmlinux", "2"), TWICE("vmlinux", "2"), "" } },
		{ "object kvm;func f 0;func g 2;func f 1;func f 2;func g 1", /* 0 is 1 */
		  { FUNC_TWICE("f"), FUNC_TWICE("f"), FUNC_TWICE("f") } },
		{ "object kvm;func f 0;func f 0;func g 3;func g 3",
		  { FUNC_TWICE("f") FUNC_TWICE("g"), FUNC_TWICE("f") FUNC_TWICE("g"),
		    FUNC_TWICE("f") FUNC_TWICE("g") } },
		{ "object kvm;func f 1;func f 2;object kvm_amd;func f 1",
		  { "", "", "" } },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		for (size_t j = 0; j < KLP_ARRAY_SIZE(kinds); j++) {
			const char *spec = text("livepatch %s;replace no;%s", kinds[j],
						cases[i].objects);

			expect_text(text("%s: %s", spec, verify_spec("", spec)),
				    text("%s: %s", spec, cases[i].found[j]));
		}
	}
}
END_TEST

#define SHARED(object)                                                                   \
	"error shared-funcs klp_x " object " -: another object has the same array of "   \
	"functions, which corrupts the kernel's lists: give each object an array of "    \
	"its own\n"

START_TEST(shared_funcs)
{
	static const struct single cases[] = {
		{ "", PATCH KVM_FUNC "object kvm_amd;samefuncs",
		  SHARED("kvm") SHARED("kvm_amd") },
		{ "",
		  PATCH "object zram;func f 0;" KVM_FUNC
			"object kvm_amd;samefuncs;object vmlinux;samefuncs",
		  SHARED("kvm") SHARED("kvm_amd") SHARED("vmlinux") },
		{ "", PATCH KVM_FUNC "object kvm;samefuncs",
		  TWICE("kvm", "2") FUNC_TWICE("f") SHARED("kvm") },
		/* an empty one, as the kernel's own test_klp_callbacks_demo has it */
		{ "", PATCH "object kvm;emptyfuncs;object kvm_amd;samefuncs", "" },
		/* two of the same contents */
		{ "", PATCH KVM_FUNC "object kvm_amd;func f 0", "" },
	};
	static const char *const options[] = { "", ";option symbols=named",
					       ";option symbols=stripped",
					       ";option split=yes" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(options); i++) {
		for (size_t j = 0; j < KLP_ARRAY_SIZE(cases); j++) {
			const char *spec = text("%s%s", cases[j].spec, options[i]);

			expect_text(text("%s: %s", spec, verify_spec("", spec)),
				    text("%s: %s", spec, cases[j].found));
		}
	}
}
END_TEST

/* ---- several patches --------------------------------------------------------------- */

/* Up to five patches; "NAME NEEDS|SPEC" each, NEEDS being file names without "kernel/".
 */
struct several {
	const char *patches[5];
	const char *config;
	const char *found;
};

static void check_several(const struct several *cases, size_t n)
{
	static const char *const none[3];

	for (size_t i = 0; i < n; i++) {
		/* What the checks of images would find is not to count. */
		_cleanup_config_ struct klpdep_config *config =
			make_config(text("%s\nignore * no-symbol\nignore * ambiguous-symbol",
					 cases[i].config ? cases[i].config : ""));
		const char *found;

		put_modules();
		for (size_t j = 0; j < 5 && cases[i].patches[j]; j++) {
			char *line = text("%s", cases[i].patches[j]);
			char *spec = strchr(line, '|'), *needs;

			*spec++ = '\0';
			needs = strchr(line, ' ');
			if (needs)
				*needs++ = '\0';
			put_patch(line, needs ? needs : "", spec);
		}
		depmod_rules(config);
		found = verify_files(config, none);
		ck_assert_msg(klp_streq(found, cases[i].found),
			      "case %zu, %s...\nis:     %s\nwanted: %s", i,
			      cases[i].patches[0], found, cases[i].found);
		for (size_t j = 0; j < 5 && cases[i].patches[j]; j++)
			unlink(in_dir(text(TREE "updates/%.*s.ko",
					   (int)strcspn(cases[i].patches[j], " |"),
					   cases[i].patches[j])));
	}
}

#define ZRAM_FUNC "object zram;func z 0;"

#define UNCOVERED(newer, older, what)                                                    \
	"warning uncovered " newer " - " older ": by its name it is a later release than "  \
	older ", but it does not have all that " older " changes (" what "): both are "     \
	"loaded; if it is meant to take the place of " older ", have it say "               \
	"klp_supersedes, or supersede in klpdep.d\n"
#define DROPS(newer, older, what)                                                        \
	"note uncovered " newer " - " older ": it takes the place of " older " and does "    \
	"not have all that " older " changes (" what "), which is no longer patched "       \
	"then\n"
#define BENEATH(newer, older)                                                            \
	"note unpatch-callbacks " newer " - " older ": " older " has unpatch callbacks, "   \
	"which the kernel would run after the patch callbacks of this one, and so it stays " \
	"loaded beneath: klp_retire, or retire in klpdep.d, decide otherwise\n"

/* What a release does to those before it. */
START_TEST(releases)
{
	static const struct several cases[] = {
		/* a number proves nothing */
		{ { "fix_1|" PATCH KVM_FUNC, "fix_2|" PATCH "object kvm;func g 0" },
		  NULL,
		  UNCOVERED("fix_2", "fix_1", "f of kvm") },
		{ { "fix_1|" PATCH KVM_FUNC, "fix_2|" PATCH "object kvm;func g 0" },
		  "supersede fix_2 fix_1",
		  "" },
		{ { "fix_1|" PATCH KVM_FUNC, "fix_2|" PATCH "object kvm;func f 0;func g 0" },
		  NULL,
		  "" },
		{ { "fix_1|" PATCH "object kvm;func f 0;callback post_patch",
		    "fix_2|" PATCH KVM_FUNC },
		  NULL,
		  UNCOVERED("fix_2", "fix_1", "callbacks of kvm")
		  "warning overlap fix_2 kvm f: fix_1 changes it, too, and whichever is "
		  "loaded later counts: if one is to take the other's place, say so with "
		  "klp_supersedes, or supersede in klpdep.d; else build them as one\n" },
		/* a declared release is the whole of its object's fix */
		{ { "lp1__kvm|" PATCH KVM_FUNC, "lp2__kvm|" PATCH "object kvm;func g 0" },
		  NULL,
		  DROPS("lp2__kvm", "lp1__kvm", "f of kvm") },
		{ { "all_1|livepatch klp-patch;replace yes;" KVM_FUNC ZRAM_FUNC,
		    "all_2|livepatch klp-patch;replace yes;" KVM_FUNC },
		  NULL,
		  DROPS("all_2", "all_1", "zram") },
		/* klp_state, as the kernel compares it */
		{ { "fix_1|" PATCH KVM_FUNC "state 7 2", "fix_2|" PATCH KVM_FUNC "state 7 1" },
		  NULL,
		  "error state fix_2 - fix_1: the kernel refuses it while fix_1 is loaded, "
		  "which has version 2 of the klp_state 7; this patch has version 1, and "
		  "no version may go down\n" },
		{ { "fix_1|" PATCH KVM_FUNC "state 7 1", "fix_2|" PATCH KVM_FUNC "state 7 2" },
		  NULL,
		  "" },
		{ { "all_1|" PATCH KVM_FUNC "state 7 1",
		    "all_2|livepatch klp-patch;replace yes;" KVM_FUNC },
		  NULL,
		  "error state all_2 - all_1: the kernel refuses it while all_1 is loaded, "
		  "which has the klp_state 7: a patch that replaces all others must have "
		  "all of theirs\n" },
		/* callbacks that undo */
		{ { "fix_1|" PATCH "object kvm;func f 0;callback pre_unpatch",
		    "fix_2|" PATCH "object kvm;func f 0;callback post_patch" },
		  NULL,
		  BENEATH("fix_2", "fix_1") },
		{ { "fix_1|" PATCH "object kvm;func f 0;callback pre_unpatch",
		    "fix_2|" PATCH
		    "object kvm;func f 0;callback post_patch;modinfo klp_retire=always" },
		  NULL,
		  "" },
		{ { "fix_1|" PATCH "object kvm;func f 0;callback pre_unpatch",
		    "fix_2|" PATCH "object kvm;func f 0;callback post_patch" },
		  "retire fix_1 always",
		  "" },
	};

	check_several(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

START_TEST(replace)
{
	static const struct several cases[] = {
		{ { "klp_a|livepatch klp-patch;replace yes;" KVM_FUNC,
		    "klp_b|" PATCH ZRAM_FUNC },
		  NULL,
		  "note replace klp_a zram klp_b: replaces all other patches when it is "
		  "enabled, klp_b of zram among them, which klpdep puts back after that: "
		  "for two transitions they are not in effect\n" },
		/* each would take the other out */
		{ { "klp_a|livepatch klp-patch;replace yes;" KVM_FUNC,
		    "klp_b|livepatch klp-patch;replace yes;" ZRAM_FUNC },
		  NULL,
		  "error replace klp_a - klp_b: replaces all other patches, and so does "
		  "klp_b: neither is loaded where none is in effect; mask one, or say with "
		  "klp_supersedes or supersede which takes the other's place\n"
		  "error replace klp_b - klp_a: replaces all other patches, and so does "
		  "klp_a: neither is loaded where none is in effect; mask one, or say with "
		  "klp_supersedes or supersede which takes the other's place\n" },
		/* of one series the last counts */
		{ { "klp_1|livepatch klp-patch;replace yes;" KVM_FUNC,
		    "klp_2|livepatch klp-patch;replace yes;" KVM_FUNC },
		  NULL,
		  "" },
		{ { "klp_a|livepatch klp-patch;replace init;" KVM_FUNC,
		    "klp_b|" PATCH KVM_FUNC ZRAM_FUNC,
		    "klp_c|" PATCH "object vmlinux;func v 0",
		    "klp_d|" PATCH "object vmlinux;func w 0" },
		  "supersede klp_a klp_b",
		  "warning replace klp_a vmlinux klp_c: its code decides whether it "
		  "replaces all other patches when it is enabled, klp_c of vmlinux and 1 "
		  "more patch among them: have its klp_patch say .replace = false\n" },
		{ { "klp_a|livepatch kpatch;" KVM_FUNC,
		    "klp_b|livepatch klp-build;" ZRAM_FUNC,
		    "klp_c|" PATCH "object vmlinux;func v 0" },
		  NULL,
		  "warning replace klp_a zram klp_b: its code decides whether it "
		  "replaces "
		  "all other patches when it is enabled, klp_b of zram and 1 more patch "
		  "among them: build it with kpatch-build --non-replace\n"
		  "warning replace klp_b kvm klp_a: its code decides whether it replaces "
		  "all other patches when it is enabled, klp_a of kvm and 1 more patch "
		  "among them: build it with klp-build --no-replace\n" },
		/* alone; with others of its own objects; and with others that do not
		   count */
		{ { "klp_a|livepatch klp-patch;replace yes;" KVM_FUNC }, NULL, "" },
		{ { "klp_a|livepatch klp-patch;replace yes;" KVM_FUNC ZRAM_FUNC,
		    "klp_b|" PATCH "object zram;func g 0" },
		  "supersede klp_a klp_b",
		  "" },
		{ { "klp_a|livepatch klp-patch;replace yes;" KVM_FUNC ZRAM_FUNC,
		    "klp_b|" PATCH ZRAM_FUNC },
		  NULL,
		  "warning overlap klp_b zram z: klp_a changes it, too, and whichever is "
		  "loaded later counts: if one is to take the other's place, say so with "
		  "klp_supersedes, or supersede in klpdep.d; else build them as one\n" },
		{ { "klp_a|livepatch klp-patch;replace yes;" KVM_FUNC,
		    "klp_b|" PATCH ZRAM_FUNC },
		  "mask klp_b",
		  "" },
		{ { "klp_a|livepatch klp-patch;replace yes;" KVM_FUNC,
		    "klp_b|" PATCH ZRAM_FUNC },
		  "mask klp_a",
		  "" },
	};

	check_several(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

#define OVERLAP(patch, object, func, other, more)                                        \
	"warning overlap " patch " " object " " func ": " other " changes it, too" more  \
	", and whichever is loaded later counts: if one is to take the other's place, "  \
	"say so with klp_supersedes, or supersede in klpdep.d; else build them as one\n"

START_TEST(overlap)
{
	static const struct several cases[] = {
		{ { "klp_a|" PATCH KVM_FUNC, "klp_b|" PATCH KVM_FUNC ZRAM_FUNC },
		  NULL,
		  OVERLAP("klp_b", "kvm", "f", "klp_a", "") },
		{ { "klp_a10|" PATCH "object kvm;func e 0;func f 0;func g 3;func h 1",
		    "klp_a9|" PATCH "object kvm;func f 1;func g 3;func h 0;func i 0" },
		  NULL,
		  OVERLAP("klp_a10", "kvm", "f", "klp_a9", ", and 2 more functions") },
		{ { "klp_a|" PATCH KVM_FUNC, "klp_b|" PATCH KVM_FUNC,
		    "klp_c|" PATCH KVM_FUNC },
		  NULL,
		  OVERLAP("klp_b", "kvm", "f", "klp_a", "")
			  OVERLAP("klp_c", "kvm", "f", "klp_b", "") },
		/* of several, with the one before that has the function */
		{ { "klp_a|" PATCH "object kvm;func f 0;func g 0",
		    "klp_b|" PATCH "object kvm;func g 1;func h 0",
		    "klp_c|" PATCH "object kvm;func f 0;func h 0",
		    "klp_d|" PATCH "object kvm;func f 0;func g 0;func h 0" },
		  NULL,
		  OVERLAP("klp_b", "kvm", "g", "klp_a", "")
			  OVERLAP("klp_c", "kvm", "f", "klp_a", "")
				  OVERLAP("klp_c", "kvm", "h", "klp_b", "")
					  OVERLAP("klp_d", "kvm", "g", "klp_b", "")
						  OVERLAP("klp_d", "kvm", "f", "klp_c",
							  ", and 1 more functions") },
		/* another function, object, or position; one that does not count; and
		   what takes the place of another */
		{ { "klp_a|" PATCH KVM_FUNC, "klp_b|" PATCH "object kvm;func g 0",
		    "klp_c|" PATCH "object kvm_amd;func f 0",
		    "klp_d|" PATCH "object kvm;func f 2" },
		  NULL,
		  "" },
		{ { "klp_a|" PATCH KVM_FUNC, "klp_b|" PATCH KVM_FUNC },
		  "mask klp_a",
		  "" },
		{ { "klp_a|" PATCH KVM_FUNC, "klp_b|" PATCH KVM_FUNC },
		  "supersede klp_b klp_a",
		  "" },
		{ { "klp_a|" PATCH KVM_FUNC,
		    "klp_b|" PATCH "modinfo klp_supersedes=klp_a;" KVM_FUNC },
		  NULL,
		  "" },
		{ { "klp_kvm_9|" PATCH KVM_FUNC, "klp_kvm_10|" PATCH KVM_FUNC },
		  NULL,
		  "" },
	};

	check_several(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

#define GAP(patch, object, next, of)                                                     \
	"warning set-gap " patch " " object " " next ": the set " next                   \
	" comes after " of                                                               \
	" and has no patch for it, so that this one stays in force: build one for " next \
	", too, or remove this one (or mask it in klpdep.d) if the fix is not "          \
	"wanted any more\n"

START_TEST(sets)
{
	static const struct several cases[] = {
		{ { "lp6__kvm|" PATCH KVM_FUNC, "lp6__zram|" PATCH ZRAM_FUNC,
		    "lp7__kvm|" PATCH KVM_FUNC },
		  NULL,
		  GAP("lp6__zram", "zram", "lp7", "lp6") },
		/* vmlinux is of the tree; the next release is named, and not the last */
		{ { "lp6__kvm|" PATCH KVM_FUNC,
		    "lp6__base|" PATCH "object vmlinux;func v 0",
		    "lp9__kvm|" PATCH KVM_FUNC, "lp10__zram|" PATCH ZRAM_FUNC },
		  NULL,
		  GAP("lp6__base", "vmlinux", "lp9", "lp6")
			  GAP("lp9__kvm", "kvm", "lp10", "lp9") },
		/* a patch of two objects of which one has a successor: both stay */
		{ { "lp6__two|" PATCH KVM_FUNC ZRAM_FUNC,
		    "lp7__kvm|" PATCH "object kvm;func g 0" },
		  NULL,
		  GAP("lp6__two", "zram", "lp7", "lp6") },
		/* the order is that of versions, where both have one */
		{ { "lp6__kvm|" PATCH "modinfo version=3;" KVM_FUNC,
		    "lp7__zram|" PATCH "modinfo version=2;" ZRAM_FUNC },
		  NULL,
		  GAP("lp7__zram", "zram", "lp6", "lp7") },
		/* all there; a gap that a later release closes; a masked one; a masked
		   next release; sets that are no series; no set; and an object that the
		   tree does not have */
		{ { "lp6__kvm|" PATCH KVM_FUNC, "lp6__zram|" PATCH ZRAM_FUNC,
		    "lp7__kvm|" PATCH KVM_FUNC, "lp7__zram|" PATCH ZRAM_FUNC },
		  NULL,
		  "" },
		{ { "lp6__zram|" PATCH ZRAM_FUNC, "lp7__kvm|" PATCH KVM_FUNC,
		    "lp8__kvm|" PATCH KVM_FUNC, "lp8__zram|" PATCH ZRAM_FUNC },
		  NULL,
		  "" },
		{ { "lp6__zram|" PATCH ZRAM_FUNC, "lp7__kvm|" PATCH KVM_FUNC },
		  "mask lp6__zram",
		  "" },
		{ { "lp6__zram|" PATCH ZRAM_FUNC, "lp7__kvm|" PATCH KVM_FUNC },
		  "mask lp7__*",
		  "" },
		{ { "cve_1__zram|" PATCH ZRAM_FUNC, "cve_2__kvm|" PATCH KVM_FUNC },
		  NULL,
		  "" },
		{ { "klp_6|" PATCH ZRAM_FUNC, "klp_7|" PATCH KVM_FUNC }, NULL, "" },
		{ { "lp6__a|livepatch none-evidence;modinfo klp_objects=zork",
		    "lp7__kvm|" PATCH KVM_FUNC },
		  NULL,
		  ABSENT("lp6__a", "zork")
		  "warning replace lp6__a kvm lp7__kvm: its code decides whether it "
		  "replaces all other patches when it is enabled, lp7__kvm of kvm among "
		  "them: have its klp_patch say .replace = false\n" },
	};

	check_several(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

#define CYCLE(patch, next, text)                                                         \
	"error cycle " patch " - " next ": " text ": one of them is always loaded "      \
	"before a patch that it requires; remove one requirement\n"

START_TEST(cycles)
{
	static const struct several cases[] = {
		{ { "klp_a|" PATCH "modinfo klp_requires=klp_b;" KVM_FUNC,
		    "klp_b|" PATCH "modinfo klp_requires=klp_a;" ZRAM_FUNC },
		  NULL,
		  CYCLE("klp_a", "klp_b", "klp_a requires klp_b requires klp_a") },
		/* one of the two is not looked at */
		{ { "klp_a|" PATCH "modinfo klp_requires=klp_b;" KVM_FUNC,
		    "klp_b|" PATCH "modinfo klp_requires=klp_c;" ZRAM_FUNC,
		    "klp_c|" PATCH "modinfo klp_requires=klp_b;object vmlinux;func v 0" },
		  NULL,
		  CYCLE("klp_b", "klp_c", "klp_b requires klp_c requires klp_b") },
		{ { "klp_a|" PATCH "modinfo klp_requires=klp_b,klp_c;" KVM_FUNC,
		    "klp_b|" PATCH "modinfo klp_requires=klp_c;" ZRAM_FUNC,
		    "klp_c|" PATCH "object vmlinux;func v 0" },
		  NULL,
		  "" },
	};

	check_several(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

#define NOT_LOADED(patch, needed, how, advice)                                           \
	"warning missing-patch " patch " - " needed ": it requires " needed              \
	", which is " how ", and so it is not loaded, either: " advice "\n"

START_TEST(missing)
{
	static const struct several cases[] = {
		{ { "klp_a|" PATCH "modinfo klp_requires=klp-b,klp_c;" KVM_FUNC,
		    "klp_b|" PATCH ZRAM_FUNC },
		  NULL,
		  "warning missing-patch klp_a - klp_c: its klp_requires names klp_c, "
		  "which kernel " KERNEL
		  " does not have: install that, or take it out of "
		  "klp_requires\n" },
		{ { "klp_a|" PATCH "modinfo klp_requires=klp_b;" KVM_FUNC,
		    "klp_b|" PATCH ZRAM_FUNC },
		  "mask klp_b",
		  NOT_LOADED("klp_a", "klp_b", "masked", "mask both or none") },
		{ { "klp_a updates/klp_b.ko|" PATCH
		    "modinfo klp_requires=klp_b;" KVM_FUNC,
		    "klp_b|" PATCH ZRAM_FUNC, "klp_c|" PATCH ZRAM_FUNC },
		  "supersede klp_c klp_b",
		  NOT_LOADED("klp_a", "klp_b", "superseded",
			     "build it against what takes that one's place") },
		/* a successor will do, unless symbols come from it */
		{ { "klp_a|" PATCH "modinfo klp_requires=klp_b;" KVM_FUNC,
		    "klp_b|" PATCH ZRAM_FUNC, "klp_c|" PATCH ZRAM_FUNC },
		  "supersede klp_c klp_b",
		  "" },
	};

	check_several(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

START_TEST(pulled)
{
	static const struct single cases[] = {
		{ "kernel/zram.ko kernel/kvm-amd.ko kernel/kvm.ko",
		  PATCH KVM_FUNC ZRAM_FUNC,
		  "warning pulls-targets klp_x - -: it imports symbols of kvm, zram, "
		  "which "
		  "it patches, and can only be loaded once all of them are: split it, "
		  "one "
		  "patch for each, or use klp relocations\n" },
		/* what it does not patch; and one of them */
		{ "kernel/zram.ko kernel/kvm-amd.ko kernel/kvm.ko", PATCH KVM_FUNC, "" },
		{ "kernel/kvm.ko", PATCH KVM_FUNC ZRAM_FUNC, "" },
	};

	check_singles(cases, KLP_ARRAY_SIZE(cases));
}
END_TEST

/* ---- named ones, and files --------------------------------------------------------- */

/* Those that are named are looked at whether they count or not, and no others. */
START_TEST(named)
{
	_cleanup_config_ struct klpdep_config *config = make_config("mask klp_b");
	const char *const b[3] = { TREE "updates/klp_b.ko" };
	const char *const both[3] = { TREE "updates/klp_c.ko", TREE "updates/klp_a.ko" };
	static const char *const none[3];

	put_modules();
	put_patch("klp_a", "", PATCH KVM_FUNC "object zork;func f 0");
	put_patch("klp_b", "", PATCH KVM_FUNC "object zark;func f 0");
	put_patch("klp_c", "", PATCH KVM_FUNC);
	depmod_rules(config);
	expect_text(verify_files(config, none),
		    ABSENT("klp_a", "zork") OVERLAP("klp_c", "kvm", "f", "klp_a", ""));
	expect_text(verify_files(config, b),
		    ABSENT("klp_b", "zark"));
	expect_text(verify_files(config, both), verify_files(config, none));
	/* of a pair, the one that is named says it; of several, the nearest counts */
	expect_text(verify_one(TREE "updates/klp_a.ko"),
		    ABSENT("klp_a", "zork") OVERLAP("klp_a", "kvm", "f", "klp_b", ""));
}
END_TEST

/* A file takes the place of the tree's patch of that name, and what it imports of modules
 * and other files is what it depends on. */
START_TEST(files)
{
	static const char *const pair[3] = { "build/klp_b.ko", "build/klp_a.ko" };

	put_modules();
	put_patch("klp_a", "", PATCH "object zork;func f 0");
	put_patch("klp_z", "", PATCH "object zram;func z 0");
	depmod();
	put_module("build/klp_a.ko", "name klp_a;export from_a;" PATCH
				     "modinfo klp_requires=klp_b;" KVM_FUNC);
	put_module("build/klp_b.ko",
		   "name klp_b;import from_a;import printk;" PATCH ZRAM_FUNC);
	expect_text(verify_one("build/klp_a.ko"),
		    "warning missing-patch klp_a - klp_b: its klp_requires names klp_b, "
		    "which kernel " KERNEL
		    " does not have: install that, or take it out of "
		    "klp_requires\n");
	expect_text(verify_one("build/klp_b.ko"),
		    OVERLAP("klp_b", "zram", "z", "klp_z", ""));
	expect_text(verify_files(NULL, pair),
		    CYCLE("klp_a", "klp_b", "klp_a requires klp_b requires klp_a")
			    OVERLAP("klp_b", "zram", "z", "klp_z", ""));
	/* what is there is as it was */
	expect_text(verify_one(TREE "updates/klp_a.ko"),
		    ABSENT("klp_a", "zork"));
	/* the same in another place is still the tree's only when it is that file */
	ck_assert_int_eq(link(in_dir(TREE "updates/klp_z.ko"), in_dir("build/klp_z.ko")),
			 0);
	ck_assert_int_eq(unlink(in_dir(TREE KLP_INDEX_FILE)), 0);
	expect_text(verify_one("build/klp_z.ko"),
		    "warning stale-index - - -: there is no index that can be read: run "
		    "klpdep depmod " KERNEL "\n");
	put_module("build/klp_z.ko", "name klp_z;" PATCH "object zram;func y 0");
	ck_assert_int_eq(unlink(in_dir("build/klp_z.ko")), 0);
	put_module("build/klp_z.ko", "name klp_z;" PATCH "object zram;func y 0");
	expect_text(verify_one("build/klp_z.ko"), "");
}
END_TEST

/* The caller's patch is as it was, whatever the tree made of it. */
START_TEST(untouched)
{
	struct klpdep_patch *patch;
	char *out = NULL;

	put_modules();
	put_module("build/y.ko", "name klp_y;import f;modinfo klp_supersedes=a,b;"
				 "modinfo softdep=pre: c post: d;modinfo version=1;"
				 "modinfo klp_target_srcversion=kvm:ABC;"
				 "modinfo srcversion=2;modinfo klp_set=s;" PATCH
				 "object kv%m;func f 0;object kvm;func g 2;callback "
				 "pre_patch;reloc kvm kvm h 1");
	ck_assert_int_eq(klpdep_patch_new_from_file(ctx, in_dir("build/y.ko"), &patch),
			 0);
	ck_assert_int_eq(klpdep_verify(ctx, KERNEL, NULL, &patch, 1, add_finding, &out),
			 0);
	expect_text(outline(patch), "klp_y klp-patch replace=no; kv%m: f@0; "
				    "kvm[pre_patch]: g@2 ~kvm.h@1;");
	expect_text(klpdep_patch_get_file(patch), in_dir("build/y.ko"));
	ck_assert_int_eq(patch->objects[1].order, KLPDEP_ORDER_NONE);
	ck_assert_uint_eq(patch->refs, 1);
	klpdep_patch_unref(patch);
}
END_TEST

/* A patch whose file has gone since it was read. */
START_TEST(vanished)
{
	struct klpdep_patch *patch;
	char *out = NULL, *file;

	put_modules();
	put_module("build/y.ko", "name klp_y;" PATCH "object kvm;func f 0");
	file = in_dir("build/y.ko");
	ck_assert_int_eq(klpdep_patch_new_from_file(ctx, file, &patch), 0);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(klpdep_verify(ctx, KERNEL, NULL, &patch, 1, add_finding, &out),
			 -ENOENT);
	expect_text(take_log(), "3 @/build/y.ko: No such file or directory\n");
	ck_assert_ptr_null(out);
	klpdep_patch_unref(patch);
}
END_TEST

/* ---- what is installed ------------------------------------------------------------- */

#define NOT_WITH(target)                                                                 \
	"warning shadowed klp_x " target " -: it will not be loaded with " target ": "
#define INSTALL "modprobe.d has another install rule: "
#define SOFTDEP                                                                          \
	"a softdep line in modprobe.d stands before the one in 00-klpdep-softdep.conf\n"

/* libkmod looks modules up in depmod's binary files, which these trees do not have, and
 * in what has an install line. */
#define RESOLVE "install pre1 /bin/true\n"

#define NO_RULE                                                                          \
	"no rule of klpdep's is in force; run klpdep depmod, unless its files in "       \
	"modprobe.d are masked, or another kernel has the module built in\n"

/* Each is found alike of a patch that is installed, with its rules, and of one that is
 * not, unless there is something else to be found then. */
START_TEST(shadowed)
{
	static const struct {
		const char *file, *lines, *config, *found, *before;
	} cases[] = {
		{ "a.conf", "install zram /bin/false", NULL,
		  NOT_WITH("zram") INSTALL "/bin/false\n", NULL },
		{ "zzz.conf", "install zr* /bin/false", NULL,
		  NOT_WITH("zram") INSTALL "/bin/false\n", NULL },
		{ "a.conf", "install klp_x /bin/true", NULL,
		  NOT_WITH("zram") "modprobe.d has another install rule for the patch: "
				   "/bin/true\n",
		  NULL },
		{ "00-a.conf", "softdep zram pre: pre1", NULL, NOT_WITH("zram") SOFTDEP,
		  NULL },
		{ "00-a.conf", "softdep * post: pre1", NULL, NOT_WITH("zram") SOFTDEP,
		  NULL },
		{ "00-a.conf", "softdep zram pre: zork", NULL, NOT_WITH("zram") SOFTDEP,
		  NULL },
		/* a softdep keeps the rule that require takes from counting */
		{ "00-a.conf", "softdep zram pre: pre1 klp_x", "policy zram require", NULL,
		  NOT_WITH("zram") SOFTDEP },
		/* as it may keep this from counting, but not under each kmod */
		{ "local.conf", "install zram /bin/false\nsoftdep zram pre: pre1", NULL,
		  NOT_WITH("zram") INSTALL "/bin/false\n", NULL },
		{ "local.conf", "install zram /bin/false\nsoftdep zram pre: pre1",
		  "policy zram require", NOT_WITH("zram") INSTALL "/bin/false\n", NULL },
		/* near misses: another module's; one that comes later; one that names the
		   patch; for a rule, one of nothing that there is; an install rule that runs
		   our helper; and a patch that does not count */
		{ "a.conf", "install zram2 /bin/false\nsoftdep kvm pre: zram", NULL, "",
		  NULL },
		{ "a.conf", "softdep zram pre: pre1", NULL, "", NULL },
		{ "00-a.conf", "softdep zram pre: pre1 klp_x", NULL, "", NULL },
		{ "00-a.conf", "softdep zram post: klp_x pre1", NULL, "", NULL },
		{ "00-a.conf", "softdep zram pre: zork", "policy zram require", "", NULL },
		{ "a.conf", "install zram echo zram; " HELPER_PATH " zram", NULL, "", NULL },
		{ "00-a.conf", "install kvm /bin/false\nsoftdep zram pre: pre1",
		  "mask klp_x", "", NULL },
		{ "a.conf", "blacklist zram\noptions zram x=1", NULL, "", NULL },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		static const char *const none[3];
		const char *const file[3] = { "klp_x.ko" };
		_cleanup_config_ struct klpdep_config *config =
			make_config(cases[i].config ? cases[i].config : "");
		char *path = text("etc/modprobe.d/%s", cases[i].file), *is;
		const char *before = cases[i].before ? cases[i].before : cases[i].found;

		unlink(in_dir(RULES_DIR "/" RULES_FILE));
		unlink(in_dir(RULES_DIR "/" SOFTDEP_FILE));
		unlink(in_dir(TREE KLP_INDEX_FILE));
		put_text(path, text(RESOLVE "%s", cases[i].lines));
		put_modules();
		put_module("klp_x.ko", "name klp_x;" PATCH ZRAM_FUNC);
		expect_text(text("%zu: %s", i, verify_files(config, file)),
			    text("%zu: %s", i, before));
		put_patch("klp_x", "", PATCH ZRAM_FUNC);
		depmod_rules(config);
		is = verify_files(config, none);
		if (cases[i].found)
			expect_text(text("%zu: %s", i, is),
				    text("%zu: %s", i, cases[i].found));
		ck_assert_int_eq(unlink(in_dir(path)), 0);
	}
}
END_TEST

/* Rules that are not there though the index is; and no index, so that none can be. */
START_TEST(no_rules)
{
	put_modules();
	put_patch("klp_x", "", PATCH ZRAM_FUNC "object vmlinux;func f 0");
	depmod();
	expect_text(verify(), NOT_WITH("zram") NO_RULE);
	depmod_rules(NULL);
	expect_text(verify(), "");
	/* masked */
	put_text("etc/modprobe.d/" RULES_FILE, "");
	expect_text(verify(), NOT_WITH("zram") NO_RULE);
}
END_TEST

/* ... for what, as the log says it, and the same that verify says. */
START_TEST(rules_check)
{
	_cleanup_index_ struct klpdep_index *index = NULL;

	put_text("etc/modprobe.d/a.conf", "install zram /bin/false\n");
	put_modules();
	put_patch("klp_x", "", PATCH ZRAM_FUNC);
	depmod_rules(NULL);
	ck_assert_int_eq(klpdep_index_open(ctx, KERNEL, 0, &index), 0);
	ck_assert_int_eq(klp_rules_check(ctx, view_of(index, NULL)), 0);
	expect_text(take_log(), "4 zram: its patch klp_x will not be loaded with it: "
				"modprobe.d has another install rule: /bin/false\n");
}
END_TEST

#define STALE(patch, what)                                                               \
	"warning stale-index " patch " - -: " what ": run klpdep depmod " KERNEL "\n"

/* A modification time, by seconds from the epoch. */
static void put_time(const char *path, time_t seconds)
{
	const struct timespec times[] = { { seconds, 0 }, { seconds, 0 } };

	ck_assert_int_eq(utimensat(AT_FDCWD, in_dir(path), times, 0), 0);
}

START_TEST(stale)
{
	const char *good;

	put_modules();
	expect_text(verify(), ""); /* no patches: there need not be an index */
	put_patch("klp_x", "", PATCH ZRAM_FUNC);
	put_patch("klp_y", "", PATCH KVM_FUNC);
	expect_text(verify(), STALE("-", "there is no index that can be read"));
	depmod_rules(NULL);
	expect_text(verify(), "");
	good = get_text(TREE KLP_INDEX_FILE);

	put_text(TREE KLP_INDEX_FILE, "# klpdep index 1 " KERNEL "\nobj");
	expect_text(verify(), STALE("-", "there is no index that can be read"));
	expect_text(take_log(), "3 @" TREE KLP_INDEX_FILE
				": truncated or damaged; run klpdep depmod\n");
	put_text(TREE KLP_INDEX_FILE, good);

	/* times */
	put_time(TREE "modules.dep", 1000);
	put_time(TREE KLP_INDEX_FILE, 999);
	expect_text(verify(), "warning stale-index - - -: the index is older than "
			      "modules.dep: run klpdep depmod " KERNEL " after depmod\n");
	put_time(TREE KLP_INDEX_FILE, 1000);
	expect_text(verify(), "");

	/* a patch that came, changed, went; and one that only is not looked at */
	put_patch("klp_z", "", PATCH "object zram;func y 0");
	put_patch("klp_y", "", PATCH "object kvm;func g 0");
	put_time(TREE "modules.dep", 900);
	expect_text(verify(), STALE("klp_y", "its lines in the index are out of date")
				      STALE("klp_z", "it is not in the index"));
	expect_text(verify_one(TREE "updates/klp_y.ko"),
		    STALE("klp_y", "its lines in the index are out of date"));
	expect_text(verify_one(TREE "updates/klp_x.ko"), "");
	depmod_rules(NULL);
	expect_text(verify(), "");
	ck_assert_int_eq(unlink(in_dir(TREE "updates/klp_x.ko")), 0);
	ck_assert_int_eq(unlink(in_dir(TREE "updates/klp_z.ko")), 0);
	put_modules();
	put_patch("klp_y", "", PATCH "object kvm;func g 0");
	put_time(TREE "modules.dep", 900);
	expect_text(verify(),
		    STALE("klp_x", "it is in the index, but not in the tree")
			    STALE("klp_z", "it is in the index, but not in the tree")
		    "warning stale-index - kvm -: it is another file than when the index was "
		    "written: run klpdep depmod " KERNEL "\n");
	/* the order to a target counts, and the softdeps of targets */
	put_modules();
	put_patch("klp_y", "kernel/kvm.ko", PATCH "object kvm;func g 0");
	put_time(TREE "modules.dep", 900);
	expect_text(verify_one(TREE "updates/klp_y.ko"),
		    STALE("klp_y", "its lines in the index are out of date"));
	depmod_rules(NULL);
	put_text("etc/modprobe.d/l.conf", RESOLVE "softdep kvm pre: pre1\n");
	expect_text(verify(), STALE("-", "softdeps of targets have changed since the index "
					 "was written"));
	/* what a later klpdep adds is no difference */
	ck_assert_int_eq(unlink(in_dir("etc/modprobe.d/l.conf")), 0);
	depmod_rules(NULL);
	good = get_text(TREE KLP_INDEX_FILE);
	put_text(TREE KLP_INDEX_FILE,
		 text("%.*spatch_2 klp_q\nend\n", (int)(strlen(good) - 4), good));
	expect_text(verify(), "");
}
END_TEST

/* What cannot be read is said of all, but not where some are named. */
START_TEST(unreadable)
{
	struct image image = build("name klp_y;" PATCH KVM_FUNC);

	put_modules();
	put_patch("klp_x", "", PATCH ZRAM_FUNC);
	put_patch("klp_y", "", PATCH KVM_FUNC);
	put_file(TREE "updates/klp_y.ko", image.data, 100);
	depmod_rules(NULL);
	expect_text(verify(), "error unreadable klp_y - -: @" TREE "updates/klp_y.ko: "
			      "the section table at offset 3344 lies beyond the end of "
			      "the file (100 bytes): install it again, or build it "
			      "again\n");
	expect_text(take_log(), "");
	expect_text(verify_one(TREE "updates/klp_x.ko"), "");
	ck_assert_int_eq(unlink(in_dir(TREE "updates/klp_y.ko")), 0);
	expect_text(verify(), "error unreadable klp_y - -: @" TREE "updates/klp_y.ko: "
			      "No such file or directory: install it again, or build it "
			      "again\n"
			      "warning depmod-due - - -: updates/klp_y.ko went since depmod "
			      "was run: run depmod " KERNEL ", then klpdep depmod " KERNEL
			      "\n");
	/* of what is not supported, that is said */
	image.data[18] = EM_386; /* e_machine */
	put_file(TREE "updates/klp_y.ko", image.data, image.size);
	ck_assert_int_eq(unlink(in_dir(TREE "updates/klp_x.ko")), 0);
	put_modules();
	put_dep("updates/klp_y.ko", "");
	depmod_rules(NULL);
	with_images = true;
	expect_text(verify(), "note not-checked klp_y - -: @" TREE "updates/klp_y.ko: a "
			      "livepatch for ELF machine 3, which klpdep does not know; "
			      "it was not checked\n");
}
END_TEST

/* All checks of images are made, of a file, too. */
START_TEST(images)
{
	put_modules();
	put_module(TREE "kernel/kvm.ko",
		   "name kvm;local f;notrace n;local two;local two;modinfo "
		   "srcversion=ABC");
	put_module("klp_x.ko", "name klp_x;modinfo klp_target_srcversion=kvm:DEF;" PATCH
			       "object kvm;func f 0;func n 0;func none 0;func two 0;"
			       "func two 2;reloc kvm kvm f 0;reloc kvm kvm gone 0");
	with_images = true;
	expect_text(
		verify_one("klp_x.ko"),
		"error untraceable klp_x kvm n: kvm has it without an ftrace location "
		"(notrace, assembly, or no function at all), so it cannot be patched: "
		"patch its callers\nerror no-symbol klp_x kvm none: kvm has no such "
		"symbol: inlined, left out of this build, or of another object\nerror "
		"ambiguous-symbol klp_x kvm two: kvm has 2 symbols of that name: say by "
		"a sympos from 1 to 2 which is meant\nerror klp-symbol klp_x kvm gone: "
		"kvm has no such symbol: inlined, left out of this build, or of another "
		"object\nerror target-build klp_x kvm -: it is for the kvm of srcversion "
		"DEF, and depmod has selected kernel/kvm.ko, which has ABC: build it "
		"against that one, or make depmod select the other one\n");
}
END_TEST

/* Nothing is written, and the context is left as it was. */
START_TEST(leaves_no_traces)
{
	put_modules();
	put_patch("klp_x", "", PATCH "object kv%m;func f 0");
	verify();
	expect_text(take_log(), "");
	ck_assert_ptr_null(get_text(CACHE_DIR "/" KERNEL ".scan"));
	ck_assert_ptr_null(get_text(TREE KLP_INDEX_FILE));
	ck_assert_int_eq(ctx->log_priority, LOG_WARNING);
}
END_TEST

START_TEST(failures)
{
	char *out = NULL;

	ck_assert_int_eq(klpdep_verify(ctx, KERNEL, NULL, NULL, 0, add_finding, &out),
			 -ENOENT);
	expect_text(take_log(), "3 there is no @/lib/modules/" KERNEL ": kernel " KERNEL
				" is not installed here\n");
	ck_assert_int_eq(klpdep_verify(ctx, "a/b", NULL, NULL, 0, add_finding, &out),
			 -EINVAL);
	put_text(TREE "modules.dep", "no colon\n");
	ck_assert_int_eq(klpdep_verify(ctx, KERNEL, NULL, NULL, 0, add_finding, &out),
			 -EBADMSG);
	ck_assert_int_eq(ctx->log_priority, LOG_WARNING);
	ck_assert_ptr_null(out);
}
END_TEST

UNIT_MAIN("verify", objects, no_builtin, names, file_names, duplicates, shared_funcs,
	  replace, releases, overlap, sets, cycles, missing, pulled, named, files, untouched,
	  vanished, shadowed, no_rules, rules_check, stale, unreadable, images, leaves_no_traces,
	  failures)

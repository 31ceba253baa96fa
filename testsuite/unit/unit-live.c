// SPDX-License-Identifier: LGPL-2.1-or-later
/* What sysfs says, in a directory in its place. */
#include "config.h"

#define SYSFS_DIR "sys"
#define PROC_DIR "proc"
#include "libklpdep/live/live.c"
#include "testsuite/unit/fixture.h"

#define MODULE "sys/module/klp_kvm/"
#define PATCH "sys/kernel/livepatch/klp_kvm/"

static void enter(void)
{
	ck_assert_int_eq(chdir(fix_dir), 0);
}

/* NULL: there is no such file. */
static void put_attribute(const char *path, const char *value)
{
	if (value)
		put_text(path, value);
	else
		unlink(in_dir(path));
}

static char *join(const struct klp_strv *list)
{
	char *all = text("%s", "");

	for (size_t i = 0; i < list->n; i++)
		all = append(all, "%s%s", i ? " " : "", list->v[i]);
	return all;
}

START_TEST(module_states)
{
	static const struct {
		const char *initstate;
		enum klp_module_state state;
	} cases[] = {
		{ "coming\n", KLP_MODULE_COMING }, { "live\n", KLP_MODULE_LIVE },
		{ "going\n", KLP_MODULE_GOING },   { "live", KLP_MODULE_LIVE },
		{ NULL, KLP_MODULE_ABSENT },
	};

	enter();
	ck_assert_int_eq(klp_live_module("klp_kvm"), KLP_MODULE_ABSENT);
	/* built in: a directory all the same */
	put_text(MODULE "parameters/debug", "0\n");
	ck_assert_int_eq(klp_live_module("klp_kvm"), KLP_MODULE_ABSENT);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		put_attribute(MODULE "initstate", cases[i].initstate);
		ck_assert_msg(klp_live_module("klp_kvm") == cases[i].state, "case %zu",
			      i);
		ck_assert_int_eq(klp_live_module("klp"), KLP_MODULE_ABSENT);
	}
}
END_TEST

START_TEST(machines)
{
	enter();
	ck_assert_int_eq(klp_live_visible(), -ENOENT);
	ck_assert(!klp_live_supported());
	put_text("sys/module/printk/parameters/time", "Y\n");
	ck_assert_int_eq(klp_live_visible(), 0);
	ck_assert(!klp_live_supported());
	put_text("sys/kernel/livepatch/.x", "");
	ck_assert(klp_live_supported());
}
END_TEST

static bool is_other_build(const char *srcversion, const char *build_id)
{
	const struct klpdep_patch patch = { .name = (char *)"klp_kvm",
					    .srcversion = (char *)srcversion,
					    .build_id = (char *)build_id };

	return klp_live_other_build(&patch);
}

START_TEST(builds)
{
	static const unsigned char note[] = { 4,   0,   0,   0, 3,    0,    0,	 0, 3, 0,
					      0,   0,   'G', 'N', 'U', 0,    0xab, 0x0c,
					      0xff, 0 };

	enter();
	ck_assert(!is_other_build("ABC", NULL));
	put_text(MODULE "srcversion", "ABC\n");
	ck_assert(!is_other_build("ABC", NULL));
	ck_assert(!is_other_build(NULL, NULL));
	ck_assert(is_other_build("ABCD", NULL));
	ck_assert(is_other_build("AB", NULL));
	/* the build-id decides, where both have one */
	ck_assert(is_other_build("AB", "ab0cff"));
	put_file(MODULE "notes/.note.gnu.build-id", note, sizeof(note));
	ck_assert(!is_other_build("AB", "ab0cff"));
	ck_assert(is_other_build("ABC", "ab0cfe"));
	ck_assert(!is_other_build("ABC", NULL));
	/* one that is cut short, one of another kind */
	put_file(MODULE "notes/.note.gnu.build-id", note, 17);
	ck_assert(!is_other_build("ABC", "ab0cfe"));
	put_file(MODULE "notes/.note.gnu.build-id", "x", 1);
	ck_assert(is_other_build("ABCD", "ab0cfe"));
}
END_TEST

START_TEST(patch_states)
{
	static const struct {
		const char *initstate, *enabled, *transition;
		enum klp_patch_state state;
	} cases[] = {
		{ NULL, NULL, NULL, KLP_PATCH_ABSENT },
		{ NULL, "1\n", "0\n", KLP_PATCH_ABSENT },
		{ "coming\n", NULL, NULL, KLP_PATCH_COMING },
		/* __klp_enable_patch(): the transition shows first */
		{ "coming\n", "0\n", "0\n", KLP_PATCH_COMING },
		{ "coming\n", "0\n", "1\n", KLP_PATCH_COMING },
		{ "coming\n", "1\n", "1\n", KLP_PATCH_ENABLING },
		{ "live\n", "1\n", "1\n", KLP_PATCH_ENABLING },
		{ "coming\n", "1\n", "0\n", KLP_PATCH_ENABLED },
		{ "live\n", "1\n", "0\n", KLP_PATCH_ENABLED },
		{ "live\n", "0\n", "1\n", KLP_PATCH_DISABLING },
		/* over, and the directory about to go */
		{ "live\n", "0\n", "0\n", KLP_PATCH_DISABLING },
		{ "live\n", NULL, NULL, KLP_PATCH_DEAD },
		{ "live\n", "0\n", NULL, KLP_PATCH_DEAD },
		{ "live\n", NULL, "0\n", KLP_PATCH_DEAD },
		{ "going\n", NULL, NULL, KLP_PATCH_DEAD },
	};

	enter();
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		put_attribute(MODULE "initstate", cases[i].initstate);
		put_attribute(PATCH "enabled", cases[i].enabled);
		put_attribute(PATCH "transition", cases[i].transition);
		ck_assert_msg(klp_live_patch("klp_kvm") == cases[i].state, "case %zu: %d",
			      i, klp_live_patch("klp_kvm"));
		ck_assert_int_eq(klp_live_patch("klp"), KLP_PATCH_ABSENT);
	}
}
END_TEST

/* The kernel says ENODEV of an attribute that is open while its module goes; here EISDIR
 * has to do. */
START_TEST(going_while_read)
{
	enter();
	put_text(MODULE "initstate", "live\n");
	put_text(PATCH "enabled/x", "");
	put_text(PATCH "transition", "0\n");
	put_text(PATCH "kvm/patched/x", "");
	put_text(MODULE "refcnt/x", "");
	put_text(MODULE "taint/x", "");
	ck_assert_int_eq(klp_live_patch("klp_kvm"), KLP_PATCH_DEAD);
	ck_assert_int_eq(klp_live_patched("klp_kvm", "kvm"), -1);
	ck_assert_int_eq(klp_live_refcount("klp_kvm"), -1);
	ck_assert(!klp_live_is_patch("klp_kvm"));
	put_attribute(MODULE "initstate", NULL);
	put_text(MODULE "initstate/x", "");
	ck_assert_int_eq(klp_live_patch("klp_kvm"), KLP_PATCH_ABSENT);
}
END_TEST

START_TEST(refcount)
{
	enter();
	ck_assert_int_eq(klp_live_refcount("klp_kvm"), -1);
	put_text(MODULE "refcnt", "0\n");
	ck_assert_int_eq(klp_live_refcount("klp_kvm"), 0);
	put_text(MODULE "refcnt", "12\n");
	ck_assert_int_eq(klp_live_refcount("klp_kvm"), 12);
}
END_TEST

START_TEST(holders)
{
	static const char *const links[] = { "m_10", "kvm_amd", "m_9",
					     ".x",   "-x",	"a b" };
	_cleanup_strv_ struct klp_strv list = { 0 };

	enter();
	ck_assert_int_eq(klp_live_holders("klp_kvm", &list), 0);
	ck_assert_uint_eq(list.n, 0);
	put_text(MODULE "holders/file", "");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(links); i++)
		ck_assert_int_eq(symlink("../../m", text(MODULE "holders/%s", links[i])),
				 0);
	ck_assert_int_eq(klp_live_holders("klp_kvm", &list), 0);
	expect_text(join(&list), "file kvm_amd m_9 m_10");
	put_text("sys/module/odd/holders", "no directory");
	ck_assert_int_eq(klp_live_holders("odd", &list), -ENOTDIR);
}
END_TEST

/* Directories are objects, files are attributes. */
START_TEST(objects)
{
	static const char *const names[] = { "zram", "kvm_10", "vmlinux", "kvm_9",
					     ".x",   "-x",     "a b" };
	_cleanup_strv_ struct klp_strv list = { 0 };

	enter();
	ck_assert_int_eq(klp_live_objects("klp_kvm", &list), 0);
	ck_assert_uint_eq(list.n, 0);
	put_text(PATCH "enabled", "1\n");
	put_text(PATCH "transition", "0\n");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++)
		put_text(text(PATCH "%s/func,1/x", names[i]), "");
	ck_assert_int_eq(klp_live_objects("klp_kvm", &list), 0);
	expect_text(join(&list), "kvm_9 kvm_10 vmlinux zram");
}
END_TEST

START_TEST(patched)
{
	enter();
	ck_assert_int_eq(klp_live_patched("klp_kvm", "kvm"), -1);
	put_text(PATCH "kvm/func,1/x", "");
	ck_assert_int_eq(klp_live_patched("klp_kvm", "kvm"), -1);
	put_text(PATCH "kvm/patched", "0\n");
	put_text(PATCH "zram/patched", "1\n");
	ck_assert_int_eq(klp_live_patched("klp_kvm", "kvm"), 0);
	ck_assert_int_eq(klp_live_patched("klp_kvm", "zram"), 1);
	ck_assert_int_eq(klp_live_patched("klp_kvm", "btrfs"), -1);
	ck_assert_int_eq(klp_live_patched("klp_x", "kvm"), -1);
}
END_TEST

START_TEST(transition)
{
	char name[KLP_MODULE_NAME_LEN] = "x";

	enter();
	klp_live_transition(name);
	expect_text(name, "");
	put_text("sys/kernel/livepatch/klp_a/transition", "0\n");
	put_text("sys/kernel/livepatch/klp_b/enabled", "1\n");
	put_text("sys/kernel/livepatch/klp_c/transition", "0\n");
	strcpy(name, "x");
	klp_live_transition(name);
	expect_text(name, "");
	put_text("sys/kernel/livepatch/klp_c/transition", "1\n");
	klp_live_transition(name);
	expect_text(name, "klp_c");
	/* as long as a module's name can be */
	put_text("sys/kernel/livepatch/klp_c/transition", "0\n");
	put_text(text("sys/kernel/livepatch/%055d/transition", 0), "1\n");
	klp_live_transition(name);
	expect_text(name, text("%055d", 0));
}
END_TEST

START_TEST(disable)
{
	enter();
	ck_assert_int_eq(klp_live_disable("klp_kvm"), -ENOENT);
	put_text(PATCH "enabled", "1\n");
	put_text("sys/kernel/livepatch/klp_x/enabled", "1\n");
	ck_assert_int_eq(klp_live_disable("klp_kvm"), 0);
	/* sysfs takes a write as a whole; a file keeps what was behind */
	expect_text(get_text(PATCH "enabled"), "0\n");
	expect_text(get_text("sys/kernel/livepatch/klp_x/enabled"), "1\n");
	ck_assert_int_eq(symlink("/dev/full", "sys/kernel/livepatch/full"), 0);
	ck_assert_int_eq(klp_live_disable("full"), -ENOTDIR);
	put_text("sys/kernel/livepatch/klp_y/enabled/x", "");
	ck_assert_int_eq(klp_live_disable("klp_y"), -EISDIR);
	/* what the kernel says to the write itself */
	put_text("sys/kernel/livepatch/klp_z/transition", "0\n");
	ck_assert_int_eq(symlink("/dev/full", "sys/kernel/livepatch/klp_z/enabled"), 0);
	ck_assert_int_eq(klp_live_disable("klp_z"), -ENOSPC);
}
END_TEST

START_TEST(switched_off)
{
	static const struct {
		const char *cmdline;
		bool off;
	} cases[] = {
		{ "ro \"klpdep=off\" quiet\n", true },
		{ "ro x=\"a klpdep=off\"\n", false },
		{ NULL, false },
		{ "", false },
		{ "klpdep=off\n", true },
		{ "BOOT_IMAGE=/vmlinuz ro klpdep=off quiet\n", true },
		{ "ro\tklpdep=off", true },
		{ "ro klpdep=on klpdep=offline\n", false },
		{ "ro xklpdep=off klpdep=off,1 klpdep.off klpdep\n", false },
		{ "ro klpdep= off\n", false },
	};

	enter();
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		put_attribute("proc/cmdline", cases[i].cmdline);
		ck_assert_msg(!klp_live_switched_off() == !cases[i].off, "%s",
			      cases[i].cmdline);
	}
	ck_assert_str_eq("klpdep=off", (put_attribute("proc/cmdline", "klpdep=off\n"),
					klp_live_switched_off()));
	put_attribute("proc/vmcore", "core");
	ck_assert_str_eq(klp_live_switched_off(), "this kernel writes a crash dump");
}
END_TEST

static const char *parameter(const char *cmdline)
{
	static char joined[256];
	_cleanup_strv_ struct klp_strv values = { 0 };
	_cleanup_free_ char *text = NULL;

	put_attribute("proc/cmdline", cmdline);
	ck_assert_int_eq(klp_live_parameter("klpdep.mask", &values), 0);
	text = klp_strv_join(&values, "|");
	snprintf(joined, sizeof(joined), "%s", text);
	return joined;
}

START_TEST(parameters)
{
	enter();
	ck_assert_str_eq(parameter(NULL), "");
	ck_assert_str_eq(parameter("ro klpdep.mask klpdep.mask= klpdep.masks=a\n"), "");
	ck_assert_str_eq(parameter("klpdep.mask=a,b-c,,d* ro klpdep.mask=a\n"), "a|b-c|d*|a");
	ck_assert_str_eq(parameter("\"klpdep.mask=a,b\" klpdep.mask=\"c\",d"), "a|b|c|d");
	ck_assert_str_eq(parameter("x=\" klpdep.mask=a\" klpdep.mask=\"b"), "b");
	ck_assert_str_eq(parameter("xklpdep.mask=a\tklpdep.mask=b\vro"), "b");
}
END_TEST

UNIT_MAIN("live", machines, module_states, builds, patch_states, going_while_read, refcount,
	  holders, objects, patched, transition, disable, switched_off, parameters)

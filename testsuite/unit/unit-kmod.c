// SPDX-License-Identifier: LGPL-2.1-or-later
/* What libkmod says of a module tree that depmod has indexed. */
#include "config.h"

#include "libklpdep/host/kmod.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define ETC SYSCONF_DIR "/modprobe.d/"
/* As users have it: their PATH is without the directories of root's programs. */
#define DEPMOD "PATH=\"$PATH:/usr/sbin:/sbin\" depmod"

/*
 * top needs mid needs base; top's own softdep wants pre1 and post1; lone is alone.
 */
static void put_tree(void)
{
	put_module(TREE "kernel/base.ko", "name base;export base_fn");
	put_module(TREE "kernel/mid.ko", "name mid;import base_fn;export mid_fn;"
					 "modinfo alias=crypto-x;modinfo alias=two");
	put_module(TREE "kernel/sub/top.ko",
		   "name top;import mid_fn;import base_fn;modinfo alias=pci:v1*;"
		   "modinfo softdep=pre: pre1 post: post1;modinfo alias=two");
	put_module(TREE "kernel/my-mod.ko", "name my_mod");
	put_module(TREE "kernel/pre1.ko", "name pre1");
	put_module(TREE "kernel/post1.ko", "name post1");
	put_module(TREE "kernel/lone.ko", "name lone");
	/* or depmod complains */
	put_text(TREE "modules.order", "");
	put_text(TREE "modules.builtin", "");
	put_text(TREE "modules.builtin.modinfo", "");
	ck_assert_int_eq(system(text(DEPMOD " -C /dev/null -b '%s' " KERNEL, fix_dir)),
			 0);
}

static struct klp_kmod *make_kmod(unsigned int flags)
{
	struct klp_kmod *kmod = NULL;

	ck_assert_int_eq(klp_kmod_new(ctx, KERNEL, flags, &kmod), 0);
	return kmod;
}

static char *join(const struct klp_strv *list)
{
	char *all = text("%s", "");

	for (size_t i = 0; i < list->n; i++)
		all = append(all, "%s%s", i ? " " : "", list->v[i]);
	return all;
}

/* The configuration is read when the context is made: each of these makes its own. */

static char *file_of(const char *name)
{
	_cleanup_kmod_ struct klp_kmod *kmod = make_kmod(0);
	_cleanup_free_ char *file = klp_kmod_file(kmod, name);

	return file ? text("%s", file) : NULL;
}

static char *deps_of(const char *name)
{
	_cleanup_kmod_ struct klp_kmod *kmod = make_kmod(0);
	_cleanup_strv_ struct klp_strv deps = { 0 };

	ck_assert_int_eq(klp_kmod_deps(kmod, name, &deps), 0);
	return join(&deps);
}

static char *softdeps_of(const char *name, unsigned int flags)
{
	_cleanup_kmod_ struct klp_kmod *kmod = make_kmod(flags);
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };

	ck_assert_int_eq(klp_kmod_softdeps(kmod, name, &pre, &post), 0);
	return text("%s | %s", join(&pre), join(&post));
}

static char *install_of(const char *name, unsigned int flags)
{
	_cleanup_kmod_ struct klp_kmod *kmod = make_kmod(flags);
	const char *command = klp_kmod_install_command(kmod, name);

	return text("%s", command ? command : "none");
}

static char *lookup(const char *alias)
{
	_cleanup_kmod_ struct klp_kmod *kmod = make_kmod(0);
	_cleanup_strv_ struct klp_strv names = { 0 };

	ck_assert_int_eq(klp_kmod_lookup(kmod, alias, &names), 0);
	klp_strv_sort(&names);
	return join(&names);
}

START_TEST(tree)
{
	put_tree();
	expect_text(file_of("top"), in_dir(TREE "kernel/sub/top.ko"));
	expect_text(file_of("my_mod"), in_dir(TREE "kernel/my-mod.ko"));
	expect_text(file_of("my-mod"), in_dir(TREE "kernel/my-mod.ko"));
	ck_assert_ptr_null(file_of("nosuch"));
	expect_text(deps_of("top"), "base mid");
	expect_text(deps_of("mid"), "base");
	expect_text(deps_of("base"), "");
	expect_text(deps_of("nosuch"), "");
	expect_text(lookup("top"), "top");
	expect_text(lookup("pci:v12"), "top");
	expect_text(lookup("two"), "mid top");
	expect_text(lookup("my-mod"), "my_mod");
	expect_text(lookup("pci:v2"), "");
	put_text(ETC "a.conf", "alias pci:v2 lone\nalias two lone\n");
	expect_text(lookup("pci:v2"), "lone");
	/* the configuration's aliases stand before the modules' own */
	expect_text(lookup("two"), "lone");
	expect_text(take_log(), "");
}
END_TEST

START_TEST(no_such)
{
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;

	put_tree();
	kmod = make_kmod(0);
	ck_assert_int_eq(klp_kmod_insert(kmod, "nosuch", NULL), -ENOENT);
	ck_assert_int_eq(klp_kmod_probe(kmod, "nosuch"), -ENOENT);
	ck_assert_ptr_null(klp_kmod_install_command(kmod, "nosuch"));
	expect_text(softdeps_of("nosuch", 0), " | ");
	klp_kmod_free(NULL);
}
END_TEST

START_TEST(softdeps)
{
	static const struct {
		const char *file, *lines, *expected;
	} cases[] = {
		{ "a.conf", "", "pre1 | post1" },
		{ "a.conf", "softdep top pre: base\n", "base | " },
		{ "a.conf", "softdep top post: mid\n", " | mid" },
		/* libkmod 30 makes "pre: basepost: mid" of these */
		{ "a.conf", "softdep top pre: base post: mid\n", "base | mid" },
		{ "a.conf", "softdep top pre: base mid post: lone pre1\n",
		  "base mid | lone pre1" },
		{ "a.conf", "softdep top post: mid pre: base\n", "base | mid" },
		{ "a.conf", "softdep top pre: base base post: mid mid\n", "base | mid" },
		/* files are taken by name, modules.softdep among them */
		{ "modules.conf", "softdep top pre: base\n", "base | " },
		{ "n.conf", "softdep top pre: base\n", "pre1 | post1" },
		/* only the first line */
		{ "a.conf", "softdep top pre: base\nsoftdep top pre: mid\n", "base | " },
		{ "a.conf", "softdep top pre: nosuch\nsoftdep top pre: mid\n", " | " },
		{ "a.conf", "softdep mid pre: base\n", "pre1 | post1" },
		/* what does not resolve is listed only along with what does */
		{ "a.conf", "softdep top pre: nosuch post: nosuch2\n", " | " },
		{ "a.conf", "softdep top pre: nosuch base\n", "nosuch base | " },
		{ "a.conf", "softdep top pre: nosuch post: base\n", "nosuch | base" },
		/* wildcards, aliases, spelling */
		{ "a.conf", "softdep t* pre: base\n", "base | " },
		{ "a.conf", "softdep t?p pre: base\nsoftdep top pre: mid\n", "base | " },
		{ "a.conf", "softdep top pre: crypto-x\n", "crypto-x | " },
		{ "a.conf", "softdep top pre: my-mod\n", "my-mod | " },
		/* words that a rule file cannot hold */
		{ "a.conf", "softdep top pre: b\\\\x #y base post: mid z#\n",
		  "base | mid" },
		/* a line that does not say which is a line all the same */
		{ "a.conf", "softdep top base\n", " | " },
	};

	put_tree();
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		char *is;

		put_text(text(ETC "%s", cases[i].file), cases[i].lines);
		is = softdeps_of("top", 0);
		ck_assert_msg(klp_streq(is, cases[i].expected),
			      "%s: %s\nis:     %s\nwanted: %s", cases[i].file,
			      cases[i].lines, is, cases[i].expected);
		ck_assert_int_eq(unlink(in_dir(text(ETC "%s", cases[i].file))), 0);
	}
	expect_text(softdeps_of("base", 0), " | ");
	put_text(ETC "a.conf", "softdep my-mod pre: base\n");
	expect_text(softdeps_of("my_mod", 0), "base | ");
	expect_text(take_log(), "");
}
END_TEST

START_TEST(install_commands)
{
	put_tree();
	expect_text(install_of("top", 0), "none");
	put_text(ETC "b.conf", "install top first $CMDLINE_OPTS; 'x'\n"
			       "install top second\ninstall m* wild\n");
	expect_text(install_of("top", 0), "first $CMDLINE_OPTS; 'x'");
	expect_text(install_of("mid", 0), "wild");
	expect_text(install_of("my-mod", 0), "wild");
	expect_text(install_of("base", 0), "none");
	put_text(RULES_DIR "/a.conf", "install top earlier\n");
	expect_text(install_of("top", 0), "earlier");
	expect_text(install_of("top", KLP_KMOD_NO_CONFIG), "none");
}
END_TEST

/* What klpdep writes is left out, wherever it is, and nothing else. */
START_TEST(foreign)
{
	put_tree();
	put_text(RULES_DIR "/" RULES_FILE, "install mid ours\n");
	put_text(ETC SOFTDEP_FILE, "softdep top pre: base\n");
	put_text(ETC "a" RULES_FILE, "install base theirs\n");
	expect_text(install_of("mid", 0), "ours");
	expect_text(install_of("base", 0), "theirs");
	expect_text(softdeps_of("top", 0), "base | ");
	expect_text(install_of("mid", KLP_KMOD_FOREIGN), "none");
	expect_text(install_of("base", KLP_KMOD_FOREIGN), "theirs");
	expect_text(softdeps_of("top", KLP_KMOD_FOREIGN), "pre1 | post1");
	/* with no configuration there is what the tree itself says */
	expect_text(install_of("mid", KLP_KMOD_NO_CONFIG), "none");
	expect_text(install_of("base", KLP_KMOD_NO_CONFIG), "none");
	expect_text(softdeps_of("top", KLP_KMOD_NO_CONFIG), "pre1 | post1");
}
END_TEST

/* Of files of one name the first directory's counts, and a link to /dev/null hides the
 * rest. */
START_TEST(directories)
{
	static const char *const dirs[] = { "/lib/modprobe.d/", "/usr/lib/modprobe.d/",
					    "/usr/local/lib/modprobe.d/",
					    "/run/modprobe.d/", ETC };

	put_tree();
	for (size_t i = 0; i < KLP_ARRAY_SIZE(dirs); i++) {
		put_text(text("%sa.conf", dirs[i]), text("install top in %s\n", dirs[i]));
		put_text(text("%sb.conf", dirs[i]), "install top b\n");
		put_text(text("%s0.conf~", dirs[i]), "install top 0\n");
		expect_text(install_of("top", 0), text("in %s", dirs[i]));
	}
	ck_assert_int_eq(unlink(in_dir(ETC "a.conf")), 0);
	expect_text(install_of("top", 0), "in /run/modprobe.d/");
	ck_assert_int_eq(symlink("/dev/null", in_dir(ETC "a.conf")), 0);
	expect_text(install_of("top", 0), "b");
}
END_TEST

/* It is said which, and not that there is no memory. */
START_TEST(looping_directory)
{
	struct klp_kmod *kmod = NULL;

	ck_assert_int_eq(klp_mkdir_parents(in_dir("etc/modprobe.d")), 0);
	ck_assert_int_eq(symlink("modprobe.d", in_dir("etc/modprobe.d")), 0);
	ck_assert_int_eq(klp_kmod_new(ctx, KERNEL, KLP_KMOD_FOREIGN, &kmod), -ELOOP);
	ck_assert_ptr_null(kmod);
	expect_text(take_log(),
		    text("3 @/etc/modprobe.d: %s\n", strerror(ELOOP)));
}
END_TEST

/* A rule is run in the place of an insertion. */
START_TEST(probe)
{
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;

	put_tree();
	put_text(ETC "a.conf",
		 text("install lone echo $MODPROBE_MODULE $CMDLINE_OPTS >> %s/ran\n"
		      "options lone a=1\nalias other lone\ninstall pre1 exit 3\n",
		      fix_dir));
	kmod = make_kmod(0);
	ck_assert_int_eq(klp_kmod_probe(kmod, "lone"), 0);
	expect_text(get_text("ran"), "lone a=1\n");
	ck_assert_int_eq(klp_kmod_probe(kmod, "other"), 0);
	expect_text(get_text("ran"), "lone a=1\nlone a=1\n");
	expect_text(take_log(), "");
	/* libkmod's words are for those who look closely */
	klpdep_set_log_priority(ctx, LOG_INFO);
	klp_kmod_free(kmod);
	kmod = make_kmod(0);
	ck_assert_int_eq(klp_kmod_probe(kmod, "pre1"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(take_log(), "6 libkmod: "));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { tree,	softdeps, install_commands,
				       foreign, no_such,  directories, looping_directory,
				       probe,	NULL };

	if (system(DEPMOD " --version > /dev/null") != 0) {
		fputs("unit-kmod: skipped: there is no depmod to index a tree with\n",
		      stderr);
		return 77;
	}
	return run_tests("kmod", tests);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* Configuration: which files count, and what their lines say. */
#include "config.h"

#include <sys/stat.h>

#include "libklpdep/host/conf-files.h"
#include "libklpdep/host/configuration.h"
#include "testsuite/unit/fixture.h"

/* ---- files ------------------------------------------------------------------------ */

/* The files, in order, each with its directory. */
static char *files_of(const char *const *dirs)
{
	_cleanup_strv_ struct klp_strv files = { 0 };
	char *out = text("%s", "");

	ck_assert_int_eq(klp_conf_files(ctx, dirs, &files), 0);
	for (size_t i = 0; i < files.n; i++) {
		const char *path = klp_after_prefix(files.v[i], fix_dir);

		ck_assert_msg(path != NULL, "%s is not below %s", files.v[i], fix_dir);
		out = append(out, "%s ", path);
	}
	return out;
}

static const char *const abc[] = { "/a", "/b", "/c", NULL };

START_TEST(precedence)
{
	expect_text(files_of(abc), "");
	put_text("b/10.conf", "");
	put_text("c/10.conf", "");
	put_text("c/20.conf", "");
	put_text("c/05.conf", "");
	put_text("a/20.conf", "");
	put_text("a/zz.conf", "");
	expect_text(files_of(abc), "/c/05.conf /b/10.conf /a/20.conf /a/zz.conf ");
}
END_TEST

START_TEST(only_conf_files)
{
	put_text("a/x.conf", "");
	put_text("a/.hidden.conf", "");
	put_text("a/x.conf~", "");
	put_text("a/x.conf.dpkg-dist", "");
	put_text("a/conf", "");
	put_text("a/README", "");
	put_text("a/dir.conf/y.conf", "");
	ck_assert_int_eq(mkfifo(in_dir("a/fifo.conf"), 0644), 0);
	put_text("b", "not a directory");
	expect_text(files_of(abc), "/a/x.conf ");
}
END_TEST

START_TEST(masking)
{
	put_text("b/x.conf", "");
	put_text("c/x.conf", "");
	put_text("c/y.conf", "");
	put_text("elsewhere", "");
	ck_assert_int_eq(mkdir(in_dir("a"), 0755), 0);
	ck_assert_int_eq(symlink("/dev/null", in_dir("a/x.conf")), 0);
	expect_text(files_of(abc), "/c/y.conf ");
	/* other links are followed; one that leads nowhere masks, too */
	ck_assert_int_eq(symlink("../elsewhere", in_dir("a/y.conf")), 0);
	ck_assert_int_eq(symlink("../nowhere", in_dir("b/z.conf")), 0);
	put_text("c/z.conf", "");
	expect_text(files_of(abc), "/a/y.conf ");
}
END_TEST

START_TEST(standard_directories)
{
	static const char *const dirs[] = { SYSCONF_DIR "/klpdep.d", "/run/klpdep.d",
					    "/usr/local/lib/klpdep.d",
					    "/usr/lib/klpdep.d" };

	/* each hides the ones behind it */
	for (size_t i = KLP_ARRAY_SIZE(dirs); i-- > 0;) {
		_cleanup_config_ struct klpdep_config *config = NULL;

		put_text(text("%s/x.conf", dirs[i]), text("retry-timeout %zu", i + 10));
		ck_assert_int_eq(klpdep_config_new(ctx, NULL, &config), 0);
		ck_assert_uint_eq(klpdep_config_get_retry_timeout(config), i + 10);
	}
	expect_text(take_log(), "");
}
END_TEST

START_TEST(masked_standard)
{
	_cleanup_config_ struct klpdep_config *config = NULL;

	put_text("usr/lib/klpdep.d/x.conf", "mask *");
	put_text("usr/lib/klpdep.d/y.conf", "policy * late");
	ck_assert_int_eq(klp_mkdir_parents(in_dir("etc/klpdep.d/x.conf")), 0);
	ck_assert_int_eq(symlink("/dev/null", in_dir("etc/klpdep.d/x.conf")), 0);
	ck_assert_int_eq(klpdep_config_new(ctx, NULL, &config), 0);
	ck_assert(!klp_config_masked(config, "klp_x", NULL));
	ck_assert_int_eq(klpdep_config_get_policy(config, "x"), KLPDEP_POLICY_LATE);
}
END_TEST

/* ---- lines ------------------------------------------------------------------------ */

START_TEST(defaults)
{
	struct klpdep_config *const configs[] = { NULL, make_config(""),
						  make_config("\n# x\n  \t\r\n#mask *") };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(configs); i++) {
		struct klpdep_config *c = configs[i];

		ck_assert_int_eq(klpdep_config_get_policy(c, "kvm"), KLPDEP_POLICY_WARN);
		ck_assert_uint_eq(klpdep_config_get_retry_timeout(c), 60);
		ck_assert_uint_eq(klpdep_config_get_settle_timeout(c), 5);
		ck_assert_uint_eq(klp_config_wait_budget(c), 30);
		ck_assert_uint_eq(klp_config_waiters(c), 8);
		ck_assert(!klp_config_masked(c, "klp_kvm", NULL));
		ck_assert(!klp_config_supersedes(c, "a", "b", NULL));
		ck_assert_int_eq(klp_config_order(c, "klp_kvm", NULL), KLPDEP_ORDER_NONE);
		ck_assert(klp_config_unload(c, "kvm"));
		ck_assert(!klp_config_initrd_vmlinux(c));
		klpdep_config_unref(c);
	}
}
END_TEST

/* ":LINE" of what a question set, or "-". */
static const char *line_of(const char *where)
{
	return where ? strrchr(where, ':') : "-";
}

/* The answers to all questions: mask, order, policy, unload, supersede. */
static char *ask(const struct klpdep_config *config, const char *name)
{
	static const char *const policies[] = { "warn", "require", "late" };
	const char *masked = NULL, *order = NULL, *superseded = NULL;
	bool is_masked = klp_config_masked(config, name, &masked);
	const char *order_name = klpdep_order_name(klp_config_order(config, name, &order));
	bool is_newer = klp_config_supersedes(config, name, "old", &superseded);

	return text("%s%s %s%s %s %s %s%s", is_masked ? "masked" : "", line_of(masked),
		    order_name, line_of(order),
		    policies[klpdep_config_get_policy(config, name)],
		    klp_config_unload(config, name) ? "unload" : "keep",
		    is_newer ? "newer" : "", line_of(superseded));
}

START_TEST(first_match)
{
	_cleanup_config_ struct klpdep_config *config = make_config(
		"mask klp_a\n"
		"mask klp_*\n"
		"\tpolicy  kvm-amd require # comment\r\n"
		"policy kvm* late\n"
		"policy [a-c]x late\n"
		"order klp_b after\n"
		"order klp_c auto\n"
		"order klp_? before\n"
		"unload zram no\n"
		"unload z* yes\n"
		"unload y* no\n"
		"supersede new ol?\n"
		"supersede n* old\n"
		"retry-timeout 7\nretry-timeout 8\nsettle-timeout 0\n"
		"wait-budget 20\nwait-budget 21\nwaiters 0\nwaiters 1\n"
		"initrd-vmlinux yes\ninitrd-vmlinux no\n");
	static const struct {
		const char *name, *answer;
	} cases[] = {
		{ "klp_a", "masked:1 before:8 warn unload -" },
		{ "klp_b", "masked:2 after:6 warn unload -" },
		{ "klp_c", "masked:2 none:7 warn unload -" },
		{ "klp_bb", "masked:2 none- warn unload -" },
		{ "kvm_amd", "- none- require unload -" },
		{ "kvm", "- none- late unload -" },
		{ "bx", "- none- late unload -" },
		{ "dx", "- none- warn unload -" },
		{ "zram", "- none- warn keep -" },
		{ "zsmalloc", "- none- warn unload -" },
		{ "yam", "- none- warn keep -" },
		{ "new", "- none- warn unload newer:12" },
		{ "newer", "- none- warn unload newer:13" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		expect_text(text("%s: %s", cases[i].name, ask(config, cases[i].name)),
			    text("%s: %s", cases[i].name, cases[i].answer));
	ck_assert(!klp_config_supersedes(config, "new", "other", NULL));
	ck_assert_uint_eq(klpdep_config_get_retry_timeout(config), 7);
	ck_assert_uint_eq(klpdep_config_get_settle_timeout(config), 0);
	ck_assert_uint_eq(klp_config_wait_budget(config), 20);
	ck_assert_uint_eq(klp_config_waiters(config), 0);
	ck_assert(klp_config_initrd_vmlinux(config));
}
END_TEST

/* Files are read in order of their names: a line of an earlier one is first. */
START_TEST(first_file)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	const char *where = "";

	put_text("d/20.conf", "mask klp_x\nretry-timeout 20\n");
	put_text("d/10.conf", "retry-timeout 10\n");
	put_text("d/30.conf", "mask klp_*\n");
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("d"), &config), 0);
	ck_assert_uint_eq(klpdep_config_get_retry_timeout(config), 10);
	ck_assert(klp_config_masked(config, "klp_x", &where));
	expect_text(where, text("%s/d/20.conf:1", fix_dir));
	ck_assert(klp_config_masked(config, "klp_y", &where));
	expect_text(where, text("%s/d/30.conf:1", fix_dir));
}
END_TEST

/* modprobe.d's, below the context's root; in a file that is masked there, nothing. */
START_TEST(blacklist)
{
	_cleanup_config_ struct klpdep_config *config = NULL;

	put_text("etc/modprobe.d/a.conf", "blacklist klp-x\n blacklist  klp_y # more\n"
					  "#blacklist klp_z \\\nblacklist klp_z\nblacklist\nblacklist klp_*\n");
	put_text("lib/modprobe.d/a.conf", "blacklist klp_hidden\n");
	put_text("lib/modprobe.d/b.conf", "options klp_o blacklist=1\n"
					  "blacklist \\\nklp_w\nblacklist klp_x\n");
	put_text("d/10.conf", "");
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("d"), &config), 0);
	ck_assert(klp_config_blacklisted(config, "klp_x"));
	ck_assert(klp_config_blacklisted(config, "klp_y"));
	ck_assert(klp_config_blacklisted(config, "klp_w"));
	ck_assert(!klp_config_blacklisted(config, "klp_z"));
	ck_assert(!klp_config_blacklisted(config, "klp_o"));
	ck_assert(!klp_config_blacklisted(config, "klp_hidden"));
	ck_assert(!klp_config_blacklisted(NULL, "klp_x"));
	ck_assert(!klp_config_masked(config, "klp_x", NULL));
}
END_TEST

START_TEST(bad_lines)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{ "maks klp_x", "unknown word 'maks'" },
		{ "mask", "mask takes 1 argument" },
		{ "initrd-vmlinux", "initrd-vmlinux takes 1 argument" },
		{ "initrd-vmlinux maybe", "initrd-vmlinux: 'maybe' is none of no, yes" },
		{ "mask a b", "mask takes 1 argument" },
		{ "supersede a", "supersede takes 2 arguments" },
		{ "order a", "order takes 2 arguments" },
		{ "order a later", "order: 'later' is none of auto, before, after" },
		{ "order a none", "order: 'none' is none of auto, before, after" },
		{ "policy a Require",
		  "policy: 'Require' is none of warn, require, late" },
		{ "unload a maybe", "unload: 'maybe' is none of no, yes" },
		{ "retry-timeout", "retry-timeout takes 1 argument" },
		{ "retry-timeout x",
		  "retry-timeout: 'x' is not a number of seconds, up to 86400" },
		{ "retry-timeout -1",
		  "retry-timeout: '-1' is not a number of seconds, up to 86400" },
		{ "retry-timeout 1.5",
		  "retry-timeout: '1.5' is not a number of seconds, up to 86400" },
		{ "retry-timeout 10s",
		  "retry-timeout: '10s' is not a number of seconds, up to 86400" },
		{ "retry-timeout 86401",
		  "retry-timeout: '86401' is not a number of seconds, up to 86400" },
		{ "wait-budget 86401",
		  "wait-budget: '86401' is not a number of seconds, up to 86400" },
		{ "waiters all", "waiters: 'all' is not a number of helpers, up to 1000" },
		{ "waiters 1001", "waiters: '1001' is not a number of helpers, up to 1000" },
		{ "waiters 1 2", "waiters takes 1 argument" },
		{ "settle-timeout 99999999999999999999",
		  "settle-timeout: '99999999999999999999' is not a number of seconds, "
		  "up to 86400" },
		{ "ignore a", "ignore takes 2 arguments" },
		{ "ignore a crc",
		  "ignore: 'crc' is none of ambiguous-symbol, klp-symbol, no-symbol, release, "
		  "shared-funcs, target-build, unfinished, untraceable" },
		{ "ignore a/b release", "ignore: 'a/b' is not a name or a pattern for one" },
		{ "mask a/b", "mask: 'a/b' is not a name or a pattern for one" },
		{ "policy $(x) late",
		  "policy: '$(x)' is not a name or a pattern for one" },
		{ "supersede a b;",
		  "supersede: 'b;' is not a name or a pattern for one" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		_cleanup_config_ struct klpdep_config *config = NULL;

		put_text("d/x.conf", text("# 1\n%s\nretry-timeout 9\n", cases[i].line));
		ck_assert_int_eq(klpdep_config_new(ctx, in_dir("d"), &config), 0);
		expect_text(take_log(), text("4 @/d/x.conf:2: %s; the line is ignored\n",
					     cases[i].why));
		ck_assert_uint_eq(klpdep_config_get_retry_timeout(config), 9);
		expect_text(ask(config, "a"), "- none- warn unload -");
	}
}
END_TEST

START_TEST(limits)
{
	_cleanup_config_ struct klpdep_config *config =
		make_config("retry-timeout 86400\n");

	ck_assert_uint_eq(klpdep_config_get_retry_timeout(config), 86400);
}
END_TEST

/* A file that is no text of ours is passed over, with a message. */
START_TEST(too_large)
{
	_cleanup_config_ struct klpdep_config *config = NULL;

	put_text("d/x.conf", "");
	put_text("d/y.conf", "retry-timeout 9\n");
	ck_assert_int_eq(truncate(in_dir("d/x.conf"), (1 << 20) + 1), 0);
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("d"), &config), 0);
	ck_assert_uint_eq(klpdep_config_get_retry_timeout(config), 9);
	expect_text(take_log(), "4 @/d/x.conf: File too large; the file is ignored\n");
}
END_TEST

/* Neither a part of a line counts that would be another name, nor what is all zeros. */
START_TEST(nul_bytes)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	const char *where;

	put_file("d/x.conf", "mask klp_kv\0m\n", 14);
	put_file("d/y.conf", "", 1);
	put_text("d/z.conf", "retry-timeout 9\n");
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("d"), &config), 0);
	ck_assert(!klp_config_masked(config, "klp_kv", &where));
	ck_assert_uint_eq(klpdep_config_get_retry_timeout(config), 9);
	expect_text(take_log(),
		    "4 @/d/x.conf: there is a NUL byte in it; the file is ignored\n"
		    "4 @/d/y.conf: there is a NUL byte in it; the file is ignored\n");
}
END_TEST

/* What the disk does not give back is another matter: it may have said "require". Address
 * 0 of one's own memory is an I/O error. */
START_TEST(unreadable)
{
	struct klpdep_config *config = NULL;

	put_text("d/y.conf", "retry-timeout 9\n");
	ck_assert_int_eq(symlink("/proc/self/mem", in_dir("d/x.conf")), 0);
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("d"), &config), -EIO);
	ck_assert_ptr_null(config);
	expect_text(take_log(), text("3 @/d/x.conf: %s\n", strerror(EIO)));
}
END_TEST

/* Whether there are lines in it cannot be known. */
START_TEST(looping_directory)
{
	struct klpdep_config *config = NULL;

	ck_assert_int_eq(klp_mkdir_parents(in_dir("etc/klpdep.d")), 0);
	ck_assert_int_eq(symlink("klpdep.d", in_dir("etc/klpdep.d")), 0);
	ck_assert_int_eq(klpdep_config_new(ctx, NULL, &config), -ELOOP);
	ck_assert_ptr_null(config);
	expect_text(take_log(),
		    text("3 @/etc/klpdep.d: %s\n", strerror(ELOOP)));
}
END_TEST

START_TEST(named_directory)
{
	struct klpdep_config *config = NULL;

	/* one that does not exist is an error: it was asked for */
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("nonesuch"), &config), -ENOENT);
	ck_assert_ptr_null(config);
}
END_TEST

START_TEST(order_names)
{
	static const struct {
		const char *name;
		enum klpdep_order order;
	} names[] = { { "none", KLPDEP_ORDER_NONE },
		      { "before", KLPDEP_ORDER_BEFORE },
		      { "after", KLPDEP_ORDER_AFTER } };
	enum klpdep_order order;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++) {
		expect_text(klpdep_order_name(names[i].order), names[i].name);
		ck_assert_int_eq(klp_order_from_name(names[i].name, &order), 0);
		ck_assert_int_eq(order, names[i].order);
	}
	ck_assert_int_eq(klp_order_from_name("Before", &order), -EINVAL);
	ck_assert_int_eq(klp_order_from_name("", &order), -EINVAL);
}
END_TEST

UNIT_MAIN("conf-files", precedence, only_conf_files, masking, standard_directories,
	  masked_standard, defaults, first_match, first_file, blacklist, bad_lines, limits,
	  too_large, nul_bytes, unreadable, looping_directory,
	  named_directory, order_names)

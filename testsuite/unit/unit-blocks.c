// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whether rules keep up with modprobe.d: blocks that are lost, and the digest. */
#include "config.h"

#include "libklpdep/base/finding.h"
#include "libklpdep/rules/rules-digest.h"
#include "testsuite/unit/fixture.h"

#define P(name) "patch " name " file=x\n"
#define BEFORE(target, patch) "object " target " " patch " order=before\n"
#define INDEX P("p") P("q") BEFORE("t", "p") BEFORE("t", "q") BEFORE("u", "q")

#define SOFTDEP_T "softdep t pre: klpdep_before_t\n"
#define HOOK_T "install klpdep_before_t true\n"

static int add(void *data, const struct klpdep_finding *finding)
{
	char **out = data;

	ck_assert_int_eq(finding->severity, KLPDEP_ERROR);
	ck_assert_str_eq(finding->code, "block-lost");
	ck_assert_ptr_null(finding->subject);
	ck_assert_ptr_nonnull(strstr(finding->message, "klpdep depmod --rules"));
	*out = append(*out, "%s%s ", finding->patch ? "patch " : "",
		      finding->patch ? finding->patch : finding->object);
	return 0;
}

/* Ours are as they were written before somebody else's came. */
START_TEST(lost)
{
	static const struct {
		const char *softdeps, *rules, *file, *theirs, *found;
	} cases[] = {
		{ SOFTDEP_T, HOOK_T, "a.conf", "install t false\n", "t " },
		{ SOFTDEP_T, HOOK_T, "zzz.conf", "install t false\n", "t " },
		{ SOFTDEP_T, HOOK_T, "a.conf", "install [tu] false\n", "t " },
		{ "softdep t post: klpdep_after_t\n", "install klpdep_after_t true\n",
		  "a.conf", "install t false\n", "t " },
		/* of two install lines the first counts */
		{ "", "install t true\n", "zzz.conf", "install t false\n", "t " },
		{ "", "install t true\n", "a.conf", "install t false\n", "" },
		{ "", "install p true\n", "zzz.conf", "install * false\n", "patch p " },
		/* nothing of ours, or a softdep of nothing */
		{ "", "", "a.conf", "install t false\n", "" },
		{ "softdep t pre:\n", HOOK_T, "a.conf", "install t false\n", "" },
		/* a hook that is no hook, for its install line is not there */
		{ SOFTDEP_T, "", "a.conf", "install t false\n", "" },
		/* theirs does not count anyway; or is no block */
		{ SOFTDEP_T, HOOK_T, "a.conf",
		  "install t false\nsoftdep t pre: x\ninstall x true\n", "" },
		{ SOFTDEP_T, HOOK_T, "a.conf", "install t " HELPER_PATH " t\n", "" },
		{ SOFTDEP_T, HOOK_T, "a.conf", "remove t false\nblacklist t\n", "" },
		/* of a patch for another kernel */
		{ "softdep v pre: klpdep_before_t\n", HOOK_T, "a.conf", "install v false\n",
		  "v " },
		/* a hook of ours is nobody's to block */
		{ SOFTDEP_T, HOOK_T, "a.conf", "install klpdep_* false\n", "" },
	};
	_cleanup_index_ struct klpdep_index *index = make_index(INDEX);

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		char *file = text("etc/modprobe.d/%s", cases[i].file), *is = text("%s", "");

		put_text(RULES_DIR "/" SOFTDEP_FILE, cases[i].softdeps);
		put_text(RULES_DIR "/" RULES_FILE, cases[i].rules);
		put_text(file, cases[i].theirs);
		ck_assert_int_eq(klpdep_check_blocks(ctx, view_of(index, NULL), add, &is), 0);
		expect_text(text("%zu: %s", i, is), text("%zu: %s", i, cases[i].found));
		ck_assert_int_eq(unlink(in_dir(file)), 0);
	}
}
END_TEST

/* Without rules nothing is lost. */
START_TEST(nothing)
{
	_cleanup_index_ struct klpdep_index *index = make_index("");
	char *is = text("%s", "");

	put_text("etc/modprobe.d/a.conf", "install t false\n");
	ck_assert_int_eq(klpdep_check_blocks(ctx, view_of(index, NULL), add, &is), 0);
	expect_text(is, "");
}
END_TEST

/* ---- the digest -------------------------------------------------------------------- */

static uint64_t digest_of(const char *lines)
{
	uint64_t digest;

	put_text("etc/modprobe.d/a.conf", lines);
	ck_assert_int_eq(klp_rules_digest(ctx, &digest), 0);
	return digest;
}

START_TEST(digest)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "", "# install t false\n", true },
		{ "", "options t x=install\nalias install t\n\n", true },
		{ "install t false\n", "install t false\n#", true },
		{ "install t false\n", "  \tinstall t false", true },
		{ "install t false", "install t true", false },
		{ "install t false\n", "installs t false\n", false },
		{ "install a b\nremove c d\n", "remove c d\ninstall a b\n", false },
		{ "install a b\n", "install a \\\nb\n", false }, /* too often is no harm */
		{ "install a \\\nb\n", "install a \\\nc\n", false },
		{ "# \\\ninstall a b\n", "", true },
		{ "install a bc\n", "install a b\ninstall c\n", false },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		ck_assert_msg((digest_of(cases[i].a) == digest_of(cases[i].b)) ==
			      cases[i].same, "%zu", i);
	/* that of nothing at all stands in files for good */
	ck_assert_uint_eq(digest_of(""), UINT64_C(0xcbf29ce484222325));
}
END_TEST

static enum klp_rules_age age_of(const char *rules, const char *softdeps)
{
	enum klp_rules_age age;

	put_text(RULES_DIR "/" RULES_FILE, rules);
	put_text(RULES_DIR "/" SOFTDEP_FILE, softdeps);
	ck_assert_int_eq(klp_rules_compare(ctx, ctx, &age), 0);
	return age;
}

START_TEST(compared)
{
	static const char good[] = "# x\n# modprobe.d: cbf29ce484222325\ninstall t true\n";
	static const char bad[] = "# modprobe.d: cbf29ce484222326\n";

	ck_assert_int_eq(age_of("", ""), KLP_RULES_NONE);
	ck_assert_int_eq(age_of("install t true\n# modprobe.d: cbf29ce484222325\n", ""),
			 KLP_RULES_NONE);
	ck_assert_int_eq(age_of("# modprobe.d: zork\n", ""), KLP_RULES_NONE);
	ck_assert_int_eq(age_of(good, ""), KLP_RULES_NONE);
	ck_assert_int_eq(age_of("", good), KLP_RULES_NONE);
	ck_assert_int_eq(age_of(good, good), KLP_RULES_CURRENT);
	ck_assert_int_eq(age_of(good, bad), KLP_RULES_STALE);
	ck_assert_int_eq(age_of(bad, good), KLP_RULES_STALE);
	ck_assert_int_eq(age_of(bad, ""), KLP_RULES_STALE);
}
END_TEST

UNIT_MAIN("blocks", lost, nothing, digest, compared)

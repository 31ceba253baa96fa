// SPDX-License-Identifier: LGPL-2.1-or-later
/* The context: references, messages, paths. */
#include "config.h"

#include "testsuite/unit/fixture.h"

START_TEST(references)
{
	struct klpdep_ctx *other = NULL;

	ck_assert_ptr_null(klpdep_ref(NULL));
	ck_assert_ptr_null(klpdep_unref(NULL));
	ck_assert_ptr_null(klpdep_patch_ref(NULL));
	ck_assert_ptr_null(klpdep_patch_unref(NULL));
	ck_assert_ptr_null(klpdep_config_ref(NULL));
	ck_assert_ptr_null(klpdep_config_unref(NULL));
	ck_assert_ptr_null(klpdep_index_ref(NULL));
	ck_assert_ptr_null(klpdep_index_unref(NULL));
	ck_assert_ptr_null(klpdep_plan_ref(NULL));
	ck_assert_ptr_null(klpdep_plan_unref(NULL));
	ck_assert_ptr_null(klpdep_tree_ref(NULL));
	ck_assert_ptr_null(klpdep_tree_unref(NULL));
	ck_assert_ptr_null(klpdep_links_ref(NULL));
	ck_assert_ptr_null(klpdep_links_unref(NULL));
	ck_assert_ptr_null(klpdep_rules_ref(NULL));
	ck_assert_ptr_null(klpdep_rules_unref(NULL));
	ck_assert_ptr_null(klpdep_publisher_ref(NULL));
	ck_assert_ptr_null(klpdep_publisher_unref(NULL));
	expect_text(klpdep_get_version(), PACKAGE_VERSION);

	ck_assert_int_eq(klpdep_new(&other), 0);
	ck_assert_ptr_eq(klpdep_ref(other), other);
	ck_assert_ptr_null(klpdep_unref(other));
	/* still there: set_root() would be found by the sanitizers */
	ck_assert_int_eq(klpdep_set_root(other, "/x"), 0);
	ck_assert_ptr_null(klpdep_unref(other));
}
END_TEST

/* References may be dropped in any order: valgrind and the sanitizers see what is used after. */
START_TEST(any_order)
{
	struct klpdep_ctx *other;
	struct klpdep_config *config;
	struct klpdep_index *index;
	struct klpdep_view *view;
	struct klpdep_links *links;
	struct klpdep_rules *rules;

	ck_assert_int_eq(klpdep_new(&other), 0);
	ck_assert_int_eq(klpdep_set_root(other, "/nonexistent"), 0);
	ck_assert_int_eq(klpdep_config_new(other, NULL, &config), 0);
	ck_assert_int_eq(klpdep_index_new(other, "6.1", &index), 0);
	ck_assert_int_eq(klpdep_view_new(other, index, config, 0, &view), 0);
	ck_assert_int_eq(klpdep_links_new(other, view, &links), 0);
	ck_assert_int_eq(klpdep_rules_new(other, view, &rules), 0);
	klpdep_unref(other);
	klpdep_config_unref(config);
	klpdep_index_unref(index);
	expect_text(klpdep_index_get_kernel(klpdep_view_get_index(view)), "6.1");
	ck_assert_ptr_null(klpdep_view_get_mask(view, "klp_a"));
	klpdep_view_unref(view);
	ck_assert_ptr_null(klpdep_links_get_link(links, 0));
	klpdep_links_unref(links);
	klpdep_rules_unref(rules);
}
END_TEST

static void count_call(void *data, int priority, const char *message)
{
	*(char **)data = append(*(char **)data, "%d %s\n", priority, message);
}

/* From the priority on that was set, and nothing without a function. */
START_TEST(messages)
{
	static const struct {
		int priority;
		const char *log;
	} cases[] = {
		{ LOG_ERR, "3 a\n" },
		{ LOG_WARNING, "3 a\n4 b\n" },
		{ LOG_NOTICE, "3 a\n4 b\n" },
		{ LOG_INFO, "3 a\n4 b\n6 c 1\n" },
		{ LOG_DEBUG, "3 a\n4 b\n6 c 1\n7 d\n" },
	};

	/* one line, and nothing that a terminal takes for more than text */
	klp_err(ctx, "%s", "/a\033[2J\n\177b/\303\274\302\2331m");
	expect_text(take_log(), "3 /a?[2J??b/\303\274?\2331m\n");
	klp_err(ctx, "e");
	klp_info(ctx, "too low for a context that was just made");
	expect_text(take_log(), "3 e\n");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		char *log = text("%s", "");

		klpdep_set_log_fn(ctx, count_call, &log);
		klpdep_set_log_priority(ctx, cases[i].priority);
		klp_err(ctx, "a");
		klp_warn(ctx, "b");
		klp_info(ctx, "c %d", 1);
		klp_debug(ctx, "d");
		klpdep_set_log_fn(ctx, NULL, NULL);
		klp_err(ctx, "nobody hears this");
		expect_text(log, cases[i].log);
	}
}
END_TEST

START_TEST(roots)
{
	static const struct {
		const char *root, *path;
	} cases[] = {
		{ NULL, "/etc" },	  { "", "/etc" },	{ "/", "/etc" },
		{ "//", "/etc" },	  { "/x", "/x/etc" },	{ "/x/", "/x/etc" },
		{ "/x/y//", "/x/y/etc" }, { "rel", "rel/etc" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *path = NULL, *module = NULL;

		ck_assert_int_eq(klpdep_set_root(ctx, cases[i].root), 0);
		path = klp_path(ctx, "/etc");
		expect_text(path, cases[i].path);
		module = klp_module_path(ctx, "6.1", "modules.dep");
		expect_text(module, text("%.*s" MODULES_DIR "/6.1/modules.dep",
					 (int)strlen(path) - 4, path));
	}
}
END_TEST

START_TEST(kernels)
{
	static const char *const good[] = { "6.1.0-56-amd64", "6.12.117+deb12-amd64", "x",
					    "5.10~rc1", "6.1,rt" };
	static const char *const bad[] = { "",	  ".",	  "..",	  "../x",    "a/b",
					   "a b", "a\tb", "a\nb", ".hidden", "a\177" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(good); i++)
		ck_assert_msg(klp_kernel_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(bad); i++) {
		struct klpdep_index *index = NULL;

		ck_assert_msg(!klp_kernel_valid(bad[i]), "%s", bad[i]);
		ck_assert_int_eq(klpdep_index_open(ctx, bad[i], 0, &index), -EINVAL);
		ck_assert_int_eq(
			klpdep_index_scan(ctx, bad[i], NULL, 1, 0, NULL, NULL, &index, NULL),
			-EINVAL);
		ck_assert_ptr_null(index);
	}
	ck_assert(klp_kernel_valid(text("%0255d", 1)));
	ck_assert(!klp_kernel_valid(text("%0256d", 1)));
}
END_TEST

/* Each error of the set has words of its own, by either sign. */
START_TEST(errors)
{
	static const int set[] = { ENODATA, EBADMSG, ENOTSUP, EFBIG,
				   ESPIPE,  ENOENT, EINVAL,  ENOMEM, ETIMEDOUT };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(set); i++) {
		char *words = text("%s", klpdep_strerror(-set[i]));

		ck_assert_uint_gt(strlen(words), 5);
		expect_text(klpdep_strerror(set[i]), words);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(klpdep_strerror(set[j]), words);
	}
	expect_text(klpdep_strerror(-ENODATA), "not a livepatch");
	expect_text(klpdep_strerror(-ESPIPE), "not a regular file");
	ck_assert_ptr_nonnull(klpdep_strerror(-12345));
	ck_assert_ptr_nonnull(klpdep_strerror(0));
}
END_TEST

UNIT_MAIN("context", references, any_order, messages, roots, kernels, errors)

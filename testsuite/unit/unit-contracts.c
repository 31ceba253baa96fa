// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What holds of all functions of klpdep.h: one that fails has said so once, as LOG_ERR;
 * callbacks end the call; what is counted outlives what it was asked of; getters have an end.
 * unit/symbols sees that each function that can fail is among these.
 */
#include "config.h"

#include <sys/stat.h>

#include "testsuite/faults/alloc.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define RULES_PATH RULES_DIR "/" RULES_FILE
#define BAD_FLAGS (1U << 30)

static unsigned int n_errors;

/* Nothing is allocated here. */
static void count_errors(void *data, int priority, const char *message)
{
	(void)data;
	n_errors += priority <= LOG_ERR;
	if (!*message || strchr(message, '\n'))
		abort();
}

/* ---- what they are given ------------------------------------------------------------ */

static struct klpdep_index *patches;
static struct klpdep_config *config;
static struct klpdep_view *view;

static void set_up(void)
{
	patches = make_index("patch klp_kvm file=updates/klp_kvm.ko format=klp-patch replace=no\n"
			   "patch klp_new file=updates/klp_new.ko format=klp-patch replace=no\n"
			   "object kvm klp_kvm order=before\nobject kvm klp_new order=before\n"
			   "requires klp_new klp_kvm reason=declared\n"
			   "requires klp_kvm klp_new reason=import\n");
	config = make_config("mask klp_old\n");
	ck_assert_int_eq(klpdep_view_new(ctx, patches, config, 0, &view), 0);
	put_module(TREE "kernel/kvm.ko", "name kvm; local f");
	put_module(TREE "updates/klp_kvm.ko", "name klp_kvm; livepatch klp-patch; object kvm; "
					      "func f 0");
	put_text(TREE "modules.dep", "kernel/kvm.ko:\nupdates/klp_kvm.ko:\n");
	put_text(TREE "modules.order", "kernel/kvm.ko\n");
	take_log();
	klpdep_set_log_fn(ctx, count_errors, NULL);
	klpdep_set_log_priority(ctx, LOG_DEBUG);
	n_errors = 0;
}

static void clear(void)
{
	view = klpdep_view_unref(view);
	config = klpdep_config_unref(config);
	patches = klpdep_index_unref(patches);
}

static struct klpdep_publisher *new_publisher(void)
{
	struct klpdep_publisher *publisher;

	ck_assert_int_eq(klpdep_publisher_new(ctx, NULL, NULL, 1, 0, &publisher), 0);
	return publisher;
}

static int nothing_found(void *data, const struct klpdep_finding *finding)
{
	(void)data, (void)finding;
	return 0;
}

/* ---- failing --------------------------------------------------------------------------- */

/* That a call fails with @error, having said so once. */
#define FAILS(error, call)                                                               \
	do {                                                                             \
		int err_;                                                                \
                                                                                         \
		n_errors = 0;                                                            \
		err_ = call;                                                             \
		ck_assert_msg(err_ == -(error), "%s: %d, not %d", #call, err_, -(error)); \
		ck_assert_msg(n_errors == 1, "%s: said %u times", #call, n_errors);      \
	} while (0)

START_TEST(files)
{
	struct klpdep_patch *patch = NULL;

	set_up();
	put_text("bad.ko", "no module");
	ck_assert_int_eq(mkfifo(in_dir("fifo"), 0600), 0);
	FAILS(ENOENT, klpdep_patch_new_from_file(ctx, in_dir("none.ko"), &patch));
	FAILS(EISDIR, klpdep_patch_new_from_file(ctx, fix_dir, &patch));
	FAILS(ESPIPE, klpdep_patch_new_from_file(ctx, in_dir("fifo"), &patch));
	FAILS(EBADMSG, klpdep_patch_new_from_file(ctx, in_dir("bad.ko"), &patch));
	n_errors = 0;
	ck_assert_int_eq(klpdep_patch_new_from_file(ctx, in_dir(TREE "kernel/kvm.ko"), &patch),
			 -ENODATA);
	ck_assert_uint_eq(n_errors, 0); /* an answer */
	ck_assert_ptr_null(patch);
	clear();
}
END_TEST

START_TEST(arguments)
{
	struct klpdep_config *other_config = NULL;
	struct klpdep_tree *tree = NULL;
	struct klpdep_index *other = NULL;
	struct klpdep_view *other_view = NULL;
	struct klpdep_plan *plan = NULL;
	struct klpdep_status *status = NULL;
	const char *name = "klp_kvm", *bad = "a b";
	size_t n;
	bool due;

	set_up();
	FAILS(ENOENT, klpdep_config_new(ctx, in_dir("none"), &other_config));
	FAILS(EINVAL, klpdep_tree_new(ctx, "a/b", &tree));
	FAILS(ENOENT, klpdep_tree_new(ctx, "9.9", &tree));
	FAILS(EINVAL, klpdep_index_new(ctx, "..", &other));
	FAILS(EINVAL, klpdep_index_open(ctx, "", 0, &other));
	FAILS(EINVAL, klpdep_index_open(ctx, KERNEL, BAD_FLAGS, &other));
	FAILS(ENOENT, klpdep_index_open(ctx, KERNEL, 0, &other));
	FAILS(EINVAL, klpdep_index_scan(ctx, "a/b", NULL, 1, 0, NULL, NULL, &other, &n));
	FAILS(EINVAL, klpdep_index_scan(ctx, KERNEL, NULL, 1, BAD_FLAGS, NULL, NULL, &other, &n));
	/* which is the library's own */
	FAILS(EINVAL, klpdep_index_scan(ctx, KERNEL, NULL, 1, 1 << 8, NULL, NULL, &other, &n));
	FAILS(ENOENT, klpdep_index_scan(ctx, "9.9", NULL, 1, 0, NULL, NULL, &other, &n));
	FAILS(EINVAL, klpdep_view_new(ctx, patches, config, BAD_FLAGS, &other_view));
	FAILS(EINVAL, klpdep_plan_new(ctx, view, bad, 0, &plan));
	FAILS(EINVAL, klpdep_plan_new(ctx, view, name, 1U << 31, &plan));
	FAILS(ENOENT, klpdep_plan_new(ctx, view, "none", 0, &plan));
	FAILS(EINVAL, klpdep_verify(ctx, "a/b", config, NULL, 0, nothing_found, NULL));
	FAILS(ENOENT, klpdep_verify(ctx, "9.9", config, NULL, 0, nothing_found, NULL));
	FAILS(EINVAL, klpdep_depmod_is_due(ctx, "a/b", &due));
	FAILS(ENOENT, klpdep_depmod_is_due(ctx, "9.9", &due));
	/* the context is not of the running system */
	FAILS(EINVAL, klpdep_plan_new_sync(ctx, view, NULL, 0, 0, &plan));
	FAILS(EINVAL, klpdep_sync(ctx, view, NULL, 0, 0, &n));
	FAILS(EINVAL, klpdep_load(ctx, view, name, &n));
	FAILS(EINVAL, klpdep_load(ctx, view, bad, &n));
	FAILS(EINVAL, klpdep_unload(ctx, view, &name, 1, &n));
	FAILS(EINVAL, klpdep_unload(ctx, view, &bad, 1, &n));
	FAILS(EINVAL, klpdep_status_new(ctx, view, &status));
	ck_assert(!other_config && !tree && !other && !other_view && !plan && !status);
	clear();
}
END_TEST

START_TEST(contents)
{
	struct klpdep_tree *tree = NULL;
	struct klpdep_index *other = NULL;
	FILE *full = fopen("/dev/full", "w");

	set_up();
	put_text(TREE "modules.klpdep", "no index\n");
	FAILS(EBADMSG, klpdep_index_open(ctx, KERNEL, 0, &other));
	FAILS(EBADMSG, klpdep_index_open(ctx, KERNEL, KLPDEP_OPEN_OPTIONAL, &other));
	put_text(TREE "modules.klpdep", "# klpdep index 2 " KERNEL "\nend\n");
	FAILS(ENOTSUP, klpdep_index_open(ctx, KERNEL, 0, &other));
	put_text(TREE "modules.dep", "no colon\n");
	FAILS(EBADMSG, klpdep_tree_new(ctx, KERNEL, &tree));
	FAILS(EBADMSG, klpdep_index_scan(ctx, KERNEL, NULL, 1, 0, NULL, NULL, &other, NULL));
	FAILS(EBADMSG, klpdep_verify(ctx, KERNEL, config, NULL, 0, nothing_found, NULL));
	FAILS(EIO, klpdep_index_write(ctx, patches, full));
	fclose(full);
	clear();
}
END_TEST

START_TEST(writing)
{
	struct klpdep_publisher *publisher = NULL;
	const char *name = "klp-kvm", *bad = "a b";

	set_up();
	FAILS(EINVAL, klpdep_publisher_new(ctx, NULL, NULL, 1, BAD_FLAGS, &publisher));
	publisher = new_publisher();
	FAILS(EINVAL, klpdep_publisher_add(publisher, "a/b", NULL, NULL, NULL, NULL));
	FAILS(ENOENT, klpdep_publisher_add(publisher, "9.9", NULL, NULL, NULL, NULL));
	FAILS(EINVAL, klpdep_publisher_remove(publisher, "a/b"));
	put_text(TREE "modules.klpdep/file", "");
	FAILS(EISDIR, klpdep_publisher_remove(publisher, KERNEL));
	FAILS(EISDIR, klpdep_publisher_add(publisher, KERNEL, NULL, NULL, NULL, NULL));
	FAILS(EINVAL, klpdep_publisher_mask(publisher, &bad, 1, true));
	FAILS(EINVAL, klpdep_reset_failed(ctx, "a/b", NULL, 0));
	FAILS(EINVAL, klpdep_reset_failed(ctx, KERNEL, &bad, 1));
	FAILS(ENOENT, klpdep_reset_failed(ctx, KERNEL, &name, 1));
	put_file(SYSCONF_DIR "/klpdep.d/masked.conf", "mask\0", 5);
	FAILS(EBADMSG, klpdep_publisher_mask(publisher, &name, 1, true));
	ck_assert_int_eq(unlink(in_dir(SYSCONF_DIR "/klpdep.d/masked.conf")), 0);
	put_text(SYSCONF_DIR "/klpdep.d/masked.conf/file", "");
	FAILS(EISDIR, klpdep_publisher_mask(publisher, &name, 1, true));
	put_text(RULES_PATH "/file", "");
	FAILS(EISDIR, klpdep_publisher_write_rules(publisher));
	FAILS(EISDIR, klpdep_publisher_renew_rules(publisher));
	klpdep_publisher_unref(publisher);
	clear();
}
END_TEST

/* ---- without memory -------------------------------------------------------------------- */

/* Whether a call, in which each allocation fails once, says so once where it fails.  libkmod,
 * which may crash then, has no part in these. */
#define WITHOUT_MEMORY(call, undo)                                                       \
	for (fault_alloc = (struct fault_alloc){ .fail_at = 1 };; fault_alloc.fail_at++) { \
		unsigned long at = fault_alloc.fail_at;                                  \
		int err_;                                                                \
                                                                                         \
		n_errors = 0;                                                            \
		fault_alloc = (struct fault_alloc){ .armed = true, .fail_at = at };      \
		err_ = call;                                                             \
		fault_alloc.armed = false;                                               \
		if (err_ == 0)                                                           \
			undo;                                                            \
		ck_assert_msg(n_errors == (err_ < 0), "%s: allocation %lu: %d, said %u times", \
			      #call, at, err_, n_errors);                                \
		if (!fault_alloc.failed)                                                 \
			break;                                                           \
	}

static int count_fix(void *data, const char *id)
{
	(void)id;
	++*(unsigned int *)data;
	return 0;
}

/* Where the machine's own kernel can be seen. */
static void fixes_without_memory(void)
{
	struct klpdep_status *status = NULL;
	struct klpdep_fixes *fixes;
	const char *id = "CVE-1";

	ck_assert_int_eq(klpdep_set_root(ctx, NULL), 0);
	if (klpdep_status_new(ctx, NULL, &status) == 0)
		WITHOUT_MEMORY(klpdep_fixes_new(ctx, status, &id, 1, &fixes),
			       klpdep_fixes_unref(fixes));
	klpdep_status_unref(status);
	ck_assert_int_eq(klpdep_set_root(ctx, fix_dir), 0);
}

START_TEST(memory)
{
	unsigned int n_fixes = 0;
	struct klpdep_patch *patch;
	struct klpdep_config *other_config;
	struct klpdep_tree *tree;
	struct klpdep_index *other;
	struct klpdep_view *other_view;
	struct klpdep_links *links;
	struct klpdep_publisher *publisher;
	const char *name = "klp_kvm";
	char *file;
	bool due;

#ifdef __SANITIZE_ADDRESS__
	return; /* the C library's loader leaks, then; testsuite/faults looks for leaks of ours */
#endif
	set_up();
	file = in_dir(TREE "updates/klp_kvm.ko");
	WITHOUT_MEMORY(klpdep_set_root(ctx, fix_dir), (void)0);
	WITHOUT_MEMORY(klpdep_patch_new_from_file(ctx, file, &patch), klpdep_patch_unref(patch));
	WITHOUT_MEMORY(klpdep_config_new(ctx, NULL, &other_config),
		       klpdep_config_unref(other_config));
	WITHOUT_MEMORY(klpdep_tree_new(ctx, KERNEL, &tree), klpdep_tree_unref(tree));
	WITHOUT_MEMORY(klpdep_index_new(ctx, KERNEL, &other), klpdep_index_unref(other));
	WITHOUT_MEMORY(klpdep_index_open(ctx, KERNEL, KLPDEP_OPEN_OPTIONAL, &other),
		       klpdep_index_unref(other));
	WITHOUT_MEMORY(klpdep_view_new(ctx, patches, config, 0, &other_view),
		       klpdep_view_unref(other_view));
	WITHOUT_MEMORY(klpdep_links_new(ctx, view, &links), klpdep_links_unref(links));
	WITHOUT_MEMORY(klpdep_view_list_fixes(ctx, view, klpdep_index_get_patch(patches, 0), count_fix,
					      &n_fixes), (void)0);
	WITHOUT_MEMORY(klpdep_publisher_new(ctx, "/x", "/y", 1, 0, &publisher),
		       klpdep_publisher_unref(publisher));
	WITHOUT_MEMORY(klpdep_depmod_is_due(ctx, KERNEL, &due), (void)0);
	fixes_without_memory();
	publisher = new_publisher();
	WITHOUT_MEMORY(klpdep_publisher_mask(publisher, &name, 1, true), (void)0);
	WITHOUT_MEMORY(klpdep_publisher_remove(publisher, KERNEL), (void)0);
	klpdep_publisher_unref(publisher);
	clear();
}
END_TEST

/* ---- the rest -------------------------------------------------------------------------- */

static int stop(void *data, const struct klpdep_finding *finding)
{
	(*(int *)data)++;
	ck_assert_str_ne(klpdep_finding_get_code(finding), "");
	ck_assert_ptr_nonnull(klpdep_severity_name(klpdep_finding_get_severity(finding)));
	ck_assert_ptr_nonnull(klpdep_finding_get_message(finding));
	return 7;
}

/* What it returns ends the call, which returns it: after the first of some. */
START_TEST(callbacks)
{
	int calls = 0;

	set_up();
	put_module(TREE "updates/klp_kvm.ko", "name klp_kvm; livepatch klp-patch; object kvm; "
					      "func gone 0; func lost 0");
	ck_assert_int_eq(klpdep_verify(ctx, KERNEL, config, NULL, 0, stop, &calls), 7);
	ck_assert_int_eq(calls, 1);
	put_text(RULES_PATH, "install a true\ninstall b true\n");
	put_text(RULES_DIR "/zzz.conf", "install a false\ninstall b false\n");
	calls = 0;
	ck_assert_int_eq(klpdep_check_blocks(ctx, view, stop, &calls), 7);
	ck_assert_int_eq(calls, 1);
	ck_assert_uint_eq(n_errors, 0);
	clear();
}
END_TEST

/* What is counted outlives what it was asked of. */
START_TEST(kept)
{
	const struct klpdep_edge *edge;
	struct klpdep_patch *patch;
	struct klpdep_index *held;
	struct klpdep_links *links;
	struct klpdep_view *of_links;

	set_up();
	held = klpdep_index_ref(klpdep_view_get_index(view));
	edge = klpdep_index_find_edge(patches, "kvm", 0);
	patch = klpdep_patch_ref(klpdep_edge_get_patch(edge));
	of_links = klpdep_view_ref(view);
	ck_assert_int_eq(klpdep_links_new(ctx, view, &links), 0);
	clear();
	klpdep_view_unref(of_links);
	ck_assert_str_eq(klpdep_link_get_name(klpdep_links_get_link(links, 0)), "klp_new");
	klpdep_links_unref(links);
	ck_assert_str_eq(klpdep_index_get_kernel(held), KERNEL);
	klpdep_index_unref(held);
	ck_assert_str_eq(klpdep_patch_get_name(patch), "klp_kvm");
	ck_assert_str_eq(klpdep_object_get_name(klpdep_patch_get_object(patch, 0)), "kvm");
	klpdep_patch_unref(patch);
}
END_TEST

/* Of the links: both ways, a circle. */
START_TEST(links_of_a_circle)
{
	const struct klpdep_link *link;
	struct klpdep_links *links;
	size_t n;

	set_up();
	ck_assert_int_eq(klpdep_links_new(ctx, view, &links), 0);
	for (n = 0; (link = klpdep_links_get_link(links, n)); n++) {
		ck_assert_int_eq(klpdep_link_get_kind(link), KLPDEP_LINK_REQUIRES);
		ck_assert(klpdep_link_is_circular(link));
		ck_assert_ptr_nonnull(klpdep_link_get_other(link));
		ck_assert_ptr_eq(klpdep_index_find_patch(patches, klpdep_link_get_name(link)),
				 klpdep_link_get_other(link));
	}
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(klpdep_link_get_reasons(klpdep_links_get_link(links, 0)),
			  KLPDEP_REASON_IMPORT);
	ck_assert_str_eq(klpdep_link_get_text(klpdep_links_get_link(links, 1)), "declared");
	klpdep_links_unref(links);
	clear();
}
END_TEST

/* What can fail for lack of memory alone, or where libkmod does: no rule is in force here. */
START_TEST(answers)
{
	const char *names[] = { "kvm", "none", "a b" };
	const struct klpdep_edge *edge;
	struct klpdep_rules *rules;
	struct klpdep_plan *plan;

	set_up();
	ck_assert_int_eq(klpdep_rules_new(ctx, view, &rules), 0);
	edge = klpdep_index_get_edge(patches, 0);
	ck_assert_int_eq(klpdep_rules_get_rule(rules, edge), KLPDEP_RULE_NONE);
	ck_assert_ptr_nonnull(strstr(klpdep_rules_get_reason(rules, edge), "no rule"));
	ck_assert_ptr_null(klpdep_rules_unref(rules));
	ck_assert_int_eq(klpdep_plan_new_initrd(ctx, view, names, 3, &plan), 0);
	ck_assert_ptr_null(klpdep_plan_unref(plan));
	ck_assert(!klpdep_is_running(ctx, KERNEL));
	ck_assert_ptr_null(klpdep_get_switched_off(ctx));
	ck_assert_uint_eq(n_errors, 0);
	clear();
}
END_TEST

/* A name for each value, and none for what may come. */
START_TEST(names)
{
	ck_assert_str_eq(klpdep_state_name(KLPDEP_STATE_MISSING), "missing");
	ck_assert_str_eq(klpdep_condition_name(KLPDEP_CONDITION_FOREIGN), "foreign");
	ck_assert_str_eq(klpdep_refusal_name(KLPDEP_REFUSAL_NONE), "none");
	ck_assert_str_eq(klpdep_refusal_name(KLPDEP_REFUSAL_OTHER), "other");
	ck_assert_str_eq(klpdep_callback_name(KLPDEP_POST_UNPATCH), "post_unpatch");
	ck_assert_str_eq(klpdep_rule_name(KLPDEP_RULE_HOOKS), "hooks");
	for (unsigned int value = 100; value; value <<= 1) {
		ck_assert_ptr_null(klpdep_state_name((enum klpdep_state)value));
		ck_assert_ptr_null(klpdep_condition_name((enum klpdep_condition)value));
		ck_assert_ptr_null(klpdep_refusal_name((enum klpdep_refusal)value));
		ck_assert_ptr_null(klpdep_order_name((enum klpdep_order)value));
		ck_assert_ptr_null(klpdep_action_name((enum klpdep_action)value));
		ck_assert_ptr_null(klpdep_severity_name((enum klpdep_severity)value));
		ck_assert_ptr_null(klpdep_replace_name((enum klpdep_replace)value));
		ck_assert_ptr_null(klpdep_rule_name((enum klpdep_rule)value));
		ck_assert_ptr_null(klpdep_callback_name((enum klpdep_callback)value));
	}
}
END_TEST

/* Whoever spells a name with dashes means the same. */
START_TEST(dashes)
{
	const struct klpdep_module *module;
	struct klpdep_tree *tree;
	struct klpdep_publisher *publisher = NULL;
	const char *name = "klp-kvm";

	set_up();
	ck_assert_ptr_eq(klpdep_index_find_patch(patches, "klp-kvm"),
			 klpdep_index_find_patch(patches, "klp_kvm"));
	ck_assert_ptr_nonnull(klpdep_config_get_mask(config, "klp-old"));
	ck_assert_ptr_nonnull(klpdep_view_get_mask(view, "klp-old"));
	ck_assert_ptr_null(klpdep_view_get_mask(view, "klp-kvm"));
	ck_assert_int_eq(klpdep_tree_new(ctx, KERNEL, &tree), 0);
	ck_assert_str_eq(klpdep_tree_get_directory(tree), in_dir(MODULES_DIR "/" KERNEL));
	module = klpdep_tree_find_module(tree, "klp-kvm");
	ck_assert_ptr_eq(module, klpdep_tree_get_module(tree, 0));
	ck_assert_str_eq(klpdep_module_get_name(module), "klp_kvm");
	ck_assert_str_eq(klpdep_module_get_file(module), in_dir(TREE "updates/klp_kvm.ko"));
	ck_assert_ptr_null(klpdep_module_get_dep(module, 0));
	ck_assert_ptr_null(klpdep_tree_find_module(tree, "none"));
	klpdep_tree_unref(tree);
	publisher = new_publisher();
	ck_assert_int_eq(klpdep_publisher_mask(publisher, &name, 1, true), 0);
	ck_assert_ptr_nonnull(strstr(get_text(SYSCONF_DIR "/klpdep.d/masked.conf"),
				     "mask klp_kvm\n"));
	ck_assert_int_eq(klpdep_publisher_mask(publisher, &name, 1, false), 0);
	ck_assert_ptr_null(get_text(SYSCONF_DIR "/klpdep.d/masked.conf"));
	klpdep_publisher_unref(publisher);
	clear();
}
END_TEST

/* Of what is not the view's: that is an answer, too. */
START_TEST(strangers)
{
	struct klpdep_patch *patch;

	set_up();
	put_module("other.ko", "name other; livepatch klp-patch; object kvm; func f 0");
	ck_assert_int_eq(klpdep_patch_new_from_file(ctx, in_dir("other.ko"), &patch), 0);
	ck_assert_int_eq(klpdep_view_get_state(view, patch), KLPDEP_STATE_MISSING);
	ck_assert_int_eq(klpdep_view_get_state(view, NULL), KLPDEP_STATE_MISSING);
	ck_assert_ptr_null(klpdep_view_get_reason(view, patch));
	ck_assert_ptr_null(klpdep_view_get_successor(view, patch));
	ck_assert(!klpdep_view_is_wanted(view, patch));
	klpdep_patch_unref(patch);
	clear();
}
END_TEST

UNIT_MAIN("contracts", files, arguments, contents, writing, memory, callbacks, kept,
	  links_of_a_circle, answers, names, dashes, strangers)

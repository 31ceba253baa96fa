// SPDX-License-Identifier: LGPL-2.1-or-later
/* Links between patches, orders, and which patches count. */
#include "config.h"

#include "libklpdep/view/view.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"

/* ---- building --------------------------------------------------------------------- */

/* "NAME KEY=LIST KEY=LIST": objects, requires, supersedes, pre. */
static struct klpdep_patch *make_patch(const char *line)
{
	_cleanup_strv_ struct klp_strv words = { 0 }, objects = { 0 };
	struct klpdep_patch *patch = klp_patch_new();
	const struct {
		const char *key;
		struct klp_strv *list;
	} keys[] = { { "objects=", &objects },
		     { "requires=", &patch->requires },
		     { "supersedes=", &patch->supersedes },
		     { "pre=", &patch->pre } };

	ck_assert_int_eq(klp_strv_split(&words, line, " "), 0);
	ck_assert_int_eq(klp_set_string(&patch->name, words.v[0]), 0);
	ck_assert_int_eq(klp_set_string(&patch->file, text("%s.ko", words.v[0])), 0);
	for (size_t i = 1; i < words.n; i++) {
		size_t k = 0;

		while (!klp_after_prefix(words.v[i], keys[k].key))
			ck_assert_uint_lt(++k, KLP_ARRAY_SIZE(keys));
		ck_assert_int_eq(
			klp_strv_split(keys[k].list, strchr(words.v[i], '=') + 1, ","),
			0);
	}
	for (size_t i = 0; i < objects.n; i++) {
		struct klpdep_object *object;

		ck_assert_int_eq(klp_patch_add_object(patch, objects.v[i], &object), 0);
	}
	ck_assert_int_eq(klp_patch_finish(patch), 0);
	return patch;
}

/* The lines of the index but header, patches and end. */
static char *build_graph(const char *const *patches, size_t n, const char *dep)
{
	_cleanup_index_ struct klpdep_index *index = klp_index_new(KERNEL);
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_strv_ struct klp_strv lines = { 0 };
	_cleanup_free_ char *data = NULL;
	char *out = text("%s", "");
	size_t size;

	put_text(TREE "modules.dep", dep);
	ck_assert_int_eq(klp_moddep_read(ctx, KERNEL, &moddep), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(klp_index_add_patch(index, make_patch(patches[i])), 0);
	klp_index_sort_patches(index);
	ck_assert_int_eq(klp_index_make_edges(index), 0);
	ck_assert_int_eq(klp_kmod_new(ctx, KERNEL, KLP_KMOD_NO_CONFIG, &kmod), 0);
	ck_assert_int_eq(klp_links_find(ctx, index, &moddep, kmod), 0);
	ck_assert_int_eq(klp_index_format(index, &data, &size), 0);
	ck_assert_int_eq(klp_strv_split(&lines, data, "\n"), 0);
	for (size_t i = 1; i + 1 < lines.n; i++) {
		if (!klp_after_prefix(lines.v[i], "patch "))
			out = append(out, "%s\n", lines.v[i]);
	}
	return out;
}

START_TEST(links)
{
	static const struct {
		const char *what;
		const char *patches[4];
		const char *dep;
		const char *lines;
		const char *log;
	} cases[] = {
		{ "orders",
		  { "p objects=vmlinux,kvm,gone,zram" },
		  "p.ko: k/zram.ko\nk/zram.ko:\nk/kvm.ko:\n",
		  "object gone p order=none\nobject kvm p order=before\n"
		  "object vmlinux p order=none\nobject zram p order=after\n",
		  "" },
		{ "a closure's last module",
		  { "p objects=c" },
		  "p.ko: a.ko b.ko c.ko\na.ko: b.ko c.ko\nb.ko: c.ko\nc.ko:\n",
		  "object c p order=after\n",
		  "" },
		{ "import",
		  { "p objects=a", "q objects=b" },
		  "p.ko:\nq.ko: p.ko\na.ko:\nb.ko:\n",
		  "object a p order=before\nobject b q order=before\n"
		  "requires q p reason=import\n",
		  "" },
		{ "after by way of what is imported",
		  { "p objects=a", "q objects=b" },
		  "p.ko: b.ko\nq.ko: p.ko b.ko\na.ko:\nb.ko:\n",
		  "object a p order=before\nobject b q order=after\n"
		  "requires q p reason=import\n",
		  "" },
		{ "declared, in the author's spelling",
		  { "p-x objects=vmlinux", "p_y objects=vmlinux", "q requires=p_y" },
		  "",
		  "object vmlinux p-x order=none\nobject vmlinux p_y order=none\n"
		  "requires q p_y reason=declared\n",
		  "" },
		{ "after by way of what is required",
		  { "p objects=a", "q objects=b requires=p" },
		  "p.ko: b.ko\nq.ko:\na.ko:\nb.ko:\n",
		  "object a p order=before\nobject b q order=after\n"
		  "requires q p reason=declared\n",
		  "" },
		{ "after by way of what is required by what is required",
		  { "p", "q requires=p", "r objects=b requires=q" },
		  "p.ko: b.ko\nq.ko:\nr.ko:\nb.ko:\n",
		  "object b r order=after\nrequires q p reason=declared\n"
		  "requires r q reason=declared\n",
		  "" },
		{ "several reasons",
		  { "p", "q requires=p,p pre=p,kvm" },
		  "q.ko: p.ko\np.ko:\n",
		  "requires q p reason=declared\nrequires q p reason=import\n"
		  "requires q p reason=softdep\n",
		  "" },
		{ "required, but not there",
		  { "q requires=q,p", "r requires=p,q,s" },
		  "q.ko:\n",
		  "requires r q reason=declared\n",
		  "4 q: requires the patch 'p', which is not in the tree of " KERNEL "\n"
		  "4 r: requires the patch 'p' and 1 more that are not in the tree of "
		  KERNEL "\n" },
		{ "a softdep on a module that is no patch",
		  { "q pre=kvm" },
		  "kvm.ko:\n",
		  "",
		  "" },
		{ "itself", { "q requires=q pre=q supersedes=q,*" }, "q.ko:\n", "", "" },
		{ "a circle",
		  { "p objects=a requires=q", "q objects=b requires=p" },
		  "p.ko: b.ko\nq.ko:\na.ko:\nb.ko:\n",
		  "object a p order=before\nobject b q order=after\n"
		  "requires p q reason=declared\nrequires q p reason=declared\n",
		  "4 p requires q requires p: a circle, so one will be loaded before "
		  "what it requires\n" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		size_t n = 0;

		while (n < 4 && cases[i].patches[n])
			n++;
		expect_text(text("%s:\n%s", cases[i].what,
				 build_graph(cases[i].patches, n, cases[i].dep)),
			    text("%s:\n%s", cases[i].what, cases[i].lines));
		expect_text(take_log(), cases[i].log);
	}
}
END_TEST

/* The order in which patches come does not matter. */
START_TEST(any_order)
{
	const char *patches[] = { "p objects=a requires=q",
				  "q objects=b,a requires=r pre=p",
				  "r objects=a supersedes=s*", "s objects=b" };
	static const char *const dep =
		"p.ko: b.ko\nq.ko:\nr.ko: a.ko\ns.ko: r.ko a.ko\na.ko:\n"
		"b.ko:\n";
	char *first = build_graph(patches, 4, dep);

	ck_assert_uint_gt(strlen(first), 200);
	for (size_t turn = 0; turn < 24; turn++) {
		size_t a = turn % 4, b = turn / 4 % 4;
		const char *swap = patches[a];

		patches[a] = patches[b];
		patches[b] = swap;
		expect_text(build_graph(patches, 4, dep), first);
	}
}
END_TEST

/* ---- what counts ------------------------------------------------------------------ */

/* "TARGET PATCH ORDER STATE REASON;" of all edges; the configuration's file being F. */
static char *edges(const struct klpdep_index *index, const struct klpdep_config *config)
{
	char *file = in_dir("config/a.conf"), *out = text("%s", "");
	const struct klpdep_view *view = view_of(index, config);
	const struct klpdep_edge *edge;

	for (size_t i = 0; (edge = klpdep_index_get_edge(index, i)); i++) {
		const struct klpdep_patch *patch = klpdep_edge_get_patch(edge);
		const char *reason = klpdep_view_get_reason(view, patch), *rest;

		if (!reason)
			reason = klpdep_view_get_order_reason(view, edge);
		rest = reason ? klp_after_prefix(reason, file) : NULL;
		out = append(out, "%s %s %s %s%s%s%s; ",
			     klpdep_object_get_name(klpdep_edge_get_object(edge)),
			     klpdep_patch_get_name(patch),
			     klpdep_order_name(klpdep_view_get_order(view, edge)),
			     klpdep_state_name(klpdep_view_get_state(view, patch)),
			     reason ? " " : "", rest ? "F" : "",
			     rest ? rest : reason ? reason : "");
	}
	return out;
}

START_TEST(states)
{
	static const char *const lines =
		"patch bug_1 file=x\npatch bug_2 file=x\npatch bug_10 file=x\n"
		"object kvm bug_1 order=before\nobject kvm bug_2 order=before\n"
		"object kvm bug_10 order=after\nobject vmlinux bug_1 order=none\n";
	static const struct {
		const char *links, *config, *edges;
	} cases[] = {
		{ "", "",
		  "kvm bug_1 before active; kvm bug_2 before active; "
		  "kvm bug_10 after active depends on its target; vmlinux bug_1 none "
		  "active; " },
		{ "", "mask bug_1",
		  "kvm bug_1 before masked F:1; kvm bug_2 before active; "
		  "kvm bug_10 after active depends on its target; vmlinux bug_1 none masked "
		  "F:1; " },
		/* what depends on its target cannot come before it, whatever is
		   configured */
		{ "", "\norder bug_* after",
		  "kvm bug_1 after active F:2; kvm bug_2 after active F:2; "
		  "kvm bug_10 after active depends on its target; vmlinux bug_1 none "
		  "active; " },
		{ "", "order bug_* before",
		  "kvm bug_1 before active F:1; kvm bug_2 before active F:1; "
		  "kvm bug_10 after active depends on its target; vmlinux bug_1 none "
		  "active; " },
		{ "", "order bug_1 auto\norder * after",
		  "kvm bug_1 before active; kvm bug_2 after active F:2; "
		  "kvm bug_10 after active depends on its target; vmlinux bug_1 none "
		  "active; " },
		{ "supersedes bug_2 bug_1 reason=declared\n", "",
		  "kvm bug_1 before superseded bug_2; kvm bug_2 before active; "
		  "kvm bug_10 after active depends on its target; "
		  "vmlinux bug_1 none superseded bug_2; " },
		/* by one that has nothing to do with it */
		{ "patch x file=x\nobject zram x order=before\n"
		  "supersedes x bug_1 reason=declared\n",
		  "supersede x bug_2",
		  "kvm bug_1 before active; kvm bug_2 before active; "
		  "kvm bug_10 after active depends on its target; vmlinux bug_1 none active; "
		  "zram x before active; " },
		/* by one that does not count itself */
		{ "supersedes bug_2 bug_1 reason=declared\n", "mask bug_2",
		  "kvm bug_1 before active; kvm bug_2 before masked F:1; "
		  "kvm bug_10 after active depends on its target; vmlinux bug_1 none "
		  "active; " },
		/* a chain: each is superseded, though the one in the middle is, too */
		{ "supersedes bug_2 bug_1 reason=declared\nsupersedes bug_10 bug_2 "
		  "reason=declared\n",
		  "",
		  "kvm bug_1 before superseded bug_2; kvm bug_2 before superseded bug_10; "
		  "kvm bug_10 after active depends on its target; "
		  "vmlinux bug_1 none superseded bug_2; " },
		/* each other: the later name stays */
		{ "supersedes bug_2 bug_10 reason=declared\nsupersedes bug_10 bug_2 "
		  "reason=declared\n",
		  "",
		  "kvm bug_1 before active; kvm bug_2 before superseded bug_10; "
		  "kvm bug_10 after active depends on its target; vmlinux bug_1 none "
		  "active; " },
		/* in a circle of three: the same */
		{ "supersedes bug_1 bug_10 reason=declared\nsupersedes bug_10 bug_2 "
		  "reason=declared\nsupersedes bug_2 bug_1 reason=declared\n",
		  "",
		  "kvm bug_1 before superseded bug_2; kvm bug_2 before superseded bug_10; "
		  "kvm bug_10 after active depends on its target; "
		  "vmlinux bug_1 none superseded bug_2; " },
		{ "", "supersede bug_10 bug_1",
		  "kvm bug_1 before superseded F:1; kvm bug_2 before active; "
		  "kvm bug_10 after active depends on its target; "
		  "vmlinux bug_1 none superseded F:1; " },
		/* a pattern that matches itself does not do away with the newest */
		{ "", "supersede bug_* bug_*",
		  "kvm bug_1 before superseded F:1; kvm bug_2 before superseded F:1; "
		  "kvm bug_10 after active depends on its target; "
		  "vmlinux bug_1 none superseded F:1; " },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		_cleanup_index_ struct klpdep_index *index =
			make_index(text("%s%s", lines, cases[i].links));
		_cleanup_config_ struct klpdep_config *config =
			make_config(cases[i].config);

		expect_text(edges(index, config), cases[i].edges);
	}
}
END_TEST

/* What is incompatible takes nobody's place, and is in nobody's plan. */
START_TEST(incompatible)
{
	static const char *const lines =
		"patch rel_1 file=x format=klp-patch\npatch rel_2 file=x format=klp-patch\n"
		"patch rel_3 file=x format=klp-patch\n"
		"func rel_1 kvm f 0\nfunc rel_2 kvm f 0\nfunc rel_3 kvm f 0\n"
		"object kvm rel_1 order=before\nobject kvm rel_2 order=before\n"
		"object kvm rel_3 order=before\n";
	static const struct {
		const char *more, *config, *edges;
	} cases[] = {
		{ "", "",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before superseded rel_3; "
		  "kvm rel_3 before active; " },
		/* the latest: the one before it has its place still */
		{ "incompatible rel_3 release why=old%20one\n", "",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before active; "
		  "kvm rel_3 before incompatible release: old one; " },
		{ "incompatible rel_3 release why=x\nincompatible rel_2 klp-symbol why=y\n",
		  "",
		  "kvm rel_1 before active; kvm rel_2 before incompatible klp-symbol: y; "
		  "kvm rel_3 before incompatible release: x; " },
		/* what nobody needs any more is superseded all the same */
		{ "incompatible rel_1 release why=x\nincompatible rel_2 release why=x\n", "",
		  "kvm rel_1 before superseded rel_3; kvm rel_2 before superseded rel_3; "
		  "kvm rel_3 before active; " },
		{ "incompatible rel_3 release why=x\n", "mask rel_3",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before active; "
		  "kvm rel_3 before masked F:1; " },
		/* ignored: each code by itself */
		{ "incompatible rel_3 release why=x\n", "ignore rel_* release",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before superseded rel_3; "
		  "kvm rel_3 before active; " },
		{ "incompatible rel_3 release why=x\nincompatible rel_3 no-symbol why=y\n",
		  "ignore rel_3 release",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before active; "
		  "kvm rel_3 before incompatible no-symbol: y; " },
		{ "incompatible rel_3 release why=x\nincompatible rel_3 no-symbol why=y\n",
		  "ignore rel_3 release\nignore rel_2 no-symbol",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before active; "
		  "kvm rel_3 before incompatible no-symbol: y; " },
		{ "incompatible rel_3 release why=x\nincompatible rel_3 no-symbol why=y\n"
		  "incompatible rel_3 no-symbol why=z\n",
		  "",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before active; "
		  "kvm rel_3 before incompatible no-symbol: y (and more); " },
		/* what requires one */
		{ "incompatible rel_3 release why=x\npatch q file=x\n"
		  "object zram q order=before\nrequires q rel_3 reason=declared\n",
		  "",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before active; "
		  "kvm rel_3 before incompatible release: x; "
		  "zram q before unmet requires rel_3, which is incompatible; " },
		/* by a reader that does not know the code */
		{ "incompatible rel_3 other-code why=x\n", "",
		  "kvm rel_1 before superseded rel_2; kvm rel_2 before active; "
		  "kvm rel_3 before incompatible other-code: x; " },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		_cleanup_index_ struct klpdep_index *index =
			make_index(text("%s%s", lines, cases[i].more));
		_cleanup_config_ struct klpdep_config *config =
			make_config(cases[i].config);

		expect_text(edges(index, config), cases[i].edges);
	}
}
END_TEST

/* An edge is wanted that a rule has to be there for. */
START_TEST(incompatible_and_required)
{
	static const char *const lines =
		"patch p file=x\nobject kvm p order=before\nobject zram p order=before\n"
		"incompatible p release why=x\n";
	_cleanup_index_ struct klpdep_index *index = make_index(lines);
	_cleanup_config_ struct klpdep_config *config = make_config("policy kvm require");
	_cleanup_config_ struct klpdep_config *masked =
		make_config("policy kvm require\nmask p");
	const struct klpdep_view *view = view_of(index, config);

	ck_assert(klp_view_is_edge_wanted(view, &index->edges[0]));
	ck_assert_int_eq(klp_view_wanted_order(view, &index->edges[0]),
			 KLPDEP_ORDER_BEFORE);
	ck_assert(!klp_view_is_edge_wanted(view, &index->edges[1]));
	ck_assert_int_eq(klp_view_wanted_order(view, &index->edges[1]), KLPDEP_ORDER_NONE);
	ck_assert(!klp_view_is_wanted(view, index->patches[0]));
	view = view_of(index, masked);
	ck_assert(!klp_view_is_edge_wanted(view, &index->edges[0]));
	view = view_of(index, NULL);
	ck_assert(!klp_view_is_edge_wanted(view, &index->edges[0]));
}
END_TEST

START_TEST(without_configuration)
{
	_cleanup_index_ struct klpdep_index *index =
		make_index("patch a file=x\nobject kvm a order=before\n");

	expect_text(edges(index, NULL), "kvm a before active; ");
}
END_TEST

UNIT_MAIN("graph", links, any_order, states, incompatible,
	  incompatible_and_required, without_configuration)

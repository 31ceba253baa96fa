// SPDX-License-Identifier: LGPL-2.1-or-later
/* klpdep sync on random trees and states, with a kernel that is played: what it says that
 * it would do is right, and it does just that. */
#include "config.h"

#include <sys/utsname.h>

#include "testsuite/unit/play.h"
#include "libklpdep/run/job.h"

/* In the place of the C library's. */
int uname(struct utsname *uts)
{
	strcpy(uts->release, KERNEL);
	return 0;
}

enum { MODULES = 8, PATCHES = 9 };

/* What a random tree is made of.  Modules need lower numbers only, and all of it, as
 * modules.dep has it; so do patches require, so that there is an order. */
static struct tree {
	bool needs[MODULES][MODULES];
	bool hard[PATCHES][MODULES]; /* what a patch depends on */
	bool requires[PATCHES][PATCHES];
	bool target[MODULES];
	char *lines;
} tree;

static bool loaded[MODULES];
static uint32_t random_state;

static unsigned int random_below(unsigned int n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static int number(const char *name, char kind)
{
	return name[0] == kind ? atoi(name + 1) : -1;
}

/* ---- kmod -------------------------------------------------------------------------- */

static char kmod_there; /* its address is the context */

int klp_kmod_new(struct klpdep_ctx *context, const char *kernel, unsigned int flags,
		 struct klp_kmod **kmod)
{
	(void)context, (void)kernel, (void)flags;
	*kmod = (struct klp_kmod *)&kmod_there;
	return 0;
}

void klp_kmod_free(struct klp_kmod *kmod)
{
	(void)kmod;
}

char *klp_kmod_file(struct klp_kmod *kmod, const char *name)
{
	(void)kmod;
	return strdup(text("/%s.ko", name));
}

int klp_kmod_deps(struct klp_kmod *kmod, const char *name, struct klp_strv *deps)
{
	int m = number(name, 'm'), p = number(name, 'p');
	const bool *needs = m >= 0 ? tree.needs[m] : tree.hard[p];

	(void)kmod;
	for (int i = 0; i < MODULES; i++) {
		if (needs[i] && klp_strv_add(deps, text("m%d", i)) < 0)
			return -ENOMEM;
	}
	return 0;
}

int klp_kmod_lookup(struct klp_kmod *kmod, const char *alias, struct klp_strv *names)
{
	(void)kmod;
	return klp_strv_add(names, alias);
}

const char *klp_kmod_install_command(struct klp_kmod *kmod, const char *name)
{
	(void)kmod, (void)name;
	return NULL;
}

static void put_loaded(const char *name)
{
	put_text(text("sys/module/%s/initstate", name), "live\n");
	put_text(text("sys/module/%s/taint", name), "\n");
	loaded[number(name, 'm')] = true;
}

int klp_kmod_probe(struct klp_kmod *kmod, const char *alias)
{
	(void)kmod;
	put_loaded(alias);
	note("+", alias);
	return 0;
}

/* ---- random trees and states ------------------------------------------------------- */

static void make_modules(void)
{
	for (int i = 0; i < MODULES; i++) {
		for (int j = i; j-- > 0;) {
			tree.needs[i][j] |= random_below(5) == 0;
			for (int k = 0; k < j && tree.needs[i][j]; k++)
				tree.needs[i][k] |= tree.needs[j][k];
		}
	}
}

static void add_line(struct klp_strv *lines, const char *line)
{
	ck_assert_int_eq(klp_strv_add_unique(lines, line), 0);
}

/* One or two objects, of which the kernel itself may be one. */
static void make_patch(struct klp_strv *lines, int p)
{
	static const char *const orders[] = { "before", "after" };

	add_line(lines, text("patch p%d file=x", p));
	for (unsigned int i = random_below(2) + 1; i-- > 0;) {
		int m = (int)random_below(MODULES + 2);

		if (m >= MODULES) {
			add_line(lines, text("object vmlinux p%d order=none", p));
			continue;
		}
		tree.target[m] = true;
		add_line(lines, text("object m%d p%d order=%s", m, p,
				     orders[random_below(2)]));
	}
	for (int m = 0; m < MODULES; m++) {
		if (random_below(8))
			continue;
		tree.hard[p][m] = true;
		for (int k = 0; k < m; k++)
			tree.hard[p][k] |= tree.needs[m][k];
	}
	for (int q = 0; q < p; q++) {
		if (random_below(6))
			continue;
		tree.requires[p][q] = true;
		add_line(lines, text("requires p%d p%d reason=declared", p, q));
	}
	/* A successor stands for what is required: of lower number, too. */
	if (p && random_below(2) == 0)
		add_line(lines, text("supersedes p%u p%d reason=declared",
				     random_below((unsigned int)p), p));
	if (random_below(4) == 0)
		add_line(lines, text("softdep p%d pre=m%u post=m%u", p,
				     random_below(MODULES), random_below(MODULES)));
}

/* An object must not stand there twice, with two orders. */
static bool same_object(const char *a, const char *b)
{
	return !strncmp(a, b, (size_t)(strchr(a, '=') - a + 1)) && *a == 'o';
}

static void make_tree(void)
{
	_cleanup_strv_ struct klp_strv lines = { 0 };

	memset(&tree, 0, sizeof(tree));
	make_modules();
	for (int p = 0; p < PATCHES; p++)
		make_patch(&lines, p);
	klp_strv_sort(&lines);
	tree.lines = text("%s", "");
	for (size_t i = 0; i < lines.n; i++) {
		if (i == 0 || !same_object(lines.v[i - 1], lines.v[i]))
			tree.lines = append(tree.lines, "%s\n", lines.v[i]);
	}
}

/* What is loaded has what it needs. */
static void load_module(int m)
{
	for (int k = 0; k < m; k++) {
		if (tree.needs[m][k])
			put_loaded(text("m%d", k));
	}
	put_loaded(text("m%d", m));
}

static void make_state(void)
{
	memset(loaded, 0, sizeof(loaded));
	for (int m = 0; m < MODULES; m++) {
		if (random_below(3) == 0)
			load_module(m);
	}
	for (int p = 0; p < PATCHES; p++) {
		static const enum klp_patch_state states[] = { KLP_PATCH_ENABLED,
							       KLP_PATCH_DEAD };
		const char *name = text("p%d", p);

		if (random_below(3))
			continue;
		for (int m = 0; m < MODULES; m++) {
			if (tree.hard[p][m])
				put_loaded(text("m%d", m));
		}
		put_state(name, states[random_below(2)]);
		put_text(text("sys/module/%s/taint", name), "OEK\n");
	}
}

/* ---- what must hold ---------------------------------------------------------------- */

struct check {
	const struct klpdep_index *index;
	const struct klpdep_config *config;
	const char *what; /* seed, tree and plan */
	bool module_there[MODULES];
	enum klp_patch_state state[PATCHES];
	bool done[PATCHES];
};

#define check_that(check, condition, ...)                                                \
	ck_assert_msg(condition, "%s: %s", text(__VA_ARGS__), (check)->what)

static enum klpdep_state standing(const struct check *check, const char *name)
{
	return klp_view_standing(view_of(check->index, check->config),
				 klp_index_find(check->index, name))
		->state;
}

static bool is_there(const struct check *check, const char *object)
{
	return klp_streq(object, "vmlinux") ||
	       check->module_there[number(object, 'm')];
}

static bool has_object_there(const struct check *check, const char *name)
{
	const struct klpdep_patch *patch = klp_index_find(check->index, name);

	for (size_t i = 0; i < patch->n_objects; i++) {
		if (is_there(check, patch->objects[i].name))
			return true;
	}
	return false;
}

/* What it needs is there by then; a superseded one is stood for by its successor. */
static void check_needs(const struct check *check, int p)
{
	for (int m = 0; m < MODULES; m++)
		check_that(check, !tree.hard[p][m] || check->module_there[m],
			   "p%d before m%d", p, m);
	for (int q = 0; q < PATCHES; q++) {
		const struct klpdep_patch *met =
			klp_index_find(check->index, text("p%d", q));

		if (!tree.requires[p][q])
			continue;
		if (standing(check, met->name) != KLPDEP_STATE_ACTIVE)
			met = klp_view_standing(view_of(check->index, check->config), met)
				      ->successor;
		check_that(check, met && check->state[number(met->name, 'p')] ==
						  KLP_PATCH_ENABLED,
			   "p%d before what it requires, p%d", p, q);
	}
}

static void check_insertion(struct check *check, const struct klpdep_step *step)
{
	int p = number(step->module, 'p'), m = number(step->module, 'm');
	bool reload = step->action == KLPDEP_ACTION_RELOAD;

	if (m >= 0) {
		check_that(check, !check->module_there[m], "m%d twice", m);
		check_that(check, !tree.target[m], "m%d is a target", m);
		check->module_there[m] = true;
		return;
	}
	check_that(check, !check->done[p], "p%d twice", p);
	check_that(check, standing(check, step->module) == KLPDEP_STATE_ACTIVE,
		   "p%d does not count", p);
	check_that(check, check->state[p] == (reload ? KLP_PATCH_DEAD : KLP_PATCH_ABSENT),
		   "p%d is there", p);
	check_needs(check, p);
	check->state[p] = KLP_PATCH_ENABLED;
	check->done[p] = true;
}

/* What has its place is at work for all that it patches, and nothing requires it. */
static void check_unloading(struct check *check, const struct klpdep_step *step)
{
	int p = number(step->module, 'p');
	const struct klpdep_patch *patch = klp_index_find(check->index, step->module);

	check_that(check, standing(check, step->module) != KLPDEP_STATE_ACTIVE,
		   "p%d counts", p);
	check_that(check, check->state[p] != KLP_PATCH_ABSENT, "p%d is not there", p);
	for (int q = 0; q < PATCHES; q++)
		check_that(check,
			   !tree.requires[q][p] || check->state[q] == KLP_PATCH_ABSENT,
			   "p%d goes before p%d, which requires it", p, q);
	for (size_t i = 0; i < patch->n_objects && check->state[p] == KLP_PATCH_ENABLED;
	     i++) {
		const struct klpdep_edge *edges;
		bool covered = !is_there(check, patch->objects[i].name) ||
			       standing(check, step->module) == KLPDEP_STATE_MASKED;
		size_t n;

		edges = klp_index_edges_of(check->index, patch->objects[i].name, &n);
		for (size_t j = 0; j < n; j++)
			covered |= edges[j].patch != patch &&
				   check->state[number(edges[j].patch->name, 'p')] ==
					   KLP_PATCH_ENABLED;
		check_that(check, covered, "p%d goes, and nothing has %s", p,
			   patch->objects[i].name);
	}
	check->state[p] = KLP_PATCH_ABSENT;
	check->done[p] = true;
}

/* Nothing was forgotten: a patch that counts, and whose object is there, is at work in
 * the end, or it has been said why not. */
static void check_end(const struct check *check)
{
	for (int p = 0; p < PATCHES; p++) {
		const char *name = text("p%d", p);

		check_that(check,
			   check->state[p] == KLP_PATCH_ENABLED || check->done[p] ||
				   standing(check, name) != KLPDEP_STATE_ACTIVE ||
				   !has_object_there(check, name),
			   "p%d was forgotten", p);
	}
}

/* What the journal has when all of a plan is done, from the state before. */
static char *journal_of(const struct check *before, const struct klpdep_plan *plan)
{
	char *out = text("%s", "");
	const struct klpdep_step *step;

	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++) {
		const char *name = step->module;
		int p = number(name, 'p');
		char *words = NULL;

		if (step->action == KLPDEP_ACTION_INSERT)
			words = text("+%s", name);
		else if (step->action == KLPDEP_ACTION_RELOAD)
			words = text("~%s +%s", name, name);
		else if (step->action == KLPDEP_ACTION_UNLOAD)
			words = before->state[p] == KLP_PATCH_DEAD ?
					text("~%s", name) :
					text("-%s ~%s", name, name);
		if (words)
			out = append(out, "%s%s", *out ? " " : "", words);
	}
	return out;
}

static char *plan_text(const struct klpdep_plan *plan)
{
	char *out = text("%s", "");
	const struct klpdep_step *step;

	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++)
		out = append(out, "%s %s (%s)\n", klpdep_action_name(step->action),
			     step->module, step->reason);
	return out;
}

static void check_plan(struct check *check, const struct klpdep_plan *plan)
{
	const struct klpdep_step *step;

	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++) {
		if (step->action == KLPDEP_ACTION_DEFER)
			check->done[number(step->module, 'p')] = true;
		else if (step->action == KLPDEP_ACTION_UNLOAD)
			check_unloading(check, step);
		else
			check_insertion(check, step);
	}
	check_end(check);
}

static size_t steps_seen[4]; /* by action: that the trees have all of them */

/* That nothing but what is deferred is left to do. */
static void check_nothing_left(const struct check *check)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	const struct klpdep_step *step;

	ck_assert_int_eq(
		klpdep_plan_new_sync(ctx, view_of(check->index, check->config), NULL, 0, 0, &plan), 0);
	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++)
		check_that(check, step->action == KLPDEP_ACTION_DEFER, "left to do: %s %s",
			   klpdep_action_name(step->action), step->module);
}

static void run_seed(uint32_t seed)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	struct check check = { 0 }, before;
	const struct klpdep_step *step;
	size_t undone = 77;

	random_state = seed;
	play_start(&(struct play){ .transition = 500 });
	make_tree();
	make_state();
	index = make_index(tree.lines);
	config = make_config(random_below(2) ? "" : text("mask p%u",
							 random_below(PATCHES)));
	ck_assert_int_eq(klpdep_set_root(ctx, NULL), 0);
	check.index = index;
	check.config = config;
	memcpy(check.module_there, loaded, sizeof(loaded));
	for (int p = 0; p < PATCHES; p++)
		check.state[p] = klp_live_patch(text("p%d", p));
	before = check;

	ck_assert_int_eq(klpdep_plan_new_sync(ctx, view_of(index, config), NULL, 0, 0, &plan), 0);
	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++)
		steps_seen[step->action]++;
	check.what = text("seed %u:\n%s\n%s", seed, tree.lines, plan_text(plan));
	ck_assert_ptr_null(journal);
	check_plan(&check, plan);

	ck_assert_int_eq(klpdep_sync(ctx, view_of(index, config), NULL, 0, 0, &undone), 0);
	check_that(&check, undone == 0, "%zu undone: %s", undone, take_log());
	check_that(&check, klp_streq(journal ? journal : "", journal_of(&before, plan)),
		   "did\n%s\nand not\n%s", journal ? journal : "",
		   journal_of(&before, plan));
	for (int p = 0; p < PATCHES; p++)
		check_that(&check, klp_live_patch(text("p%d", p)) == check.state[p],
			   "p%d is not as it should be", p);
	check_nothing_left(&check);
	ck_assert_int_eq(klpdep_set_root(ctx, fix_dir), 0);
	take_log();
}

START_TEST(random_states)
{
	for (uint32_t seed = 1; seed <= 300; seed++) {
		if (seed > 1) {
			fixture_down();
			fixture_up();
		}
		run_seed(seed);
	}
	for (size_t i = 0; i < KLP_ARRAY_SIZE(steps_seen); i++)
		ck_assert_msg(steps_seen[i] > 20, "%zu steps of kind %zu only",
			      steps_seen[i], i);
}
END_TEST

/* Another kernel's index, another root, and klpdep=off. */
START_TEST(refused)
{
	_cleanup_index_ struct klpdep_index *index =
		make_index("object vmlinux p0 order=none\npatch p0 file=x\n");
	_cleanup_plan_ struct klpdep_plan *plan = NULL;

	memset(&tree, 0, sizeof(tree));
	play_start(&(struct play){ .transition = 500 });
	put_text("sys/module/printk/parameters/time", "Y\n");
	ck_assert_int_eq(klpdep_sync(ctx, view_of(index, NULL), NULL, 0, 0, NULL), -EINVAL);
	ck_assert_int_eq(klpdep_plan_new_sync(ctx, view_of(index, NULL), NULL, 0, 0, &plan), -EINVAL);
	ck_assert_int_eq(klpdep_set_root(ctx, NULL), 0);
	put_text("proc/cmdline", "quiet klpdep=off\n");
	ck_assert_int_eq(klpdep_sync(ctx, view_of(index, NULL), NULL, 0, 0, NULL), -ECANCELED);
	ck_assert_ptr_null(journal);
	put_text("proc/cmdline", "quiet\n");
	ck_assert_int_eq(klpdep_sync(ctx, view_of(index, NULL), NULL, 0, 0, NULL), 0);
	expect_text(journal, "+p0");
	strcpy(index->kernel, "6.1-tess");
	ck_assert_int_eq(klpdep_sync(ctx, view_of(index, NULL), NULL, 0, 0, NULL), -EINVAL);
	ck_assert_int_eq(klpdep_set_root(ctx, fix_dir), 0);
	take_log();
}
END_TEST

/* The kernel refuses everything: each is tried once, and the number of them is told. */
START_TEST(undone)
{
	_cleanup_index_ struct klpdep_index *index =
		make_index("object vmlinux p0 order=none\nobject vmlinux p1 order=none\n"
			   "patch p0 file=x\npatch p1 file=x\n");
	size_t n = 77;

	memset(&tree, 0, sizeof(tree));
	play_start(&(struct play){ .insert_err = -EINVAL });
	put_text("sys/module/printk/parameters/time", "Y\n");
	ck_assert_int_eq(klpdep_set_root(ctx, NULL), 0);
	ck_assert_int_eq(klpdep_sync(ctx, view_of(index, NULL), NULL, 0, 0, &n), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(inserts, 2);
	ck_assert_int_eq(klpdep_set_root(ctx, fix_dir), 0);
	take_log();
}
END_TEST

UNIT_MAIN("sync", random_states, refused, undone)

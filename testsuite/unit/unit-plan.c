// SPDX-License-Identifier: LGPL-2.1-or-later
/* Plans, on a tree that is only told. */
#include "config.h"

#include <sys/resource.h>

#include "libklpdep/plan/plan.h"
#include "testsuite/unit/fixture.h"

/* "NAME: DEPENDENCY DEPENDENCY;" for each module, all that it needs in loading order; and
 * the words that are loaded: "+NAME", or for patches "=NAME" alive and "-NAME" dead. */
struct tree {
	const char *modules, *loaded;
};

static const char *find(const struct tree *tree, const char *name)
{
	const char *at = strstr(text(" %s", tree->modules), text(" %s:", name));

	return at ? strchr(at, ':') + 1 : NULL;
}

static int fake_deps(void *data, const char *name, struct klp_strv *deps)
{
	const char *list = find(data, name);

	return list ? klp_strv_split(deps, text("%.*s", (int)strcspn(list, ";"), list),
				     " ") :
		      -ENOENT;
}

static char *fake_file(void *data, const char *name)
{
	return find(data, name) ? strdup(text("/%s.ko", name)) : NULL;
}

/* An alias is a module that is not there: "alias:x" stands for x and x2. */
static int fake_lookup(void *data, const char *alias, struct klp_strv *names)
{
	const char *name = klp_after_prefix(alias, "alias:");

	if (name && klp_strv_add(names, name) == 0)
		return klp_strv_add(names, text("%s2", name));
	return find(data, alias) ? klp_strv_add(names, alias) : -ENOENT;
}

static bool is_word(void *data, const char *sign, const char *name)
{
	const struct tree *tree = data;

	return tree->loaded &&
	       strstr(text(" %s ", tree->loaded), text(" %s%s ", sign, name));
}

static bool fake_loaded(void *data, const char *name)
{
	return is_word(data, "+", name);
}

static int fake_action(void *data, const char *name)
{
	return is_word(data, "=", name) ? -1 :
	       is_word(data, "-", name) ? KLPDEP_ACTION_RELOAD :
					  KLPDEP_ACTION_INSERT;
}

/* Each step "ACTION MODULE[*] (REASON)[!]", * being a patch and ! being required. */
static char *plan_text(const struct klpdep_plan *plan)
{
	char *out = text("%s", "");
	const struct klpdep_step *step;

	for (size_t i = 0; i < klpdep_plan_count_steps(plan); i++) {
		step = klpdep_plan_get_step(plan, i);
		if (step->file)
			expect_text(step->file, text("/%s.ko", step->module));
		out = append(out, "%s%s %s%s (%s)%s%s", *out ? ", " : "",
			     klpdep_action_name(step->action), step->module,
			     klpdep_step_is_patch(step) ? "*" : "", step->reason, step->required ? "!" : "",
			     step->file ? "" : " no file");
	}
	ck_assert_ptr_null(klpdep_plan_get_step(plan, klpdep_plan_count_steps(plan)));
	return out;
}

static char *plan_for(const char *index_lines, const char *config_lines, struct tree tree,
		      const char *name)
{
	_cleanup_index_ struct klpdep_index *index = make_index(index_lines);
	_cleanup_config_ struct klpdep_config *config = make_config(config_lines);
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	const struct klp_plan_source source = { fake_deps,   fake_file,	  fake_lookup,
						fake_loaded, fake_action, &tree };
	int err = klp_plan_build(view_of(index, config), name, &source, &plan);

	if (err < 0)
		ck_assert_ptr_null(plan);
	return err < 0 ? text("%d", err) : plan_text(plan);
}

#define KVM "kvm: irqbypass; irqbypass: ; kvm_amd: ccp kvm irqbypass; ccp: ; "
#define KVM_PATCHES                                                                      \
	"patch klp_kvm file=x\npatch klp_kvm_amd file=x\npatch klp_vm file=x\n"          \
	"object kvm klp_kvm order=before\nobject kvm_amd klp_kvm_amd order=before\n"     \
	"object vmlinux klp_vm order=none\n"
#define KLP_KVM "klp_kvm: ; klp_kvm_amd: ; klp_vm: ; "

static const struct {
	const char *what, *index, *config;
	struct tree tree;
	const char *name, *plan;
} cases[] = {
	{ "no patches",
	  "",
	  "",
	  { KVM, NULL },
	  "kvm",
	  "insert irqbypass (dependency of kvm)!, insert kvm (asked for)!" },
	{ "no such module", "", "", { KVM, NULL }, "nonesuch", "-2" },
	{ "patch first",
	  KVM_PATCHES,
	  "",
	  { KVM KLP_KVM, NULL },
	  "kvm",
	  "insert irqbypass (dependency of kvm)!, insert klp_kvm* (patch of kvm), "
	  "insert kvm (asked for)!" },
	{ "a dependency's patch before that dependency",
	  KVM_PATCHES,
	  "",
	  { KVM KLP_KVM, NULL },
	  "kvm_amd",
	  "insert ccp (dependency of kvm_amd)!, insert irqbypass (dependency of kvm)!, "
	  "insert klp_kvm* (patch of kvm), insert kvm (dependency of kvm_amd)!, "
	  "insert klp_kvm_amd* (patch of kvm_amd), insert kvm_amd (asked for)!" },
	{ "a module beside",
	  KVM_PATCHES,
	  "",
	  { KVM KLP_KVM, NULL },
	  "ccp",
	  "insert ccp (asked for)!" },
	{ "policy require",
	  KVM_PATCHES,
	  "policy kvm require",
	  { KVM KLP_KVM, NULL },
	  "kvm_amd",
	  "insert ccp (dependency of kvm_amd)!, insert irqbypass (dependency of kvm)!, "
	  "insert klp_kvm* (patch of kvm)!, insert kvm (dependency of kvm_amd)!, "
	  "insert klp_kvm_amd* (patch of kvm_amd), insert kvm_amd (asked for)!" },
	{ "masked",
	  KVM_PATCHES,
	  "mask klp_kvm",
	  { KVM KLP_KVM, NULL },
	  "kvm",
	  "insert irqbypass (dependency of kvm)!, insert kvm (asked for)!" },
	{ "incompatible",
	  KVM_PATCHES "incompatible klp_kvm release why=x\n",
	  "",
	  { KVM KLP_KVM, NULL },
	  "kvm",
	  "insert irqbypass (dependency of kvm)!, insert kvm (asked for)!" },
	{ "incompatible, and policy require",
	  KVM_PATCHES "incompatible klp_kvm release why=x\n",
	  "policy kvm require",
	  { KVM KLP_KVM, NULL },
	  "kvm",
	  "insert irqbypass (dependency of kvm)!, "
	  "defer klp_kvm* (incompatible: release: x)!, insert kvm (asked for)!" },
	{ "incompatible, by name",
	  KVM_PATCHES "incompatible klp_kvm release why=x\n",
	  "",
	  { KVM KLP_KVM, NULL },
	  "klp_kvm",
	  "defer klp_kvm* (incompatible: release: x)!" },
	{ "superseded",
	  KVM_PATCHES "patch klp_new file=x\nobject kvm klp_new order=before\n"
		      "supersedes klp_new klp_kvm reason=declared\n",
	  "",
	  { KVM KLP_KVM "klp_new: ; ", NULL },
	  "kvm",
	  "insert irqbypass (dependency of kvm)!, insert klp_new* (patch of kvm), "
	  "insert kvm (asked for)!" },
	{ "a patch by name",
	  KVM_PATCHES,
	  "",
	  { KVM KLP_KVM, NULL },
	  "klp_vm",
	  "insert klp_vm* (asked for)!" },
	{ "after",
	  "patch p file=x\nobject t p order=after\n",
	  "",
	  { "t: ; p: t; ", NULL },
	  "t",
	  "insert t (asked for)!, insert p* (patch of t)" },
	{ "after, by configuration",
	  "patch p file=x\nobject t p order=before\n",
	  "order p after",
	  { "t: ; p: ; ", NULL },
	  "t",
	  "insert t (asked for)!, insert p* (patch of t)" },
	{ "several, as versions go",
	  "patch bug_10 file=x\npatch bug_9 file=x\npatch p file=x\nobject t p order=after\n"
	  "object t bug_9 order=before\nobject t bug_10 order=before\n",
	  "",
	  { "t: ; bug_10: ; bug_9: ; p: t; ", NULL },
	  "t",
	  "insert bug_9* (patch of t), insert bug_10* (patch of t), insert t (asked for)!, "
	  "insert p* (patch of t)" },
	{ "a patch's own dependency",
	  "patch p file=x\nobject t p order=before\n",
	  "",
	  { "t: ; p: lib base; lib: base; base: ; ", NULL },
	  "t",
	  "insert base (dependency of lib), insert lib (dependency of p), "
	  "insert p* (patch of t), insert t (asked for)!" },
	{ "what a patch needs is patched, too",
	  "patch p file=x\npatch q file=x\nobject t p order=before\nobject lib q "
	  "order=before\n",
	  "",
	  { "t: ; p: lib; lib: ; q: ; ", NULL },
	  "t",
	  "insert q* (patch of lib), insert lib (dependency of p), insert p* (patch of "
	  "t), "
	  "insert t (asked for)!" },
	{ "a dependency that is needed anyway",
	  "patch p file=x\nobject t p order=before\n",
	  "",
	  { "t: lib; p: lib; lib: ; ", NULL },
	  "t",
	  "insert lib (dependency of t)!, insert p* (patch of t), insert t (asked "
	  "for)!" },
	{ "requires, and what that requires",
	  "patch a file=x\npatch b_9 file=x\npatch b_10 file=x\npatch c file=x\n"
	  "object t a order=before\nrequires a b_10 reason=declared\n"
	  "requires a b_9 reason=declared\nrequires a b_9 reason=import\n"
	  "requires b_9 c reason=softdep\n",
	  "",
	  { "t: ; a: ; b_9: ; b_10: ; c: ; ", NULL },
	  "t",
	  "insert c* (required by b_9), insert b_9* (required by a), "
	  "insert b_10* (required by a), insert a* (patch of t), insert t (asked for)!" },
	{ "a requirement of a required patch",
	  "patch a file=x\npatch b file=x\n"
	  "object t a order=before\nrequires a b reason=declared\n",
	  "policy t require",
	  { "t: ; a: ; b: ; ", NULL },
	  "t",
	  "insert b* (required by a)!, insert a* (patch of t)!, insert t (asked for)!" },
	{ "an import is a dependency, too",
	  "patch a file=x\npatch b file=x\n"
	  "object t a order=before\nrequires a b reason=import\n",
	  "",
	  { "t: ; a: b; b: ; ", NULL },
	  "t",
	  "insert b* (required by a), insert a* (patch of t), insert t (asked for)!" },
	{ "requires one that is masked",
	  "patch a file=x\npatch b file=x\n"
	  "object t a order=before\nrequires a b reason=declared\n",
	  "mask b",
	  { "t: ; a: ; b: ; ", NULL },
	  "t",
	  "insert t (asked for)!, "
	  "defer a* (requires b, which is masked)" },
	{ "the same, but the target must not be loaded without it",
	  "patch a file=x\npatch b file=x\n"
	  "object t a order=before\nrequires a b reason=declared\n",
	  "mask b\npolicy t require",
	  { "t: ; a: ; b: ; ", NULL },
	  "t",
	  "defer a* (requires b, which is masked)!, "
	  "insert t (asked for)!" },
	{ "the same, asked for by name",
	  "patch a file=x\npatch b file=x\n"
	  "object t a order=before\nrequires a b reason=declared\n",
	  "mask b",
	  { "t: ; a: ; b: ; ", NULL },
	  "a",
	  "defer a* (requires b, which is masked)!" },
	/* a target is never loaded because a patch exists */
	{ "a patch of two targets that needs both",
	  "patch p file=x\nobject t p order=after\nobject u p order=after\n",
	  "",
	  { "t: ; u: ; p: t u; ", NULL },
	  "t",
	  "insert t (asked for)!, defer p* (waits for a module that is not loaded: u)" },
	{ "the other one is loaded",
	  "patch p file=x\nobject t p order=after\nobject u p order=after\n",
	  "",
	  { "t: ; u: ; p: t u; ", "+u" },
	  "t",
	  "insert t (asked for)!, insert p* (patch of t)" },
	{ "the other one is coming along",
	  "patch p file=x\nobject t p order=after\nobject u p order=after\n",
	  "",
	  { "t: u; u: ; p: t u; ", NULL },
	  "t",
	  "insert u (dependency of t)!, insert t (asked for)!, insert p* (patch of t)" },
	{ "a required patch that waits for its target",
	  "patch p file=x\npatch q file=x\nobject t p order=before\nobject u q "
	  "order=after\n"
	  "requires p q reason=declared\n",
	  "",
	  { "t: ; u: ; p: ; q: u; ", NULL },
	  "t",
	  "insert t (asked for)!, defer p* (waits for a module that is not loaded: u)" },
	{ "a patch that needs two targets, one of which needs the other; and one that "
	  "waits",
	  "patch p file=x\npatch d file=x\nobject t p order=after\nobject u p "
	  "order=after\n"
	  "object u d order=after\nobject z d order=after\n",
	  "",
	  { "t: u; u: ; z: ; p: t u; d: u z; ", NULL },
	  "t",
	  "insert u (dependency of t)!, insert t (asked for)!, insert p* (patch of t), "
	  "defer d* (waits for a module that is not loaded: z)" },
	{ "one that waits, of two targets that come in",
	  "patch d file=x\nobject t d order=after\nobject u d order=after\n"
	  "object z d order=after\n",
	  "",
	  { "t: u; u: ; z: ; d: t u z; ", NULL },
	  "t",
	  "insert u (dependency of t)!, insert t (asked for)!, "
	  "defer d* (waits for a module that is not loaded: z)" },
	/* ---- what is loaded already ---- */
	{ "loaded",
	  KVM_PATCHES,
	  "",
	  { KVM KLP_KVM, "+irqbypass =klp_kvm" },
	  "kvm",
	  "insert kvm (asked for)!" },
	{ "everything loaded",
	  KVM_PATCHES,
	  "",
	  { KVM KLP_KVM, "+irqbypass =klp_kvm +kvm" },
	  "kvm",
	  "" },
	{ "loaded before it was patched",
	  KVM_PATCHES,
	  "",
	  { KVM KLP_KVM, "+irqbypass +kvm" },
	  "kvm",
	  "insert klp_kvm* (patch of kvm)" },
	{ "a dead patch",
	  KVM_PATCHES,
	  "",
	  { KVM KLP_KVM, "+irqbypass -klp_kvm" },
	  "kvm",
	  "reload klp_kvm* (patch of kvm), insert kvm (asked for)!" },
	{ "a dead one that is required",
	  "patch a file=x\npatch b file=x\n"
	  "object t a order=before\nrequires a b reason=declared\n",
	  "",
	  { "t: ; a: ; b: ; ", "-b" },
	  "t",
	  "reload b* (required by a), insert a* (patch of t), insert t (asked for)!" },
	/* ---- softdeps ---- */
	{ "softdeps of a target",
	  "patch p file=x\nobject t p order=before\nsoftdep t pre=a,gone,alias:b "
	  "post=c\n",
	  "",
	  { "t: ; p: ; a: d; b: ; b2: ; c: ; d: ; ", NULL },
	  "t",
	  "insert d (dependency of a), insert a (softdep of t), insert b (softdep of t), "
	  "insert b2 (softdep of t), insert p* (patch of t), insert t (asked for)!, "
	  "insert c (softdep of t)" },
	{ "softdeps that name each other",
	  "patch p file=x\nobject t p order=before\n"
	  "softdep t pre=u\nsoftdep u pre=t\n",
	  "",
	  { "t: ; u: ; p: ; ", NULL },
	  "t",
	  "insert u (softdep of t), insert p* (patch of t), insert t (asked for)!" },
	{ "softdeps of a patch",
	  "patch p file=x\nobject t p order=before\n"
	  "softdep p pre=a post=b\n",
	  "",
	  { "t: ; a: ; b: ; p: ; ", NULL },
	  "t",
	  "insert a (softdep of p), insert p* (patch of t), insert b (softdep of p), "
	  "insert t (asked for)!" },
	{ "a softdep on a masked patch",
	  "patch p file=x\nsoftdep t pre=p\n",
	  "mask p",
	  { "t: ; p: ; ", NULL },
	  "t",
	  "insert t (asked for)!" },
	/* ---- circles ---- */
	{ "patches that require each other",
	  "patch a file=x\npatch b file=x\nobject t a order=before\nobject t b "
	  "order=before\n"
	  "requires a b reason=declared\nrequires b a reason=declared\n",
	  "",
	  { "t: ; a: ; b: ; ", NULL },
	  "t",
	  "insert b* (required by a), insert a* (patch of t), insert t (asked for)!" },
	{ "a target that depends on its own patch",
	  "patch p file=x\nobject t p order=before\n",
	  "",
	  { "t: p; p: ; ", NULL },
	  "t",
	  "insert p* (dependency of t)!, insert t (asked for)!" },
	{ "a patch that needs the target it comes before",
	  "patch p file=x\npatch q file=x\nobject t p order=before\n"
	  "requires p q reason=declared\n",
	  "",
	  { "t: ; p: ; q: t; ", NULL },
	  "t",
	  "insert t (asked for)!, insert q* (required by p), insert p* (patch of t)" },
	/* ---- gone ---- */
	{ "a patch's file that has gone",
	  "patch p file=x\nobject t p order=before\n",
	  "",
	  { "t: ; ", NULL },
	  "t",
	  "insert p* (patch of t) no file, insert t (asked for)!" },
	{ "a dependency that has gone", "", "", { "t: gone; ", NULL }, "t", "-2" },
};

START_TEST(plans)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		expect_text(text("%s: %s", cases[i].what,
				 plan_for(cases[i].index, cases[i].config, cases[i].tree,
					  cases[i].name)),
			    text("%s: %s", cases[i].what, cases[i].plan));
}
END_TEST

/* Once in the kernel, nothing is left to do: a plan for what a plan has loaded is
 * empty. */
START_TEST(idempotent)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		_cleanup_index_ struct klpdep_index *index = make_index(cases[i].index);
		_cleanup_config_ struct klpdep_config *config =
			make_config(cases[i].config);
		_cleanup_plan_ struct klpdep_plan *plan = NULL, *again = NULL;
		struct tree tree = cases[i].tree;
		struct klp_plan_source source = { fake_deps,   fake_file,   fake_lookup,
						  fake_loaded, fake_action, &tree };
		char *loaded = text("%s", tree.loaded ? tree.loaded : "");
		const struct klpdep_step *step;

		if (klp_plan_build(view_of(index, config), cases[i].name, &source, &plan) < 0)
			continue;
		for (size_t j = 0; (step = klpdep_plan_get_step(plan, j)); j++) {
			if (step->action != KLPDEP_ACTION_DEFER)
				loaded = text("%s%s %s", step->patch ? "=" : "+",
					      step->module, loaded);
		}
		tree.loaded = loaded;
		ck_assert_int_eq(
			klp_plan_build(view_of(index, config), cases[i].name, &source, &again), 0);
		for (size_t j = 0; (step = klpdep_plan_get_step(again, j)); j++)
			ck_assert_msg(step->action == KLPDEP_ACTION_DEFER, "%s: %s",
				      cases[i].what, plan_text(again));
	}
}
END_TEST

/* ---- random graphs ---------------------------------------------------------------- */

enum { MODULES = 12, PATCHES = 10 };

static uint32_t random_state;

static unsigned int random_below(unsigned int n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

/* Where a module stands in a plan, or SIZE_MAX. */
static size_t place_in(const struct klpdep_plan *plan, const char *name)
{
	const struct klpdep_step *step;

	for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++) {
		if (klp_streq(step->module, name) && step->action == KLPDEP_ACTION_INSERT)
			return i;
	}
	return SIZE_MAX;
}

static void check_before(const struct klpdep_plan *plan, const char *first,
			 const char *second, const char *what)
{
	size_t a = place_in(plan, first), b = place_in(plan, second);

	if (a != SIZE_MAX && b != SIZE_MAX)
		ck_assert_msg(a < b, "%s: %s before %s: %s", what, first, second,
			      plan_text(plan));
}

/* What modules need: only lower numbers, and all of it, as modules.dep has it. */
static char *random_modules(bool needs[MODULES][MODULES])
{
	char *modules = text("%s", "");

	for (unsigned int i = 0; i < MODULES; i++) {
		modules = append(modules, "m%u:", i);
		for (unsigned int j = i; j-- > 0;) {
			needs[i][j] |= random_below(4) == 0;
			for (unsigned int k = 0; k < j && needs[i][j]; k++)
				needs[i][k] |= needs[j][k];
		}
		for (unsigned int j = 0; j < i; j++)
			modules = needs[i][j] ? append(modules, " m%u", j) : modules;
		modules = append(modules, "; ");
	}
	return modules;
}

/* Patches require lower numbers: no circles. */
START_TEST(random_graphs)
{
	for (uint32_t seed = 1; seed <= 300; seed++) {
		_cleanup_strv_ struct klp_strv lines = { 0 };
		bool needs[MODULES][MODULES] = { { false } };
		bool requires[PATCHES][PATCHES] = { { false } };
		unsigned int target[PATCHES];
		char *modules, *first = NULL, *asked;
		struct tree tree = { NULL, NULL };

		random_state = seed;
		modules = random_modules(needs);
		for (unsigned int i = 0; i < PATCHES; i++) {
			target[i] = random_below(MODULES);
			modules = append(modules, "p%u: ; ", i);
			ck_assert_int_eq(
				klp_strv_add(&lines, text("patch p%u file=x", i)), 0);
			ck_assert_int_eq(
				klp_strv_add(&lines, text("object m%u p%u order=before",
							  target[i], i)),
				0);
			for (unsigned int j = 0; j < i; j++) {
				requires[i][j] = random_below(6) == 0;
				if (requires[i][j])
					ck_assert_int_eq(
						klp_strv_add(&lines,
							     text("requires p%u p%u "
								  "reason=declared",
								  i, j)),
						0);
			}
		}
		tree.modules = modules;
		asked = text("m%u", random_below(MODULES));

		/* whatever the order of the index's lines is */
		for (unsigned int turn = 0; turn < 4; turn++) {
			_cleanup_index_ struct klpdep_index *index = NULL;
			_cleanup_plan_ struct klpdep_plan *plan = NULL;
			const struct klp_plan_source source = { fake_deps,   fake_file,
								fake_lookup, fake_loaded,
								fake_action, &tree };
			char *content = text("%s", "");
			const struct klpdep_step *step;

			for (size_t i = lines.n; i > 1 && turn; i--) {
				size_t j = random_below((unsigned int)i);
				char *swap = lines.v[i - 1];

				lines.v[i - 1] = lines.v[j];
				lines.v[j] = swap;
			}
			for (size_t i = 0; i < lines.n; i++)
				content = append(content, "%s\n", lines.v[i]);
			index = make_index(content);
			ck_assert_int_eq(
				klp_plan_build(view_of(index, NULL), asked, &source, &plan), 0);
			if (!first)
				first = plan_text(plan);
			expect_text(plan_text(plan), first);

			for (size_t i = 0; (step = klpdep_plan_get_step(plan, i)); i++)
				ck_assert_uint_eq(place_in(plan, step->module),
						  i); /* once */
			for (unsigned int i = 0; i < MODULES; i++) {
				for (unsigned int j = 0; j < MODULES; j++) {
					if (!needs[i][j])
						continue;
					check_before(plan, text("m%u", j), text("m%u", i),
						     "dependency");
					ck_assert(place_in(plan, text("m%u", i)) ==
							  SIZE_MAX ||
						  place_in(plan, text("m%u", j)) !=
							  SIZE_MAX);
				}
			}
			for (unsigned int i = 0; i < PATCHES; i++) {
				char *p = text("p%u", i), *t = text("m%u", target[i]);

				check_before(plan, p, t, "patch");
				ck_assert(place_in(plan, t) == SIZE_MAX ||
					  place_in(plan, p) != SIZE_MAX);
				for (unsigned int j = 0; j < PATCHES; j++) {
					if (!requires[i][j])
						continue;
					check_before(plan, text("p%u", j), p, "requires");
					ck_assert(place_in(plan, p) == SIZE_MAX ||
						  place_in(plan, text("p%u", j)) !=
							  SIZE_MAX);
				}
			}
		}
	}
}
END_TEST

/* Where a plan's text has a step for a module or, with an asterisk, a patch; or NULL. */
static const char *step_in(const char *plan, const char *action, const char *name)
{
	return strstr(plan, text("%s %s", action, name));
}

/* Nothing is there twice, and everything comes behind what it imports from: in order. But
 * a softdep may be on what hard-depends on its own module, and then it cannot. */
static void check_plan(const char *plan, const struct tree *tree, const char *name,
		       bool in_order, const char *seed)
{
	_cleanup_strv_ struct klp_strv deps = { 0 };
	char *step = text("%s%s", name, *name == 'p' ? "*" : " ");
	const char *insert = step_in(plan, "insert", step);
	const char *defer = step_in(plan, "defer", step);

	ck_assert_msg(!insert || !step_in(insert + 1, "insert", step), "%s: %s twice: %s",
		      seed, name, plan);
	ck_assert_msg(!in_order || !defer ||
			      (!insert && !step_in(defer + 1, "defer", step)),
		      "%s: %s deferred and more: %s", seed, name, plan);
	ck_assert_int_eq(fake_deps((void *)tree, name, &deps), 0);
	for (size_t i = 0; insert && in_order && i < deps.n; i++) {
		const char *dep = step_in(plan, "insert", text("%s ", deps.v[i]));

		ck_assert_msg(dep && dep < insert, "%s: %s depends on %s: %s", seed, name,
			      deps.v[i], plan);
	}
}

/* Anything may need anything but for the hard dependencies, which depmod(8) keeps free of
 * circles: a plan ends, and has what was asked for. */
START_TEST(random_circles)
{
	for (uint32_t seed = 1; seed <= 400; seed++) {
		bool needs[MODULES][MODULES] = { { false } };
		char *lines = text("%s", ""), *links = text("%s", ""), *modules;
		struct tree tree = { NULL, NULL };
		char *first, *what = text("seed %u", seed);

		random_state = seed;
		modules = random_modules(needs);
		for (unsigned int i = 0; i < PATCHES; i++) {
			static const char *const orders[] = { "before", "after", "none" };
			unsigned int m = random_below(2 * MODULES);

			modules = append(modules, "p%u:", i);
			for (unsigned int j = 0; m < MODULES && j <= m; j++)
				modules = j == m || needs[m][j] ?
						  append(modules, " m%u", j) :
						  modules;
			modules = append(modules, "; ");
			lines = append(lines,
				       "patch p%u file=x\nobject m%u p%u order=%s\n", i,
				       random_below(MODULES), i, orders[random_below(3)]);
			links = append(links, "requires p%u p%u reason=declared\n", i,
				       random_below(PATCHES));
			if (random_below(3) == 0)
				links = append(links,
					       "supersedes p%u p%u reason=declared\n", i,
					       random_below(PATCHES));
			if (seed % 2)
				links = append(
					links, "softdep m%u pre=m%u,p%u post=m%u\n", i,
					random_below(MODULES), random_below(PATCHES),
					random_below(MODULES));
		}
		tree.modules = modules;
		first = plan_for(text("%s%s", lines, links), "", tree, "m11");
		ck_assert_msg(step_in(first, "insert", "m11 (asked for)!"), "%s", first);
		for (unsigned int i = 0; i < MODULES; i++)
			check_plan(first, &tree, text("m%u", i), seed % 2 == 0, what);
		for (unsigned int i = 0; i < PATCHES; i++)
			check_plan(first, &tree, text("p%u", i), seed % 2 == 0, what);
		expect_text(plan_for(text("%s%s", links, lines), "", tree, "m11"), first);
	}
}
END_TEST

/* What is added to an initrd for the modules of @names. */
static char *initrd_for(const char *index_lines, const char *config_lines,
			struct tree tree, const char *names)
{
	_cleanup_index_ struct klpdep_index *index = make_index(index_lines);
	_cleanup_config_ struct klpdep_config *config = make_config(config_lines);
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	_cleanup_strv_ struct klp_strv words = { 0 };
	const struct klp_plan_source source = { fake_deps, fake_file, fake_lookup,
						NULL, NULL, &tree };

	ck_assert_int_eq(klp_strv_split(&words, text("%s", names), " "), 0);
	ck_assert_int_eq(klp_plan_build_initrd(view_of(index, config), &words, &source, &plan), 0);
	return plan_text(plan);
}

#define EXTRA                                                                            \
	KVM_PATCHES "patch klp_lib file=x\npatch klp_zram file=x\nobject zram klp_zram " \
		    "order=before\npatch klp_zram0 file=x\nobject zram klp_zram0 "       \
		    "order=before\n"                                                     \
		    "supersedes klp_zram klp_zram0 reason=declared\n"                    \
		    "requires klp_kvm klp_lib reason=declared\nsoftdep kvm pre=soft\n"
#define EXTRA_TREE                                                                       \
	KVM KLP_KVM "zram: ; klp_lib: helper; helper: ; klp_zram: ; klp_zram0: ; soft: ; "

static const struct {
	const char *what, *config, *names, *plan;
} initrds[] = {
	{ "no modules", "", "", "" },
	{ "no target", "", "ccp irqbypass", "" },
	{ "what the tree has not", "", "nonesuch", "" },
	{ "patches, with all that only they bring; not the target's softdeps",
	  "",
	  "ccp kvm nonesuch",
	  "insert helper (dependency of klp_lib), insert klp_lib* (required by klp_kvm), "
	  "insert klp_kvm* (patch of kvm)" },
	{ "what is there is not added",
	  "",
	  "helper kvm",
	  "insert klp_lib* (required by klp_kvm), insert klp_kvm* (patch of kvm)" },
	{ "patches of modules that named ones depend on",
	  "mask klp_kvm\n",
	  "kvm_amd",
	  "insert klp_kvm_amd* (patch of kvm_amd)" },
	{ "superseded, and named itself",
	  "",
	  "zram klp_zram0",
	  "insert klp_zram* (patch of zram)" },
	{ "masked: what it superseded",
	  "mask klp_zram\n",
	  "zram klp_zram",
	  "insert klp_zram0* (patch of zram)" },
	{ "masked", "mask klp_zram*\n", "zram klp_zram klp_zram0", "" },
	{ "requires what is masked: nothing is deferred in an image",
	  "mask klp_lib\n",
	  "kvm zram",
	  "insert klp_zram* (patch of zram)" },
	{ "policy require, likewise",
	  "mask klp_lib\npolicy kvm require\n",
	  "kvm",
	  "" },
	{ "vmlinux where it is configured",
	  "initrd-vmlinux yes\n",
	  "ccp",
	  "insert klp_vm* (patch of vmlinux)" },
	{ "masked patch of vmlinux", "initrd-vmlinux yes\nmask klp_vm\n", "ccp", "" },
	{ "vmlinux where it is not", "initrd-vmlinux no\n", "ccp", "" },
};

START_TEST(initrd)
{
	const struct tree tree = { EXTRA_TREE, NULL };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(initrds); i++)
		expect_text(text("%s: %s", initrds[i].what,
				 initrd_for(EXTRA, initrds[i].config, tree,
					    initrds[i].names)),
			    text("%s: %s", initrds[i].what, initrds[i].plan));
}
END_TEST

/* However long a chain of patches is, it takes no stack. */
#define CHAIN 5000
START_TEST(long_chain)
{
	_cleanup_free_ char *lines = NULL;
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	const struct klpdep_step *step;
	size_t size;
	FILE *out = open_memstream(&lines, &size);
	struct tree tree = { "t: ; ", NULL };
	const struct klp_plan_source source = { fake_deps,   fake_file,	  fake_lookup,
						fake_loaded, fake_action, &tree };
	struct rlimit usual, few;

	for (int i = 0; i < CHAIN; i++) {
		fprintf(out, "patch p%d file=x\n", i);
		if (i)
			fprintf(out, "requires p%d p%d reason=declared\n", i, i - 1);
	}
	fprintf(out, "object t p%d order=before\n", CHAIN - 1);
	fclose(out);
	index = make_index(lines);
	getrlimit(RLIMIT_STACK, &usual);
	few = usual;
	few.rlim_cur = 256 << 10;
	ck_assert_int_eq(setrlimit(RLIMIT_STACK, &few), 0);
	ck_assert_int_eq(klp_plan_build(view_of(index, NULL), "t", &source, &plan), 0);
	setrlimit(RLIMIT_STACK, &usual);
	ck_assert_uint_eq(klpdep_plan_count_steps(plan), CHAIN + 1);
	for (size_t i = 0; i < CHAIN; i++) {
		step = klpdep_plan_get_step(plan, i);
		expect_text(step->module, text("p%zu", i));
	}
}
END_TEST

UNIT_MAIN("plan", plans, idempotent, random_graphs, random_circles, long_chain,
	  initrd)

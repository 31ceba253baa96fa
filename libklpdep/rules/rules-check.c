/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the rules are in force, or other configuration takes precedence. */
#include "config.h"

#include "libklpdep/base/finding.h"
#include "libklpdep/view/view.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/rules/rules-needs.h"
#include "libklpdep/rules/rules.h"

struct klp_shadows {
	const struct klpdep_view *view;
	struct klp_kmod *all;	  /* the configuration as it is */
	struct klp_kmod *foreign; /* without what klpdep generates */
	struct klp_kmod *earlier; /* of that, the files before our softdeps */
	/* The last target: its patches follow each other, and libkmod searches all lines of
	 * the configuration for each name. */
	char *target;
	const char *theirs, *now; /* its install commands in foreign and in all */
	struct klp_strv pre, post; /* its softdeps in all */
};

KLP_CLEANUP(struct klp_shadows *, shadows_cleanup, klp_shadows_free(*p))
#define _cleanup_shadows_ _cleanup_(shadows_cleanup)

int klp_shadows_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    struct klp_shadows **out)
{
	_cleanup_shadows_ struct klp_shadows *shadows = calloc(1, sizeof(*shadows));
	const char *kernel = view->index->kernel;
	int err;

	if (!shadows)
		return -ENOMEM;
	shadows->view = view;
	err = klp_kmod_new(ctx, kernel, 0, &shadows->all);
	if (err == 0)
		err = klp_kmod_new(ctx, kernel, KLP_KMOD_FOREIGN, &shadows->foreign);
	if (err == 0)
		err = klp_kmod_new(ctx, kernel, KLP_KMOD_EARLIER, &shadows->earlier);
	if (err == 0)
		*out = klp_take(shadows);
	return err;
}

static void forget_target(struct klp_shadows *shadows)
{
	free(shadows->target);
	shadows->target = NULL;
	klp_strv_clear(&shadows->pre);
	klp_strv_clear(&shadows->post);
}

void klp_shadows_free(struct klp_shadows *shadows)
{
	if (!shadows)
		return;
	klp_kmod_free(shadows->all);
	klp_kmod_free(shadows->foreign);
	klp_kmod_free(shadows->earlier);
	forget_target(shadows);
	free(shadows);
}

/* ---- texts ------------------------------------------------------------------------- */

#define OTHER_COMMAND "modprobe.d has another install rule%s: %s"
#define OTHER_SOFTDEP "a softdep line in modprobe.d stands before the one in " SOFTDEP_FILE
#define NO_RULE                                                                          \
	"no rule of klpdep's is in force; run klpdep depmod, unless its files in "       \
	"modprobe.d are masked, or another kernel has the module built in"
#define NOT_IN_FORCE                                                                     \
	"an install line of modprobe.d is not in force, for klpdep's rules are from "    \
	"before it: %s; run klpdep depmod --rules"

static int say(char **why, const char *format, ...) KLP_PRINTF(2, 3);

static int say(char **why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*why = klp_vformat(format, args);
	va_end(args);
	return *why ? 0 : -ENOMEM;
}

/* ---- checks ------------------------------------------------------------------------ */

/* A rule that runs our helper does the same as ours, whoever has written it. */
static bool is_in_the_way(const char *command)
{
	return command && !strstr(command, HELPER_PATH);
}

static int read_target(struct klp_shadows *shadows, const char *target)
{
	int err;

	if (shadows->target && klp_streq(shadows->target, target))
		return 0;
	forget_target(shadows);
	shadows->theirs = klp_kmod_install_command(shadows->foreign, target);
	shadows->now = klp_kmod_install_command(shadows->all, target);
	err = klp_kmod_softdeps(shadows->all, target, &shadows->pre, &shadows->post);
	if (err < 0 && err != -ENOENT)
		return err;
	return klp_set_string(&shadows->target, target);
}

/* Whether the target's softdeps load a patch: by the hook before the target, or by its
 * name. */
static bool loads_patch(const struct klp_shadows *shadows, const char *patch)
{
	char hook[sizeof(KLP_HOOK_BEFORE) + KLP_MODULE_NAME_LEN];

	snprintf(hook, sizeof(hook), KLP_HOOK_BEFORE "%s", shadows->target);
	return klp_strv_has(&shadows->pre, hook) || klp_strv_has(&shadows->pre, patch) ||
	       klp_strv_has(&shadows->post, patch);
}

/* With the rules that klp_rules_make() will make.  An earlier softdep line shadows the one
 * with the hooks.  If the target will have an install rule, it does harm only if it has
 * words. */
static int find_expected(const struct klp_shadows *shadows, const char *patch, char **why)
{
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };
	const char *target = shadows->target, *refuser;
	int found;

	if (shadows->theirs)
		return is_in_the_way(shadows->theirs) ?
			       say(why, OTHER_COMMAND, "", shadows->theirs) : 0;
	if (!klp_kmod_has_softdep_line(shadows->earlier, target))
		return 0;
	if (klp_install_reason(shadows->view, target, &refuser) == KLP_INSTALL_NOT)
		return loads_patch(shadows, patch) ? 0 : say(why, OTHER_SOFTDEP);
	found = klp_kmod_softdeps(shadows->foreign, target, &pre, &post);
	if (found < 0)
		return found == -ENOENT ? 0 : found;
	return pre.n + post.n ? say(why, OTHER_SOFTDEP) : 0;
}

/* With the existing rules, if nothing before them shadows them. */
static int find_written(const struct klp_shadows *shadows, const char *patch, char **why)
{
	if (loads_patch(shadows, patch) || (shadows->now && !is_in_the_way(shadows->now)))
		return 0;
	return shadows->now ? say(why, OTHER_COMMAND, "", shadows->now) : say(why, NO_RULE);
}

int klp_shadows_find(struct klp_shadows *shadows, const char *target, const char *patch,
		     bool written, char **why)
{
	const char *command = klp_kmod_install_command(shadows->foreign, patch);
	int err;

	*why = NULL;
	/* Then the helper does not load it, either. */
	if (is_in_the_way(command))
		return say(why, OTHER_COMMAND, " for the patch", command);
	err = read_target(shadows, target);
	if (err == 0)
		err = find_expected(shadows, patch, why);
	if (err == 0 && !*why && written)
		err = find_written(shadows, patch, why);
	return err;
}

int klp_shadows_find_lost(const struct klp_shadows *shadows, const char *name, char **why)
{
	const char *theirs = klp_kmod_install_command(shadows->foreign, name), *now;

	*why = NULL;
	if (!is_in_the_way(theirs) || !klp_kmod_runs_install(shadows->foreign, name))
		return 0;
	now = klp_kmod_install_command(shadows->all, name);
	if (now && klp_streq(now, theirs) && klp_kmod_runs_install(shadows->all, name))
		return 0;
	return say(why, NOT_IN_FORCE, theirs);
}

/* The modules of our files.  These are for all kernels, and cancel lines even in kernels
 * without a patch. */
static int own_names(struct klpdep_ctx *ctx, const char *kernel, struct klp_strv *names)
{
	_cleanup_kmod_ struct klp_kmod *own = NULL;
	int err = klp_kmod_new(ctx, kernel, KLP_KMOD_OWN, &own);

	if (err == 0)
		err = klp_kmod_names(own, names);
	klp_strv_sort_unique(names);
	return err;
}

static int say_lost(const struct klp_shadows *shadows, const char *name,
		    klpdep_finding_fn fn, void *data)
{
	bool is_patch = klp_index_find(shadows->view->index, name);
	_cleanup_free_ char *why = NULL;
	int err = klp_shadows_find_lost(shadows, name, &why);
	const struct klpdep_finding finding = {
		.severity = KLPDEP_ERROR,
		.code = "block-lost",
		.patch = is_patch ? name : NULL,
		.object = is_patch ? NULL : name,
		.message = why,
	};

	return why ? fn(data, &finding) : err;
}

int klpdep_check_blocks(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			klpdep_finding_fn fn, void *data)
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	_cleanup_shadows_ struct klp_shadows *shadows = NULL;
	unsigned int before = ctx->n_errors;
	int err = own_names(ctx, view->index->kernel, &names);

	if (err == 0 && names.n)
		err = klp_shadows_new(ctx, view, &shadows);
	for (size_t i = 0; i < names.n && err == 0; i++) {
		if (!klp_after_prefix(names.v[i], KLP_HOOK_BEFORE) &&
		    !klp_after_prefix(names.v[i], KLP_HOOK_AFTER))
			err = say_lost(shadows, names.v[i], fn, data);
	}
	return klp_ended(ctx, before, err, "modprobe.d");
}

/* ---- what is in force ---------------------------------------------------------------- */

struct klpdep_rules {
	unsigned int refs;
	struct klpdep_view *view;
	struct {
		enum klpdep_rule rule;
		char *reason; /* or NULL */
	} *v; /* by the edges' numbers */
};

static void rules_destroy(struct klpdep_rules *rules)
{
	for (size_t i = 0; rules->v && i < rules->view->index->n_edges; i++)
		free(rules->v[i].reason);
	free(rules->v);
	klpdep_view_unref(rules->view);
	free(rules);
}

KLP_REFCOUNTED(klpdep_rules, klpdep_rules, rules_destroy)

static int say_install(const struct klp_shadows *shadows, const char *target, char **text)
{
	const char *refuser;

	switch (klp_install_reason(shadows->view, target, &refuser)) {
	case KLP_INSTALL_REQUIRE:
		return say(text, "policy require");
	case KLP_INSTALL_PRE_PATCH:
		return say(text, "a pre_patch callback of %s may refuse it", refuser);
	default: /* kernels share the rules */
		return say(text, "for another kernel, or by somebody else's line");
	}
}

static int find_rule(struct klp_shadows *shadows, const struct klpdep_edge *edge,
		     enum klpdep_rule *rule, char **reason)
{
	const char *target = edge->object->name, *patch = edge->patch->name;
	int err = klp_shadows_find(shadows, target, patch, true, reason);

	if (err < 0)
		return err;
	*rule = *reason                      ? KLPDEP_RULE_NONE :
		loads_patch(shadows, patch) ? KLPDEP_RULE_HOOKS :
					      KLPDEP_RULE_INSTALL;
	return *rule == KLPDEP_RULE_INSTALL ? say_install(shadows, target, reason) : 0;
}

static int fill(struct klpdep_rules *rules, struct klp_shadows *shadows)
{
	const struct klpdep_index *index = rules->view->index;
	int err = 0;

	rules->v = calloc(index->n_edges + 1, sizeof(*rules->v));
	if (!rules->v)
		return -ENOMEM;
	for (size_t i = 0; i < index->n_edges && err == 0; i++) {
		const struct klpdep_edge *edge = &index->edges[i];

		if (klp_view_is_active(rules->view, edge->patch) &&
		    klpdep_view_get_order(rules->view, edge) != KLPDEP_ORDER_NONE)
			err = find_rule(shadows, edge, &rules->v[i].rule, &rules->v[i].reason);
	}
	return err;
}

int klpdep_rules_new(struct klpdep_ctx *ctx, struct klpdep_view *view,
		     struct klpdep_rules **out)
{
	_cleanup_rules_ struct klpdep_rules *rules = calloc(1, sizeof(*rules));
	_cleanup_shadows_ struct klp_shadows *shadows = NULL;
	unsigned int before = ctx->n_errors;
	int err = rules ? 0 : -ENOMEM;

	if (err == 0) {
		rules->refs = 1;
		rules->view = klpdep_view_ref(view);
		err = klp_shadows_new(ctx, view, &shadows);
	}
	if (err == 0)
		err = fill(rules, shadows);
	if (err == 0)
		*out = klp_take(rules);
	return klp_ended(ctx, before, err, "modprobe.d");
}

/* The edge's number, if the index has it. */
static bool has_edge(const struct klpdep_rules *rules, const struct klpdep_edge *edge, size_t *i)
{
	const struct klpdep_index *index = rules->view->index;

	if (edge < index->edges || edge >= index->edges + index->n_edges)
		return false;
	*i = (size_t)(edge - index->edges);
	return true;
}

enum klpdep_rule klpdep_rules_get_rule(const struct klpdep_rules *rules,
				       const struct klpdep_edge *edge)
{
	size_t i;

	return has_edge(rules, edge, &i) ? rules->v[i].rule : KLPDEP_RULE_NONE;
}

const char *klpdep_rules_get_reason(const struct klpdep_rules *rules,
				    const struct klpdep_edge *edge)
{
	size_t i;

	return has_edge(rules, edge, &i) ? rules->v[i].reason : NULL;
}

const char *klpdep_rule_name(enum klpdep_rule rule)
{
	static const char *const names[] = {
		[KLPDEP_RULE_NONE] = "none",
		[KLPDEP_RULE_HOOKS] = "hooks",
		[KLPDEP_RULE_INSTALL] = "install",
	};

	return klp_name_of(names, rule);
}

int klp_rules_check(struct klpdep_ctx *ctx, const struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	_cleanup_shadows_ struct klp_shadows *shadows = NULL;
	int err = 0;

	if (index->n_edges)
		err = klp_shadows_new(ctx, view, &shadows);

	for (size_t i = 0; i < index->n_edges && err == 0; i++) {
		const struct klpdep_edge *edge = &index->edges[i];
		_cleanup_free_ char *why = NULL;

		if (klp_view_wanted_order(view, edge) == KLPDEP_ORDER_NONE)
			continue;
		err = klp_shadows_find(shadows, edge->object->name, edge->patch->name,
				       true, &why);
		if (why)
			klp_warn(ctx, "%s: its patch %s will not be loaded with it: %s",
				 edge->object->name, edge->patch->name, why);
	}
	return klp_said(ctx, err);
}

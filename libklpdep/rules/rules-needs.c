/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which rules are needed, over all kernels, since these share one modprobe.d. */
#include "config.h"

#include "libklpdep/host/kmod.h"
#include "libklpdep/rules/rules-needs.h"

static int cmp_target(const void *name, const void *target)
{
	return strcmp(name, ((const struct klp_target_needs *)target)->name);
}

static struct klp_target_needs *get_target(struct klp_needs *needs, const char *name)
{
	size_t at = klp_lower_bound(name, needs->targets, needs->n_targets,
				    sizeof(*needs->targets), cmp_target);

	if (at < needs->n_targets && klp_streq(needs->targets[at].name, name))
		return &needs->targets[at];

	_cleanup_free_ char *copy = strdup(name);

	if (!copy || !klp_append(needs->targets, needs->n_targets))
		return NULL;
	/* Edges are sorted, so this rarely moves anything. */
	memmove(&needs->targets[at + 1], &needs->targets[at],
		(needs->n_targets - 1 - at) * sizeof(*needs->targets));
	needs->targets[at] = (struct klp_target_needs){ .name = klp_take(copy) };
	return &needs->targets[at];
}

/* A pre_patch callback may refuse its object; no file tells whether it does. */
static const char *find_refuser(const struct klpdep_view *view, const char *target)
{
	const struct klpdep_edge *edges;
	size_t n;

	edges = klp_index_edges_of(view->index, target, &n);
	for (size_t i = 0; i < n; i++) {
		if (klp_view_wanted_order(view, &edges[i]) != KLPDEP_ORDER_NONE &&
		    edges[i].object->callbacks & KLPDEP_PRE_PATCH)
			return edges[i].patch->name;
	}
	return NULL;
}

enum klp_install_reason klp_install_reason(const struct klpdep_view *view, const char *target,
					   const char **refuser)
{
	*refuser = NULL;
	if (klp_config_policy(view->config, target) == KLPDEP_POLICY_REQUIRE)
		return KLP_INSTALL_REQUIRE;
	*refuser = find_refuser(view, target);
	return *refuser ? KLP_INSTALL_PRE_PATCH : KLP_INSTALL_NOT;
}

static int gather_edge(struct klp_needs *needs, const struct klpdep_view *view,
		       const struct klpdep_edge *edge)
{
	enum klpdep_order order = klp_view_wanted_order(view, edge);
	struct klp_target_needs *target;

	if (order == KLPDEP_ORDER_NONE)
		return 0;
	target = get_target(needs, edge->object->name);
	if (!target)
		return -ENOMEM;
	if (target->install == KLP_INSTALL_NOT)
		target->install = klp_install_reason(view, target->name, &target->refuser);
	return klp_strv_add(order == KLPDEP_ORDER_AFTER ? &target->after : &target->before,
			    edge->patch->name);
}

/* Keep the common ones.  Returns whether @others has more. */
static bool keep_common(struct klp_strv *names, const struct klp_strv *others)
{
	size_t n = 0;

	for (size_t i = 0; i < names->n; i++) {
		char *name = names->v[i];

		if (!klp_strv_has(others, name))
			continue;
		names->v[i] = names->v[n];
		names->v[n++] = name;
	}
	while (names->n > n)
		free(names->v[--names->n]);
	return others->n > n;
}

/* Our line replaces the target's own softdeps.  It must not contain a softdep that only
 * some kernels have: the others would load that, too, and modprobe -r would take it from
 * its users.  The helper loads it in those kernels. */
static int gather_softdeps(struct klp_target_needs *target, const char *kernel,
			   struct klp_kmod *kmod)
{
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };
	_cleanup_free_ char *file = klp_kmod_file(kmod, target->name);
	size_t n_post = target->post.n;
	int err;

	if (!file && errno == ENOMEM)
		return -ENOMEM;
	if (!file)
		return klp_kmod_is_builtin(kmod, target->name) ?
			       klp_set_string(&target->built_into, kernel) :
			       0;
	err = klp_kmod_softdeps(kmod, target->name, &pre, &post);
	if (err < 0)
		return err;
	target->has_softdep |= pre.n + post.n > 0;
	if (!target->has_tree) {
		target->has_tree = true;
		err = klp_strv_merge(&target->pre, &pre);
		return err < 0 ? err : klp_strv_merge(&target->post, &post);
	}
	keep_common(&target->pre, &pre);
	if (keep_common(&target->post, &post) || target->post.n < n_post)
		target->has_more_post = true;
	return 0;
}

/* An active patch needs a rule of its own. */
static int add_wanted(struct klp_needs *needs, const struct klpdep_view *view,
		      const struct klpdep_patch *patch)
{
	return klp_view_is_wanted(view, patch) ?
		       klp_strv_add(&needs->patches, patch->name) :
		       0;
}

/* A patch by name needs what it requires.  Even if modprobe knows that as a dependency, the
 * kernel is busy with its transition for a while. */
static int gather_requirers(struct klp_needs *needs, const struct klpdep_view *view)
{
	int err = 0;

	for (size_t i = 0; i < view->index->n_requires && err == 0; i++)
		err = add_wanted(needs, view, view->index->requires[i].from);
	return err;
}

/* It also has to retire the patches that it supersedes, and to load again what it evicts. */
static int gather_superseders(struct klp_needs *needs, const struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	int err = 0;

	for (size_t i = 0; i < view->n_claims && err == 0; i++)
		err = add_wanted(needs, view, view->claims[i].newer);
	/* A patch that is no longer in the tree may still be loaded. */
	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (patch->supersedes.n || patch->replace == KLPDEP_REPLACE_YES ||
		    klp_config_supersedes(view->config, patch->name, NULL, NULL))
			err = add_wanted(needs, view, patch);
	}
	return err;
}

/* Without a rule, modprobe would not know the name. */
static int gather_beside(struct klp_needs *needs, const struct klpdep_view *view)
{
	int err = 0;

	for (size_t i = 0; i < view->index->n_patches && err == 0; i++) {
		if (klp_patch_is_beside(view->index->patches[i]))
			err = add_wanted(needs, view, view->index->patches[i]);
	}
	return err;
}

int klp_needs_gather(struct klpdep_ctx *ctx, struct klpdep_view *const *views, size_t n,
		     struct klp_needs *needs)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		const struct klpdep_index *index = views[i]->index;

		for (size_t j = 0; j < index->n_edges && err == 0; j++)
			err = gather_edge(needs, views[i], &index->edges[j]);
		if (err == 0)
			err = gather_requirers(needs, views[i]);
		if (err == 0)
			err = gather_superseders(needs, views[i]);
		if (err == 0)
			err = gather_beside(needs, views[i]);
	}
	for (size_t i = 0; i < n && err == 0; i++) {
		_cleanup_kmod_ struct klp_kmod *kmod = NULL;

		err = klp_kmod_new(ctx, views[i]->index->kernel, KLP_KMOD_FOREIGN, &kmod);
		for (size_t j = 0; j < needs->n_targets && err == 0; j++)
			err = gather_softdeps(&needs->targets[j],
					      views[i]->index->kernel, kmod);
	}
	for (size_t i = 0; i < needs->n_targets; i++) {
		klp_strv_sort_unique(&needs->targets[i].before);
		klp_strv_sort_unique(&needs->targets[i].after);
	}
	return err;
}

void klp_needs_clear(struct klp_needs *needs)
{
	for (size_t i = 0; i < needs->n_targets; i++) {
		struct klp_target_needs *target = &needs->targets[i];

		free(target->name);
		free(target->built_into);
		klp_strv_clear(&target->pre);
		klp_strv_clear(&target->post);
		klp_strv_clear(&target->before);
		klp_strv_clear(&target->after);
	}
	free(needs->targets);
	klp_strv_clear(&needs->patches);
}

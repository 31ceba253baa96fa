/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules are needed for, over all kernels: they share one modprobe.d. */
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
	/* Edges come sorted: most of the time this moves nothing. */
	memmove(&needs->targets[at + 1], &needs->targets[at],
		(needs->n_targets - 1 - at) * sizeof(*needs->targets));
	needs->targets[at] = (struct klp_target_needs){ .name = klp_take(copy) };
	return &needs->targets[at];
}

static int gather_edge(struct klp_needs *needs, const struct klpdep_view *view,
		       const struct klp_index_edge *edge)
{
	const struct klp_softdep *softdep;
	struct klp_target_needs *target;
	enum klpdep_order order = klp_view_wanted_order(view, edge);
	int err;

	if (order == KLPDEP_ORDER_NONE)
		return 0;
	target = get_target(needs, edge->object->name);
	if (!target)
		return -ENOMEM;
	err = klp_strv_add(order == KLPDEP_ORDER_AFTER ? &target->after : &target->before,
			   edge->patch->name);
	softdep = klp_index_find_softdep(view->index, target->name);
	if (!softdep)
		target->bare = true;
	if (err == 0 && softdep)
		err = klp_strv_merge(&target->pre, &softdep->pre);
	if (err == 0 && softdep)
		err = klp_strv_merge(&target->post, &softdep->post);
	return err;
}

/* A target may have a softdep in a kernel in which no patch is for it. */
static int gather_softdeps_of(struct klp_needs *needs, const struct klpdep_index *index,
			      struct klp_kmod *kmod)
{
	int err = 0;

	for (size_t i = 0; i < needs->n_targets && err == 0; i++) {
		struct klp_target_needs *target = &needs->targets[i];
		_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };
		_cleanup_free_ char *file = NULL;

		if (klpdep_index_has_object(index, target->name))
			continue; /* its index knew */
		file = klp_kmod_file(kmod, target->name);
		if (!file && errno == ENOMEM)
			return -ENOMEM;
		if (!file)
			continue;
		err = klp_kmod_softdeps(kmod, target->name, &pre, &post);
		if (err == 0 && pre.n + post.n == 0)
			target->bare = true;
		if (err == 0)
			err = klp_strv_merge(&target->pre, &pre);
		if (err == 0)
			err = klp_strv_merge(&target->post, &post);
	}
	return err;
}

/* A patch that is wanted needs a rule of its own. */
static int add_wanted(struct klp_needs *needs, const struct klpdep_view *view,
		      const struct klpdep_patch *patch)
{
	return klp_view_is_wanted(view, patch) ?
		       klp_strv_add(&needs->patches, patch->name) :
		       0;
}

/* Loading a patch by name is right only with what it requires; and even where that is a
 * dependency that modprobe knows, the kernel is busy with its transition for a while. */
static int gather_requirers(struct klp_needs *needs, const struct klpdep_view *view)
{
	int err = 0;

	for (size_t i = 0; i < view->index->n_requires && err == 0; i++)
		err = add_wanted(needs, view, view->index->requires[i].from);
	return err;
}

/* It also has to retire the patches that it supersedes, and to put back what it evicts. */
static int gather_superseders(struct klp_needs *needs, const struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	int err = 0;

	for (size_t i = 0; i < view->n_claims && err == 0; i++)
		err = add_wanted(needs, view, view->claims[i].newer);
	/* What is not in the tree any more may be loaded still. */
	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (patch->supersedes.n || patch->replace == KLPDEP_REPLACE_YES ||
		    klp_config_supersedes(view->config, patch->name, NULL, NULL))
			err = add_wanted(needs, view, patch);
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
	}
	for (size_t i = 0; i < n && err == 0; i++) {
		_cleanup_kmod_ struct klp_kmod *kmod = NULL;

		err = klp_kmod_new(ctx, views[i]->index->kernel, KLP_KMOD_FOREIGN, &kmod);
		if (err == 0)
			err = gather_softdeps_of(needs, views[i]->index, kmod);
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
		klp_strv_clear(&target->pre);
		klp_strv_clear(&target->post);
		klp_strv_clear(&target->before);
		klp_strv_clear(&target->after);
	}
	free(needs->targets);
	klp_strv_clear(&needs->patches);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The index in memory. */
#include "config.h"

#include <strings.h>

#include "libklpdep/tree/index.h"

void klp_index_drop_misfits(struct klpdep_index *index, size_t n)
{
	while (index->n_misfits > n) {
		struct klp_misfit *misfit = &index->misfits[--index->n_misfits];

		free(misfit->code);
		free(misfit->object);
		free(misfit->why);
	}
}

static void index_destroy(struct klpdep_index *index)
{
	for (size_t i = 0; i < index->n_patches; i++)
		klpdep_patch_unref(index->patches[i]);
	for (size_t i = 0; i < index->n_softdeps; i++) {
		free(index->softdeps[i].module);
		klp_strv_clear(&index->softdeps[i].pre);
		klp_strv_clear(&index->softdeps[i].post);
	}
	klp_index_drop_misfits(index, 0);
	for (size_t i = 0; i < index->n_targets; i++) {
		free(index->targets[i].name);
		free(index->targets[i].build_id);
	}
	free(index->targets);
	free(index->misfits);
	free(index->requires);
	free(index->softdeps);
	free(index->patches);
	free(index->edges);
	free(index->kernel);
	free(index);
}

KLP_REFCOUNTED(klpdep_index, klpdep_index, index_destroy)

struct klpdep_index *klp_index_new(const char *kernel)
{
	_cleanup_index_ struct klpdep_index *index = calloc(1, sizeof(*index));

	if (!index)
		return NULL;
	index->refs = 1;
	index->kernel = strdup(kernel);
	return index->kernel ? klp_take(index) : NULL;
}

int klp_index_add_patch(struct klpdep_index *index, struct klpdep_patch *patch)
{
	struct klpdep_patch **slot = klp_append(index->patches, index->n_patches);

	if (!slot)
		return -ENOMEM;
	*slot = patch;
	return 0;
}

static int cmp_patches(const void *p, const void *q)
{
	return strcmp((*(struct klpdep_patch *const *)p)->name,
		      (*(struct klpdep_patch *const *)q)->name);
}

void klp_index_sort_patches(struct klpdep_index *index)
{
	klp_sort(index->patches, index->n_patches, cmp_patches);
	for (size_t i = 0; i < index->n_patches; i++)
		index->patches[i]->number = i;
}

static int cmp_patch_name(const void *name, const void *patch)
{
	return strcmp(name, (*(struct klpdep_patch *const *)patch)->name);
}

struct klpdep_patch *klp_index_find(const struct klpdep_index *index, const char *name)
{
	struct klpdep_patch **found =
		klp_search(name, index->patches, index->n_patches, cmp_patch_name);

	return found ? *found : NULL;
}

void klp_index_drop_found(const struct klpdep_index *index, struct klp_strv *names)
{
	size_t n = 0;

	for (size_t i = 0; i < names->n; i++) {
		if (klp_index_find(index, names->v[i]))
			free(names->v[i]);
		else
			names->v[n++] = names->v[i];
	}
	names->n = n;
}

struct stem {
	const char *text;
	size_t len;
};

static int cmp_stem(const void *p, const void *patch)
{
	const struct stem *stem = p;

	return strncmp(stem->text, (*(struct klpdep_patch *const *)patch)->name, stem->len);
}

size_t klp_index_find_stem(const struct klpdep_index *index, const char *stem, size_t len,
			   size_t *n)
{
	const struct stem key = { stem, len };
	struct klpdep_patch *const *first = klp_find_run(&key, index->patches, index->n_patches,
							 sizeof(*first), cmp_stem, n);

	return first ? (size_t)(first - index->patches) : 0;
}

static int cmp_edges(const void *p, const void *q)
{
	const struct klpdep_edge *a = p, *b = q;
	int cmp = strcmp(a->object->name, b->object->name);

	return cmp ? cmp : klp_name_cmp(a->patch->name, b->patch->name);
}

int klp_index_make_edges(struct klpdep_index *index)
{
	for (size_t i = 0; i < index->n_patches; i++) {
		struct klpdep_patch *patch = index->patches[i];

		for (size_t j = 0; j < patch->n_objects; j++) {
			struct klpdep_edge *edge = klp_append(index->edges, index->n_edges);

			if (!edge)
				return -ENOMEM;
			edge->patch = patch;
			edge->object = &patch->objects[j];
		}
	}
	klp_sort(index->edges, index->n_edges, cmp_edges);
	return 0;
}

static int cmp_edge_target(const void *target, const void *edge)
{
	return strcmp(target, ((const struct klpdep_edge *)edge)->object->name);
}

const struct klpdep_edge *klp_index_edges_of(const struct klpdep_index *index,
					  const char *target, size_t *n)
{
	return klp_find_run(target, index->edges, index->n_edges, sizeof(*index->edges),
			    cmp_edge_target, n);
}

int klp_index_add_requires(struct klpdep_index *index, struct klpdep_patch *patch,
			   struct klpdep_patch *needed, enum klpdep_link_reason reason)
{
	struct klp_link *link = klp_append(index->requires, index->n_requires);

	if (!link)
		return -ENOMEM;
	*link = (struct klp_link){ patch, needed, reason };
	return 0;
}

/* Patches are sorted by name, and numbered in that order. */
static int cmp_numbers(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	return a->number < b->number ? -1 : a->number > b->number;
}

static int cmp_links(const void *p, const void *q)
{
	const struct klp_link *a = p, *b = q;
	int cmp = cmp_numbers(a->from, b->from);

	if (!cmp)
		cmp = cmp_numbers(a->to, b->to);
	return cmp ? cmp : (int)a->reason - (int)b->reason;
}

void klp_index_sort_links(struct klpdep_index *index)
{
	struct klp_link *links = index->requires;
	size_t kept = 0;

	klp_sort(links, index->n_requires, cmp_links);
	for (size_t i = 0; i < index->n_requires; i++) {
		if (!kept || cmp_links(&links[kept - 1], &links[i]) != 0)
			links[kept++] = links[i];
	}
	index->n_requires = kept;
}

static int cmp_link_from(const void *patch, const void *link)
{
	return cmp_numbers(patch, ((const struct klp_link *)link)->from);
}

const struct klp_link *klp_index_requires_of(const struct klpdep_index *index,
					     const struct klpdep_patch *patch, size_t *n)
{
	return klp_find_run(patch, index->requires, index->n_requires,
			    sizeof(*index->requires), cmp_link_from, n);
}

int klp_index_add_misfit(struct klpdep_index *index, const struct klpdep_patch *patch,
			 const char *code, const char *object, const char *why)
{
	struct klp_misfit *misfit = klp_append(index->misfits, index->n_misfits);

	if (!misfit)
		return -ENOMEM;
	misfit->patch = patch;
	if (klp_set_string(&misfit->code, code) < 0 ||
	    (object && klp_set_string(&misfit->object, object) < 0) ||
	    klp_set_string(&misfit->why, why) < 0)
		return -ENOMEM;
	return 0;
}

static int cmp_misfits(const void *p, const void *q)
{
	const struct klp_misfit *a = p, *b = q;
	int cmp = strcmp(a->patch->name, b->patch->name);

	if (cmp == 0)
		cmp = strcmp(a->code, b->code);
	if (cmp == 0)
		cmp = strcmp(a->object ? a->object : "", b->object ? b->object : "");
	return cmp ? cmp : strcmp(a->why, b->why);
}

void klp_index_sort_misfits(struct klpdep_index *index)
{
	klp_sort(index->misfits, index->n_misfits, cmp_misfits);
}

static int cmp_misfit_patch(const void *name, const void *misfit)
{
	return strcmp(name, ((const struct klp_misfit *)misfit)->patch->name);
}

const struct klp_misfit *klp_index_misfits_of(const struct klpdep_index *index,
					      const struct klpdep_patch *patch, size_t *n)
{
	return klp_find_run(patch->name, index->misfits, index->n_misfits,
			    sizeof(*index->misfits), cmp_misfit_patch, n);
}

struct klp_softdep *klp_index_add_softdep(struct klpdep_index *index, const char *module)
{
	_cleanup_free_ char *copy = strdup(module);
	struct klp_softdep *softdep =
		copy ? klp_append(index->softdeps, index->n_softdeps) : NULL;

	if (softdep)
		softdep->module = klp_take(copy);
	return softdep;
}

const struct klp_softdep *klp_index_find_softdep(const struct klpdep_index *index,
						 const char *module)
{
	for (size_t i = 0; i < index->n_softdeps; i++) {
		if (klp_streq(index->softdeps[i].module, module))
			return &index->softdeps[i];
	}
	return NULL;
}

struct klp_target *klp_index_add_target(struct klpdep_index *index, const char *name)
{
	_cleanup_free_ char *copy = strdup(name);
	struct klp_target *target =
		copy ? klp_append(index->targets, index->n_targets) : NULL;

	if (target)
		target->name = klp_take(copy);
	return target;
}

static int cmp_target_name(const void *name, const void *target)
{
	return strcmp(name, ((const struct klp_target *)target)->name);
}

const struct klp_target *klp_index_find_target(const struct klpdep_index *index,
					       const char *name)
{
	return klp_search(name, index->targets, index->n_targets, cmp_target_name);
}

char *klp_index_patch_file(const struct klpdep_index *index, const struct klpdep_patch *patch)
{
	return klp_patch_is_beside(patch) ?
		       strdup(patch->file) :
		       klp_format(MODULES_DIR "/%s/%s", index->kernel, patch->file);
}

int klp_index_tell(const struct klpdep_index *index, struct klp_kmod *kmod)
{
	int err = 0;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (klp_patch_is_beside(patch))
			err = klp_kmod_add_beside(kmod, patch->name, patch->file, &patch->needs);
	}
	return err;
}

KLP_GETTER(const char *, klpdep_index_get_kernel, klpdep_index, kernel)
KLP_GETTER(size_t, klpdep_index_count_patches, klpdep_index, n_patches)

struct klpdep_patch *klpdep_index_get_patch(const struct klpdep_index *index, size_t i)
{
	return i < index->n_patches ? index->patches[i] : NULL;
}

struct klpdep_patch *klpdep_index_find_patch(const struct klpdep_index *index,
					     const char *name)
{
	struct klpdep_patch *patch = klp_index_find(index, name);
	char normalized[KLP_MODULE_NAME_LEN];

	if (!patch && klp_name_normalize(name, normalized) == 0)
		patch = klp_index_find(index, normalized);
	return patch;
}

const struct klpdep_edge *klpdep_index_get_edge(const struct klpdep_index *index, size_t i)
{
	return i < index->n_edges ? &index->edges[i] : NULL;
}

const struct klpdep_edge *klpdep_index_find_edge(const struct klpdep_index *index,
						 const char *name, size_t i)
{
	char normalized[KLP_MODULE_NAME_LEN];
	const struct klpdep_edge *edges;
	size_t n;

	/* The index has the object as its patch spells it. */
	edges = klp_index_edges_of(index, name, &n);
	if (!edges && klp_name_normalize(name, normalized) == 0)
		edges = klp_index_edges_of(index, normalized, &n);
	return edges && i < n ? &edges[i] : NULL;
}

KLP_GETTER(struct klpdep_patch *, klpdep_edge_get_patch, klpdep_edge, patch)
KLP_GETTER(const struct klpdep_object *, klpdep_edge_get_object, klpdep_edge, object)

int klpdep_index_new(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_index **index)
{
	struct klpdep_index *made;
	int err = klp_check_kernel(ctx, kernel);

	if (err < 0)
		return err;
	made = klp_index_new(kernel);
	if (!made)
		return klp_said(ctx, -ENOMEM);
	*index = made;
	return 0;
}

/* By the bits of enum klpdep_link_reason. */
static const char *const link_reason_names[] = { "declared", "import", "patched-export",
						 "softdep" };

const char *klp_link_reason_name(enum klpdep_link_reason reason)
{
	return link_reason_names[ffs((int)reason) - 1];
}

int klp_link_reason_from_name(const char *name, enum klpdep_link_reason *reason)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(link_reason_names); i++) {
		if (klp_streq(link_reason_names[i], name)) {
			*reason = (enum klpdep_link_reason)(1 << i);
			return 0;
		}
	}
	return -EINVAL;
}

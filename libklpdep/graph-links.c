/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What patches of a tree are to each other: which requires which, and which takes the
 * place of which. */
#include "config.h"

#include <fnmatch.h>

#include "libklpdep/graph.h"
#include "libklpdep/series.h"

/* ---- requires ---------------------------------------------------------------------- */

/* An ordinary dependency, since one imports what the other exports. */
static int add_imports(struct klpdep_index *index, const struct klp_moddep *moddep,
		       struct klpdep_patch *patch)
{
	const struct klp_module *module = klp_moddep_find(moddep, patch->name);
	int err = 0;

	for (size_t i = 0; module && i < module->n_deps && err == 0; i++) {
		const char *name = moddep->modules[module->deps[i]].name;
		struct klpdep_patch *needed = klp_index_find(index, name);

		if (needed)
			err = klp_index_add_requires(index, patch, needed, "import");
	}
	return err;
}

static int add_named(struct klpdep_index *index, struct klpdep_patch *patch,
		     const struct klp_strv *names, const char *reason)
{
	int err = 0;

	for (size_t i = 0; i < names->n && err == 0; i++) {
		char name[KLP_MODULE_NAME_LEN];
		struct klpdep_patch *needed;

		if (klp_name_normalize(names->v[i], name) < 0)
			continue;
		needed = klp_index_find(index, name);
		if (needed && needed != patch)
			err = klp_index_add_requires(index, patch, needed, reason);
	}
	return err;
}

/* ---- patched exports --------------------------------------------------------------- */

/* A function that a patch changes. */
struct changed {
	const char *name;
	struct klpdep_patch *patch;
	const struct klpdep_object *object;
};

struct exports {
	struct klpdep_index *index;
	struct klp_kmod *kmod;
	struct changed *changed; /* sorted by name */
	size_t n;
};

static int cmp_changed(const void *p, const void *q)
{
	const struct changed *a = p, *b = q;
	int cmp = strcmp(a->name, b->name);

	if (!cmp)
		cmp = strcmp(a->patch->name, b->patch->name);
	return cmp ? cmp : strcmp(a->object->name, b->object->name);
}

static int cmp_changed_name(const void *name, const void *changed)
{
	return strcmp(name, ((const struct changed *)changed)->name);
}

static int gather_changed(struct exports *exports)
{
	for (size_t i = 0; i < exports->index->n_patches; i++) {
		struct klpdep_patch *patch = exports->index->patches[i];

		for (size_t j = 0; j < patch->n_objects; j++) {
			const struct klpdep_object *object = &patch->objects[j];

			for (size_t k = 0; k < object->n_funcs; k++) {
				struct changed *changed =
					klp_append(exports->changed, exports->n);

				if (!changed)
					return -ENOMEM;
				*changed = (struct changed){ object->funcs[k].name, patch,
							     object };
			}
		}
	}
	if (exports->n)
		qsort(exports->changed, exports->n, sizeof(*exports->changed),
		      cmp_changed);
	return 0;
}

static bool is_of_one_set(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	return a->set && b->set ? klp_streq(a->set, b->set) : !a->set && !b->set;
}

/* Whether an object exports a symbol; vmlinux does where no module has it, given that a
 * module imports it. */
static int does_export(const struct exports *exports, const char *object,
		       const char *symbol)
{
	_cleanup_free_ char *alias = NULL;
	_cleanup_strv_ struct klp_strv names = { 0 };
	int err;

	if (asprintf(&alias, "symbol:%s", symbol) < 0) {
		alias = NULL;
		return -ENOMEM;
	}
	err = klp_kmod_lookup(exports->kmod, alias, &names);
	if (err == -ENOMEM)
		return err;
	return klp_streq(object, "vmlinux") ? names.n == 0 : klp_strv_has(&names, object);
}

/* @patch uses a symbol, which is in the object of that name, or in any for NULL. */
static int add_use(const struct exports *exports, struct klpdep_patch *patch,
		   const char *object, const char *symbol)
{
	size_t i = klp_lower_bound(symbol, exports->changed, exports->n,
				   sizeof(*exports->changed), cmp_changed_name);

	for (; i < exports->n && klp_streq(exports->changed[i].name, symbol); i++) {
		const struct changed *changed = &exports->changed[i];
		int err;

		if (changed->patch == patch || !is_of_one_set(patch, changed->patch) ||
		    (object && !klp_streq(object, changed->object->name)) ||
		    klp_patch_find_object(patch, changed->object->name))
			continue;
		err = does_export(exports, changed->object->name, symbol);
		if (err > 0)
			err = klp_index_add_requires(exports->index, patch,
						     changed->patch, "patched-export");
		if (err < 0)
			return err;
	}
	return 0;
}

static int add_uses(const struct exports *exports, struct klpdep_patch *patch)
{
	int err = 0;

	for (size_t i = 0; i < patch->imports.n && err == 0; i++)
		err = add_use(exports, patch, NULL, patch->imports.v[i]);
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		/* Whether vmlinux exports what klp relocations refer to is not known. */
		for (size_t j = 0; j < object->n_relocs && err == 0; j++) {
			if (!klp_streq(object->relocs[j].symobject, "vmlinux"))
				err = add_use(exports, patch, object->relocs[j].symobject,
					      object->relocs[j].symbol);
		}
	}
	return err;
}

/* A patch that was written against functions of other objects, as their patches leave
 * them. */
static int add_patched_exports(struct klpdep_index *index, struct klp_kmod *kmod)
{
	struct exports exports = { .index = index, .kmod = kmod };
	int err = gather_changed(&exports);

	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = add_uses(&exports, index->patches[i]);
	free(exports.changed);
	return err;
}

/* ---- supersedes -------------------------------------------------------------------- */

static bool declares(const struct klpdep_patch *newer, const struct klpdep_patch *older)
{
	for (size_t i = 0; i < newer->supersedes.n; i++) {
		if (fnmatch(newer->supersedes.v[i], older->name, 0) == 0)
			return !klp_streq(newer->name, older->name);
	}
	return false;
}

static int add_superseded(struct klpdep_index *index, struct klpdep_patch *patch)
{
	int err = 0;

	for (size_t i = 0; i < index->n_patches && patch->supersedes.n && err == 0; i++) {
		if (declares(patch, index->patches[i]))
			err = klp_index_add_supersedes(index, patch, index->patches[i],
						       "declared");
	}
	return err;
}

/* Whether a patch has all the objects of another. */
static bool covers(const struct klpdep_patch *patch, const struct klpdep_patch *other)
{
	for (size_t i = 0; i < other->n_objects; i++) {
		if (!klp_patch_find_object(patch, other->objects[i].name))
			return false;
	}
	return other->n_objects > 0;
}

/* A later release takes the place of those before it, if it has all their objects. */
static bool is_later(const struct klpdep_patch *newer, const struct klpdep_patch *older)
{
	return klp_series_compare(newer, older) > 0 && covers(newer, older);
}

/* A patch of a series. */
struct release {
	struct klpdep_patch *patch;
	const char *name;
	size_t stem; /* what the series' names have in common */
};

/* By series. */
static int cmp_releases(const void *p, const void *q)
{
	const struct release *a = p, *b = q;

	if (a->stem != b->stem)
		return a->stem < b->stem ? -1 : 1;
	return strncmp(a->name, b->name, a->stem);
}

/* What is of one series among the patches for one target. */
static int add_series_of(struct klpdep_index *index, const struct klp_edge *edges,
			 size_t n)
{
	_cleanup_free_ struct release *releases = calloc(n, sizeof(*releases));
	size_t n_releases = 0;
	int err = releases ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct release *release = &releases[n_releases];

		release->patch = edges[i].patch;
		release->stem = klp_series_stem(release->patch, &release->name);
		n_releases += release->stem != 0;
	}
	if (n_releases)
		qsort(releases, n_releases, sizeof(*releases), cmp_releases);
	for (size_t i = 0; i < n_releases; i++) {
		struct klpdep_patch *patch = releases[i].patch;

		for (size_t j = i + 1; j < n_releases && err == 0 &&
				       cmp_releases(&releases[i], &releases[j]) == 0;
		     j++) {
			struct klpdep_patch *other = releases[j].patch;

			if (is_later(patch, other))
				err = klp_index_add_supersedes(index, patch, other,
							       "series");
			else if (is_later(other, patch))
				err = klp_index_add_supersedes(index, other, patch,
							       "series");
		}
	}
	return err;
}

static int add_series(struct klpdep_index *index)
{
	size_t n;
	int err = 0;

	for (size_t i = 0; i < index->n_edges && err == 0; i += n) {
		const char *target = index->edges[i].object->name;

		for (n = 1; i + n < index->n_edges; n++) {
			if (!klp_streq(index->edges[i + n].object->name, target))
				break;
		}
		err = add_series_of(index, &index->edges[i], n);
	}
	return err;
}

const char *klp_graph_supersedes(const struct klpdep_patch *newer,
				 const struct klpdep_patch *older)
{
	return declares(newer, older) ? "declared" :
	       is_later(newer, older) ? "series" : NULL;
}

/* ---- all of it --------------------------------------------------------------------- */

static void warn_missing(struct klpdep_ctx *ctx, const struct klpdep_index *index,
			 const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->requires.n; i++) {
		char name[KLP_MODULE_NAME_LEN];

		if (klp_name_normalize(patch->requires.v[i], name) < 0 ||
		    !klp_index_find(index, name))
			klp_warn(ctx,
				 "%s: requires the patch '%.100s', which is not in the "
				 "tree of %s",
				 patch->name, patch->requires.v[i], index->kernel);
	}
}

static void warn_circle(struct klpdep_ctx *ctx, const struct klpdep_index *index,
			const struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv circle = { 0 };
	_cleanup_free_ char *names = NULL;

	if (klp_graph_find_circle(index, patch, &circle) < 0 || circle.n == 0)
		return;
	/* Each circle once: by the member that comes first. */
	for (size_t i = 1; i < circle.n; i++) {
		if (strcmp(circle.v[i], patch->name) < 0)
			return;
	}
	names = klp_strv_join(&circle, " requires ");
	klp_warn(ctx, "%s requires %s: a circle, in which one will be loaded before what "
		 "it requires", names ? names : patch->name, patch->name);
}

int klp_graph_build(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    const struct klp_moddep *moddep, struct klp_kmod *kmod)
{
	int err = 0;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		struct klpdep_patch *patch = index->patches[i];

		err = add_imports(index, moddep, patch);
		if (err == 0)
			err = add_named(index, patch, &patch->requires, "declared");
		if (err == 0)
			err = add_named(index, patch, &patch->pre, "softdep");
		if (err == 0)
			err = add_superseded(index, patch);
		if (err == 0)
			warn_missing(ctx, index, patch);
	}
	if (err == 0)
		err = add_patched_exports(index, kmod);
	if (err == 0)
		err = add_series(index);
	if (err < 0)
		return err;
	klp_index_sort_links(index);
	klp_graph_find_plain(index, moddep);
	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		err = klp_graph_find_orders(index, moddep, index->patches[i]);
		warn_circle(ctx, index, index->patches[i]);
	}
	return err;
}

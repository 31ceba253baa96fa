/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The links between the patches of a tree, from what they declare and what they use: which
 * patch requires which, and which declares that it supersedes which. */
#include "config.h"

#include <fnmatch.h>

#include "libklpdep/tree/links.h"

/* ---- requires ---------------------------------------------------------------------- */

/* An ordinary dependency: one imports what the other exports. */
static int add_imports(struct klpdep_index *index, const struct klp_moddep *moddep,
		       struct klpdep_patch *patch)
{
	const struct klp_module *module = klp_moddep_find(moddep, patch->name);
	int err = 0;

	for (size_t i = 0; module && i < module->n_deps && err == 0; i++) {
		const char *name = moddep->modules[module->deps[i]].name;
		struct klpdep_patch *needed = klp_index_find(index, name);

		if (needed)
			err = klp_index_add_requires(index, patch, needed, KLPDEP_REASON_IMPORT);
	}
	return err;
}

static int add_named(struct klpdep_index *index, struct klpdep_patch *patch,
		     const struct klp_strv *names, enum klpdep_link_reason reason)
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
	klp_sort(exports->changed, exports->n, cmp_changed);
	return 0;
}

static bool is_of_one_set(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	return a->set && b->set ? klp_streq(a->set, b->set) : !a->set && !b->set;
}

/* Whether an object exports a symbol that a module imports; vmlinux does if no module
 * exports it. */
static int does_export(const struct exports *exports, const char *object,
		       const char *symbol)
{
	_cleanup_free_ char *alias = klp_format("symbol:%s", symbol);
	_cleanup_strv_ struct klp_strv names = { 0 };

	if (!alias || klp_kmod_lookup(exports->kmod, alias, &names) == -ENOMEM)
		return -ENOMEM;
	return klp_streq(object, "vmlinux") ? names.n == 0 : klp_strv_has(&names, object);
}

/* @patch uses a symbol of the object of that name, or of any object for NULL. */
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
						     changed->patch, KLPDEP_REASON_PATCHED_EXPORT);
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

		/* It is not known whether vmlinux exports the symbols of klp relocations. */
		for (size_t j = 0; j < object->n_relocs && err == 0; j++) {
			if (!klp_streq(object->relocs[j].symobject, "vmlinux"))
				err = add_use(exports, patch, object->relocs[j].symobject,
					      object->relocs[j].symbol);
		}
	}
	return err;
}

/* A patch was written for the functions of other objects as their patches change them. */
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

bool klp_links_declare(const struct klpdep_patch *newer, const struct klpdep_patch *older)
{
	for (size_t i = 0; i < newer->supersedes.n; i++) {
		if (fnmatch(newer->supersedes.v[i], older->name, 0) == 0)
			return !klp_streq(newer->name, older->name);
	}
	return false;
}

/* ---- all links --------------------------------------------------------------------- */

/* The patches that klp_requires names.  The list keeps those that the tree does not
 * have. */
static int add_declared(struct klpdep_ctx *ctx, struct klpdep_index *index,
			struct klpdep_patch *patch)
{
	struct klp_strv *names = &patch->requires;
	int err = add_named(index, patch, names, KLPDEP_REASON_DECLARED);

	klp_index_drop_found(index, names);
	if (names->n == 1)
		klp_warn(ctx, "%s: requires the patch '%s', which is not in the tree of %s",
			 patch->name, names->v[0], index->kernel);
	else if (names->n)
		klp_warn(ctx,
			 "%s: requires the patch '%s' and %zu more that are not in the tree "
			 "of %s", patch->name, names->v[0], names->n - 1,
			 index->kernel);
	return err;
}

static void warn_circle(struct klpdep_ctx *ctx, const struct klpdep_index *index,
			const struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv circle = { 0 };
	_cleanup_free_ char *names = NULL;

	if (klp_links_find_circle(index, patch, &circle) < 0)
		return;
	names = klp_strv_join(&circle, " requires ");
	klp_warn(ctx, "%s requires %s: a circle, so one will be loaded before what it "
		      "requires", names ? names : patch->name, patch->name);
}

/* Warn of each circle once: at its first member. */
static int note_circles(struct klpdep_ctx *ctx, struct klpdep_index *index)
{
	_cleanup_free_ bool *noted = calloc(index->n_patches + 1, sizeof(*noted));
	int err = noted ? klp_links_find_circles(index) : -ENOMEM;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (patch->circle && !noted[patch->circle])
			warn_circle(ctx, index, patch);
		noted[patch->circle] = true;
	}
	return err;
}

int klp_links_find(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    const struct klp_moddep *moddep, struct klp_kmod *kmod)
{
	int err = 0;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		struct klpdep_patch *patch = index->patches[i];

		err = add_imports(index, moddep, patch);
		if (err == 0)
			err = add_declared(ctx, index, patch);
		if (err == 0)
			err = add_named(index, patch, &patch->pre, KLPDEP_REASON_SOFTDEP);
	}
	if (err == 0)
		err = add_patched_exports(index, kmod);
	if (err < 0)
		return err;
	klp_index_sort_links(index);
	err = klp_links_find_orders(index, moddep);
	return err < 0 ? err : note_circles(ctx, index);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modules of a kernel, for users of the library. */
#include "config.h"

#include "libklpdep/host/moddep.h"

struct klpdep_module {
	const struct klpdep_tree *tree;
	const struct klp_module *from;
	char *file;
};

struct klpdep_tree {
	unsigned int refs;
	char *directory;
	struct klp_moddep moddep;
	struct klpdep_module *modules; /* of the same number and order */
};

static void tree_destroy(struct klpdep_tree *tree)
{
	for (size_t i = 0; tree->modules && i < tree->moddep.n_modules; i++)
		free(tree->modules[i].file);
	free(tree->modules);
	klp_moddep_clear(&tree->moddep);
	free(tree->directory);
	free(tree);
}

KLP_REFCOUNTED(klpdep_tree, klpdep_tree, tree_destroy)

static int fill(struct klpdep_tree *tree, const struct klpdep_ctx *ctx, const char *kernel)
{
	size_t n = tree->moddep.n_modules;

	tree->directory = klp_module_path(ctx, kernel, "");
	tree->modules = calloc(n + 1, sizeof(*tree->modules));
	if (!tree->directory || !tree->modules)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct klpdep_module *module = &tree->modules[i];

		module->tree = tree;
		module->from = &tree->moddep.modules[i];
		module->file = klp_moddep_file(ctx, kernel, module->from);
		if (!module->file)
			return -ENOMEM;
	}
	return 0;
}

int klpdep_tree_new(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_tree **out)
{
	_cleanup_tree_ struct klpdep_tree *tree = NULL;
	int err = klp_check_kernel(ctx, kernel);

	if (err < 0)
		return err;
	tree = calloc(1, sizeof(*tree));
	if (!tree)
		return klp_said(ctx, -ENOMEM);
	tree->refs = 1;
	err = klp_moddep_read(ctx, kernel, &tree->moddep);
	if (err < 0)
		return err;
	err = fill(tree, ctx, kernel);
	if (err == 0)
		*out = klp_take(tree);
	return klp_said(ctx, err);
}

KLP_GETTER(const char *, klpdep_tree_get_directory, klpdep_tree, directory)

const struct klpdep_module *klpdep_tree_get_module(const struct klpdep_tree *tree, size_t i)
{
	return i < tree->moddep.n_modules ? &tree->modules[i] : NULL;
}

const struct klpdep_module *klpdep_tree_find_module(const struct klpdep_tree *tree,
						    const char *name)
{
	char normalized[KLP_MODULE_NAME_LEN];
	const struct klp_module *found = NULL;

	if (klp_name_normalize(name, normalized) == 0)
		found = klp_moddep_find(&tree->moddep, normalized);
	return found ? &tree->modules[found - tree->moddep.modules] : NULL;
}

KLP_GETTER(const char *, klpdep_module_get_name, klpdep_module, from->name)
KLP_GETTER(const char *, klpdep_module_get_file, klpdep_module, file)

const struct klpdep_module *klpdep_module_get_dep(const struct klpdep_module *module, size_t i)
{
	return i < module->from->n_deps ? &module->tree->modules[module->from->deps[i]] : NULL;
}

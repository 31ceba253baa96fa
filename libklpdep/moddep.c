/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "libklpdep/moddep.h"

#define MODULES_DEP_MAX ((size_t)64 << 20)

static int cmp_modules(const void *p, const void *q)
{
	const struct klp_module *a = p, *b = q;

	return strcmp(a->name, b->name);
}

void klp_moddep_clear(struct klp_moddep *moddep)
{
	for (size_t i = 0; i < moddep->n_modules; i++) {
		free(moddep->modules[i].path);
		free(moddep->modules[i].deps);
	}
	free(moddep->modules);
	*moddep = (struct klp_moddep){ 0 };
}

const struct klp_module *klp_moddep_find(const struct klp_moddep *moddep,
					 const char *name)
{
	struct klp_module key = { 0 };

	if (!moddep->n_modules || strlen(name) >= sizeof(key.name))
		return NULL;
	memcpy(key.name, name, strlen(name));
	return bsearch(&key, moddep->modules, moddep->n_modules, sizeof(key),
		       cmp_modules);
}

/* The lines' text after the colon is needed again when all names are known. */
struct parsed {
	struct klp_module module;
	char *deps;
	unsigned int line;
};

static int add_line(struct klpdep_ctx *ctx, struct parsed **parsed, size_t *n,
		    const char *file, unsigned int number, char *line)
{
	char *colon = strchr(line, ':');
	struct parsed *slot;
	int err;

	if (!colon) {
		klp_err(ctx, "%s:%u: no colon", file, number);
		return -EBADMSG;
	}
	*colon = '\0';
	slot = klp_append(*parsed, *n);
	if (!slot)
		return -ENOMEM;
	slot->deps = colon + 1;
	slot->line = number;
	err = klp_name_from_path(line, slot->module.name);
	if (err == -EINVAL) {
		klp_warn(ctx,
			 "%s:%u: '%.200s' is not the name of a module; it is left out",
			 file, number, line);
		--*n;
		return 0;
	}
	slot->module.path = err == 0 ? strdup(line) : NULL;
	if (slot->module.path)
		return 0;
	--*n;
	return -ENOMEM;
}

static int resolve_deps(const struct klp_moddep *moddep, struct klp_module *module,
			char *deps)
{
	char *path;

	while ((path = strsep(&deps, " \t"))) {
		char name[KLP_MODULE_NAME_LEN];
		const struct klp_module *dep;
		size_t *slot;

		if (!*path || klp_name_from_path(path, name) < 0)
			continue;
		dep = klp_moddep_find(moddep, name);
		if (!dep || dep == module)
			continue;
		slot = klp_append(module->deps, module->n_deps);
		if (!slot)
			return -ENOMEM;
		*slot = (size_t)(dep - moddep->modules);
	}
	return 0;
}

static int cmp_parsed(const void *p, const void *q)
{
	const struct parsed *a = p, *b = q;
	int cmp = cmp_modules(&a->module, &b->module);

	return cmp ? cmp : a->line < b->line ? -1 : a->line > b->line;
}

/* Move what was parsed over, the first of each name. */
static int finish(struct parsed *parsed, size_t n, struct klp_moddep *moddep)
{
	_cleanup_free_ char **deps = calloc(n ? n : 1, sizeof(*deps));
	int err = 0;

	if (n)
		qsort(parsed, n, sizeof(*parsed), cmp_parsed);
	moddep->modules = calloc(n ? n : 1, sizeof(*moddep->modules));
	if (!moddep->modules || !deps)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		size_t last = moddep->n_modules;

		if (last &&
		    cmp_modules(&moddep->modules[last - 1], &parsed[i].module) == 0)
			continue;
		deps[last] = parsed[i].deps;
		moddep->modules[moddep->n_modules++] = parsed[i].module;
		parsed[i].module.path = NULL;
	}
	for (size_t i = 0; i < moddep->n_modules && err == 0; i++)
		err = resolve_deps(moddep, &moddep->modules[i], deps[i]);
	return err;
}

int klp_moddep_read(struct klpdep_ctx *ctx, const char *kernel, struct klp_moddep *moddep)
{
	_cleanup_free_ char *file = klp_module_path(ctx, kernel, "modules.dep");
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ struct parsed *parsed = NULL;
	unsigned int number = 0;
	size_t n = 0;
	char *line, *rest;
	int err = file ? klp_read_file(file, MODULES_DEP_MAX, &text, NULL) : -ENOMEM;

	*moddep = (struct klp_moddep){ 0 };
	if (err < 0) {
		klp_err(ctx, "%s: %s%s", file ? file : "", klpdep_strerror(err),
			err == -ENOENT ? "; has depmod been run?" : "");
		return err;
	}
	for (rest = text; err == 0 && (line = strsep(&rest, "\n"));) {
		number++;
		if (*line)
			err = add_line(ctx, &parsed, &n, file, number, line);
	}
	if (err == 0)
		err = finish(parsed, n, moddep);
	for (size_t i = 0; i < n; i++)
		free(parsed[i].module.path);
	if (err < 0)
		klp_moddep_clear(moddep);
	return klp_said(ctx, err);
}

/* Make a place for the module number @at. */
static int insert(struct klp_moddep *moddep, size_t at, const char *name)
{
	struct klp_module *modules =
		reallocarray(moddep->modules, moddep->n_modules + 1, sizeof(*modules));

	if (!modules)
		return -ENOMEM;
	moddep->modules = modules;
	memmove(&modules[at + 1], &modules[at],
		(moddep->n_modules - at) * sizeof(*modules));
	modules[at] = (struct klp_module){ 0 };
	memcpy(modules[at].name, name, strlen(name));
	moddep->n_modules++;
	for (size_t i = 0; i < moddep->n_modules; i++) {
		for (size_t j = 0; j < modules[i].n_deps; j++)
			modules[i].deps[j] += modules[i].deps[j] >= at;
	}
	return 0;
}

struct klp_module *klp_moddep_add(struct klp_moddep *moddep, const char *name,
				  const char *path)
{
	const struct klp_module *found = klp_moddep_find(moddep, name);
	_cleanup_free_ char *copy = strdup(path);
	size_t at = 0;

	if (!copy || strlen(name) >= KLP_MODULE_NAME_LEN)
		return NULL;
	if (found)
		at = (size_t)(found - moddep->modules);
	else
		while (at < moddep->n_modules &&
		       strcmp(moddep->modules[at].name, name) < 0)
			at++;
	if (!found && insert(moddep, at, name) < 0)
		return NULL;

	struct klp_module *module = &moddep->modules[at];

	free(module->path);
	free(module->deps);
	module->path = klp_take(copy);
	module->deps = NULL;
	module->n_deps = 0;
	module->foreign = true;
	return module;
}

char *klp_moddep_file(const struct klpdep_ctx *ctx, const char *kernel,
		      const struct klp_module *module)
{
	if (module->foreign)
		return strdup(module->path);
	return *module->path == '/' ? klp_path(ctx, module->path) :
				      klp_module_path(ctx, kernel, module->path);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading modules.dep and modules.order. */
#include "config.h"

#include "libklpdep/host/moddep.h"

#define MODULES_DEP_MAX ((size_t)64 << 20)

const char *klp_module_ending(const char *file)
{
	static const char *const endings[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(endings); i++) {
		if (klp_ends_with(file, endings[i]))
			return endings[i];
	}
	return NULL;
}

static int cmp_modules(const void *p, const void *q)
{
	const struct klp_module *a = p, *b = q;

	return strcmp(a->name, b->name);
}

void klp_moddep_clear(struct klp_moddep *moddep)
{
	for (size_t i = 0; i < moddep->n_modules; i++) {
		if (moddep->modules[i].foreign || moddep->modules[i].beside)
			free(moddep->modules[i].path);
		free(moddep->modules[i].deps);
	}
	free(moddep->modules);
	free(moddep->text);
	*moddep = (struct klp_moddep){ 0 };
}

const struct klp_module *klp_moddep_find(const struct klp_moddep *moddep,
					 const char *name)
{
	struct klp_module key = { 0 }, *found;

	if (!moddep->n_modules || strlen(name) >= sizeof(key.name))
		return NULL;
	memcpy(key.name, name, strlen(name));
	found = bsearch(&key, moddep->modules, moddep->n_modules, sizeof(key), cmp_modules);
	return found && !found->left_out ? found : NULL;
}

static int add_line(struct klpdep_ctx *ctx, struct klp_moddep *moddep, const char *file,
		    unsigned int number, char *line)
{
	char *colon = strchr(line, ':');
	struct klp_module *module;

	if (!colon) {
		klp_err(ctx, "%s:%u: no colon", file, number);
		return -EBADMSG;
	}
	*colon = '\0';
	module = klp_append(moddep->modules, moddep->n_modules);
	if (!module)
		return -ENOMEM;
	module->path = line;
	module->needed = colon + 1;
	/* kmod takes the text before the first dot as the name. */
	if (klp_name_from_path(line, module->name) == 0 && !strchr(module->name, '.'))
		return 0;
	klp_warn(ctx, "%s:%u: '%.200s' is not the name of a module; it is left out",
		 file, number, line);
	moddep->n_modules--;
	return 0;
}

/* By name, then in the order of the file. */
static int cmp_lines(const void *p, const void *q)
{
	const struct klp_module *a = p, *b = q;
	int cmp = cmp_modules(a, b);

	return cmp ? cmp : a->path < b->path ? -1 : a->path > b->path;
}

/* Sort the modules, and keep the first of each name. */
static void sort_unique(struct klp_moddep *moddep)
{
	size_t n = 0;

	if (moddep->n_modules)
		qsort(moddep->modules, moddep->n_modules, sizeof(*moddep->modules),
		      cmp_lines);
	for (size_t i = 0; i < moddep->n_modules; i++) {
		if (n == 0 ||
		    cmp_modules(&moddep->modules[n - 1], &moddep->modules[i]) != 0)
			moddep->modules[n++] = moddep->modules[i];
	}
	moddep->n_modules = n;
}

static int add_dep(struct klp_module *module, size_t dep)
{
	size_t *slot = klp_append(module->deps, module->n_deps);

	if (!slot)
		return -ENOMEM;
	*slot = dep;
	return 0;
}

static int add_named_dep(const struct klp_moddep *moddep, struct klp_module *module,
			 const char *name)
{
	const struct klp_module *dep = klp_moddep_find(moddep, name);

	return dep && dep != module ? add_dep(module, (size_t)(dep - moddep->modules)) : 0;
}

static int resolve(const struct klp_moddep *moddep, struct klp_module *module)
{
	char *path, name[KLP_MODULE_NAME_LEN];
	int err = 0;

	while (err == 0 && (path = strsep(&module->needed, " \t"))) {
		if (*path && klp_name_from_path(path, name) == 0)
			err = add_named_dep(moddep, module, name);
	}
	return err;
}

int klp_moddep_resolve(struct klp_moddep *moddep)
{
	int err = 0;

	for (size_t i = 0; i < moddep->n_modules && err == 0; i++)
		err = resolve(moddep, &moddep->modules[i]);
	return err;
}

int klp_moddep_add_beside(struct klp_moddep *moddep, const char *name, const char *path)
{
	struct klp_module *module = klp_append(moddep->modules, moddep->n_modules);

	if (!module)
		return -ENOMEM;
	memcpy(module->name, name, strlen(name));
	module->beside = true;
	module->path = strdup(path);
	return module->path ? 0 : -ENOMEM;
}

void klp_moddep_sort(struct klp_moddep *moddep)
{
	if (moddep->n_modules)
		qsort(moddep->modules, moddep->n_modules, sizeof(*moddep->modules),
		      cmp_modules);
}

int klp_moddep_add_deps(struct klp_moddep *moddep, const char *name,
			const struct klp_strv *deps)
{
	struct klp_module *module = (struct klp_module *)klp_moddep_find(moddep, name);
	int err = 0;

	for (size_t i = 0; module && i < deps->n && err == 0; i++) {
		const struct klp_module *dep = klp_moddep_find(moddep, deps->v[i]);

		/* modules.dep has the other ones. */
		if (module->beside || module->foreign || (dep && dep->beside))
			err = add_named_dep(moddep, module, deps->v[i]);
	}
	return err;
}

/* @seen: for each module, the number of the last one that has it, from 1. */
static int add_indirect(struct klp_moddep *moddep, size_t number, size_t *seen)
{
	struct klp_module *module = &moddep->modules[number];
	size_t n = 0;
	int err = 0;

	seen[number] = number + 1;
	for (size_t i = 0; i < module->n_deps; i++) {
		if (seen[module->deps[i]] == number + 1)
			continue;
		seen[module->deps[i]] = number + 1;
		module->deps[n++] = module->deps[i];
	}
	module->n_deps = n;
	for (size_t i = 0; i < module->n_deps && err == 0; i++) {
		const struct klp_module *dep = &moddep->modules[module->deps[i]];

		for (size_t j = 0; j < dep->n_deps && err == 0; j++) {
			if (seen[dep->deps[j]] != number + 1)
				err = add_dep(module, dep->deps[j]);
			seen[dep->deps[j]] = number + 1;
		}
	}
	return err;
}

int klp_moddep_add_indirect(struct klp_moddep *moddep)
{
	_cleanup_free_ size_t *seen = calloc(moddep->n_modules + 1, sizeof(*seen));
	int err = seen ? 0 : -ENOMEM;

	for (size_t i = 0; i < moddep->n_modules && err == 0; i++) {
		if (moddep->modules[i].beside || moddep->modules[i].foreign)
			err = add_indirect(moddep, i, seen);
	}
	return err;
}

int klp_moddep_read_files(struct klpdep_ctx *ctx, const char *kernel,
			  struct klp_moddep *moddep)
{
	_cleanup_free_ char *file = klp_module_path(ctx, kernel, "modules.dep");
	unsigned int number = 0;
	char *line, *rest;
	int err;

	*moddep = (struct klp_moddep){ 0 };
	err = file ? klp_read_text(file, MODULES_DEP_MAX, &moddep->text) : -ENOMEM;
	if (err < 0) {
		if (err == -ENOENT)
			klp_say_missing(ctx, kernel, "modules.dep", "depmod");
		else
			klp_err(ctx, "%s: %s", file ? file : "", klpdep_strerror(err));
		return err == -EILSEQ ? -EBADMSG : err;
	}
	for (rest = moddep->text; err == 0 && (line = strsep(&rest, "\n"));) {
		number++;
		if (*line)
			err = add_line(ctx, moddep, file, number, line);
	}
	if (err == 0)
		sort_unique(moddep);
	else
		klp_moddep_clear(moddep);
	return klp_said(ctx, err);
}

int klp_moddep_read(struct klpdep_ctx *ctx, const char *kernel, struct klp_moddep *moddep)
{
	int err = klp_moddep_read_files(ctx, kernel, moddep);

	if (err < 0)
		return err;
	err = klp_moddep_resolve(moddep);
	if (err < 0)
		klp_moddep_clear(moddep);
	return klp_said(ctx, err);
}

int klp_moddep_add(struct klp_moddep *moddep, const char *name, const char *path)
{
	struct klp_module *module = (struct klp_module *)klp_moddep_find(moddep, name);
	_cleanup_free_ char *copy = strdup(path);
	size_t at = 0;

	if (!copy)
		return -ENOMEM;
	if (!module) {
		while (at < moddep->n_modules && strcmp(moddep->modules[at].name, name) < 0)
			at++;
		if (!klp_append(moddep->modules, moddep->n_modules))
			return -ENOMEM;
		module = &moddep->modules[at];
		memmove(module + 1, module, (moddep->n_modules - 1 - at) * sizeof(*module));
		*module = (struct klp_module){ 0 };
		memcpy(module->name, name, strlen(name));
	}
	if (module->foreign || module->beside)
		free(module->path);
	module->path = klp_take(copy);
	module->needed = NULL;
	module->beside = false;
	module->foreign = true;
	return 0;
}

bool klp_moddep_depends(const struct klp_moddep *moddep, const char *name,
			const char *on)
{
	const struct klp_module *module = klp_moddep_find(moddep, name);

	for (size_t i = 0; module && i < module->n_deps; i++) {
		if (klp_streq(moddep->modules[module->deps[i]].name, on))
			return true;
	}
	return false;
}

char *klp_moddep_file(const struct klpdep_ctx *ctx, const char *kernel,
		      const struct klp_module *module)
{
	if (module->foreign)
		return strdup(module->path);
	return *module->path == '/' ? klp_path(ctx, module->path) :
				      klp_module_path(ctx, kernel, module->path);
}

int klp_moddep_stat(const struct klpdep_ctx *ctx, const char *kernel,
		    const struct klp_module *module, struct stat *st)
{
	_cleanup_free_ char *path = NULL;

	*st = module->st;
	if (st->st_ino)
		return 0;
	path = klp_moddep_file(ctx, kernel, module);
	if (!path)
		return -ENOMEM;
	return stat(path, st) < 0 ? -errno : 0;
}

/* ---- modules.order ------------------------------------------------------------------ */

#define MODULES_ORDER_MAX ((size_t)64 << 20)

void klp_built_init(struct klp_built *built, const struct klpdep_ctx *ctx,
		    const char *kernel)
{
	*built = (struct klp_built){ .ctx = ctx, .kernel = kernel };
	pthread_mutex_init(&built->lock, NULL);
}

void klp_built_clear(struct klp_built *built)
{
	free(built->paths);
	free(built->text);
	pthread_mutex_destroy(&built->lock);
}

static int cmp_paths(const void *p, const void *q)
{
	return strcmp(*(const char *const *)p, *(const char *const *)q);
}

static void read_order(struct klp_built *built)
{
	_cleanup_free_ char *file = klp_module_path(built->ctx, built->kernel,
						    "modules.order");
	char *line, *rest;

	if (!file || klp_read_file(file, MODULES_ORDER_MAX, &built->text, NULL) < 0)
		return;
	for (rest = built->text; (line = strsep(&rest, "\n"));) {
		const char **slot;

		if (!*line)
			continue;
		slot = klp_append(built->paths, built->n);
		if (!slot)
			return;
		*slot = line;
	}
	if (built->n)
		qsort(built->paths, built->n, sizeof(*built->paths), cmp_paths);
}

bool klp_built_has(struct klp_built *built, const char *path)
{
	_cleanup_free_ char *plain = strdup(path);
	const char *key = plain;
	char *end = plain ? strrchr(plain, '.') : NULL;

	if (!end)
		return false;
	if (!klp_streq(end, ".ko"))
		*end = '\0';
	pthread_mutex_lock(&built->lock);
	if (!built->is_read)
		read_order(built);
	built->is_read = true;
	pthread_mutex_unlock(&built->lock);
	return built->n && bsearch(&key, built->paths, built->n, sizeof(*built->paths),
				   cmp_paths);
}

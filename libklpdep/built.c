/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "libklpdep/built.h"

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

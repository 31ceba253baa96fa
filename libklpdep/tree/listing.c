/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading modules.dep for its paths; moddep.c reads it for names and dependencies. */
#include "config.h"

#include <sys/stat.h>

#include "libklpdep/host/moddep.h"
#include "libklpdep/tree/listing.h"

#define MODULES_DEP_MAX ((size_t)64 << 20)

void klp_listing_clear(struct klp_listing *listing)
{
	klp_set_clear(&listing->names);
	klp_set_clear(&listing->endings);
	for (size_t i = 0; i < listing->n_dirs; i++)
		free(listing->dirs[i].path);
	free(listing->dirs);
	free(listing->listed);
	free(listing->text);
}

/* As depmod compares names: up to the first dot, dashes as underscores. */
static char *module_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *name = strndup(base, strcspn(base, "."));

	for (size_t i = 0; name && name[i]; i++) {
		if (name[i] == '-')
			name[i] = '_';
	}
	return name;
}

static int cmp_listed(const void *p, const void *q)
{
	const struct klp_listed *a = p, *b = q;

	return strcmp(a->path, b->path);
}

static int cmp_path(const void *path, const void *listed)
{
	return strcmp(path, ((const struct klp_listed *)listed)->path);
}

int klp_listing_read(const char *file, struct klp_listing *listing)
{
	struct stat st;
	char *line, *rest;
	int err = stat(file, &st) < 0 ? -errno :
					klp_read_text(file, MODULES_DEP_MAX, &listing->text);

	for (rest = listing->text; err == 0 && (line = strsep(&rest, "\n"));) {
		char *colon = strchr(line, ':');
		struct klp_listed *listed = colon ? klp_append(listing->listed, listing->n_listed) :
						NULL;

		if (!colon)
			continue;
		if (!listed)
			return -ENOMEM;
		*colon = '\0';
		listed->path = line;
	}
	if (err < 0)
		return err;
	listing->since = st.st_mtim;
	if (listing->n_listed)
		qsort(listing->listed, listing->n_listed, sizeof(*listing->listed), cmp_listed);
	return 0;
}

static int find_names(struct klp_listing *listing)
{
	int err = 0;

	for (size_t i = 0; i < listing->n_listed && !listing->has_names && err == 0; i++) {
		const char *path = listing->listed[i].path, *ending = klp_module_ending(path);
		_cleanup_free_ char *name = module_name(path);

		err = name ? klp_set_add(&listing->names, name) : -ENOMEM;
		if (err == 0 && ending && !klp_streq(ending, ".ko"))
			err = klp_set_add(&listing->endings, ending);
	}
	listing->has_names = err == 0;
	return err;
}

/* ---- the directories of the kernel's own modules ------------------------------------ */

#define OWN_DIR "kernel"

/* Whether a path is inside a directory, or is the directory. */
static bool is_in(const char *path, const char *dir)
{
	const char *rest = klp_after_prefix(path, dir);

	return rest && (*rest == '/' || *rest == '\0');
}

/* Paths are sorted, so those below one directory follow each other.  Only the directories
 * of the previous path can be known already. */
struct chain {
	size_t dirs[KLP_TREE_DEPTH_MAX];
	size_t n;
};

static int add_dir(struct klp_listing *listing, struct chain *chain, const char *path,
		   size_t len)
{
	struct klp_own_dir *dir = klp_append(listing->dirs, listing->n_dirs);

	if (!dir || !(dir->path = strndup(path, len)))
		return -ENOMEM;
	if (chain->n) {
		dir->above = chain->dirs[chain->n - 1] + 1;
		listing->dirs[dir->above - 1].n_dirs++;
	}
	chain->dirs[chain->n++] = listing->n_dirs - 1;
	return 0;
}

static int place(struct klp_listing *listing, struct chain *chain, struct klp_listed *listed)
{
	const char *path = listed->path, *slash;
	int err = 0;

	while (chain->n && !is_in(path, listing->dirs[chain->dirs[chain->n - 1]].path))
		chain->n--;
	slash = path + (chain->n ? strlen(listing->dirs[chain->dirs[chain->n - 1]].path) : 0);
	while (err == 0 && (slash = strchr(slash + 1, '/'))) {
		if (chain->n == KLP_TREE_DEPTH_MAX)
			return 0; /* a circle: it is visited by itself */
		err = add_dir(listing, chain, path, (size_t)(slash - path));
	}
	if (err == 0)
		listed->dir = chain->dirs[chain->n - 1] + 1;
	return err;
}

int klp_listing_find_dirs(struct klp_listing *listing)
{
	struct chain chain = { .n = 0 };
	int err = 0;

	for (size_t i = 0; i < listing->n_listed && err == 0; i++) {
		if (klp_after_prefix(listing->listed[i].path, OWN_DIR "/"))
			err = place(listing, &chain, &listing->listed[i]);
	}
	return err;
}

/* Sorted by their contents, as if their names ended with a slash. */
static int cmp_dir(const void *p, const void *q)
{
	const char *path = p, *known = ((const struct klp_own_dir *)q)->path;
	int a, b;

	while (*path && *path == *known)
		path++, known++;
	a = *path ? (unsigned char)*path : '/';
	b = *known ? (unsigned char)*known : '/';
	return a != b ? a - b : *path ? 1 : *known ? -1 : 0;
}

bool klp_listing_has_dir(const struct klp_listing *listing, const char *path)
{
	return listing->n_dirs && bsearch(path, listing->dirs, listing->n_dirs,
					  sizeof(*listing->dirs), cmp_dir);
}

struct klp_listed *klp_listing_find(const struct klp_listing *listing, const char *path)
{
	return !listing->n_listed ? NULL :
				    bsearch(path, listing->listed, listing->n_listed,
					    sizeof(*listing->listed), cmp_path);
}

int klp_listing_wants(struct klp_listing *listing, const char *path, const char *ending)
{
	_cleanup_free_ char *name = module_name(path);
	int err = find_names(listing);

	if (err < 0 || !name)
		return -ENOMEM;
	return !klp_set_has(&listing->names, name) &&
	       (klp_streq(ending, ".ko") || klp_set_has(&listing->endings, ending));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What came to a module tree, and what went, since depmod(8) was run.
 *
 * The tree is walked as depmod walks it (tools/depmod.c of kmod): all directories, also those
 * behind links, but for "build", "source" and what depmod.d(5) excludes; then its external
 * directories.  A module of a name that modules.dep does not have has come.  Of several files of
 * one name depmod lists one, by its search lines and, in the end, by chance; so another file of
 * that name has come only if it is younger than modules.dep.  That is told by ctime, which no
 * package and no cp -p sets back.
 *
 * By far the most directories are those of the kernel's own modules.  Nothing came into one and
 * nothing went since modules.dep was written if it is older than that; so it is not read, unless
 * it has directories that depmod has found nothing in.  What is missed is what came behind a link
 * there, to a directory that had no module.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/host/depmod-conf.h"
#include "libklpdep/tree/due.h"

#define MODULES_DEP_MAX ((size_t)64 << 20)
/* No tree is that deep; links can lead around in circles. */
#define DEPTH_MAX 40

/* A directory of the kernel's own modules. */
struct known_dir {
	char *path;
	size_t above;  /* the number of the one that it is in, from 1 */
	size_t n_dirs; /* of these, in it */
	bool is_new;   /* it was renamed, or is behind a link; or one above is */
	bool unchanged;
};

/* A module that modules.dep lists. */
struct listed {
	const char *path;
	size_t dir; /* the number of the known directory that it is in, from 1 */
	bool seen;
};

struct walk {
	struct klp_due *due;
	struct klp_depmod_conf conf;
	char *text;		 /* of modules.dep */
	struct listed *listed;	 /* sorted by path */
	size_t n_listed;
	struct known_dir *dirs;	 /* each behind the one that it is in */
	size_t n_dirs;
	bool has_names;		 /* the next two, which few trees need */
	struct klp_set names;	 /* of these modules */
	struct klp_set endings;	 /* of their files, such as ".ko.xz" */
	struct timespec since;	 /* when modules.dep was written */
	bool ask_changed;
	dev_t devs[DEPTH_MAX];	 /* the directories from the tree's on */
	ino_t inodes[DEPTH_MAX];
	size_t depth;
};

static void walk_clear(struct walk *walk)
{
	klp_depmod_conf_clear(&walk->conf);
	klp_set_clear(&walk->names);
	klp_set_clear(&walk->endings);
	for (size_t i = 0; i < walk->n_dirs; i++)
		free(walk->dirs[i].path);
	free(walk->dirs);
	free(walk->listed);
	free(walk->text);
}

void klp_due_clear(struct klp_due *due)
{
	klp_strv_clear(&due->come);
	klp_strv_clear(&due->gone);
}

/* ---- what modules.dep lists -------------------------------------------------------- */

/* What of kmod's endings of modules a file has, or NULL. */
static const char *find_ending(const char *file)
{
	static const char *const endings[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(endings); i++) {
		if (klp_ends_with(file, endings[i]))
			return endings[i];
	}
	return NULL;
}

/* As depmod compares them: up to the first dot, dashes as underscores. */
static char *module_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *name = strndup(base, strcspn(base, "."));

	for (char *p = name; p && (p = strchr(p, '-'));)
		*p = '_';
	return name;
}

static int cmp_listed(const void *p, const void *q)
{
	return strcmp(((const struct listed *)p)->path, ((const struct listed *)q)->path);
}

static int cmp_path(const void *path, const void *listed)
{
	return strcmp(path, ((const struct listed *)listed)->path);
}

static int read_listed(struct walk *walk, const char *file)
{
	struct stat st;
	char *line, *rest;
	int err = stat(file, &st) < 0 ? -errno :
					klp_read_text(file, MODULES_DEP_MAX, &walk->text);

	for (rest = walk->text; err == 0 && (line = strsep(&rest, "\n"));) {
		char *colon = strchr(line, ':');
		struct listed *listed = colon ? klp_append(walk->listed, walk->n_listed) :
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
	walk->since = st.st_mtim;
	if (walk->n_listed)
		qsort(walk->listed, walk->n_listed, sizeof(*walk->listed), cmp_listed);
	return 0;
}

static int find_names(struct walk *walk)
{
	int err = 0;

	for (size_t i = 0; i < walk->n_listed && !walk->has_names && err == 0; i++) {
		const char *path = walk->listed[i].path, *ending = find_ending(path);
		_cleanup_free_ char *name = module_name(path);

		err = name ? klp_set_add(&walk->names, name) : -ENOMEM;
		if (err == 0 && ending && !klp_streq(ending, ".ko"))
			err = klp_set_add(&walk->endings, ending);
	}
	walk->has_names = err == 0;
	return err;
}

/* ---- the directories of the kernel's own modules ------------------------------------ */

#define OWN_DIR "kernel"

/* Whether a path is in a directory, or is that itself. */
static bool is_in(const char *path, const char *dir)
{
	const char *rest = klp_after_prefix(path, dir);

	return rest && (*rest == '/' || *rest == '\0');
}

/* Paths come sorted, so that those below one directory follow each other: the directories that
 * the last one was in are the only ones that can be known already. */
struct chain {
	size_t dirs[DEPTH_MAX];
	size_t n;
};

static int add_dir(struct walk *walk, struct chain *chain, const char *path, size_t len)
{
	struct known_dir *dir = klp_append(walk->dirs, walk->n_dirs);

	if (!dir || !(dir->path = strndup(path, len)))
		return -ENOMEM;
	if (chain->n) {
		dir->above = chain->dirs[chain->n - 1] + 1;
		walk->dirs[dir->above - 1].n_dirs++;
	}
	chain->dirs[chain->n++] = walk->n_dirs - 1;
	return 0;
}

static int place(struct walk *walk, struct chain *chain, struct listed *listed)
{
	const char *path = listed->path, *slash;
	int err = 0;

	while (chain->n && !is_in(path, walk->dirs[chain->dirs[chain->n - 1]].path))
		chain->n--;
	slash = path + (chain->n ? strlen(walk->dirs[chain->dirs[chain->n - 1]].path) : 0);
	while (err == 0 && (slash = strchr(slash + 1, '/'))) {
		if (chain->n == DEPTH_MAX)
			return 0; /* a circle: it is looked for by itself */
		err = add_dir(walk, chain, path, (size_t)(slash - path));
	}
	listed->dir = walk->n_dirs ? chain->dirs[chain->n - 1] + 1 : 0;
	return err;
}

static int find_dirs(struct walk *walk)
{
	struct chain chain = { .n = 0 };
	int err = 0;

	for (size_t i = 0; i < walk->n_listed && err == 0; i++) {
		if (klp_after_prefix(walk->listed[i].path, OWN_DIR "/"))
			err = place(walk, &chain, &walk->listed[i]);
	}
	return err;
}

/* ---- what is there ----------------------------------------------------------------- */

static bool is_younger(const struct walk *walk, const struct stat *st)
{
	return st->st_ctim.tv_sec != walk->since.tv_sec ?
		       st->st_ctim.tv_sec > walk->since.tv_sec :
		       st->st_ctim.tv_nsec > walk->since.tv_nsec;
}

/* A directory that was renamed brings modules that are old; then its ctime alone is new. */
static bool was_renamed(const struct walk *walk, const struct stat *st)
{
	return is_younger(walk, st) && (st->st_ctim.tv_sec != st->st_mtim.tv_sec ||
					st->st_ctim.tv_nsec != st->st_mtim.tv_nsec);
}

/* An entry of a directory. */
struct found {
	int dir;
	const char *name;
	const char *path; /* as modules.dep would have it */
	unsigned char type; /* as readdir(3) has it */
	bool is_new; /* the directory is, or a link that leads there */
	struct stat st;
};

static bool is_link_younger(const struct walk *walk, const struct found *found)
{
	struct stat link;

	return found->type != DT_REG &&
	       fstatat(found->dir, found->name, &link, AT_SYMLINK_NOFOLLOW) == 0 &&
	       is_younger(walk, &link);
}

static bool is_found_new(const struct walk *walk, const struct found *found)
{
	return found->is_new || is_younger(walk, &found->st) ||
	       is_link_younger(walk, found);
}

/* Whether depmod would list a file of which it has listed no other; it need not know each kind
 * of compression. */
static bool is_new_name(const struct walk *walk, const char *name, const char *ending)
{
	return !klp_set_has(&walk->names, name) &&
	       (klp_streq(ending, ".ko") || klp_set_has(&walk->endings, ending));
}

static int look_at_module(struct walk *walk, struct found *found, const char *ending)
{
	int err;

	_cleanup_free_ char *name = NULL;
	struct listed *listed = walk->n_listed ?
					bsearch(found->path, walk->listed, walk->n_listed,
						sizeof(*listed), cmp_path) :
					NULL;

	/* Most files: nothing more is to be known of them. */
	if (listed && found->type == DT_REG && !walk->ask_changed) {
		listed->seen = true;
		return 0;
	}
	/* A link may lead nowhere, and need not lead to a file. */
	if (fstatat(found->dir, found->name, &found->st, 0) < 0 ||
	    !S_ISREG(found->st.st_mode))
		return 0;
	if (listed) {
		listed->seen = true;
		walk->due->changed |= is_found_new(walk, found);
		return 0;
	}
	err = find_names(walk);
	name = module_name(found->path);
	if (err < 0 || !name)
		return -ENOMEM;
	return is_new_name(walk, name, ending) || is_found_new(walk, found) ?
		       klp_strv_add(&walk->due->come, found->path) :
		       0;
}

static int walk_directory(struct walk *walk, int parent, const char *name,
			  const char *prefix, bool is_new);

/* As they stand in the list: by what is in them, so as if there were a slash at the end. */
static int cmp_dir(const void *p, const void *q)
{
	const char *path = p, *known = ((const struct known_dir *)q)->path;
	int a, b;

	while (*path && *path == *known)
		path++, known++;
	a = *path ? (unsigned char)*path : '/';
	b = *known ? (unsigned char)*known : '/';
	return a != b ? a - b : *path ? 1 : *known ? -1 : 0;
}

/* One that is looked at by itself. */
static bool is_known_dir(const struct walk *walk, const char *path)
{
	return walk->n_dirs && bsearch(path, walk->dirs, walk->n_dirs,
				       sizeof(*walk->dirs), cmp_dir);
}

static bool is_directory(struct found *found)
{
	return found->type == DT_DIR ||
	       ((found->type == DT_LNK || found->type == DT_UNKNOWN) &&
		fstatat(found->dir, found->name, &found->st, 0) == 0 &&
		S_ISDIR(found->st.st_mode));
}

static int look_at(struct walk *walk, int dir, const struct dirent *entry,
		   const char *prefix, bool is_new)
{
	const char *ending = find_ending(entry->d_name);
	_cleanup_free_ char *path = NULL;
	struct found found = {
		.dir = dir,
		.name = entry->d_name,
		.type = entry->d_type,
		.is_new = is_new,
	};

	/* A directory may be called so, too. */
	if (!ending && entry->d_type == DT_REG)
		return 0;
	if (klp_depmod_conf_skips(&walk->conf, entry->d_name))
		return 0;
	if (asprintf(&path, "%s%s%s", prefix, *prefix ? "/" : "", entry->d_name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	found.path = path;
	if (entry->d_type != DT_REG && is_known_dir(walk, path))
		return 0;
	if (is_directory(&found)) {
		if (entry->d_type != DT_DIR)
			found.is_new |= is_link_younger(walk, &found);
		return walk_directory(walk, dir, entry->d_name, path, found.is_new);
	}
	return ending ? look_at_module(walk, &found, ending) : 0;
}

static bool is_above(const struct walk *walk, const struct stat *st)
{
	for (size_t i = 0; i < walk->depth; i++) {
		if (walk->devs[i] == st->st_dev && walk->inodes[i] == st->st_ino)
			return true;
	}
	return false;
}

static int read_directory(struct walk *walk, DIR *d, const char *prefix, bool is_new)
{
	int err = 0;

	while (err == 0) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(d);
		if (!entry)
			return -errno;
		err = look_at(walk, dirfd(d), entry, prefix, is_new);
	}
	return err;
}

/* What cannot be opened depmod passes over as well. */
static int walk_directory(struct walk *walk, int parent, const char *name,
			  const char *prefix, bool is_new)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;
	_cleanup_closedir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct stat st;

	if (!d) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return klp_is_passing(err) ? err : 0;
	}
	if (fstat(fd, &st) < 0)
		return -errno;
	if (walk->depth == DEPTH_MAX || is_above(walk, &st))
		return 0;
	walk->devs[walk->depth] = st.st_dev;
	walk->inodes[walk->depth++] = st.st_ino;
	/* depmod writes into the tree's own. */
	is_new |= *prefix && was_renamed(walk, &st);
	err = read_directory(walk, d, prefix, is_new);
	walk->depth--;
	return err;
}

/* Where the file system counts a directory's directories, it does so by their links "..". */
static bool has_known_dirs_only(const struct known_dir *dir, const struct stat *st)
{
	return st->st_nlink == dir->n_dirs + 2;
}

/* A known directory, but not those that are in it. */
static int look_at_known(struct walk *walk, int tree, struct known_dir *dir)
{
	struct stat st;

	/* A link is no directory, and may lead elsewhere now. */
	if (fstatat(tree, dir->path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return klp_is_passing(-errno) ? -errno : 0;
	dir->is_new = (dir->above && walk->dirs[dir->above - 1].is_new) ||
		      !S_ISDIR(st.st_mode) || was_renamed(walk, &st);
	dir->unchanged = !dir->is_new && !is_younger(walk, &st) &&
			 has_known_dirs_only(dir, &st);
	return dir->unchanged ? 0 : walk_directory(walk, tree, dir->path, dir->path, false);
}

static int walk_tree(struct walk *walk, const char *path)
{
	_cleanup_close_ int tree = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = tree < 0 ? -errno : 0;

	if (err == 0)
		err = walk_directory(walk, tree, ".", "", false);
	for (size_t i = 0; i < walk->n_dirs && err == 0; i++)
		err = look_at_known(walk, tree, &walk->dirs[i]);
	return err;
}

/* ---- both -------------------------------------------------------------------------- */

static bool is_in_unchanged(const struct walk *walk, const struct listed *listed)
{
	return listed->dir && walk->dirs[listed->dir - 1].unchanged;
}

/* The walk does not go around in circles, as depmod does; and in an external directory that is
 * not configured any more, it has not been. */
static int find_gone(struct walk *walk, struct klpdep_ctx *ctx, const char *tree)
{
	int err = 0;

	for (size_t i = 0; i < walk->n_listed && err == 0; i++) {
		const char *path = walk->listed[i].path;
		_cleanup_free_ char *file = NULL;

		if (walk->listed[i].seen || is_in_unchanged(walk, &walk->listed[i]))
			continue;
		if (*path == '/')
			file = klp_path(ctx, path);
		else if (asprintf(&file, "%s/%s", tree, path) < 0)
			file = NULL;
		if (!file)
			return -ENOMEM;
		if (access(file, F_OK) < 0 && !klp_is_passing(-errno))
			err = klp_strv_add(&walk->due->gone, path);
	}
	return err;
}

static int walk_externals(struct walk *walk, struct klpdep_ctx *ctx)
{
	int err = 0;

	for (size_t i = 0; i < walk->conf.externals.n && err == 0; i++) {
		const char *dir = walk->conf.externals.v[i];
		_cleanup_free_ char *path = klp_path(ctx, dir);

		err = path ? walk_directory(walk, AT_FDCWD, path, dir, false) : -ENOMEM;
	}
	return err;
}

int klp_due_find(struct klpdep_ctx *ctx, const char *kernel, bool ask_changed,
		 struct klp_due *due)
{
	_cleanup_free_ char *tree = klp_module_path(ctx, kernel, "");
	_cleanup_free_ char *file = klp_module_path(ctx, kernel, "modules.dep");
	_cleanup_(walk_clear) struct walk walk = {
		.due = due,
		.ask_changed = ask_changed,
	};
	int err = tree && file ? read_listed(&walk, file) : -ENOMEM;

	if (err == 0)
		err = klp_depmod_conf_read(ctx, kernel, &walk.conf);
	/* Whether one was changed its directory does not tell. */
	if (err == 0 && !ask_changed)
		err = find_dirs(&walk);
	if (err == 0)
		err = walk_tree(&walk, tree);
	if (err == 0)
		err = walk_externals(&walk, ctx);
	if (err == 0)
		err = find_gone(&walk, ctx, tree);
	klp_strv_sort(&due->come);
	klp_strv_sort(&due->gone);
	return err;
}

static void write_list(FILE *stream, const struct klp_strv *paths, const char *what)
{
	if (!paths->n)
		return;
	fputs(paths->v[0], stream);
	if (paths->n > 1)
		fprintf(stream, " and %zu more", paths->n - 1);
	fprintf(stream, " %s", what);
}

char *klp_due_text(const struct klp_due *due)
{
	char *text = NULL;
	size_t size;
	FILE *stream;

	if (!due->come.n && !due->gone.n)
		return NULL;
	stream = open_memstream(&text, &size);
	if (!stream)
		return NULL;
	write_list(stream, &due->come, "came");
	if (due->come.n && due->gone.n)
		fputs(", ", stream);
	write_list(stream, &due->gone, "went");
	fputs(" since depmod was run", stream);
	if (klp_close_text(stream, &text) < 0)
		return NULL;
	return text;
}

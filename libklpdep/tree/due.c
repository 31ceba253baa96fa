/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The modules that came to a module tree, or went, after depmod(8) was run.
 *
 * The tree is walked like depmod does (tools/depmod.c of kmod): all directories, even
 * behind links, except "build", "source" and what depmod.d(5) excludes; then depmod's
 * external directories.  A module has come if modules.dep does not have its name.  If
 * several files have one name, depmod lists one, by its search lines and finally by chance.
 * So another file of that name has come only if it is newer than modules.dep.  The ctime
 * tells, since no package and no cp -p sets it back.
 *
 * Most directories have only the kernel's own modules.  If such a directory is older than
 * modules.dep, nothing has come or gone there since.  It is then not read, unless it has
 * subdirectories in which depmod has found nothing.  This misses modules behind a link
 * there, to a directory that had no module.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/host/depmod-conf.h"
#include "libklpdep/host/moddep.h"
#include "libklpdep/tree/due.h"
#include "libklpdep/tree/listing.h"

struct walk {
	struct klp_due *due;
	struct klp_depmod_conf conf;
	struct klp_listing listing;
	bool ask_changed;
	dev_t devs[KLP_TREE_DEPTH_MAX]; /* the directories, from the tree's on */
	ino_t inodes[KLP_TREE_DEPTH_MAX];
	size_t depth;
};

static void walk_clear(struct walk *walk)
{
	klp_depmod_conf_clear(&walk->conf);
	klp_listing_clear(&walk->listing);
}

void klp_due_clear(struct klp_due *due)
{
	klp_strv_clear(&due->come);
	klp_strv_clear(&due->gone);
}

/* ---- the files --------------------------------------------------------------------- */

static bool is_younger(const struct walk *walk, const struct stat *st)
{
	return klp_cmp_times(&st->st_ctim, &walk->listing.since) > 0;
}

/* A renamed directory brings old modules; only its ctime is new. */
static bool was_renamed(const struct walk *walk, const struct stat *st)
{
	return is_younger(walk, st) && klp_cmp_times(&st->st_ctim, &st->st_mtim) != 0;
}

/* An entry of a directory. */
struct found {
	int dir;
	const char *name;
	const char *path;   /* like in modules.dep */
	unsigned char type; /* from readdir(3) */
	bool is_new;	    /* of the directory, or of a link that leads there */
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

static int look_at_module(struct walk *walk, struct found *found, const char *ending)
{
	struct klp_listed *listed = klp_listing_find(&walk->listing, found->path);
	int wanted;

	/* Most files: no need to know more. */
	if (listed && found->type == DT_REG && !walk->ask_changed) {
		listed->seen = true;
		return 0;
	}
	/* A link may be dangling, or lead to something that is no file. */
	if (fstatat(found->dir, found->name, &found->st, 0) < 0 ||
	    !S_ISREG(found->st.st_mode))
		return 0;
	if (listed) {
		listed->seen = true;
		walk->due->changed |= is_found_new(walk, found);
		return 0;
	}
	wanted = klp_listing_wants(&walk->listing, found->path, ending);
	return wanted < 0 ? wanted :
	       wanted || is_found_new(walk, found) ?
			    klp_strv_add(&walk->due->come, found->path) :
			    0;
}

static int walk_directory(struct walk *walk, int parent, const char *name,
			  const char *prefix, bool is_new);

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
	const char *ending = klp_module_ending(entry->d_name);
	_cleanup_free_ char *path = NULL;
	struct found found = {
		.dir = dir,
		.name = entry->d_name,
		.type = entry->d_type,
		.is_new = is_new,
	};

	/* A directory may have such a name, too. */
	if (!ending && entry->d_type == DT_REG)
		return 0;
	if (klp_depmod_conf_skips(&walk->conf, entry->d_name))
		return 0;
	if (asprintf(&path, "%s%s%s", prefix, *prefix ? "/" : "", entry->d_name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	found.path = path;
	if (entry->d_type != DT_REG && klp_listing_has_dir(&walk->listing, path))
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

/* depmod also skips what it cannot open. */
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
	if (walk->depth == KLP_TREE_DEPTH_MAX || is_above(walk, &st))
		return 0;
	walk->devs[walk->depth] = st.st_dev;
	walk->inodes[walk->depth++] = st.st_ino;
	/* depmod writes into the tree's own directory. */
	is_new |= *prefix && was_renamed(walk, &st);
	err = read_directory(walk, d, prefix, is_new);
	walk->depth--;
	return err;
}

/* If the file system counts subdirectories, it counts their links "..". */
static bool has_known_dirs_only(const struct klp_own_dir *dir, const struct stat *st)
{
	return st->st_nlink == dir->n_dirs + 2;
}

/* A known directory, without those in it. */
static int look_at_known(struct walk *walk, int tree, struct klp_own_dir *dir)
{
	struct stat st;

	/* A link is no directory, and may lead elsewhere now. */
	if (fstatat(tree, dir->path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return klp_is_passing(-errno) ? -errno : 0;
	dir->is_new = (dir->above && walk->listing.dirs[dir->above - 1].is_new) ||
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
	for (size_t i = 0; i < walk->listing.n_dirs && err == 0; i++)
		err = look_at_known(walk, tree, &walk->listing.dirs[i]);
	return err;
}

/* ---- comparing --------------------------------------------------------------------- */

static bool is_in_unchanged(const struct walk *walk, const struct klp_listed *listed)
{
	return listed->dir && walk->listing.dirs[listed->dir - 1].unchanged;
}

/* Unlike depmod, the walk does not go around in circles.  And it has not been in an
 * external directory that is no longer configured. */
static int find_gone(struct walk *walk, struct klpdep_ctx *ctx, const char *tree)
{
	int err = 0;

	for (size_t i = 0; i < walk->listing.n_listed && err == 0; i++) {
		const char *path = walk->listing.listed[i].path;
		_cleanup_free_ char *file = NULL;

		if (walk->listing.listed[i].seen || is_in_unchanged(walk, &walk->listing.listed[i]))
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
	int err = tree && file ? klp_listing_read(file, &walk.listing) : -ENOMEM;

	if (err == 0)
		err = klp_depmod_conf_read(ctx, kernel, &walk.conf);
	/* A directory does not tell whether a file in it has changed. */
	if (err == 0 && !ask_changed)
		err = klp_listing_find_dirs(&walk.listing);
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

int klpdep_depmod_is_due(struct klpdep_ctx *ctx, const char *kernel, bool *is_due)
{
	_cleanup_due_ struct klp_due due = { 0 };
	unsigned int before = ctx->n_errors;
	int err = klp_check_kernel(ctx, kernel);

	if (err == 0)
		err = klp_due_find(ctx, kernel, true, &due);
	if (err == 0)
		*is_due = due.come.n || due.gone.n || due.changed;
	return klp_ended(ctx, before, err, kernel);
}

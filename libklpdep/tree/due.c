/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The modules that came to a module tree, or went, after depmod(8) was run.
 *
 * The tree is walked like depmod does (tools/depmod.c of kmod): all directories, even
 * behind links, except "build", "source" and what depmod.d(5) excludes; then depmod's
 * external directories.  A module has come if modules.dep does not have its name.  If
 * several files have one name, depmod lists one, by its search lines and finally by chance.
 * So another file of that name has come only if it is newer than modules.dep.  The ctime
 * tells, since no package and no cp -p sets it back.  In an image without times the ctime is that
 * of unpacking, and the mtime tells: what a package has brought since has one.
 *
 * Most directories have only the kernel's own modules, and no subdirectories.  If such a
 * directory is older than modules.dep, nothing has come or gone there since, and it is not
 * read.  This misses modules that came behind a link there.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/host/depmod-conf.h"
#include "libklpdep/tree/due.h"

/* No tree is that deep, but links can lead around in circles. */
#define DEPTH_MAX 40

struct walk {
	const struct klp_moddep *moddep;
	struct klp_due *due;
	struct klp_depmod_conf conf;
	struct timespec since; /* mtime of modules.dep */
	bool no_times;
	bool *seen;	       /* by the modules' numbers */
	struct klp_set unchanged; /* directories */
	bool ask_changed;
	dev_t devs[DEPTH_MAX]; /* the directories, from the tree's on */
	ino_t inodes[DEPTH_MAX];
	size_t depth;
};

static void walk_clear(struct walk *walk)
{
	klp_depmod_conf_clear(&walk->conf);
	klp_set_clear(&walk->unchanged);
	free(walk->seen);
}

void klp_due_clear(struct klp_due *due)
{
	klp_strv_clear(&due->come);
	klp_strv_clear(&due->gone);
}

/* ---- the files --------------------------------------------------------------------- */

static bool is_younger(const struct walk *walk, const struct stat *st)
{
	return walk->no_times ? !klp_is_no_time(st->st_mtim.tv_sec) :
				klp_cmp_times(&st->st_ctim, &walk->since) > 0;
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

/* depmod may not know the compression. */
static bool does_depmod_read(const struct klp_moddep *moddep, const char *ending)
{
	bool known = klp_streq(ending, ".ko");

	for (size_t i = 0; i < moddep->n_modules && !known; i++)
		known = !moddep->modules[i].beside &&
			klp_ends_with(moddep->modules[i].path, ending);
	return known;
}

static int look_at_module(struct walk *walk, struct found *found, const char *ending)
{
	const struct klp_module *module;
	char name[KLP_MODULE_NAME_LEN];
	bool *seen = NULL;

	/* klpdep leaves such a module out. */
	if (klp_name_from_path(found->path, name) < 0 || strchr(name, '.'))
		return 0;
	module = klp_moddep_find(walk->moddep, name);
	if (module && module->beside)
		module = NULL;
	if (module && klp_streq(module->path, found->path))
		seen = &walk->seen[module - walk->moddep->modules];
	/* Most files: no need to know more. */
	if (seen && found->type == DT_REG && !walk->ask_changed) {
		*seen = true;
		return 0;
	}
	/* A link may be dangling, or lead to something that is no file. */
	if (fstatat(found->dir, found->name, &found->st, 0) < 0 ||
	    !S_ISREG(found->st.st_mode))
		return 0;
	if (seen) {
		*seen = true;
		walk->due->changed |= is_found_new(walk, found);
		return 0;
	}
	return (!module && does_depmod_read(walk->moddep, ending)) || is_found_new(walk, found) ?
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

/* If the file system counts subdirectories, it counts their links "..". */
static bool is_unchanged(const struct walk *walk, struct found *found)
{
	return !walk->ask_changed && !found->is_new && found->type == DT_DIR &&
	       klp_after_prefix(found->path, "kernel/") &&
	       fstatat(found->dir, found->name, &found->st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       found->st.st_nlink == 2 && !is_younger(walk, &found->st);
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
	found.path = path = klp_format("%s%s%s", prefix, *prefix ? "/" : "", entry->d_name);
	if (!path)
		return -ENOMEM;
	if (is_unchanged(walk, &found))
		return klp_set_add(&walk->unchanged, path);
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
	if (walk->depth == DEPTH_MAX || is_above(walk, &st))
		return 0;
	walk->devs[walk->depth] = st.st_dev;
	walk->inodes[walk->depth++] = st.st_ino;
	/* A renamed directory brings old modules; only its ctime is new.  depmod writes into
	 * the tree's own directory. */
	is_new |= *prefix && is_younger(walk, &st) &&
		  klp_cmp_times(&st.st_ctim, &st.st_mtim) != 0;
	err = read_directory(walk, d, prefix, is_new);
	walk->depth--;
	return err;
}

/* ---- comparing --------------------------------------------------------------------- */

static int look_for(struct walk *walk, struct klpdep_ctx *ctx, const char *kernel,
		    const struct klp_module *module)
{
	const char *path = module->path, *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = strndup(path, slash ? (size_t)(slash - path) : 0);
	_cleanup_free_ char *file = NULL;

	if (dir && klp_set_has(&walk->unchanged, dir))
		return 0;
	file = klp_moddep_file(ctx, kernel, module);
	if (!dir || !file)
		return -ENOMEM;
	return access(file, F_OK) < 0 && !klp_is_passing(-errno) ?
		       klp_strv_add(&walk->due->gone, path) :
		       0;
}

/* Unlike depmod, the walk does not go around in circles.  And it has not been in an
 * external directory that is no longer configured. */
static int find_gone(struct walk *walk, struct klpdep_ctx *ctx, const char *kernel)
{
	int err = 0;

	for (size_t i = 0; i < walk->moddep->n_modules && err == 0; i++) {
		const struct klp_module *module = &walk->moddep->modules[i];

		if (!walk->seen[i] && !module->beside)
			err = look_for(walk, ctx, kernel, module);
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

int klp_due_find(struct klpdep_ctx *ctx, const char *kernel, const struct klp_moddep *moddep,
		 bool ask_changed, struct klp_due *due)
{
	_cleanup_free_ char *tree = klp_module_path(ctx, kernel, "");
	_cleanup_free_ char *file = klp_module_path(ctx, kernel, "modules.dep");
	_cleanup_(walk_clear) struct walk walk = {
		.moddep = moddep,
		.due = due,
		.seen = calloc(moddep->n_modules + 1, sizeof(*walk.seen)),
		.ask_changed = ask_changed,
	};
	struct stat st;
	int err = tree && file && walk.seen ? 0 : -ENOMEM;

	if (err == 0 && stat(file, &st) < 0)
		err = -errno;
	if (err == 0) {
		walk.since = st.st_mtim;
		walk.no_times = klp_is_no_time(st.st_mtim.tv_sec);
		err = klp_depmod_conf_read(ctx, kernel, &walk.conf);
	}
	if (err == 0)
		err = walk_directory(&walk, AT_FDCWD, tree, "", false);
	if (err == 0)
		err = walk_externals(&walk, ctx);
	if (err == 0)
		err = find_gone(&walk, ctx, kernel);
	klp_strv_sort(&due->come);
	klp_strv_sort(&due->gone);
	return err;
}

static char *describe(const struct klp_strv *paths, const char *what)
{
	char more[32] = "";

	if (!paths->n)
		return strdup("");
	if (paths->n > 1)
		snprintf(more, sizeof(more), " and %zu more", paths->n - 1);
	return klp_format("%s%s %s", paths->v[0], more, what);
}

char *klp_due_text(const struct klp_due *due)
{
	_cleanup_free_ char *come = describe(&due->come, "came");
	_cleanup_free_ char *gone = describe(&due->gone, "went");

	if (!come || !gone || (!*come && !*gone))
		return NULL;
	return klp_format("%s%s%s since depmod was run", come, *come && *gone ? ", " : "",
			  gone);
}

/* Whoever uses the modules reports what is wrong with their list. */
static int read_quietly(struct klpdep_ctx *ctx, const char *kernel, struct klp_moddep *moddep)
{
	int priority = ctx->log_priority, err;

	ctx->log_priority = LOG_CRIT;
	err = klp_moddep_read_files(ctx, kernel, moddep);
	ctx->log_priority = priority;
	return err;
}

int klpdep_depmod_is_due(struct klpdep_ctx *ctx, const char *kernel, bool *is_due)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_due_ struct klp_due due = { 0 };
	unsigned int before = ctx->n_errors;
	int err = klp_check_kernel(ctx, kernel);

	if (err == 0)
		err = read_quietly(ctx, kernel, &moddep);
	/* depmod makes a malformed list anew. */
	if (err == -EBADMSG) {
		*is_due = true;
		return 0;
	}
	if (err == 0)
		err = klp_due_find(ctx, kernel, &moddep, true, &due);
	if (err == 0)
		*is_due = due.come.n || due.gone.n || due.changed;
	return klp_ended(ctx, before, err, kernel);
}

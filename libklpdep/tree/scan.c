/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading all modules of a tree, and making an index of the livepatches. */
#include "config.h"

#include <fcntl.h>

#include "libklpdep/base/each.h"
#include "libklpdep/livepatch/format.h"
#include "libklpdep/host/directories.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/tree/links.h"
#include "libklpdep/tree/scan.h"

struct scan {
	struct klpdep_ctx *ctx;
	const char *kernel;
	int dir; /* paths of modules.dep are relative to it */
	bool not_built;
	struct klpdep_index *previous; /* with not_built: what has the patches among them */
	const struct klp_scan_cache *cache;
	struct klp_built built;
	struct klp_scanned *scanned;
	size_t n;
};

void klp_scanned_clear(struct klp_scanned *scanned, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(scanned[i].file);
		free(scanned[i].why);
		klpdep_patch_unref(scanned[i].patch);
	}
}

static bool is_known(const struct scan *scan, int dir, const char *path,
		     struct klp_module *module)
{
	return scan->cache->n_entries && fstatat(dir, path, &module->st, 0) == 0 &&
	       klp_scan_cache_knows(scan->cache, module->path, &module->st);
}

/* Read the module at @path, as openat(2) takes it. */
static int scan_file(struct scan *scan, int dir, const char *path,
		     struct klp_scanned *module)
{
	_cleanup_file_ struct klp_file *file = NULL;
	const char *built_as = NULL;
	int err;

	module->known = is_known(scan, dir, path, module->module);
	if (module->known)
		return -ENODATA;
	/* A compressed file with another ending is only read further. */
	if (!klp_ends_with(path, ".ko") &&
	    klp_built_has(&scan->built, module->module->path))
		built_as = module->module->name;
	err = klp_file_open_livepatch(dir, path, built_as, &file);
	if (file)
		module->module->st = file->st;
	if (err == 0)
		err = klp_format_read(file, &module->patch);
	if (err < 0 && file)
		module->why = klp_take(file->error);
	return err;
}

/* Except for a livepatch of the kernel's own build that the index has. */
static bool is_passed_over(struct scan *scan, const struct klp_module *module)
{
	return scan->not_built && klp_built_has(&scan->built, module->path) &&
	       !(scan->previous && klp_index_find(scan->previous, module->name));
}

static void scan_one(void *data, size_t i)
{
	struct scan *scan = data;
	struct klp_scanned *module = &scan->scanned[i];
	const struct klp_module *named = module->module;

	if (is_passed_over(scan, named)) {
		module->err = -ENODATA;
		return;
	}
	/* Most paths are relative, so that the kernel need not look them up from the
	 * root. */
	if (!named->foreign && *named->path != '/') {
		module->err = scan_file(scan, scan->dir, named->path, module);
		return;
	}
	_cleanup_free_ char *file = klp_moddep_file(scan->ctx, scan->kernel, named);

	module->err = file ? scan_file(scan, AT_FDCWD, file, module) : -ENOMEM;
}

/* The files of the patches and targets. */
static int name_files(struct scan *scan)
{
	for (size_t i = 0; i < scan->n; i++) {
		struct klp_scanned *module = &scan->scanned[i];

		if (module->err == -ENODATA)
			continue;
		module->file = klp_moddep_file(scan->ctx, scan->kernel, module->module);
		if (!module->file)
			return -ENOMEM;
	}
	return 0;
}

static int open_directory(struct scan *scan)
{
	_cleanup_free_ char *path = klp_module_path(scan->ctx, scan->kernel, "");

	if (!path)
		return -ENOMEM;
	scan->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return scan->dir < 0 ? -errno : 0;
}

static int scan_modules(struct scan *scan, unsigned int threads,
			klpdep_progress_fn progress, void *data)
{
	int err = open_directory(scan);

	if (err < 0)
		return err;
	klp_built_init(&scan->built, scan->ctx, scan->kernel);
	err = klp_each(threads, scan->n, scan_one, scan, progress, data);
	klp_built_clear(&scan->built);
	close(scan->dir);
	/* This is no fault of the file.  The existing index is better than one without its
	 * patch. */
	for (size_t i = 0; i < scan->n && err == 0; i++) {
		if (klp_is_lack(scan->scanned[i].err))
			err = scan->scanned[i].err;
	}
	return err != 0 ? err : name_files(scan);
}

/* The existing index, in any state, or none. */
static int open_previous(struct klpdep_ctx *ctx, const char *kernel,
			 struct klpdep_index **previous)
{
	int priority = ctx->log_priority, err;

	ctx->log_priority = LOG_CRIT;
	err = klp_index_open(ctx, kernel, previous);
	ctx->log_priority = priority;
	return err == -ENOMEM ? err : 0;
}

int klp_scan(struct klpdep_ctx *ctx, const char *kernel, struct klp_moddep *moddep,
	     unsigned int threads, unsigned int flags, klpdep_progress_fn progress,
	     void *data, struct klp_scanned *scanned)
{
	struct klp_scan_cache cache = { 0 };
	struct scan scan = { .ctx = ctx,
			     .kernel = kernel,
			     .cache = &cache,
			     .not_built = flags & KLP_SCAN_NOT_BUILT,
			     .scanned = scanned,
			     .n = moddep->n_modules };
	int err = 0;

	for (size_t i = 0; i < scan.n; i++)
		scanned[i].module = &moddep->modules[i];
	if (!(flags & KLPDEP_SCAN_NO_CACHE))
		klp_scan_cache_read(ctx, kernel, &cache);
	if (scan.not_built)
		err = open_previous(ctx, kernel, &scan.previous);
	if (err == 0)
		err = scan_modules(&scan, threads, progress, data);
	klpdep_index_unref(scan.previous);
	if (err == 0 && !(flags & (KLPDEP_SCAN_NO_CACHE | KLP_SCAN_KEEP_CACHE |
				   KLP_SCAN_NOT_BUILT))) {
		err = klp_scan_cache_write(ctx, kernel, &cache, scanned, scan.n);
		/* The cache only saves time: a read-only /var is no error. */
		if (err < 0)
			klp_info(ctx, "the scan cache of %s cannot be written: %s",
				 kernel, klpdep_strerror(err));
		err = 0;
	}
	klp_scan_cache_clear(&cache);
	return err;
}

/* ---- from modules to an index ------------------------------------------------------ */

/* Leave out objects whose names cannot be written to an index. */
static int drop_bad_objects(struct klpdep_ctx *ctx, struct klpdep_patch *patch,
			    const char *file)
{
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; i < patch->n_objects; i++) {
		struct klpdep_object *object = &patch->objects[i];

		if (klp_name_valid(object->name)) {
			struct klpdep_object kept = *object;

			*object = patch->objects[n];
			patch->objects[n++] = kept;
			continue;
		}
		klp_warn(ctx, "%s: patches the object '%.100s', which is no module's name; "
			 "it is left out", file, object->name);
		if (err == 0)
			err = klp_strv_add(&patch->left_out, object->name);
	}
	for (size_t i = n; i < patch->n_objects; i++)
		klp_object_clear(&patch->objects[i]);
	patch->n_objects = n;
	return err;
}

static int take_patch(struct klpdep_ctx *ctx, struct klpdep_index *index,
		      struct klp_scanned *scanned)
{
	struct klpdep_patch *patch = scanned->patch;
	int err = 0;

	/* modprobe uses the file's name, the kernel the one inside. */
	if (!klp_streq(patch->name, scanned->module->name)) {
		klp_warn(ctx, "%s: the module inside is called %s; rename the file",
			 scanned->file, patch->name);
		err = klp_set_string(&patch->inner_name, patch->name);
	}
	if (err == 0)
		err = klp_set_string(&patch->name, scanned->module->name);
	if (err == 0)
		err = klp_set_string(&patch->file, scanned->module->path);
	if (err == 0)
		err = drop_bad_objects(ctx, patch, scanned->file);
	if (err < 0)
		return err;
	if (!patch->format)
		klp_warn(ctx,
			 "%s: its objects cannot be read from the file; name them in the "
			 "modinfo tag klp_objects",
			 scanned->file);
	err = klp_index_add_patch(index, patch);
	if (err == 0)
		scanned->patch = NULL; /* the index owns it now */
	return err;
}

/* depmod has not read the tags of a patch beside the tree.  A line of modprobe.d counts in
 * their place, as it does for a module of the tree. */
static int take_own_softdeps(struct klp_kmod *kmod, const struct klpdep_patch *patch,
			     struct klp_strv *pre, struct klp_strv *post)
{
	int err = 0;

	if (klp_kmod_has_softdep_line(kmod, patch->name))
		return 0;
	for (size_t i = 0; i < patch->pre.n && err == 0; i++) {
		if (klp_word_plain(patch->pre.v[i]))
			err = klp_strv_add(pre, patch->pre.v[i]);
	}
	for (size_t i = 0; i < patch->post.n && err == 0; i++) {
		if (klp_word_plain(patch->post.v[i]))
			err = klp_strv_add(post, patch->post.v[i]);
	}
	return err;
}

/* The softdeps of a target or patch, without klpdep's own. */
static int add_softdep(struct klpdep_index *index, struct klp_kmod *kmod, const char *name)
{
	const struct klpdep_patch *patch = klp_index_find(index, name);
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };
	struct klp_softdep *softdep;
	int err = klp_kmod_softdeps(kmod, name, &pre, &post);

	/* A file to verify can have a name that kmod does not know. */
	if (err == -ENOENT)
		err = 0;
	if (err == 0 && patch && klp_patch_is_beside(patch))
		err = take_own_softdeps(kmod, patch, &pre, &post);
	if (err < 0 || pre.n + post.n == 0)
		return err;
	softdep = klp_index_add_softdep(index, name);
	if (!softdep)
		return -ENOMEM;
	softdep->pre = pre;
	softdep->post = post;
	pre = post = (struct klp_strv){ 0 };
	return 0;
}

static int add_softdeps(struct klpdep_ctx *ctx, struct klpdep_index *index)
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	int err = 0;

	if (!index->n_patches)
		return 0;
	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = klp_strv_add(&names, index->patches[i]->name);
	for (size_t i = 0; i < index->n_edges && err == 0; i++) {
		const char *name = index->edges[i].object->name;

		if (index->edges[i].object->order != KLPDEP_ORDER_NONE &&
		    (i == 0 || !klp_streq(name, index->edges[i - 1].object->name)))
			err = klp_strv_add(&names, name);
	}
	if (err == 0)
		err = klp_kmod_new(ctx, index->kernel, KLP_KMOD_FOREIGN, &kmod);
	for (size_t i = 0; i < names.n && err == 0; i++)
		err = add_softdep(index, kmod, names.v[i]);
	return err;
}

static bool is_unreadable(const struct klp_scanned *scanned)
{
	return scanned->err < 0 && scanned->err != -ENODATA;
}

/* Put back what an index has as records, beside the patches that it does not have. */
static int take_requires(const struct klpdep_index *previous, struct klpdep_patch *patch)
{
	int err = 0;
	size_t n;
	const struct klp_link *links = klp_index_requires_of(previous, patch, &n);

	for (size_t i = 0; i < n && err == 0; i++) {
		if (links[i].reason == KLPDEP_REASON_DECLARED)
			err = klp_strv_add_unique(&patch->requires, links[i].to->name);
	}
	return err;
}

/* An unreadable patch is not forgotten. */
static int find_previous(struct klpdep_ctx *ctx, const char *kernel,
			 struct klp_scanned *scanned, size_t n)
{
	_cleanup_index_ struct klpdep_index *previous = NULL;
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct klpdep_patch *patch;

		if (!is_unreadable(&scanned[i]) || scanned[i].patch)
			continue;
		if (!previous)
			err = open_previous(ctx, kernel, &previous);
		if (!previous)
			return err;
		patch = klp_index_find(previous, scanned[i].module->name);
		if (!patch)
			continue;
		scanned[i].patch = klpdep_patch_ref(patch);
		err = take_requires(previous, patch);
	}
	return err;
}

static int keep_unreadable(struct klpdep_index *index, struct klp_scanned *scanned)
{
	struct klpdep_patch *patch = scanned->patch;
	int err = klp_set_string(&patch->file, scanned->module->path);

	patch->is_unreadable = true;
	if (err == 0)
		err = klp_index_add_misfit(index, patch, KLP_UNREADABLE, NULL,
					   scanned->why ? scanned->why :
							  klpdep_strerror(scanned->err));
	if (err == 0)
		err = klp_index_add_patch(index, patch);
	if (err == 0)
		scanned->patch = NULL; /* the index owns it now */
	return err;
}

/* A directory beside the tree may have modules that are no patches.  Nobody else knows
 * these. */
static void leave_out_others(struct klp_moddep *moddep, const struct klp_scanned *scanned)
{
	for (size_t i = 0; i < moddep->n_modules; i++)
		moddep->modules[i].left_out = moddep->modules[i].beside &&
					      scanned[i].err != 0 && !scanned[i].patch;
}

/* depmod(8) warns of this in the tree. */
static void warn_lost_needs(struct klpdep_ctx *ctx, const struct klp_moddep *moddep,
			    struct klp_kmod *kmod, const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->needs.n; i++) {
		const char *name = patch->needs.v[i];

		if (!klp_moddep_find(moddep, name) && !klp_kmod_is_builtin(kmod, name))
			klp_warn(ctx, "%s: depends on %s, which is neither in the module tree "
				 "nor a livepatch, so the kernel will refuse it",
				 patch->file, name);
	}
}

/* modules.dep has the hard dependencies of its patches on each other. */
static int find_needs(struct klpdep_ctx *ctx, struct klpdep_index *index,
		      struct klp_moddep *moddep, struct klp_kmod *kmod)
{
	int err = klp_moddep_resolve(moddep);

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		struct klpdep_patch *patch = index->patches[i];
		const struct klp_module *module = klp_moddep_find(moddep, patch->name);

		if (module && module->beside)
			warn_lost_needs(ctx, moddep, kmod, patch);
		if (module && !module->foreign)
			err = klp_moddep_add_deps(moddep, patch->name, &patch->needs);
		klp_strv_clear(&patch->needs);
	}
	if (err == 0)
		err = klp_moddep_add_indirect(moddep);
	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		const struct klp_module *module = klp_moddep_find(moddep, index->patches[i]->name);

		for (size_t j = 0; module && module->beside && j < module->n_deps && err == 0; j++)
			err = klp_strv_add(&index->patches[i]->needs,
					   moddep->modules[module->deps[j]].name);
	}
	return err;
}

int klp_scan_to_index(struct klpdep_ctx *ctx, const char *kernel,
		      struct klp_moddep *moddep, struct klp_scanned *scanned,
		      struct klpdep_index **out)
{
	_cleanup_index_ struct klpdep_index *index = klp_index_new(kernel);
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	int err = index ? find_previous(ctx, kernel, scanned, moddep->n_modules) : -ENOMEM;

	if (err == 0)
		leave_out_others(moddep, scanned);
	for (size_t i = 0; i < moddep->n_modules && err == 0; i++) {
		if (is_unreadable(&scanned[i]) && scanned[i].patch)
			err = keep_unreadable(index, &scanned[i]);
		else if (scanned[i].err == 0)
			err = take_patch(ctx, index, &scanned[i]);
	}
	if (err < 0)
		return err;
	klp_index_sort_patches(index);
	klp_index_sort_misfits(index);
	err = klp_index_make_edges(index);
	if (err == 0 && index->n_patches)
		err = klp_kmod_new(ctx, kernel, KLP_KMOD_NO_CONFIG, &kmod);
	if (err == 0 && index->n_patches)
		err = find_needs(ctx, index, moddep, kmod);
	if (err == 0 && index->n_patches)
		err = klp_links_find(ctx, index, moddep, kmod);
	if (err == 0)
		err = add_softdeps(ctx, index);
	if (err == 0)
		*out = klp_take(index);
	return err;
}

static size_t report_unreadable(struct klpdep_ctx *ctx, const struct klp_scanned *scanned,
				size_t n)
{
	size_t unreadable = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_unreadable(&scanned[i]))
			continue;
		klp_err(ctx, "%s: %s", scanned[i].file,
			scanned[i].why ? scanned[i].why :
					 klpdep_strerror(scanned[i].err));
		unreadable++;
	}
	return unreadable;
}

int klp_scan_list(struct klpdep_ctx *ctx, const char *kernel,
		  const struct klpdep_config *config, struct klp_moddep *moddep)
{
	int err = klp_check_kernel(ctx, kernel);

	if (err == 0)
		err = klp_moddep_read_files(ctx, kernel, moddep);
	return err == 0 ? klp_said(ctx, klp_directories_add(ctx, config, kernel, moddep)) : err;
}

int klp_index_scan(struct klpdep_ctx *ctx, const char *kernel, struct klp_moddep *moddep,
		   unsigned int threads, unsigned int flags, klpdep_progress_fn progress,
		   void *data, struct klpdep_index **index, size_t *unreadable)
{
	_cleanup_free_ struct klp_scanned *scanned = NULL;
	unsigned int before = ctx->n_errors;
	size_t bad = 0;
	int err;

	scanned = calloc(moddep->n_modules ? moddep->n_modules : 1, sizeof(*scanned));
	if (!scanned)
		return klp_said(ctx, -ENOMEM);
	err = klp_scan(ctx, kernel, moddep, threads, flags, progress, data, scanned);
	if (err == 0) {
		bad = report_unreadable(ctx, scanned, moddep->n_modules);
		before = ctx->n_errors;
		err = klp_scan_to_index(ctx, kernel, moddep, scanned, index);
	}
	klp_scanned_clear(scanned, moddep->n_modules);
	if (unreadable)
		*unreadable = bad;
	if (err < 0 && before == ctx->n_errors)
		klp_err(ctx, "%s: no index: %s", kernel, klpdep_strerror(err));
	return err;
}

int klpdep_index_scan(struct klpdep_ctx *ctx, const char *kernel,
		      const struct klpdep_config *config, unsigned int threads,
		      unsigned int flags, klpdep_progress_fn progress, void *data,
		      struct klpdep_index **index, size_t *unreadable)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	int err = klp_check_flags(ctx, flags, KLPDEP_SCAN_NO_CACHE);

	if (err == 0)
		err = klp_scan_list(ctx, kernel, config, &moddep);
	return err < 0 ? err :
			 klp_index_scan(ctx, kernel, &moddep, threads, flags, progress, data,
					index, unreadable);
}

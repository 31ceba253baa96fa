/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: a module tree with the files that are to be installed, and the table of
 * checks. */
#include "config.h"

#include "libklpdep/host/directories.h"
#include "libklpdep/rules/rules.h"
#include "libklpdep/tree/scan.h"
#include "libklpdep/verify/verify.h"

static int check_fit(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	return klp_fit_check(&verify->fit, patch);
}

/* In the order of their findings. */
static const klp_verify_check checks[] = {
	klp_verify_file_name, check_fit,       klp_verify_replace,
	klp_verify_releases,  klp_verify_links, klp_verify_sets,
	klp_verify_overlap,   klp_verify_rules, klp_verify_running,
};

const struct klp_verify_state *klp_verify_state(const struct klp_verification *verify,
						const struct klpdep_patch *patch)
{
	return &verify->states[patch->number];
}

/* ---- files to be installed --------------------------------------------------------- */

/* A patch that the caller gave. */
struct given {
	const struct klpdep_patch *patch;
	char name[KLP_MODULE_NAME_LEN]; /* in the tree: that of its file */
	bool in_tree;
	bool is_asked; /* report its findings; else it is only there for the others */
};

static const struct given *find_by_name(const struct given *given, size_t n,
					const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (klp_streq(given[i].name, name))
			return &given[i];
	}
	return NULL;
}

/* Whether the tree's module has this file. */
static bool is_same_file(const struct klp_verification *verify, const struct klp_module *module,
			 const char *path)
{
	_cleanup_free_ char *file = klp_moddep_file(verify->ctx, verify->kernel, module);

	return file && klp_is_same_file(file, path);
}

static int find_given(struct klp_verification *verify, struct given *given)
{
	const struct klp_module *module;

	if (klp_name_from_path(given->patch->file, given->name) == 0) {
		module = klp_moddep_find(&verify->moddep, given->name);
		given->in_tree = module &&
				 is_same_file(verify, module, given->patch->file);
	}
	if (given->in_tree)
		return 0;
	/* A file that is not installed yet may have any name. */
	if (klp_name_normalize(given->patch->name, given->name) < 0)
		return -EINVAL;
	return klp_moddep_add(&verify->moddep, given->name, given->patch->file);
}

static const struct given *find_exporter(const struct given *given, size_t n,
					 const char *symbol)
{
	for (size_t i = 0; i < n; i++) {
		if (!given[i].in_tree && klp_strv_has_sorted(&given[i].patch->exports, symbol))
			return &given[i];
	}
	return NULL;
}

/* Gather the names of the modules that a patch takes symbols from. */
static int find_providers(struct klp_verification *verify, const struct given *given, size_t n,
			  const struct klpdep_patch *patch, struct klp_strv *providers)
{
	int err = 0;

	for (size_t i = 0; i < patch->imports.n && err == 0; i++) {
		const char *symbol = patch->imports.v[i];
		const struct given *exporter = find_exporter(given, n, symbol);
		_cleanup_free_ char *alias = NULL;

		if (exporter) {
			err = klp_strv_add_unique(providers, exporter->name);
			continue;
		}
		alias = klp_format("symbol:%s", symbol);
		if (!alias)
			return -ENOMEM;
		/* If no module exports the symbol, the kernel itself may do so. */
		if (klp_kmod_lookup(verify->kmod, alias, providers) == -ENOMEM)
			err = -ENOMEM;
	}
	return err;
}

/* Add the given modules to those of the tree, each in the place of one of its name.
 * The order matters: modules must be added before the dependencies are resolved. */
static int add_given(struct klp_verification *verify, struct given *given, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++)
		err = find_given(verify, &given[i]);
	return err < 0 ? err : klp_moddep_resolve(&verify->moddep);
}

/* Find what depmod(8) would find that the given modules depend on, once they are
 * installed: the modules that export their symbols.  The scan adds what these depend on
 * in turn. */
static int add_deps(struct klp_verification *verify, const struct given *given, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		_cleanup_strv_ struct klp_strv providers = { 0 };

		if (given[i].in_tree)
			continue;
		err = find_providers(verify, given, n, given[i].patch, &providers);
		if (err == 0)
			err = klp_moddep_add_deps(&verify->moddep, given[i].name, &providers);
	}
	return err;
}

/* ---- the index --------------------------------------------------------------------- */

/* A module that cannot be read may be a livepatch, and verify cannot check it. */
static void say_unreadable(struct klp_verification *verify, const struct klp_scanned *scanned)
{
	const struct klpdep_patch patch = { .name = (char *)scanned->module->name };
	const char *why = scanned->why ? scanned->why : klpdep_strerror(scanned->err);

	/* The module is not at fault if this build cannot read it, or this user may
	 * not. */
	if (scanned->err == -ENOTSUP || scanned->err == -EACCES || scanned->err == -EPERM)
		klp_fit_say(&verify->fit, KLPDEP_NOTE, "not-checked", &patch, NULL, NULL,
			       "%s: %s; it was not checked", scanned->file,
			       why);
	else
		klp_fit_say(&verify->fit, KLPDEP_ERROR, "unreadable", &patch, NULL, NULL,
			       "%s: %s: install it again, or build it again",
			       scanned->file, why);
}

/* The caller has read these patches before, so this fails only for a file that has
 * changed meanwhile. */
static int check_given(const struct klp_verification *verify, const struct given *given,
		       const struct klp_scanned *scanned)
{
	const struct klp_module *module = klp_moddep_find(&verify->moddep, given->name);

	scanned += module - verify->moddep.modules;
	if (scanned->err < 0)
		klp_err(verify->ctx, "%s: %s", given->patch->file,
			scanned->why ? scanned->why : klpdep_strerror(scanned->err));
	return scanned->err;
}

static int read_tree(struct klp_verification *verify, const struct given *given, size_t n)
{
	size_t n_modules = verify->moddep.n_modules;
	_cleanup_free_ struct klp_scanned *scanned = calloc(n_modules ? n_modules : 1,
							    sizeof(*scanned));
	int err = scanned ? 0 : -ENOMEM;

	if (err == 0)
		err = klp_scan(verify->ctx, verify->kernel, &verify->moddep, 0,
			       KLP_SCAN_KEEP_CACHE, NULL, NULL, scanned);
	for (size_t i = 0; i < n && err == 0; i++)
		err = check_given(verify, &given[i], scanned);
	for (size_t i = 0; i < n_modules && err == 0 && !n; i++) {
		if (scanned[i].err < 0 && scanned[i].err != -ENODATA)
			say_unreadable(verify, &scanned[i]);
	}
	if (err == 0)
		err = klp_scan_to_index(verify->ctx, verify->kernel, &verify->moddep,
					scanned, &verify->index);
	if (scanned)
		klp_scanned_clear(scanned, n_modules);
	return err;
}

/* Find the misfits of all patches, also if few are checked: what is incompatible is never
 * loaded, and so it is in conflict with none of them. */
static int find_misfits(struct klp_verification *verify, size_t n)
{
	struct klpdep_index *index = verify->index;
	int err = n ? 0 : klp_fit_targets(&verify->fit, index);

	if (err == 0 && !n)
		err = klp_fit_build_ids(&verify->fit, index);
	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = klp_fit_patch(&verify->fit, index, index->patches[i]);
	klp_index_sort_misfits(index);
	return err;
}

/* Also check patches that are blocked or incompatible, and those that kpatch.service
 * loads. */
static bool is_to_be_looked_at(const struct klp_verification *verify,
			       const struct klpdep_patch *patch)
{
	enum klpdep_state state = klp_view_standing(verify->view, patch)->state;

	return klp_view_is_wanted(verify->view, patch) || state == KLPDEP_STATE_BLOCKED ||
	       (state == KLPDEP_STATE_INCOMPATIBLE && !patch->is_unreadable);
}

static int find_states(struct klp_verification *verify, const struct given *given, size_t n)
{
	struct klpdep_index *index = verify->index;

	verify->states = calloc(index->n_patches ? index->n_patches : 1,
				sizeof(*verify->states));
	if (!verify->states ||
	    klpdep_view_new(verify->ctx, index, verify->config, 0, &verify->view) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < index->n_patches; i++) {
		const struct given *as = find_by_name(given, n, index->patches[i]->name);
		struct klp_verify_state *state = &verify->states[i];

		state->chosen = n ? as && as->is_asked :
				    is_to_be_looked_at(verify, index->patches[i]);
		state->in_tree = !as || as->in_tree;
	}
	return 0;
}

static bool is_all_in_tree(const struct given *given, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!given[i].in_tree)
			return false;
	}
	return true;
}

/* ---- running ----------------------------------------------------------------------- */

static void verify_clear(struct klp_verification *verify)
{
	klp_fit_clear(&verify->fit);
	klp_moddep_clear(&verify->moddep);
	klpdep_view_unref(verify->view);
	klpdep_index_unref(verify->index);
	klp_kmod_free(verify->kmod);
	klpdep_index_unref(verify->written);
	klp_shadows_free(verify->shadows);
	klp_strv_clear(&verify->taken);
	free(verify->changes);
	free(verify->states);
}

static int prepare(struct klp_verification *verify, struct given *given, size_t n)
{
	int err = klp_moddep_read_files(verify->ctx, verify->kernel, &verify->moddep);

	if (err == 0)
		err = klp_directories_add(verify->ctx, verify->config, verify->kernel,
					  &verify->moddep);
	if (err == 0)
		err = add_given(verify, given, n);
	if (err == 0)
		err = klp_kmod_new(verify->ctx, verify->kernel, KLP_KMOD_NO_CONFIG,
				   &verify->kmod);
	if (err == 0)
		err = add_deps(verify, given, n);
	if (err == 0)
		err = klp_fit_init(&verify->fit, &verify->moddep);
	if (err == 0)
		err = read_tree(verify, given, n);
	if (err == 0)
		err = find_misfits(verify, n);
	if (err == 0)
		err = find_states(verify, given, n);
	if (err == 0 &&
	    klp_index_open(verify->ctx, verify->kernel, &verify->written) == -ENOMEM)
		err = -ENOMEM;
	if (err == 0)
		err = klp_verify_look_at_kernel(verify);
	if (err == 0 && !n)
		err = klp_verify_blocks(verify);
	/* The index cannot have files that are not installed yet. */
	return err == 0 && is_all_in_tree(given, n) ? klp_verify_index(verify) : err;
}

/* Check the tree with these files in it, each of another name. */
static int look(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_config *config,
		struct given *given, size_t n, klpdep_finding_fn fn, void *data)
{
	_cleanup_(verify_clear) struct klp_verification verify = {
		.ctx = ctx,
		.kernel = kernel,
		.config = config,
		.fit = { .ctx = ctx, .kernel = kernel, .config = config, .fn = fn,
			 .data = data },
		.some = n > 0,
	};
	int priority = ctx->log_priority, err;

	/* The checks report findings for everything that reading the tree warns of. */
	if (priority == LOG_WARNING)
		ctx->log_priority = LOG_ERR;
	err = prepare(&verify, given, n);
	for (size_t i = 0; err == 0 && i < verify.index->n_patches; i++) {
		for (size_t j = 0;
		     j < KLP_ARRAY_SIZE(checks) && err == 0 && verify.states[i].chosen;
		     j++) {
			err = checks[j](&verify, verify.index->patches[i]);
			if (err == 0)
				err = verify.fit.stop;
		}
	}
	ctx->log_priority = priority;
	return err == 0 ? verify.fit.stop : err;
}

static int cmp_given(const void *p, const void *q)
{
	return strcmp(((const struct given *)p)->name, ((const struct given *)q)->name);
}

/* Choose one file of each name, in @now: that of this @round; or the last one, which an
 * earlier round has checked, if there are not so many.  Returns their number.  @left is
 * the number of files that no round has checked yet. */
static size_t choose(const struct given *all, size_t n, size_t round, struct given *now,
		     size_t *left)
{
	size_t n_now = 0, end;

	for (size_t start = 0; start < n; start = end) {
		size_t last;

		for (end = start + 1; end < n && cmp_given(&all[start], &all[end]) == 0; end++)
			;
		last = end - start - 1;
		now[n_now] = all[start + (round < last ? round : last)];
		now[n_now].is_asked = round <= last;
		*left -= round <= last;
		n_now++;
	}
	return n_now;
}

int klpdep_verify(struct klpdep_ctx *ctx, const char *kernel,
		  struct klpdep_config *config, struct klpdep_patch *const *patches,
		  size_t n, klpdep_finding_fn fn, void *data)
{
	unsigned int before = ctx->n_errors;
	_cleanup_free_ struct given *all = calloc(n + 1, sizeof(*all));
	_cleanup_free_ struct given *now = calloc(n + 1, sizeof(*now));
	size_t left = n;
	int err = klp_check_kernel(ctx, kernel);

	if (err == 0 && (!all || !now))
		err = -ENOMEM;
	for (size_t i = 0; i < n && err == 0; i++) {
		all[i].patch = patches[i];
		err = klp_check_name(ctx, patches[i]->name, all[i].name);
	}
	if (err == 0 && n)
		qsort(all, n, sizeof(*all), cmp_given);
	for (size_t round = 0; err == 0 && (left || round == 0); round++) {
		size_t n_now = choose(all, n, round, now, &left);

		err = look(ctx, kernel, config, now, n_now, fn, data);
	}
	return klp_ended(ctx, before, err, kernel);
}

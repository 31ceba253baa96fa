/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only code that knows libkmod. */
#include "config.h"

#include <fnmatch.h>
#include <libkmod.h>

#include "libklpdep/host/conf-files.h"
#include "libklpdep/host/kmod.h"

/* It has no files. */
#define NO_DIR "/dev/null"

struct klp_kmod {
	struct klpdep_ctx *ctx;
	struct kmod_ctx *kmod;
	bool no_config;
	/* Sorted by name. */
	struct beside {
		char *name;
		char *file;
		struct klp_strv deps;
	} *beside;
	size_t n_beside;
};

static void module_cleanup(struct kmod_module **module)
{
	kmod_module_unref(*module);
}

static void module_list_cleanup(struct kmod_list **list)
{
	kmod_module_unref_list(*list);
}

#define _cleanup_module_ _cleanup_(module_cleanup)
#define _cleanup_module_list_ _cleanup_(module_list_cleanup)

KLP_PRINTF(6, 0)
static void log_from_kmod(void *data, int priority, const char *file, int line,
			  const char *fn, const char *format, va_list args)
{
	_cleanup_free_ char *message = klp_vformat(format, args);

	(void)file;
	(void)line;
	(void)fn;
	if (!message)
		return;
	message[strcspn(message, "\n")] = '\0';
	/* The caller reports failures; libkmod's own messages help to find the cause. */
	klp_log(data, priority < LOG_INFO ? LOG_INFO : LOG_DEBUG, "libkmod: %s", message);
}

/* kmod_new() takes an array that ends with NULL: an empty one for no configuration, and no
 * array for the usual one. */
static int new_kmod(struct klpdep_ctx *ctx, const char *dir, unsigned int flags,
		    struct kmod_ctx **kmod)
{
	_cleanup_strv_ struct klp_strv files = { 0 };
	_cleanup_free_ const char **paths = NULL;
	int err = 0;

	if (*ctx->root || flags) {
		if (!(flags & KLP_KMOD_NO_CONFIG))
			err = klp_conf_modprobe_files(ctx, flags, &files);
		paths = calloc(files.n + 1, sizeof(*paths));
		if (err < 0 || !paths)
			return err < 0 ? err : -ENOMEM;
		for (size_t i = 0; i < files.n; i++)
			paths[i] = files.v[i];
	}
	*kmod = kmod_new(dir, paths);
	return *kmod ? 0 : -ENOMEM;
}

int klp_kmod_new(struct klpdep_ctx *ctx, const char *kernel, unsigned int flags,
		 struct klp_kmod **out)
{
	_cleanup_free_ char *dir = flags & (KLP_KMOD_EARLIER | KLP_KMOD_OWN) ?
					   klp_path(ctx, NO_DIR) :
					   klp_module_path(ctx, kernel, "");
	_cleanup_kmod_ struct klp_kmod *kmod = calloc(1, sizeof(*kmod));
	int err = 0;

	if (!dir || !kmod)
		return -ENOMEM;
	kmod->ctx = klpdep_ref(ctx);
	err = new_kmod(ctx, dir, flags, &kmod->kmod);
	if (err < 0)
		return err;
	/* Otherwise libkmod opens its indexes for each lookup, treats one that it cannot
	 * open as one without an answer, and (30) reads for ever in one whose stream has no
	 * memory. */
	err = kmod_load_resources(kmod->kmod);
	if ((flags & KLP_KMOD_FOREIGN) && klp_is_passing(err)) {
		klp_err(ctx, "%s: modules.*.bin cannot be read: %s", dir,
			klpdep_strerror(err));
		return err;
	}
	kmod->no_config = flags & KLP_KMOD_NO_CONFIG;
	kmod_set_log_fn(kmod->kmod, log_from_kmod, ctx);
	kmod_set_log_priority(kmod->kmod, ctx->log_priority);
	*out = klp_take(kmod);
	return 0;
}

static void beside_clear(struct beside *beside)
{
	free(beside->name);
	free(beside->file);
	klp_strv_clear(&beside->deps);
}

void klp_kmod_free(struct klp_kmod *kmod)
{
	if (!kmod)
		return;
	for (size_t i = 0; i < kmod->n_beside; i++)
		beside_clear(&kmod->beside[i]);
	free(kmod->beside);
	kmod_unref(kmod->kmod);
	klpdep_unref(kmod->ctx);
	free(kmod);
}

int klp_kmod_add_beside(struct klp_kmod *kmod, const char *name, const char *path,
			const struct klp_strv *deps)
{
	struct beside *beside = klp_append(kmod->beside, kmod->n_beside);
	int err = 0;

	if (!beside)
		return -ENOMEM;
	beside->name = strdup(name);
	beside->file = klp_path(kmod->ctx, path);
	for (size_t i = 0; i < deps->n && err == 0; i++)
		err = klp_strv_add(&beside->deps, deps->v[i]);
	if (err == 0 && beside->name && beside->file)
		return 0;
	beside_clear(beside);
	kmod->n_beside--;
	return -ENOMEM;
}

static int cmp_beside(const void *name, const void *beside)
{
	return strcmp(name, ((const struct beside *)beside)->name);
}

static const struct beside *find_beside(const struct klp_kmod *kmod, const char *name)
{
	return !kmod->n_beside ? NULL :
				 bsearch(name, kmod->beside, kmod->n_beside,
					 sizeof(*kmod->beside), cmp_beside);
}

/* libkmod has one object for all modules of one name, which keeps its first path. */
static void tell_path(struct klp_kmod *kmod, struct kmod_module *module)
{
	const struct beside *beside = find_beside(kmod, kmod_module_get_name(module));
	struct kmod_module *same = NULL;

	if (beside && !kmod_module_get_path(module) &&
	    kmod_module_new_from_path(kmod->kmod, beside->file, &same) == 0)
		kmod_module_unref(same);
}

/* NULL and errno if there can be none. */
static struct kmod_module *get_module(struct klp_kmod *kmod, const char *name)
{
	struct kmod_module *module = NULL;
	int err;

	/* libkmod would use the text before the dot: another module's name. */
	if (strchr(name, '.'))
		err = -EINVAL;
	else
		err = kmod_module_new_from_name(kmod->kmod, name, &module);
	if (err == 0)
		tell_path(kmod, module);
	errno = -err;
	return err < 0 ? NULL : module;
}

char *klp_kmod_file(struct klp_kmod *kmod, const char *name)
{
	_cleanup_module_ struct kmod_module *module = get_module(kmod, name);
	const char *path = module ? kmod_module_get_path(module) : NULL;

	if (module || errno != ENOMEM)
		errno = ENOENT;
	return path ? strdup(path) : NULL;
}

bool klp_kmod_is_builtin(struct klp_kmod *kmod, const char *name)
{
	_cleanup_module_ struct kmod_module *module = get_module(kmod, name);

	/* libkmod asks modules.builtin first, and only then the running kernel. */
	return module && kmod_module_get_initstate(module) == KMOD_MODULE_BUILTIN;
}

static int add_names(const struct kmod_list *list, struct klp_strv *names)
{
	const struct kmod_list *item;
	int err = 0;

	kmod_list_foreach(item, list) {
		_cleanup_module_ struct kmod_module *module =
			kmod_module_get_module(item);

		err = klp_strv_add_unique(names, kmod_module_get_name(module));
		if (err < 0)
			break;
	}
	return err;
}

int klp_kmod_deps(struct klp_kmod *kmod, const char *name, struct klp_strv *deps)
{
	_cleanup_module_ struct kmod_module *module = get_module(kmod, name);
	_cleanup_module_list_ struct kmod_list *list = NULL;
	const struct beside *beside = find_beside(kmod, name);
	int err;

	if (!module)
		return -ENOENT;
	list = kmod_module_get_dependencies(module);
	err = add_names(list, deps);
	for (size_t i = 0; beside && i < beside->deps.n && err == 0; i++)
		err = klp_strv_add_unique(deps, beside->deps.v[i]);
	return err;
}

bool klp_kmod_depends(struct klp_kmod *kmod, const char *name, const char *on)
{
	_cleanup_strv_ struct klp_strv deps = { 0 };

	return klp_kmod_deps(kmod, name, &deps) == 0 && klp_strv_has(&deps, on);
}

/* When libkmod (30 at least) joins a line's words, it leaves out the space before
 * "post:": "pre: a bpost: c" (libkmod-config.c, softdep_to_char()).  No module's name has
 * a colon. */
static int split_softdep(const char *text, struct klp_strv *words)
{
	static const char glued[] = "post:";
	/* NULL: libkmod had no memory. */
	const char *post = text ? strstr(text, glued) : NULL;
	int err = text ? 0 : -ENOMEM;

	if (post) {
		_cleanup_free_ char *pre = strndup(text, (size_t)(post - text));

		err = pre ? klp_strv_split(words, pre, " \t") : -ENOMEM;
		text = post + strlen(glued);
		if (err == 0)
			err = klp_strv_add(words, glued);
	}
	return err < 0 ? err : klp_strv_split(words, text, " \t");
}

/* The words of the first matching softdep line: 1; 0 if there is no line; -ENOMEM. */
static int find_softdep_line(struct klp_kmod *kmod, const char *name, struct klp_strv *words)
{
	struct kmod_config_iter *iter = kmod_config_get_softdeps(kmod->kmod);
	int err = iter ? 0 : -ENOMEM;

	while (err == 0 && kmod_config_iter_next(iter)) {
		if (fnmatch(kmod_config_iter_get_key(iter), name, 0) != 0)
			continue;
		err = split_softdep(kmod_config_iter_get_value(iter), words);
		if (err == 0)
			err = 1;
	}
	kmod_config_iter_free_iter(iter);
	return err;
}

bool klp_kmod_has_softdep_line(struct klp_kmod *kmod, const char *name)
{
	_cleanup_strv_ struct klp_strv words = { 0 };

	return find_softdep_line(kmod, name, &words) > 0;
}

int klp_kmod_softdeps(struct klp_kmod *kmod, const char *name, struct klp_strv *pre,
		      struct klp_strv *post)
{
	_cleanup_module_ struct kmod_module *module = get_module(kmod, name);
	_cleanup_module_list_ struct kmod_list *pre_modules = NULL, *post_modules = NULL;
	_cleanup_strv_ struct klp_strv words = { 0 };
	struct klp_strv *list = NULL;
	int err;

	if (!module)
		return -ENOENT;
	err = kmod_module_get_softdeps(module, &pre_modules, &post_modules);
	/* kmod ignores the install rule only if a name resolves: libkmod-module.c,
	 * __kmod_module_get_probe_list(). */
	if (err < 0 || (!pre_modules && !post_modules))
		return err;
	err = find_softdep_line(kmod, name, &words);
	for (size_t i = 0; i < words.n && err > 0; i++) {
		if (klp_streq(words.v[i], "pre:"))
			list = pre;
		else if (klp_streq(words.v[i], "post:"))
			list = post;
		else if (list && klp_word_plain(words.v[i]) &&
			 klp_strv_add_unique(list, words.v[i]) < 0)
			err = -ENOMEM;
	}
	return err < 0 ? err : 0;
}

const char *klp_kmod_install_command(struct klp_kmod *kmod, const char *name)
{
	_cleanup_module_ struct kmod_module *module = get_module(kmod, name);

	/* The string belongs to the configuration, and lives as long as the context. */
	return module ? kmod_module_get_install_commands(module) : NULL;
}

char *klp_kmod_options(struct klp_kmod *kmod, const char *name)
{
	_cleanup_module_ struct kmod_module *module = get_module(kmod, name);
	const char *options = module ? kmod_module_get_options(module) : NULL;

	return options ? strdup(options) : NULL;
}

static int add_keys(struct kmod_config_iter *iter, struct klp_strv *names)
{
	int err = iter ? 0 : -ENOMEM;

	while (err == 0 && kmod_config_iter_next(iter)) {
		const char *key = kmod_config_iter_get_key(iter);

		if (klp_name_valid(key))
			err = klp_strv_add(names, key);
	}
	kmod_config_iter_free_iter(iter);
	return err;
}

int klp_kmod_names(struct klp_kmod *kmod, struct klp_strv *names)
{
	int err = add_keys(kmod_config_get_softdeps(kmod->kmod), names);

	return err < 0 ? err :
			 add_keys(kmod_config_get_install_commands(kmod->kmod), names);
}

/* print_action gets no argument of the caller's, so a dry run has its question and answer
 * here. */
static _Thread_local const char *dry_run_name;
static _Thread_local bool dry_run_installs;

static void see_action(struct kmod_module *module, bool install, const char *options)
{
	(void)options;
	dry_run_installs |= install && klp_streq(kmod_module_get_name(module), dry_run_name);
}

bool klp_kmod_runs_install(struct klp_kmod *kmod, const char *name)
{
	_cleanup_module_ struct kmod_module *module = NULL;

	if (!klp_kmod_install_command(kmod, name) || !(module = get_module(kmod, name)))
		return false;
	dry_run_name = name;
	dry_run_installs = false;
	kmod_module_probe_insert_module(module, KMOD_PROBE_DRY_RUN | KMOD_PROBE_IGNORE_LOADED,
					NULL, NULL, NULL, see_action);
	return dry_run_installs;
}

int klp_kmod_lookup(struct klp_kmod *kmod, const char *alias, struct klp_strv *names)
{
	_cleanup_module_list_ struct kmod_list *list = NULL;
	int err = kmod_module_new_from_lookup(kmod->kmod, alias, &list);

	return err < 0 ? err : add_names(list, names);
}

int klp_kmod_insert(struct klp_kmod *kmod, const char *name, const char *options)
{
	_cleanup_module_ struct kmod_module *module = get_module(kmod, name);

	if (!module || !kmod_module_get_path(module))
		return -ENOENT;
	if (!options && !kmod->no_config)
		options = kmod_module_get_options(module);
	return kmod_module_insert_module(module, 0, options);
}

int klp_kmod_probe(struct klp_kmod *kmod, const char *alias)
{
	_cleanup_module_list_ struct kmod_list *list = NULL;
	const struct kmod_list *item;
	int err = kmod_module_new_from_lookup(kmod->kmod, alias, &list);

	if (err < 0)
		return err;
	if (!list)
		return -ENOENT;
	kmod_list_foreach(item, list) {
		_cleanup_module_ struct kmod_module *module =
			kmod_module_get_module(item);

		err = kmod_module_probe_insert_module(module, 0, NULL, NULL, NULL, NULL);
		if (err < 0)
			break;
	}
	return err;
}

int klp_kmod_remove(struct klp_kmod *kmod, const char *name)
{
	_cleanup_module_ struct kmod_module *module = get_module(kmod, name);
	int priority = kmod_get_log_priority(kmod->kmod), err;

	/* The kernel's errno for a missing module is ENOENT. */
	if (!module)
		return -errno;
	/* It logs every EAGAIN, and a few are normal.  The caller reports the final
	 * failure. */
	kmod_set_log_priority(kmod->kmod, 0);
	err = kmod_module_remove_module(module, 0);
	kmod_set_log_priority(kmod->kmod, priority);
	return err;
}

bool klp_kmod_knows_weakdep(void)
{
#ifdef HAVE_KMOD_MODULE_GET_WEAKDEPS
	return true;
#else
	return false;
#endif
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing indexes and rules. */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "shared/message.h"
#include "libklpdep/live/guard.h"
#include "libklpdep/publish/others.h"
#include "libklpdep/publish/place.h"
#include "libklpdep/rules/rules-digest.h"
#include "libklpdep/rules/rules.h"
#include "libklpdep/tree/due.h"
#include "libklpdep/tree/scan.h"
#include "libklpdep/view/coverage.h"

static void publisher_destroy(struct klpdep_publisher *publisher)
{
	klp_publish_unlock(publisher);
	for (size_t i = 0; i < publisher->n_indexes; i++)
		klpdep_index_unref(publisher->indexes[i]);
	free(publisher->indexes);
	free(publisher->config_dir);
	klpdep_config_unref(publisher->config);
	klpdep_unref(publisher->out);
	klpdep_unref(publisher->ctx);
	free(publisher);
}

KLP_REFCOUNTED(klpdep_publisher, klpdep_publisher, publisher_destroy)

/* Like in depmod(8), only the output goes to another root. */
static int choose_output(struct klpdep_publisher *publisher, const char *root)
{
	int err = 0;

	if (!root)
		publisher->out = klpdep_ref(publisher->ctx);
	else
		err = klpdep_new(&publisher->out);
	return err == 0 && root ? klpdep_set_root(publisher->out, root) : err;
}

int klpdep_publisher_new(struct klpdep_ctx *ctx, const char *config, const char *root,
			 unsigned int threads, unsigned int flags,
			 struct klpdep_publisher **out)
{
	_cleanup_publisher_ struct klpdep_publisher *publisher = NULL;
	int err = klp_check_flags(ctx, flags, KLPDEP_PUBLISH_NO_CACHE | KLPDEP_PUBLISH_DRY_RUN |
						KLPDEP_PUBLISH_BOOT);

	if (err < 0)
		return err;
	publisher = calloc(1, sizeof(*publisher));
	if (!publisher)
		return klp_said(ctx, -ENOMEM);
	publisher->refs = 1;
	publisher->ctx = klpdep_ref(ctx);
	publisher->threads = threads;
	publisher->flags = flags;
	if (config)
		err = klp_set_string(&publisher->config_dir, config);
	if (err == 0)
		err = choose_output(publisher, root);
	if (err == 0)
		*out = klp_take(publisher);
	return klp_said(ctx, err);
}

struct klpdep_index *klp_publisher_find(const struct klpdep_publisher *publisher,
					const char *kernel)
{
	for (size_t i = 0; i < publisher->n_indexes; i++) {
		if (klp_streq(publisher->indexes[i]->kernel, kernel))
			return publisher->indexes[i];
	}
	return NULL;
}

int klp_publisher_add(struct klpdep_publisher *publisher, struct klpdep_index *index)
{
	struct klpdep_index **slot = klp_append(publisher->indexes, publisher->n_indexes);

	if (!slot)
		return -ENOMEM;
	*slot = klpdep_index_ref(index);
	return 0;
}

int klp_publisher_config(struct klpdep_publisher *publisher)
{
	return publisher->config ? 0 :
				   klpdep_config_new(publisher->ctx, publisher->config_dir,
						     &publisher->config);
}

static int say_written(const struct klpdep_publisher *publisher, const char *path, int err)
{
	if (err < 0)
		klp_err(publisher->ctx, "%s: cannot be written: %s", path, klpdep_strerror(err));
	return err;
}

/* ---- the index --------------------------------------------------------------------- */

/* Give the index the current time: one older than modules.dep would be reported as
 * stale.  If the clock is behind, an index in /run would be older than the image's, and
 * would not count: give it that time then. */
static int date_index(const struct klp_place *place, const char *file)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { 0 } };
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &times[1]);
	if (file != place->lasting && stat(place->lasting, &st) == 0 &&
	    klp_cmp_times(&st.st_mtim, &times[1]) > 0)
		times[1] = st.st_mtim;
	return utimensat(AT_FDCWD, file, times, 0) < 0 && errno != EROFS ? -errno : 0;
}

int klp_publish_index(const struct klpdep_publisher *publisher,
		      const struct klpdep_index *index)
{
	_cleanup_place_ struct klp_place place = { 0 };
	_cleanup_free_ char *text = NULL;
	const char *file = index->kernel;
	size_t size;
	int err = klp_place_of_index(publisher->out, index->kernel, &place);

	if (err == 0)
		err = klp_index_format(index, &text, &size);
	if (err == 0)
		err = klp_place_write(&place, text, NULL, &file);
	if (err == 0)
		err = date_index(&place, file);
	if (err == 0)
		klp_info(publisher->ctx, "%s: %zu livepatches", file, index->n_patches);
	return say_written(publisher, file, err);
}

int klpdep_publisher_remove(struct klpdep_publisher *publisher, const char *kernel)
{
	_cleanup_place_ struct klp_place place = { 0 };
	const char *file = kernel;
	int err = klp_check_kernel(publisher->ctx, kernel);

	if (err == 0)
		err = klp_publish_lock(publisher);
	if (err < 0 || publisher->flags & KLPDEP_PUBLISH_DRY_RUN)
		return err;
	err = klp_place_of_index(publisher->out, kernel, &place);
	if (err == 0)
		err = klp_place_write(&place, NULL, NULL, &file);
	if (err < 0)
		klp_err(publisher->ctx, "%s: cannot be removed: %s", file, klpdep_strerror(err));
	klp_scan_cache_remove(publisher->ctx, kernel);
	klp_guard_remove(publisher->out, kernel);
	return err;
}

/* modules.dep lacks modules that depmod(8) has not seen, and so the index lacks them,
 * too.  The search for them takes as long as the rest, which goes on meanwhile. */
struct due_search {
	struct klpdep_ctx ctx; /* a copy that logs nothing, since another thread uses it */
	const char *kernel;
	struct klp_moddep moddep;   /* a copy of the list, since the scan writes to it */
	struct klp_module *modules; /* of the copy */
	struct klp_due due;
	int err;
	bool has_thread;
	pthread_t thread;
};

static void *search_due(void *data)
{
	struct due_search *search = data;

	search->err = klp_due_find(&search->ctx, search->kernel, &search->moddep, false,
				   &search->due);
	return NULL;
}

static void start_search(struct due_search *search, const struct klp_moddep *moddep,
			 unsigned int threads)
{
	search->ctx.log_priority = LOG_EMERG - 1;
	search->moddep = *moddep;
	if (threads != 1 && moddep->n_modules)
		search->modules = calloc(moddep->n_modules, sizeof(*search->modules));
	if (search->modules) {
		memcpy(search->modules, moddep->modules,
		       moddep->n_modules * sizeof(*search->modules));
		search->moddep.modules = search->modules;
	}
	search->has_thread = search->modules &&
			     pthread_create(&search->thread, NULL, search_due, search) == 0;
	if (!search->has_thread)
		search_due(search);
}

static void end_search(struct due_search *search)
{
	if (search->has_thread)
		pthread_join(search->thread, NULL);
	free(search->modules);
}

static void warn_if_due(struct klpdep_ctx *ctx, const struct due_search *search)
{
	_cleanup_free_ char *what = klp_due_text(&search->due);

	if (search->err < 0)
		klp_warn(ctx, "kernel %s: whether depmod has to run is not known: %s",
			 search->kernel, klpdep_strerror(search->err));
	else if (what)
		klp_warn(ctx, "kernel %s: %s; run depmod %s, and this again", search->kernel,
			 what, search->kernel);
}

/* At boot, write no empty index, unless it shows that patches are gone. */
static bool is_to_be_written(const struct klpdep_publisher *publisher,
			     const struct klpdep_index *index)
{
	_cleanup_free_ char *file = NULL;

	if (publisher->flags & KLPDEP_PUBLISH_DRY_RUN)
		return false;
	if (!(publisher->flags & KLPDEP_PUBLISH_BOOT) || index->n_patches)
		return true;
	file = klp_index_file(publisher->out, index->kernel);
	return !file || access(file, F_OK) == 0;
}

/* Complete the index of a scan, and write it.  1: a target could not be read. */
static int finish(struct klpdep_publisher *publisher, const struct klp_moddep *moddep,
		  struct klpdep_index *index)
{
	unsigned int before = publisher->ctx->n_errors;
	int misfits = klp_publish_misfits(publisher, moddep, index), err = misfits;

	if (err >= 0)
		err = klp_publisher_add(publisher, index);
	if (err >= 0 && is_to_be_written(publisher, index))
		err = klp_publish_index(publisher, index);
	if (err < 0 && publisher->ctx->n_errors == before)
		klp_err(publisher->ctx, "%s: no index: %s", index->kernel, klpdep_strerror(err));
	return err < 0 ? err : misfits;
}

static int add_kernel(struct klpdep_publisher *publisher, const char *kernel,
		      klpdep_progress_fn progress, void *data, struct klpdep_index **index,
		      size_t *unreadable)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	struct due_search search = { .ctx = *publisher->ctx, .kernel = kernel };
	unsigned int flags = 0;
	bool is_read;
	int err;

	if (publisher->flags & (KLPDEP_PUBLISH_NO_CACHE | KLPDEP_PUBLISH_DRY_RUN))
		flags |= KLPDEP_SCAN_NO_CACHE;
	if (publisher->flags & KLPDEP_PUBLISH_BOOT)
		flags |= KLP_SCAN_NOT_BUILT;
	err = klp_publisher_config(publisher);
	if (err == 0)
		err = klp_scan_list(publisher->ctx, kernel, publisher->config, &moddep);
	if (err != 0)
		return err;
	start_search(&search, &moddep, publisher->threads);
	err = klp_index_scan(publisher->ctx, kernel, &moddep, publisher->threads, flags,
			     progress, data, index, unreadable);
	is_read = err == 0;
	if (is_read)
		err = finish(publisher, &moddep, *index);
	end_search(&search);
	if (is_read)
		warn_if_due(publisher->ctx, &search);
	klp_due_clear(&search.due);
	*unreadable += err > 0;
	return err < 0 ? err : 0;
}

int klpdep_publisher_add(struct klpdep_publisher *publisher, const char *kernel,
			 klpdep_progress_fn progress, void *data, struct klpdep_index **out,
			 size_t *unreadable)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	size_t bad = 0;
	int err = klp_check_kernel(publisher->ctx, kernel);

	if (err == 0)
		err = klp_publish_lock(publisher);
	if (err == 0)
		index = klpdep_index_ref(klp_publisher_find(publisher, kernel));
	if (err == 0 && !index)
		err = add_kernel(publisher, kernel, progress, data, &index, &bad);
	if (err != 0)
		return err;
	if (unreadable)
		*unreadable = bad;
	if (out)
		*out = klp_take(index);
	return 0;
}

/* ---- the rules --------------------------------------------------------------------- */

static int write_rules_file(const struct klpdep_publisher *publisher, const char *name,
			    const char *text, const char *none)
{
	_cleanup_place_ struct klp_place place = { 0 };
	const char *file = name;
	int err = klp_place_of_rules(publisher->out, name, &place);

	if (err == 0)
		err = klp_place_write(&place, text, none, &file);
	return say_written(publisher, file, err);
}

/* The softdeps name patches that need rules: write the rules first. */
static int write_rules(const struct klpdep_publisher *publisher,
		       const struct klp_rules *rules)
{
	int err = write_rules_file(publisher, RULES_FILE, rules->rules, rules->none);

	return err < 0 ? err :
			 write_rules_file(publisher, SOFTDEP_FILE, rules->softdeps,
					  rules->none);
}

struct views {
	struct klpdep_view **v;
	size_t n;
};

static void views_clear(struct views *views)
{
	for (size_t i = 0; i < views->n; i++)
		klpdep_view_unref(views->v[i]);
	free(views->v);
}

static int make_views(const struct klpdep_publisher *publisher, struct views *views)
{
	int err = 0;

	for (size_t i = 0; i < publisher->n_indexes && err == 0; i++) {
		struct klpdep_view **slot = klp_append(views->v, views->n);

		err = slot ? klpdep_view_new(publisher->ctx, publisher->indexes[i],
					     publisher->config, 0, slot) :
			     -ENOMEM;
	}
	return err;
}

/* A later number alone does not supersede: say so. */
static void warn_uncovered(const struct klpdep_publisher *publisher,
			   const struct klpdep_view *view)
{
	for (size_t i = 0; i < view->index->n_patches; i++) {
		const struct klpdep_patch *newer = view->index->patches[i];
		const struct klpdep_patch *older = klp_view_find_uncovered(view, newer);

		if (older) {
			_cleanup_free_ char *what = klp_patch_uncovered(newer, older);

			klp_warn(publisher->ctx,
				 "%s: does not change everything that %s changes (%s), "
				 "so both are loaded; klpdep verify says more",
				 newer->name, older->name, what ? what : "not known");
		}
	}
}

/* Patches that are not loaded yet conflict only if they replace all others.  Unreadable
 * patches have been reported. */
static void warn_left_out(const struct klpdep_publisher *publisher,
			 const struct klpdep_view *view)
{
	for (size_t i = 0; i < view->index->n_patches; i++) {
		const struct klpdep_patch *patch = view->index->patches[i];
		const struct klp_standing *standing = klp_view_standing(view, patch);

		if ((standing->state == KLPDEP_STATE_BLOCKED && !standing->left_to_kpatch) ||
		    (standing->state == KLPDEP_STATE_INCOMPATIBLE && !patch->is_unreadable))
			klp_warn(publisher->ctx, "%s: is not loaded: %s", patch->name,
				 standing->why);
	}
}

int klpdep_publisher_write_rules(struct klpdep_publisher *publisher)
{
	_cleanup_(klp_rules_clear) struct klp_rules rules = { 0 };
	_cleanup_(views_clear) struct views views = { 0 };
	unsigned int before = publisher->ctx->n_errors;
	/* The others were reported when their indexes were written. */
	size_t n_given = publisher->n_indexes;
	int bad = 0, err = klp_publish_lock(publisher);

	if (err < 0 || publisher->flags & KLPDEP_PUBLISH_DRY_RUN)
		return err;
	err = klp_publisher_add_others(publisher, &bad);
	if (err == 0)
		err = klp_publisher_config(publisher);
	if (err < 0)
		return err; /* the reason has been logged */
	err = make_views(publisher, &views);
	if (err == 0)
		err = klp_rules_make(publisher->ctx, views.v, views.n, &rules);
	if (err < 0)
		return klp_ended(publisher->ctx, before, err, "the rules cannot be made");
	for (size_t i = 0; i < n_given; i++) {
		warn_uncovered(publisher, views.v[i]);
		warn_left_out(publisher, views.v[i]);
	}
	err = write_rules(publisher, &rules);
	/* In another root, they are not in force yet. */
	for (size_t i = 0; i < views.n && publisher->out == publisher->ctx && err == 0;
	     i++)
		err = klp_rules_check(publisher->ctx, views.v[i]);
	return klp_ended(publisher->ctx, before, err < 0 ? err : bad, "the rules");
}

int klpdep_publisher_renew_rules(struct klpdep_publisher *publisher)
{
	enum klp_rules_age age;
	int err = klp_rules_compare(publisher->ctx, publisher->out, &age);

	if (err < 0 || age == KLP_RULES_CURRENT)
		return err;
	err = klp_publish_lock(publisher);
	/* The previous owner of the lock may have made them. */
	if (err == 0)
		err = klp_rules_compare(publisher->ctx, publisher->out, &age);
	if (err < 0 || age == KLP_RULES_CURRENT)
		return err;
	if (age == KLP_RULES_STALE)
		klp_say(publisher->ctx, KLP_SAY_RULES_RENEWED, false, "modprobe.d",
			"has changed since the rules were written: they are written anew");
	return klpdep_publisher_write_rules(publisher);
}

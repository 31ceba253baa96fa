/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper behind the modprobe rules: load a module together with its patches, or unload
 * it with them.
 *
 * It runs on the way of every patched module's loading.  Whatever is missing or broken, the
 * module is loaded all the same, unless policy "require" asks for the opposite.
 */
#include "config.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/utsname.h>

#include "libklpdep/graph.h"
#include "libklpdep/loader.h"
#include "libklpdep/plan.h"
#include "tools/refusal.h"
#include "tools/report.h"

/* Names of the modules whose rules are being run, above us: divided by colons. */
#define ENVIRONMENT "KLPDEP_LOADING"

struct job {
	struct klpdep_ctx *ctx;
	struct klp_kmod *kmod;
	struct klpdep_index *index;
	struct klpdep_config *config;
	struct klp_loader loader;
	const char *kernel;
	char name[KLP_MODULE_NAME_LEN];
	const char *options; /* as modprobe gave them; NULL: none */
	bool required;       /* policy require */
	struct klp_strv failed; /* patches that could not be loaded */
	bool target_inserted;   /* by us */
};

static void job_clear(struct job *job)
{
	klp_strv_clear(&job->failed);
	klp_strv_clear(&job->loader.inserted);
	klp_kmod_free(job->kmod);
	klpdep_index_unref(job->index);
	klpdep_config_unref(job->config);
	klpdep_unref(job->ctx);
}

static const char *error_text(int err)
{
	/* modprobe(8) says these of a module, and an administrator looks for them. */
	switch (-err) {
	case ENOENT:
		return "Unknown symbol in module, or no such file";
	case ENOEXEC:
		return "Invalid module format";
	case EINVAL:
		return "Invalid argument";
	default:
		return klpdep_strerror(err);
	}
}

static void failure_text(const struct klp_failure *failure, char *text, size_t size)
{
	if (failure->err == -ETIMEDOUT && *failure->blocker)
		snprintf(text, size, "the transition of %s does not finish",
			 failure->blocker);
	else
		snprintf(text, size, "%s", error_text(failure->err));
}

/* ---- plain insertion ------------------------------------------------------------------------ */

static int insert_plainly(struct job *job)
{
	int err = klp_kmod_insert(job->kmod, job->name, job->options ? job->options : "");

	if (err == -EEXIST)
		err = 0;
	if (err < 0)
		report(LOG_ERR, "%s: could not be inserted: %s", job->name,
		       error_text(err));
	return err;
}

/* ---- taking patches out ------------------------------------------------------------------- */

static bool is_hard_dependency(struct job *job, const char *patch, const char *module)
{
	_cleanup_strv_ struct klp_strv deps = { 0 };

	return klp_kmod_deps(job->kmod, patch, &deps) == 0 && klp_strv_has(&deps, module);
}

/* Whether a patch is at work for something that is loaded, other than @except. */
static bool serves_others(const struct job *job, const char *name, const char *except)
{
	_cleanup_strv_ struct klp_strv objects = { 0 };
	const struct klpdep_patch *patch = klp_index_find(job->index, name);

	/* sysfs has what the kernel knows; the index also serves where the directory has
	 * gone already. */
	klp_live_objects(name, &objects);
	for (size_t i = 0; patch && i < patch->n_objects; i++)
		klp_strv_add_unique(&objects, patch->objects[i].name);
	for (size_t i = 0; i < objects.n; i++) {
		if (except && klp_streq(objects.v[i], except))
			continue;
		if (klp_streq(objects.v[i], "vmlinux") ||
		    klp_live_module(objects.v[i]) != KLP_MODULE_ABSENT)
			return true;
	}
	return false;
}

/* Whether a loaded patch requires this one. */
static bool is_required(const struct job *job, const char *name)
{
	for (size_t i = 0; i < job->index->n_requires; i++) {
		const struct klp_link *link = &job->index->requires[i];

		if (klp_streq(link->to->name, name) &&
		    klp_live_patch(link->from->name) != KLP_PATCH_ABSENT)
			return true;
	}
	return false;
}

static int unload_patch(struct job *job, const char *patch)
{
	struct klp_failure failure;
	char text[256];
	int err = klp_loader_unload(&job->loader, patch, &failure);

	if (err < 0) {
		failure_text(&failure, text, sizeof(text));
		report(LOG_WARNING, "%s: could not be unloaded: %s", patch, text);
	}
	return err;
}

/* Take out what was inserted for a target that is not loaded now. */
static void undo_patches(struct job *job)
{
	for (size_t i = job->loader.inserted.n; i-- > 0;) {
		const char *patch = job->loader.inserted.v[i];

		if (!serves_others(job, patch, job->name) && !is_required(job, patch))
			unload_patch(job, patch);
	}
}

/* ---- loading -------------------------------------------------------------------------------- */

static bool has_failed_requirement(const struct job *job, const char *name,
				   const char **required)
{
	for (size_t i = 0; i < job->index->n_requires; i++) {
		const struct klp_link *link = &job->index->requires[i];

		*required = link->to->name;
		if (klp_streq(link->from->name, name) &&
		    klp_strv_has(&job->failed, *required))
			return true;
	}
	return false;
}

/* A patch that we inserted and whose own transition stalls keeps every other patch of the
 * system out: reverse it. */
static void retire_stalled(struct job *job, const struct klp_failure *failure)
{
	if (failure->err == -ETIMEDOUT &&
	    klp_strv_has(&job->loader.inserted, failure->blocker)) {
		report(LOG_WARNING, "%s: its transition does not finish; taking it out",
		       failure->blocker);
		unload_patch(job, failure->blocker);
		klp_strv_add_unique(&job->failed, failure->blocker);
	}
}

/* Options that modprobe gave are those of the module that was asked for. */
static const char *options_for(const struct job *job, const char *module)
{
	return klp_streq(module, job->name) ? job->options ? job->options : "" : NULL;
}

static int load_patch(struct job *job, const struct klpdep_step *step)
{
	struct klp_failure failure = { 0 };
	const char *required;
	char text[256] = "";
	bool settled = true;
	int err;

	if (has_failed_requirement(job, step->module, &required)) {
		err = -ECANCELED;
		snprintf(text, sizeof(text), "it requires %s", required);
	} else {
		err = klp_loader_load(&job->loader, step->module,
				      options_for(job, step->module), &settled, &failure);
		if (err < 0)
			failure_text(&failure, text, sizeof(text));
	}
	if (err < 0) {
		report(job->required ? LOG_ERR : LOG_WARNING,
		       "%s: patch %s was not loaded: %s", job->name, step->module, text);
		klp_strv_add_unique(&job->failed, step->module);
		retire_stalled(job, &failure);
		return err;
	}
	if (!settled && job->loader.settle_timeout) {
		report(job->required ? LOG_ERR : LOG_WARNING,
		       "%s: the transition of patch %s is still running after %u s%s",
		       job->name, step->module, job->loader.settle_timeout,
		       job->required ? "" : "; tasks may run unpatched code until it ends");
		return job->required ? -ETIMEDOUT : 0;
	}
	return 0;
}

/* Take a patch out that the kernel could not apply to the target. */
static bool retire_misfit(struct job *job, const char *patch)
{
	const struct klp_edge *edges;
	size_t n;

	edges = klp_index_edges_of(job->index, job->name, &n);
	for (size_t i = 0; i < n; i++) {
		if (!klp_streq(edges[i].patch->name, patch))
			continue;
		klp_strv_add_unique(&job->failed, patch);
		return unload_patch(job, patch) == 0;
	}
	return false; /* somebody else's */
}

static int insert_target(struct job *job)
{
	for (;;) {
		_cleanup_close_ int log = refusal_watch();
		char patch[KLP_MODULE_NAME_LEN];
		int err = klp_kmod_insert(job->kmod, job->name,
					  job->options ? job->options : "");

		if (err == 0)
			job->target_inserted = true;
		if (err == 0 || err == -EEXIST)
			return 0;
		if (!refusal_find(log, job->name, patch)) {
			report(LOG_ERR, "%s: could not be inserted: %s", job->name,
			       error_text(err));
			return err;
		}
		report(job->required ? LOG_ERR : LOG_WARNING,
		       "%s: the kernel cannot apply patch %s to it: %s", job->name, patch,
		       error_text(err));
		if (job->required || klp_strv_has(&job->failed, patch) ||
		    !retire_misfit(job, patch))
			return err;
	}
}

/* Dependencies and softdeps of what is loaded, by their own rules. */
static int load_module(struct job *job, const struct klpdep_step *step)
{
	int err = klp_kmod_probe(job->kmod, step->module);

	if (err < 0)
		report(step->required ? LOG_ERR : LOG_INFO, "%s: %s was not loaded: %s",
		       job->name, step->module, error_text(err));
	return err;
}

static int defer_patch(struct job *job, const struct klpdep_step *step)
{
	report(step->required ? LOG_ERR : LOG_NOTICE, "%s: patch %s %s", job->name,
	       step->module, step->reason);
	klp_strv_add_unique(&job->failed, step->module);
	return -ECANCELED;
}

static int run_step(struct job *job, const struct klpdep_step *step)
{
	if (step->action == KLPDEP_ACTION_DEFER)
		return defer_patch(job, step);
	if (step->patch)
		return load_patch(job, step);
	if (klp_streq(step->module, job->name))
		return insert_target(job);
	return load_module(job, step);
}

/* The kernel says since 6.1 whether a patch is applied to an object. */
static int check_patched(struct job *job)
{
	const struct klp_edge *edges;
	int err = 0;
	size_t n;

	edges = klp_index_edges_of(job->index, job->name, &n);
	for (size_t i = 0; i < n; i++) {
		const char *patch = edges[i].patch->name;

		if (klp_live_patched(patch, job->name) != 0)
			continue;
		report(job->required ? LOG_ERR : LOG_WARNING,
		       "%s: patch %s is loaded, but not applied", job->name, patch);
		err = -ECANCELED;
	}
	return job->required ? err : 0;
}

/* One line on what was done, when all went well. */
static void report_success(const struct job *job)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return;
	for (size_t i = 0; i < job->loader.inserted.n; i++) {
		if (!klp_streq(job->loader.inserted.v[i], job->name))
			fprintf(stream, " %s", job->loader.inserted.v[i]);
	}
	if (fclose(stream) == 0 && *text)
		report(LOG_INFO, "%s: loaded with%s", job->name, text);
}

static void undo(struct job *job)
{
	if (job->target_inserted && klp_kmod_remove(job->kmod, job->name) < 0) {
		report(LOG_ERR, "%s: is loaded without a patch that policy require asks for, "
		       "and cannot be removed again", job->name);
		return;
	}
	undo_patches(job);
}

static int run_plan(struct job *job)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	struct klpdep_step step;
	int err = klpdep_plan_new(job->ctx, job->index, job->config, job->name,
				  KLPDEP_PLAN_LIVE, &plan);

	if (err < 0) {
		report(LOG_ERR, "%s: no plan for loading it: %s", job->name,
		       error_text(err));
		return job->required ? err : insert_plainly(job);
	}
	for (size_t i = 0; klpdep_plan_get_step(plan, i, &step) == 0; i++) {
		err = run_step(job, &step);
		if (err < 0 && step.required)
			break;
		err = 0;
	}
	if (err == 0)
		err = check_patched(job);
	if (err < 0)
		undo(job);
	else
		report_success(job);
	return err;
}

/* ---- unloading ------------------------------------------------------------------------------ */

/* The use count of a module less the references that patches hold: whether anything
 * other than a patch uses it. */
static bool is_in_use(const struct job *job, const char *module)
{
	_cleanup_strv_ struct klp_strv holders = { 0 };
	long uses = klp_live_refcount(module);

	klp_live_holders(module, &holders);
	for (size_t i = 0; i < holders.n; i++) {
		if (klp_index_find(job->index, holders.v[i]))
			uses--;
	}
	return uses > 0;
}

/* Unload the patches of a target that hard-depend on it, or (@all) all that are at work
 * for nothing else.  One that is required by another goes after that. */
static int unload_patches_of(struct job *job, const char *target, bool all)
{
	const struct klp_edge *edges;
	bool again = true;
	size_t n;

	edges = klp_index_edges_of(job->index, target, &n);
	while (again) {
		again = false;
		for (size_t i = n; i-- > 0;) {
			const char *patch = edges[i].patch->name;
			bool depends = is_hard_dependency(job, patch, target);
			int err;

			if (klp_live_patch(patch) == KLP_PATCH_ABSENT ||
			    klp_strv_has(&job->failed, patch) || is_required(job, patch) ||
			    !(depends || (all && !serves_others(job, patch, target))))
				continue;
			err = unload_patch(job, patch);
			if (err < 0 && depends)
				return err;
			if (err < 0)
				klp_strv_add_unique(&job->failed, patch);
			again = true;
		}
	}
	return 0;
}

static int remove_target(struct job *job, const char *target);

/* Dependencies that became unused: kmod would remove them without their remove rules. */
static void remove_unused(struct job *job, const struct klp_strv *deps)
{
	for (size_t i = deps->n; i-- > 0;) {
		if (klp_live_module(deps->v[i]) == KLP_MODULE_LIVE &&
		    !is_in_use(job, deps->v[i]))
			remove_target(job, deps->v[i]);
	}
}

/* Patches that depend on the target have to go first; the others after it, so that it is
 * never there unpatched. */
static int remove_target(struct job *job, const char *target)
{
	_cleanup_strv_ struct klp_strv deps = { 0 };
	bool unload = klp_config_unload(job->config, target);
	int err;

	if (klp_live_module(target) == KLP_MODULE_ABSENT)
		return 0;
	if (is_in_use(job, target)) {
		report(LOG_ERR, "%s: is in use", target);
		return -EBUSY;
	}
	err = unload_patches_of(job, target, false);
	if (err < 0)
		return err;
	err = klp_kmod_remove(job->kmod, target);
	if (err < 0 && err != -ENOENT) {
		report(LOG_ERR, "%s: could not be removed: %s", target, error_text(err));
		return err;
	}
	if (unload)
		unload_patches_of(job, target, true);
	if (klp_kmod_deps(job->kmod, target, &deps) == 0)
		remove_unused(job, &deps);
	return 0;
}

/* The remove rule of a patch also runs as part of its targets' removal: it must succeed
 * then, and must leave a patch alone that something else needs. */
static int remove_patch(struct job *job, const char *name)
{
	const struct klpdep_patch *patch = klp_index_find(job->index, name);

	if (klp_live_patch(name) == KLP_PATCH_ABSENT || is_required(job, name))
		return 0;
	for (size_t i = 0; i < patch->n_objects; i++) {
		const char *object = patch->objects[i].name;

		if (klp_streq(object, "vmlinux"))
			return 0;
		if (klp_live_module(object) == KLP_MODULE_ABSENT)
			continue;
		/* In front of the removal of a target that it depends on. */
		if (!is_hard_dependency(job, name, object) || is_in_use(job, object))
			return 0;
	}
	return unload_patch(job, name);
}

static int run_removal(struct job *job)
{
	if (klp_index_find(job->index, job->name))
		return remove_patch(job, job->name);
	return remove_target(job, job->name);
}

static int remove_plainly(struct job *job)
{
	int err;

	if (klp_live_module(job->name) == KLP_MODULE_ABSENT)
		return 0;
	err = klp_kmod_remove(job->kmod, job->name);
	if (err < 0)
		report(LOG_ERR, "%s: could not be removed: %s", job->name,
		       error_text(err));
	return err;
}

/* ---- start ---------------------------------------------------------------------------------- */

static void log_to_report(void *data, int priority, const char *message)
{
	(void)data;
	report(priority, "%s", message);
}

/* A rule within a rule for the same module: the outer one does all that is to be done. */
static bool is_reentry(const char *name)
{
	const char *outer = getenv(ENVIRONMENT);
	_cleanup_strv_ struct klp_strv names = { 0 };
	_cleanup_free_ char *now = NULL;

	if (outer && klp_strv_split(&names, outer, ":") == 0 && klp_strv_has(&names, name))
		return true;
	if (asprintf(&now, "%s%s%s", outer ? outer : "", outer ? ":" : "", name) < 0)
		now = NULL;
	if (now)
		setenv(ENVIRONMENT, now, 1);
	return false;
}

/* Load what is known of the module.  1: nothing, it is to be handled plainly. */
static int look_up(struct job *job)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int err;

	if (klp_live_switched_off() || is_reentry(job->name))
		return 1;
	err = klp_index_load(job->ctx, job->kernel, &text, &size);
	if (err == -ENOENT || (err == 0 && !klp_index_text_has(text, size, job->name)))
		return 1;
	if (klpdep_config_new(job->ctx, NULL, &job->config) < 0)
		job->config = NULL;
	job->required = klpdep_config_get_policy(job->config, job->name) ==
			KLPDEP_POLICY_REQUIRE;
	if (err == 0)
		err = klp_index_parse(job->ctx, KLP_INDEX_FILE, job->kernel, text,
				      &job->index);
	/* What was wrong with the index has been logged. */
	return err < 0 && !job->required ? 1 : err;
}

/* Whether nothing may be waited for: the policy of the target, or of every target of a
 * patch. */
static bool is_late(const struct job *job)
{
	const struct klpdep_patch *patch = klp_index_find(job->index, job->name);

	for (size_t i = 0; patch && i < patch->n_objects; i++) {
		if (klpdep_config_get_policy(job->config, patch->objects[i].name) !=
		    KLPDEP_POLICY_LATE)
			return false;
	}
	return patch ? patch->n_objects > 0 :
		       klpdep_config_get_policy(job->config, job->name) ==
			       KLPDEP_POLICY_LATE;
}

static int handle(struct job *job, bool removal)
{
	const char *where;
	int err = look_up(job);

	if (err < 0)
		return err;
	if (err > 0)
		return removal ? remove_plainly(job) : insert_plainly(job);
	job->loader.ctx = job->ctx;
	job->loader.kmod = job->kmod;
	if (removal || !is_late(job)) {
		job->loader.retry_timeout = klpdep_config_get_retry_timeout(job->config);
		job->loader.settle_timeout = klpdep_config_get_settle_timeout(job->config);
	}
	if (removal)
		return run_removal(job);
	if (klp_index_find(job->index, job->name) &&
	    klp_config_masked(job->config, job->name, &where)) {
		report(LOG_NOTICE, "%s: not loaded: masked by %s", job->name, where);
		return -ECANCELED;
	}
	return run_plan(job);
}

static void sanitize_process(void)
{
	sigset_t none;
	int fd;

	/* systemd-modules-load has signals blocked in its threads. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* What we open must not become somebody's standard error. */
	do {
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static const char usage[] =
	"Usage: klpdep-modprobe NAME [OPTIONS]\n"
	"       klpdep-modprobe --remove NAME\n"
	"\n"
	"Load a module together with its livepatches, or unload it with them.\n"
	"modprobe runs this by the rules that 'klpdep depmod' writes.\n"
	"\n"
	"  -r, --remove   unload\n"
	"  -h, --help     show this\n"
	"  -V, --version  show the version\n";

static int parse(int argc, char **argv, bool *removal)
{
	static const struct option options[] = { { "remove", no_argument, NULL, 'r' },
						 { "help", no_argument, NULL, 'h' },
						 { "version", no_argument, NULL, 'V' },
						 { 0 } };
	int c;

	/* '+': what follows the name is the module's, whatever it looks like. */
	while ((c = getopt_long(argc, argv, "+rhV", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			*removal = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("klpdep " PACKAGE_VERSION);
			exit(0);
		default:
			return -EINVAL;
		}
	}
	if (optind >= argc || argc - optind > (*removal ? 1 : 2)) {
		fputs(usage, stderr);
		return -EINVAL;
	}
	return 0;
}

int main(int argc, char **argv)
{
	_cleanup_(job_clear) struct job job = { 0 };
	struct utsname uts;
	bool removal = false;

	sanitize_process();
	if (parse(argc, argv, &removal) < 0)
		return EXIT_FAILURE;
	if (klp_name_normalize(argv[optind], job.name) < 0) {
		report(LOG_ERR, "'%.100s' is not the name of a module", argv[optind]);
		return EXIT_FAILURE;
	}
	job.options = argv[optind + 1];
	if (uname(&uts) < 0 || klpdep_new(&job.ctx) < 0)
		return EXIT_FAILURE;
	job.kernel = uts.release;
	klpdep_set_log_fn(job.ctx, log_to_report, NULL);
	if (klp_kmod_new(job.ctx, job.kernel, 0, &job.kmod) < 0) {
		report(LOG_ERR, "%s: the modules of kernel %s cannot be read", job.name,
		       job.kernel);
		return EXIT_FAILURE;
	}
	return handle(&job, removal) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

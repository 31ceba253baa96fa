/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper behind the modprobe rules.  It loads the patches of a target that modprobe
 * is about to load, or unloads them with it.  If the rule replaces the target's
 * loading, the helper also loads the target.
 *
 * Every patched module's loading goes through it.  Whatever is missing or broken, the
 * module is loaded all the same, unless policy "require" forbids that.
 */
#include "config.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/utsname.h>

#include "libklpdep/live/late.h"
#include "libklpdep/rules/rules.h"
#include "libklpdep/run/job.h"
#include "tools/log.h"
#include "tools/modprobe-options.h"

/* Names of the modules whose rules are running above us, divided by colons. */
#define ENVIRONMENT "KLPDEP_LOADING"
/* The process that waits for the outermost of these. */
#define CALLER_ENVIRONMENT "KLPDEP_CALLER"

/* What to do with a module.  Except for load and remove, modprobe handles the module
 * itself. */
enum mode {
	LOAD,
	REMOVE,
	BEFORE,
	AFTER,
	GOING,
	GONE,
};

struct helper {
	enum mode mode;
	struct klp_job job;
	struct klp_wait wait;
	struct klpdep_ctx *ctx;
	struct klpdep_index *index;
	struct klpdep_config *config;
	struct klpdep_view *view;
	const char *kernel;
	const char *switched_off; /* for a patch: why klpdep is off here */
	bool is_reentry;	  /* the outer helper does all the work */
};

static void helper_clear(struct helper *helper)
{
	klp_job_clear(&helper->job);
	klpdep_view_unref(helper->view);
	klpdep_index_unref(helper->index);
	klpdep_config_unref(helper->config);
	klpdep_unref(helper->ctx);
}

static void log_message(void *data, int priority, const char *message)
{
	(void)data;
	log_print(priority, "%s%s", klp_message_prefix(message), message);
}

/* Inside a rule for the same module, the outer one does all the work. */
static bool is_reentry(struct klp_job *job)
{
	const char *outer = getenv(ENVIRONMENT);
	_cleanup_strv_ struct klp_strv names = { 0 };
	_cleanup_free_ char *now = NULL;

	job->inner = outer && *outer;
	if (outer && klp_strv_split(&names, outer, ":") == 0 &&
	    klp_strv_has(&names, job->name))
		return true;
	now = klp_format("%s%s%s", outer ? outer : "", outer ? ":" : "", job->name);
	if (now)
		setenv(ENVIRONMENT, now, 1);
	return false;
}

/* Load a module by its plan.  1: nothing is known about it, so it is loaded plainly. */
static int look_up(struct helper *helper)
{
	struct klp_job *job = &helper->job;
	_cleanup_free_ char *text = NULL, *file = NULL;
	bool is_target = false, is_patch = false;
	const char *off = klp_live_switched_off();
	size_t size;
	int err;

	helper->is_reentry = is_reentry(job);
	if (helper->is_reentry)
		return 1;
	err = klp_index_load(helper->ctx, helper->kernel, &file, &text, &size);
	if (err == 0) {
		is_target = klp_index_text_has(text, size, KLP_WORD_OBJECT, job->name);
		is_patch = klp_index_text_has(text, size, KLP_WORD_PATCH, job->name);
	}
	if (off) {
		/* Its rule also runs if a target has the patch as a softdep. */
		helper->switched_off = is_patch ? off : NULL;
		return 1;
	}
	if (err == -ENOENT || (err == 0 && !is_target && !is_patch))
		return 1;
	if (klpdep_config_new(helper->ctx, NULL, &helper->config) < 0)
		helper->config = NULL;
	job->required = helper->mode == LOAD && (err < 0 || is_target) &&
			klpdep_config_get_policy(helper->config, job->name) ==
				KLPDEP_POLICY_REQUIRE;
	if (err == 0)
		err = klp_index_parse(helper->ctx, file, helper->kernel, text, &helper->index);
	/* The error in the index has been logged. */
	return err < 0 && !job->required ? 1 : err;
}

/* Whether the policy forbids waiting: the policy of the target, or of every target of a
 * patch. */
static bool is_late(const struct klp_job *job)
{
	const struct klpdep_patch *patch = klp_index_find(job->view->index, job->name);
	const struct klpdep_config *config = job->view->config;
	size_t late = 0;

	if (!patch)
		return klpdep_config_get_policy(config, job->name) == KLPDEP_POLICY_LATE;
	for (size_t i = 0; i < patch->n_objects; i++) {
		const char *object = patch->objects[i].name;

		if (klp_streq(object, "vmlinux"))
			continue;
		if (klpdep_config_get_policy(config, object) != KLPDEP_POLICY_LATE)
			return false;
		late++;
	}
	return late > 0;
}

/* As modprobe loads it without a rule. */
static int load_plainly(struct helper *helper)
{
	struct klp_job *job = &helper->job;
	int err;

	klp_job_load_softdeps(job, helper->kernel, false);
	err = klp_job_load_plainly(job);
	if (err == 0)
		klp_job_load_softdeps(job, helper->kernel, true);
	return err;
}

/* The index does not have the module, or cannot be read: @lookup is the result of
 * look_up(). */
static int load_unseen(struct helper *helper, int lookup)
{
	struct klp_job *job = &helper->job;

	if (lookup < 0) {
		klp_say(helper->ctx, KLP_SAY_NO_INDEX, true, job->name,
			"not loaded: policy require, and no index to tell its patches "
			"by");
		return lookup;
	}
	if (helper->switched_off) {
		klp_say(helper->ctx, KLP_SAY_SWITCHED_OFF, false, job->name,
			"not loaded: %s", helper->switched_off);
		return 0; /* else modprobe would report an error at each boot */
	}
	return load_plainly(helper);
}

/* A hook without patches: modprobe loads and removes the target itself. */
static int hook_plainly(struct helper *helper)
{
	if (helper->is_reentry)
		return 0;
	if (helper->mode == BEFORE)
		klp_job_before_plainly(&helper->job, helper->kernel);
	else if (helper->mode == AFTER)
		klp_job_after_plainly(&helper->job, helper->kernel);
	return 0;
}

/* Whether changes are allowed; if not, the reason has been logged. */
static bool may_load(struct helper *helper, bool is_patch)
{
	struct klp_job *job = &helper->job;
	const char *where;

	if (!klp_job_is_frozen(helper->config, &where))
		return true;
	klp_say(helper->ctx, KLP_SAY_FROZEN, job->required, job->name, "%s: freeze in %s",
		is_patch || job->required ? "not loaded" : "loaded without patches", where);
	return false;
}

static int load(struct helper *helper)
{
	struct klp_job *job = &helper->job;
	const struct klpdep_patch *patch = klp_index_find(helper->index, job->name);

	if (!may_load(helper, patch))
		return patch || job->required ? -ECANCELED : load_plainly(helper);
	return patch && klp_job_is_masked(job, patch) ? -ECANCELED : klp_job_load(job);
}

static int carry_out(struct helper *helper)
{
	struct klp_job *job = &helper->job;

	switch (helper->mode) {
	case REMOVE:
		return klp_job_unload(job);
	case BEFORE:
		return may_load(helper, false) ? klp_job_before(job) : hook_plainly(helper);
	case AFTER:
		return may_load(helper, false) ? klp_job_after(job) : hook_plainly(helper);
	case GOING:
		return klp_job_going(job);
	case GONE:
		return klp_job_gone(job);
	default:
		return load(helper);
	}
}

static int do_without(struct helper *helper, int lookup)
{
	if (helper->mode == LOAD)
		return load_unseen(helper, lookup);
	if (helper->mode != REMOVE)
		return hook_plainly(helper);
	helper->index = klp_index_new(helper->kernel);
	return helper->index ? 1 : klp_said(helper->ctx, -ENOMEM);
}

static void find_caller(struct klp_caller *caller)
{
	static char entry[sizeof(CALLER_ENVIRONMENT "=") + KLP_CALLER_TEXT_SIZE];
	const char *outer = getenv(CALLER_ENVIRONMENT);
	char text[KLP_CALLER_TEXT_SIZE];

	if (outer && klp_caller_parse(outer, caller))
		return;
	klp_caller_find(caller);
	snprintf(entry, sizeof(entry), CALLER_ENVIRONMENT "=%s", klp_caller_text(caller, text));
	putenv(entry);
}

/* Set the limits of waiting; for removal an administrator waits. */
static void set_limits(struct helper *helper)
{
	struct klp_job *job = &helper->job;
	struct klp_loader *loader = &job->loader;
	const struct klpdep_config *config = helper->config;
	struct klp_caller caller;

	if (helper->mode == LOAD || helper->mode == BEFORE || helper->mode == AFTER) {
		find_caller(&caller);
		klp_wait_init(&helper->wait, &caller, config, job->required);
		loader->wait = &helper->wait;
		loader->note.loader = caller.pid;
		loader->note.loader_start = caller.start;
	}
	job->late = helper->mode != REMOVE && is_late(job);
	if (job->late)
		return;
	loader->retry_timeout = klpdep_config_get_retry_timeout(config);
	loader->settle_timeout = klpdep_config_get_settle_timeout(config);
	if (helper->wait.has_budget && loader->retry_timeout > helper->wait.budget)
		loader->retry_timeout = helper->wait.budget;
}

static int handle(struct helper *helper)
{
	struct klp_job *job = &helper->job;
	int err = look_up(helper);

	if (err != 0 || helper->switched_off) {
		err = do_without(helper, err);
		if (err <= 0)
			return err;
	}
	err = klp_index_tell(helper->index, job->kmod);
	if (err == 0)
		err = klpdep_view_new(helper->ctx, helper->index, helper->config, KLPDEP_VIEW_LIVE,
				      &helper->view);
	if (err < 0)
		return helper->mode == LOAD && !job->required ? load_plainly(helper) : err;
	job->view = helper->view;
	job->loader.index = helper->index;
	/* A patch that is loaded by name is wanted even without a target. */
	job->loader.note.for_target = !klp_index_find(helper->index, job->name);
	set_limits(helper);
	return carry_out(helper);
}

static void sanitize_process(void)
{
	sigset_t none;
	int fd;

	/* systemd-modules-load has blocked signals in its threads. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* If a caller ignores it, processes below could not wait for their children. */
	signal(SIGCHLD, SIG_DFL);
	/* Writing notes or the log may exceed a limit. */
	signal(SIGXFSZ, SIG_IGN);
	/* Our files must not become a child's standard error. */
	do {
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static const char usage[] =
	"Usage: klpdep-modprobe NAME [OPTIONS]\n"
	"       klpdep-modprobe --remove NAME\n"
	"       klpdep-modprobe --before|--after|--going|--gone NAME\n"
	"\n"
	"Load a module together with its livepatches, or unload it with them.\n"
	"modprobe runs this by the rules that 'klpdep depmod' writes.\n"
	"\n"
	"  -r, --remove   unload\n"
	"      --before   modprobe loads the module next: load the patches that come first\n"
	"      --after    modprobe has loaded it: load those that come after it\n"
	"      --going    modprobe removes it next: unload the patches that depend on it\n"
	"      --gone     modprobe has removed it: unload the others\n"
	"  -h, --help     show this\n"
	"  -V, --version  show the version\n";

static int parse(int argc, char **argv, enum mode *mode)
{
	static const struct option options[] = { { "remove", no_argument, NULL, 'r' },
						 { "before", no_argument, NULL, BEFORE },
						 { "after", no_argument, NULL, AFTER },
						 { "going", no_argument, NULL, GOING },
						 { "gone", no_argument, NULL, GONE },
						 { "help", no_argument, NULL, 'h' },
						 { "version", no_argument, NULL, 'V' },
						 { 0 } };
	int c;

	/* '+': arguments after the name are the module's, whatever they look like. */
	while ((c = getopt_long(argc, argv, "+rhV", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			*mode = REMOVE;
			break;
		case BEFORE:
		case AFTER:
		case GOING:
		case GONE:
			*mode = (enum mode)c;
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
	if (optind >= argc || argc - optind > (*mode == LOAD ? 2 : 1)) {
		fputs(usage, stderr);
		return -EINVAL;
	}
	return 0;
}

/* All targets share the rules for removal, which give the hook's name. */
static const char *target_of(const char *given, enum mode mode)
{
	const char *target = NULL;

	if (mode == GOING)
		target = klp_after_prefix(given, KLP_HOOK_AFTER);
	else if (mode == GONE)
		target = klp_after_prefix(given, KLP_HOOK_BEFORE);
	return target ? target : given;
}

/* kmod runs the hooks of a loaded target with each module that depends on it. */
static bool is_done(enum mode mode, const char *target)
{
	enum klp_module_state state;

	if (mode != BEFORE)
		return false;
	state = klp_live_module(target);
	return state == KLP_MODULE_LIVE || state == KLP_MODULE_COMING;
}

int main(int argc, char **argv)
{
	_cleanup_(helper_clear) struct helper helper = { 0 };
	struct klp_job *job = &helper.job;
	_cleanup_free_ char *options = NULL;
	const char *name, *given;
	struct utsname uts;

	sanitize_process();
	if (parse(argc, argv, &helper.mode) < 0)
		return EXIT_FAILURE;
	name = target_of(argv[optind], helper.mode);
	given = argv[optind + 1];
	if (uname(&uts) < 0 || klpdep_new(&helper.ctx) < 0) {
		log_print(LOG_ERR, "%s: %s", name, strerror(errno));
		return EXIT_FAILURE;
	}
	helper.kernel = uts.release;
	klpdep_set_log_fn(helper.ctx, log_message, NULL);
	/* The log also gets successes. */
	klpdep_set_log_priority(helper.ctx, LOG_NOTICE);
	if (klp_name_normalize(name, job->name) < 0) {
		klp_say(helper.ctx, KLP_SAY_BAD_NAME, true, "klpdep-modprobe",
			"'%.100s' is not the name of a module", name);
		return EXIT_FAILURE;
	}
	if (is_done(helper.mode, job->name))
		return EXIT_SUCCESS;
	if (klp_kmod_new(helper.ctx, helper.kernel, 0, &job->kmod) < 0) {
		klp_say(helper.ctx, KLP_SAY_NO_TREE, true, job->name,
			"the modules of kernel %s cannot be read", helper.kernel);
		return EXIT_FAILURE;
	}
	if (helper.mode == LOAD && !given)
		options = modprobe_options(job->kmod, job->name);
	job->options = given ? given : options;
	job->ctx = helper.ctx;
	job->loader.ctx = helper.ctx;
	job->loader.kmod = job->kmod;
	if (handle(&helper) == 0)
		return EXIT_SUCCESS;
	/* modprobe ignores a hook's failure. */
	if (helper.mode == BEFORE || helper.mode == AFTER)
		klp_late_add(job->name);
	return EXIT_FAILURE;
}

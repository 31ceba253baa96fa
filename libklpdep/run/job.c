/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions that loading and unloading share, and klpdep_load(). */
#include "config.h"

#include "libklpdep/run/job.h"

void klp_job_clear(struct klp_job *job)
{
	klp_strv_clear(&job->failed);
	klp_strv_clear(&job->reloaded);
	klp_strv_clear(&job->loader.inserted);
	klp_kmod_free(job->kmod);
}

/* ENOENT is the kernel's error for a missing symbol, and the one of open(2) for a
 * missing file. */
static bool is_file_missing(const char *file)
{
	return !file || access(file, F_OK) < 0;
}

static const char *what_is_missing(const struct klp_job *job, const char *module,
				   char text[KLP_JOB_TEXT_SIZE])
{
	_cleanup_free_ char *file = klp_kmod_file(job->kmod, module);

	if (!file)
		return "there is no such module";
	if (!is_file_missing(file))
		return "Unknown symbol in module"; /* in the words of modprobe(8) */
	snprintf(text, KLP_JOB_TEXT_SIZE, "%s: %s", file, strerror(errno));
	return text;
}

const char *klp_job_held_up(const char *patch, char text[KLP_JOB_TEXT_SIZE])
{
	struct klp_transition_info transition;
	char tasks[KLP_TRANSITION_TEXT_SIZE];

	text[0] = '\0';
	klp_transition_look(&transition);
	if (klp_streq(transition.patch, patch) &&
	    *klp_transition_held_up(&transition, tasks))
		snprintf(text, KLP_JOB_TEXT_SIZE, ", %s", tasks);
	return text;
}

/* The kernel returns EAGAIN for a module that has references. */
static const char *what_uses_it(const char *module, char text[KLP_JOB_TEXT_SIZE])
{
	_cleanup_strv_ struct klp_strv holders = { 0 };

	klp_live_holders(module, &holders);
	if (!holders.n)
		return "it is in use";
	snprintf(text, KLP_JOB_TEXT_SIZE, "%s uses it", holders.v[0]);
	return text;
}

const char *klp_job_limit(enum klp_limit limit)
{
	switch (limit) {
	case KLP_LIMIT_PLACES:
		return ", and no more helpers may wait";
	case KLP_LIMIT_BUDGET:
		return ", and the process that loads modules has waited long enough";
	default:
		return "";
	}
}

/* Only after a wait can the message say that a transition does not finish. */
static const char *what_is_busy(const struct klp_job *job, const char *module,
				const struct klp_failure *failure,
				char text[KLP_JOB_TEXT_SIZE])
{
	const char *limit = klp_job_limit(failure->limit);
	char held_up[KLP_JOB_TEXT_SIZE];

	if (!*failure->blocker)
		snprintf(text, KLP_JOB_TEXT_SIZE, "%s%s",
			 klp_live_patch(module) == KLP_PATCH_COMING ?
				 "somebody else is still loading it" :
				 "the kernel stays busy", limit);
	else if (!job->loader.retry_timeout || *limit)
		snprintf(text, KLP_JOB_TEXT_SIZE,
			 "the kernel is busy with the transition of %s%s",
			 failure->blocker, limit);
	else
		snprintf(text, KLP_JOB_TEXT_SIZE,
			 "the transition of %s does not finish%s", failure->blocker,
			 klp_job_held_up(failure->blocker, held_up));
	return text;
}

const char *klp_job_why(const struct klp_job *job, const char *module,
			const struct klp_failure *failure, char text[KLP_JOB_TEXT_SIZE])
{
	if (failure->forced)
		return "it was disabled by force, and the kernel keeps it until the "
		       "machine is started again";
	if (failure->err == -ETIMEDOUT)
		return what_is_busy(job, module, failure, text);
	if (klp_refusal_is_duplicate(&failure->why))
		return "it has an object or a function twice, which the kernel refuses";
	if (*failure->why.text)
		return failure->why.text;
	if (failure->err == -ENOENT)
		return what_is_missing(job, module, text);
	if (failure->err == -EAGAIN)
		return what_uses_it(module, text);
	if (failure->err == -ENOEXEC)
		return "Invalid module format";
	return klpdep_strerror(failure->err);
}

enum klpdep_refusal klp_job_class(const struct klp_job *job, const char *module,
				  const struct klp_failure *failure)
{
	_cleanup_free_ char *file = NULL;

	if (*failure->why.text && failure->err != -ETIMEDOUT)
		return failure->why.class;
	switch (failure->err) {
	case -EBUSY:
	case -ETIMEDOUT:
		return KLPDEP_REFUSAL_BUSY;
	case -EKEYREJECTED:
		return KLPDEP_REFUSAL_SIGNATURE;
	case -ENOENT:
		file = klp_kmod_file(job->kmod, module);
		return is_file_missing(file) ? KLPDEP_REFUSAL_MISSING :
					       KLPDEP_REFUSAL_SYMBOL;
	default:
		return KLPDEP_REFUSAL_OTHER;
	}
}

void klp_job_note_why(const struct klp_job *job, const char *patch, const char *target,
		      enum klpdep_refusal class, const char *text)
{
	const struct klpdep_index *index = job->view->index;
	const struct klpdep_patch *found = klp_index_find(index, patch);
	_cleanup_free_ char *file = found ? klp_index_patch_file(index, found) : NULL;

	if (file)
		klp_note_why(patch, target, file, class, text);
}

const char *klp_job_error(const struct klp_job *job, const char *module, int err,
			  char text[KLP_JOB_TEXT_SIZE])
{
	const struct klp_failure failure = { .err = err };

	return klp_job_why(job, module, &failure, text);
}

bool klp_job_is_patch_of(const struct klp_job *job, const char *patch, const char *module)
{
	const struct klpdep_patch *found = klp_index_find(job->view->index, patch);

	return found && !klp_view_is_left(job->view, found) &&
	       klp_patch_find_object(found, module);
}

bool klp_job_serves_others(const struct klp_job *job, const char *name,
			   const char *except, char other[KLP_MODULE_NAME_LEN])
{
	_cleanup_strv_ struct klp_strv objects = { 0 };
	const struct klpdep_patch *patch = klp_index_find(job->view->index, name);

	/* sysfs has the kernel's objects.  The index has them even if the directory in
	 * sysfs is gone already. */
	klp_live_objects(name, &objects);
	for (size_t i = 0; patch && i < patch->n_objects; i++)
		klp_strv_add_unique(&objects, patch->objects[i].name);
	for (size_t i = 0; i < objects.n; i++) {
		if (except && klp_streq(objects.v[i], except))
			continue;
		if (!klp_live_has_object(objects.v[i]))
			continue;
		if (other)
			snprintf(other, KLP_MODULE_NAME_LEN, "%s", objects.v[i]);
		return true;
	}
	return false;
}

int klp_job_unload_patch(struct klp_job *job, const char *patch)
{
	struct klp_failure failure;
	char text[KLP_JOB_TEXT_SIZE];
	int err = klp_loader_unload(&job->loader, patch, &failure);

	if (err < 0)
		klp_say(job->ctx, KLP_SAY_UNLOAD_FAILED, false, patch,
			"could not be unloaded: %s",
			klp_job_why(job, patch, &failure, text));
	return err;
}

/* ---- patches that are left out ----------------------------------------------------- */

static const struct klp_standing *find_standing(const struct klp_job *job, const char *name)
{
	const struct klpdep_patch *patch = klp_index_find(job->view->index, name);

	return patch ? klp_view_standing(job->view, patch) : NULL;
}

const char *klp_job_blocked(const struct klp_job *job, const char *name)
{
	const struct klp_standing *standing = find_standing(job, name);

	return standing && standing->state == KLPDEP_STATE_BLOCKED &&
			       !standing->is_overtaken ?
		       standing->why :
		       NULL;
}

enum klp_message klp_job_deferral(const struct klp_job *job, const char *name)
{
	const struct klp_standing *standing = find_standing(job, name);
	enum klpdep_state state = standing ? standing->state : KLPDEP_STATE_ACTIVE;

	return state == KLPDEP_STATE_INCOMPATIBLE     ? KLP_SAY_PATCH_INCOMPATIBLE :
	       state == KLPDEP_STATE_QUARANTINED      ? KLP_SAY_QUARANTINED :
	       standing && klp_view_is_held(standing) ? KLP_SAY_UNPROVEN :
	       klp_job_blocked(job, name)	      ? KLP_SAY_PATCH_BLOCKED :
							KLP_SAY_PATCH_DEFERRED;
}

/* ---- freeze ------------------------------------------------------------------------ */

bool klp_job_is_frozen(const struct klpdep_config *config, const char **where)
{
	bool is_starting = klp_live_in_initrd() ||
			   (access("/run/systemd/system", F_OK) == 0 &&
			    access(KLP_SYNCED, F_OK) < 0);

	return klp_config_frozen(config, where) && !is_starting;
}

void klp_job_note_synced(void)
{
	if (access(KLP_SYNCED, F_OK) < 0)
		klp_write_unsynced(KLP_SYNCED, "", 0);
}

/* ---- jobs of the library ----------------------------------------------------------- */

int klp_job_check_running(struct klpdep_ctx *ctx, const struct klpdep_index *index)
{
	if (klpdep_is_running(ctx, index->kernel))
		return 0;
	klp_say(ctx, KLP_SAY_NOT_INDEXED, true, index->kernel,
		"is not the kernel that is running");
	return -EINVAL;
}

int klp_job_prepare(struct klp_job *job)
{
	int err = klp_kmod_new(job->ctx, job->view->index->kernel, 0, &job->kmod);

	if (err == 0)
		err = klp_index_tell(job->view->index, job->kmod);
	if (err < 0)
		return err;
	job->loader.ctx = job->ctx;
	job->loader.kmod = job->kmod;
	job->loader.index = job->view->index;
	job->loader.note.for_target = true;
	job->loader.retry_timeout = klpdep_config_get_retry_timeout(job->view->config);
	/* No target waits for this job, so it can wait as long for a patch's own
	 * transition as for others. */
	job->loader.settle_timeout = klpdep_config_get_settle_timeout(job->view->config);
	if (job->loader.settle_timeout < job->loader.retry_timeout)
		job->loader.settle_timeout = job->loader.retry_timeout;
	return 0;
}

bool klp_job_is_masked(const struct klp_job *job, const struct klpdep_patch *patch)
{
	const struct klp_standing *standing = klp_view_standing(job->view, patch);

	if (standing->state != KLPDEP_STATE_MASKED || standing->is_blacklisted)
		return false;
	klp_say(job->ctx, KLP_SAY_MASKED, job->fatal, patch->name,
		"not loaded: masked by %s", standing->why);
	return true;
}

const struct klpdep_patch *klp_job_find_patch(const struct klp_job *job,
					      const char *name)
{
	const struct klpdep_index *index = job->view->index;
	const struct klpdep_patch *patch = klp_index_find(index, name);

	if (!patch)
		klp_say(job->ctx, KLP_SAY_NOT_INDEXED, true, name,
			"there is no such patch in the index of %s", index->kernel);
	return patch;
}

static int check_load(const struct klp_job *job)
{
	int err = klp_job_check_running(job->ctx, job->view->index);
	const char *off = klp_live_switched_off();
	const struct klpdep_patch *patch;

	if (err < 0)
		return err;
	patch = klp_job_find_patch(job, job->name);
	if (!patch)
		return -ENOENT;
	if (off)
		klp_say(job->ctx, KLP_SAY_SWITCHED_OFF, true, job->name, "not loaded: %s",
			off);
	return off || klp_job_is_masked(job, patch) ? -ECANCELED : 0;
}

int klpdep_load(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		   const char *patch, size_t *left)
{
	_cleanup_(klp_job_clear) struct klp_job job = {
		.ctx = ctx, .view = view, .fatal = true
	};
	unsigned int before = ctx->n_errors;
	int err = klp_check_name(ctx, patch, job.name);

	if (err == 0)
		err = check_load(&job);
	if (err == 0)
		err = klp_job_prepare(&job);
	job.loader.note.for_target = false;
	if (err == 0)
		err = klp_job_load(&job);
	if (err == 0 && left)
		*left = job.n_left;
	return klp_ended(ctx, before, err, patch);
}

const char *klpdep_get_switched_off(const struct klpdep_ctx *ctx)
{
	return *ctx->root ? NULL : klp_live_switched_off();
}

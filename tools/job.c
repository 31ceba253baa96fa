/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What loading and unloading have in common. */
#include "config.h"

#include "tools/job.h"
#include "tools/report.h"

/* The kernel says ENOENT of a symbol, open(2) of a file. */
static const char *what_is_missing(const struct job *job, const char *module,
				   char text[JOB_TEXT_SIZE])
{
	_cleanup_free_ char *file = klp_kmod_file(job->kmod, module);

	if (!file)
		return "there is no such module";
	if (access(file, F_OK) == 0)
		return "Unknown symbol in module"; /* in the words of modprobe(8) */
	snprintf(text, JOB_TEXT_SIZE, "%s: %s", file, strerror(errno));
	return text;
}

const char *job_why(const struct job *job, const char *module,
		    const struct klp_failure *failure, char text[JOB_TEXT_SIZE])
{
	if (failure->err == -ENOENT)
		return what_is_missing(job, module, text);
	if (failure->err == -ENOEXEC)
		return "Invalid module format";
	if (failure->err != -ETIMEDOUT || !*failure->blocker)
		return klpdep_strerror(failure->err);
	snprintf(text, JOB_TEXT_SIZE,
		 job->loader.retry_timeout ?
			 "the transition of %s does not finish" :
			 "the kernel is busy with the transition of %s",
		 failure->blocker);
	return text;
}

const char *job_error(const struct job *job, const char *module, int err,
		      char text[JOB_TEXT_SIZE])
{
	const struct klp_failure failure = { .err = err };

	return job_why(job, module, &failure, text);
}

/* Whether a patch is at work for something that is loaded, other than @except. */
bool job_serves_others(const struct job *job, const char *name, const char *except)
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
bool job_is_required(const struct job *job, const char *name)
{
	for (size_t i = 0; i < job->index->n_requires; i++) {
		const struct klp_link *link = &job->index->requires[i];

		if (klp_streq(link->to->name, name) &&
		    klp_live_patch(link->from->name) != KLP_PATCH_ABSENT)
			return true;
	}
	return false;
}

int job_unload_patch(struct job *job, const char *patch)
{
	struct klp_failure failure;
	char text[JOB_TEXT_SIZE];
	int err = klp_loader_unload(&job->loader, patch, &failure);

	if (err < 0)
		report(LOG_WARNING, "%s: could not be unloaded: %s", patch,
		       job_why(job, patch, &failure, text));
	return err;
}

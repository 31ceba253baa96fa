/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What loading and unloading have in common. */
#include "config.h"

#include "tools/job.h"
#include "tools/report.h"

const char *job_error_text(int err)
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

void job_failure_text(const struct klp_failure *failure, char *text, size_t size)
{
	if (failure->err == -ETIMEDOUT && *failure->blocker)
		snprintf(text, size, "the transition of %s does not finish",
			 failure->blocker);
	else
		snprintf(text, size, "%s", job_error_text(failure->err));
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
	char text[256];
	int err = klp_loader_unload(&job->loader, patch, &failure);

	if (err < 0) {
		job_failure_text(&failure, text, sizeof(text));
		report(LOG_WARNING, "%s: could not be unloaded: %s", patch, text);
	}
	return err;
}

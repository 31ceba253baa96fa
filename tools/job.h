/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The helper's work: loading a module with its patches, and unloading it with them. */
#ifndef KLPDEP_JOB_H
#define KLPDEP_JOB_H

#include "libklpdep/graph.h"
#include "libklpdep/loader.h"

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
	bool switched_off;   /* a patch, and klpdep=off */
	struct klp_strv failed; /* patches that could not be loaded */
	bool target_inserted;   /* by us */
};

/* What to do; 0 or an errno, which has been reported. */
int job_load(struct job *job);
int job_load_plainly(struct job *job);
/* With an empty index this is plain removal: what modprobe -r would have done without a
 * remove rule, unused dependencies included. */
int job_unload(struct job *job);

/* ---- for both ---------------------------------------------------------------------- */

/* Why @module could not be loaded or unloaded, in words; they are in @text. */
#define JOB_TEXT_SIZE 512
const char *job_why(const struct job *job, const char *module,
		    const struct klp_failure *failure, char text[JOB_TEXT_SIZE]);
/* The same where all that is known is an errno. */
const char *job_error(const struct job *job, const char *module, int err,
		      char text[JOB_TEXT_SIZE]);

/* Unload one patch, and report it when that fails. */
int job_unload_patch(struct job *job, const char *patch);
/* Whether a patch is at work for something that is loaded, other than @except. */
bool job_serves_others(const struct job *job, const char *name, const char *except);
/* Whether a loaded patch requires this one. */
bool job_is_required(const struct job *job, const char *name);

#endif /* KLPDEP_JOB_H */

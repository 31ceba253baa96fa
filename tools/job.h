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
	struct klp_strv failed; /* patches that could not be loaded */
	bool target_inserted;   /* by us */
};

/* What to do; 0 or an errno, which has been reported. */
int job_load(struct job *job);
int job_load_plainly(struct job *job);
int job_unload(struct job *job);
int job_unload_plainly(struct job *job);

/* ---- for both ------------------------------------------------------------------------------ */

/* An errno in the words that modprobe(8) has for it. */
const char *job_error_text(int err);
void job_failure_text(const struct klp_failure *failure, char *text, size_t size);

/* Unload one patch, and report it when that fails. */
int job_unload_patch(struct job *job, const char *patch);
/* Whether a patch is at work for something that is loaded, other than @except. */
bool job_serves_others(const struct job *job, const char *name, const char *except);
/* Whether a loaded patch requires this one. */
bool job_is_required(const struct job *job, const char *name);

#endif /* KLPDEP_JOB_H */

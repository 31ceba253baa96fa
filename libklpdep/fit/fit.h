/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fit: one patch against the files of its objects.  It finds what the kernel would refuse,
 * what would crash, and what would not work as meant, as far as files tell.
 *
 * One check of fit-*.c reports each code of klpdep-verify(8).
 */
#ifndef KLP_FIT_H
#define KLP_FIT_H

#include "libklpdep/base/finding.h"
#include "libklpdep/host/configuration.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/host/moddep.h"
#include "libklpdep/tree/links.h"

struct klp_object_file;
struct klp_object_files;

/* What the checks share.  The caller sets what comes before "files". */
struct klp_fit {
	struct klpdep_ctx *ctx;
	const char *kernel;
	const struct klpdep_config *config;
	klpdep_finding_fn fn;
	void *data;
	bool is_other_vermagic; /* was reported of the current patch */
	bool only_misfits; /* check only what makes a patch incompatible */
	int stop; /* what @fn has returned, if not 0; or -ENOMEM */
	bool is_incomplete; /* a target was unreadable just now; that is logged */
	unsigned int threads;		/* for reading targets; 0: one for each processor */
	struct klp_object_files *files; /* the objects that were read so far */
	const struct klp_moddep *moddep;
	struct klp_strv builtin; /* the names in modules.builtin, sorted by bytes */
};

/* Prepare for checking patches of a tree.  @moddep stays the caller's; it has the patches,
 * too.  0, -ENOMEM or an errno; clear it in any case. */
int klp_fit_init(struct klp_fit *fit, const struct klp_moddep *moddep);
void klp_fit_clear(struct klp_fit *fit);

/* Check one patch, and report the findings.  0, -ENOMEM or an errno that ends everything. */
int klp_fit_check(struct klp_fit *fit, const struct klpdep_patch *patch);

/* Find what makes a patch incompatible, and add it to the index; sort the index's misfits
 * afterwards.  Skips patches with unreadable files. */
int klp_fit_patch(struct klp_fit *fit, struct klpdep_index *index,
		  const struct klpdep_patch *patch);

/* Store for each target of an index which file it is, without its build-id; call it before
 * the files are read.  Then read the build-ids.  0 or -ENOMEM. */
int klp_fit_targets(struct klp_fit *fit, struct klpdep_index *index);
int klp_fit_build_ids(struct klp_fit *fit, struct klpdep_index *index);
/* Whether a target is another build: by build-id if both have one, else by size and time. */
bool klp_fit_is_other_target(const struct klp_target *was, const struct klp_target *is);
/* Whether a target's file is another one than when the index was written, so that the
 * results for its patches may be out of date.  Reads the file only if it differs; false if
 * the index does not say. */
bool klp_fit_target_changed(struct klp_kmod *kmod, const struct klpdep_index *index,
			    const char *target);

/* Report something about a patch.  @object, and @subject (a function or a symbol of the
 * object), may be NULL.  The text says what to change.  After the fit has a reason to stop,
 * nothing is reported. */
void klp_fit_say(struct klp_fit *fit, enum klpdep_severity severity, const char *code,
		 const struct klpdep_patch *patch, const char *object, const char *subject,
		 const char *format, ...) KLP_PRINTF(7, 8);

/* Report that @what of a patch ("its functions are") is not checked, since the file of
 * @name cannot be read.  @object may be NULL. */
void klp_fit_say_unreadable(struct klp_fit *fit, const struct klpdep_patch *patch,
			    const char *object, const char *name,
			    const struct klp_object_file *image, const char *what);

/* Whether a module of that name is built into the kernel. */
bool klp_fit_is_builtin(const struct klp_fit *fit, const char *name);

/* ---- the checks, in the order of their reports -------------------------------------- */

int klp_fit_names(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_objects(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_functions(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_relocs(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_vermagic(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_build(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_imports(struct klp_fit *fit, const struct klpdep_patch *patch);

#endif /* KLP_FIT_H */

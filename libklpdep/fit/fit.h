/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fit: one patch against the files of its objects.  What the kernel would refuse of it,
 * what would crash, and what would not do what it should, as far as files tell.
 *
 * Each code of klpdep-verify(8) that is said here is said by one check of fit-*.c.
 */
#ifndef KLP_FIT_H
#define KLP_FIT_H

#include "libklpdep/base/finding.h"
#include "libklpdep/host/configuration.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/host/moddep.h"
#include "libklpdep/tree/links.h"

struct klp_object_files;
struct klp_fit_cache;

/* What the checks have at hand.  The caller sets what stands in front of "files". */
struct klp_fit {
	struct klpdep_ctx *ctx;
	const char *kernel;
	const struct klpdep_config *config;
	klpdep_finding_fn fn;
	void *data;
	bool is_other_vermagic; /* has been said of the patch that is looked at */
	bool only_misfits; /* only what makes a patch incompatible is asked for */
	int stop; /* what @fn has returned other than 0; or there was no memory to call it */
	bool is_incomplete; /* a target's file could not be read, for now; it has been logged */
	unsigned int threads;		/* that read targets; 0: one for each processor */
	struct klp_fit_cache *cache; /* or NULL: fit-cache.h */
	struct klp_object_files *files; /* what was read of the objects so far */
	const struct klp_moddep *moddep;
	struct klp_kmod *kmod;
	struct klp_strv builtin; /* the names in modules.builtin, sorted by bytes */
};

/* Get ready to look at patches of a tree.  @moddep and @kmod stay the caller's.
 * 0, -ENOMEM or an errno; in all cases to be cleared. */
int klp_fit_init(struct klp_fit *fit, const struct klp_moddep *moddep, struct klp_kmod *kmod);
void klp_fit_clear(struct klp_fit *fit);

/* Look at one patch, and say what is found.  0, -ENOMEM or an errno that ends it all. */
int klp_fit_check(struct klp_fit *fit, const struct klpdep_patch *patch);

/* Find out what makes a patch incompatible, and add it to the index, whose misfits are then
 * to be sorted.  What has an unreadable file is left alone. */
int klp_fit_patch(struct klp_fit *fit, struct klpdep_index *index,
		  const struct klpdep_patch *patch);

/* Note for each target of an index what its file is; to be called before its patches are
 * looked at.  0 or -ENOMEM. */
int klp_fit_targets(struct klp_fit *fit, struct klpdep_index *index);
/* Whether a target is another build, by its build-id where that is known of both, and else by
 * size and time. */
bool klp_fit_is_other_target(const struct klp_target *was, const struct klp_target *is);
/* Whether a target's file is another one than when the index was written, so that what is
 * known of its patches may not hold.  Read only where it is another file; false where the
 * index does not say. */
bool klp_fit_target_changed(struct klp_kmod *kmod, const struct klpdep_index *index,
			    const char *target);

/* Say something about a patch.  @object and @subject, what of the object it is about (a
 * function, a symbol), may be NULL; the text says what is to be changed.  Once the fit has a
 * reason to stop, nothing more is said. */
void klp_fit_say(struct klp_fit *fit, enum klpdep_severity severity, const char *code,
		 const struct klpdep_patch *patch, const char *object, const char *subject,
		 const char *format, ...) KLP_PRINTF(7, 8);

/* Whether a module of that name is built into the kernel. */
bool klp_fit_is_builtin(const struct klp_fit *fit, const char *name);

/* ---- the checks, in the order in which they speak ---------------------------------- */

int klp_fit_names(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_objects(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_functions(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_relocs(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_vermagic(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_build(struct klp_fit *fit, const struct klpdep_patch *patch);
int klp_fit_imports(struct klp_fit *fit, const struct klpdep_patch *patch);

#endif /* KLP_FIT_H */

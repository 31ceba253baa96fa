/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify finds patches that the kernel would refuse, or that would not do what they
 * should, before they are loaded.
 *
 * One check reports each code of klpdep-verify(8).  A check is a function that examines
 * one patch; verify.c has a table of them.
 */
#ifndef KLP_VERIFY_H
#define KLP_VERIFY_H

#include "libklpdep/fit/fit.h"
#include "libklpdep/view/view.h"

struct klp_shadows;

/* The state of a patch of the index. */
struct klp_verify_state {
	bool chosen;	/* to be checked */
	bool in_tree;	/* depmod has selected it; false: it is to be installed */
};

struct klp_verification {
	struct klpdep_ctx *ctx;
	const char *kernel;
	struct klpdep_config *config;
	struct klp_moddep moddep;
	struct klpdep_index *index; /* of the tree with the files to be installed */
	struct klpdep_view *view;   /* of that index */
	struct klp_kmod *kmod;
	struct klp_fit fit; /* compares a patch with its objects' files */
	struct klp_verify_state *states; /* one for each patch of the index */
	bool some;			 /* only named patches are chosen */
	struct klpdep_index *written;	 /* the index as depmod wrote it, or NULL */
	struct klp_change *changes; /* of active patches: verify-overlap.c */
	size_t n_changes;
	struct klp_shadows *shadows;	 /* lines that override the rules: rules.h */
	const char *wants_signatures; /* why the running kernel wants them, or NULL */
	struct klp_strv taken;	      /* functions whose entries others have: policy.h */
};

/* Check one patch, and report findings.  0, -ENOMEM or an errno that ends the run. */
typedef int (*klp_verify_check)(struct klp_verification *verify,
				const struct klpdep_patch *patch);

/* The state of a patch, which must be one of the index. */
const struct klp_verify_state *klp_verify_state(const struct klp_verification *verify,
						const struct klpdep_patch *patch);

/* ---- the relations between the patches of a tree (verify-tree.c) ------------------- */

int klp_verify_replace(struct klp_verification *verify, const struct klpdep_patch *patch);
int klp_verify_links(struct klp_verification *verify, const struct klpdep_patch *patch);
int klp_verify_sets(struct klp_verification *verify, const struct klpdep_patch *patch);
/* Functions that several change (verify-overlap.c). */
int klp_verify_overlap(struct klp_verification *verify, const struct klpdep_patch *patch);
/* Releases of a series (verify-releases.c). */
int klp_verify_releases(struct klp_verification *verify, const struct klpdep_patch *patch);
/* The index that klpdep depmod has written (verify-written.c), as a whole. */
int klp_verify_index(struct klp_verification *verify);
/* Install lines that are not in force, because of rules for other kernels. */
int klp_verify_blocks(struct klp_verification *verify);
int klp_verify_rules(struct klp_verification *verify, const struct klpdep_patch *patch);
/* Look at the running kernel, and check by that (verify-kernel.c). */
int klp_verify_look_at_kernel(struct klp_verification *verify);
int klp_verify_running(struct klp_verification *verify, const struct klpdep_patch *patch);
int klp_verify_file_name(struct klp_verification *verify, const struct klpdep_patch *patch);

#endif /* KLP_VERIFY_H */

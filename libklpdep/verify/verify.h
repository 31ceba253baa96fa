/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify: what the kernel would refuse, and what would not do what it should, said before
 * it happens.
 *
 * Each code of klpdep-verify(8) is said by one check; a check is a function that looks at
 * one patch, and stands in the table of verify.c.
 */
#ifndef KLP_VERIFY_H
#define KLP_VERIFY_H

#include "libklpdep/fit/fit.h"
#include "libklpdep/view/view.h"

struct klp_shadows;

/* What verify knows of a patch of the index. */
struct klp_verify_state {
	bool chosen;	/* to be looked at */
	bool in_tree;	/* depmod has selected it; else it is to be installed */
};

struct klp_verification {
	struct klpdep_ctx *ctx;
	const char *kernel;
	struct klpdep_config *config;
	struct klp_moddep moddep;
	struct klpdep_index *index; /* of the tree, and of what is to be installed */
	struct klpdep_view *view;   /* of that */
	struct klp_kmod *kmod;
	struct klp_fit fit; /* what looks at a patch and its objects' files */
	struct klp_verify_state *states; /* one for each patch of the index */
	bool some;			 /* some patches were named: these are chosen */
	struct klpdep_index *written;	 /* as klpdep depmod left it; NULL: it did not */
	struct klp_change *changes; /* what active patches change: verify-overlap.c */
	size_t n_changes;
	struct klp_shadows *shadows;	 /* what stands in the rules' way: rules.h */
	const char *wants_signatures; /* why the running kernel does, or NULL */
	struct klp_strv taken;	      /* its functions whose entries others have: policy.h */
};

/* Look at one patch, and say what is found.  0, -ENOMEM or an errno that ends it all. */
typedef int (*klp_verify_check)(struct klp_verification *verify,
				const struct klpdep_patch *patch);

/* The state of a patch, which must be one of the index. */
const struct klp_verify_state *klp_verify_state(const struct klp_verification *verify,
						const struct klpdep_patch *patch);

/* ---- checks that look at the tree and its patches (verify-tree.c) ------------------ */

int klp_verify_replace(struct klp_verification *verify, const struct klpdep_patch *patch);
int klp_verify_links(struct klp_verification *verify, const struct klpdep_patch *patch);
int klp_verify_sets(struct klp_verification *verify, const struct klpdep_patch *patch);
/* Functions that several change (verify-overlap.c). */
int klp_verify_overlap(struct klp_verification *verify, const struct klpdep_patch *patch);
/* Releases of a series (verify-releases.c). */
int klp_verify_releases(struct klp_verification *verify, const struct klpdep_patch *patch);
/* What klpdep depmod wrote (verify-written.c); the index is looked at as a whole. */
int klp_verify_index(struct klp_verification *verify);
/* Install lines that rules for other kernels keep from being in force. */
int klp_verify_blocks(struct klp_verification *verify);
int klp_verify_rules(struct klp_verification *verify, const struct klpdep_patch *patch);
/* What the running kernel is like, and the check (verify-kernel.c). */
int klp_verify_look_at_kernel(struct klp_verification *verify);
int klp_verify_running(struct klp_verification *verify, const struct klpdep_patch *patch);
int klp_verify_file_name(struct klp_verification *verify, const struct klpdep_patch *patch);

#endif /* KLP_VERIFY_H */

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

#include "libklpdep/graph.h"
#include "libklpdep/kmod.h"
#include "libklpdep/moddep.h"

struct klp_targets;
struct klp_shadows;

/* What verify knows of a patch of the index. */
struct klp_verify_state {
	bool active;	/* neither masked nor superseded */
	bool chosen;	/* to be looked at */
	bool in_tree;	/* depmod has selected it; else it is to be installed */
};

struct klp_verify {
	struct klpdep_ctx *ctx;
	const char *kernel;
	const struct klpdep_config *config;
	struct klp_moddep moddep;
	struct klpdep_index *index; /* of the tree, and of what is to be installed */
	struct klp_kmod *kmod;
	struct klp_targets *targets; /* what was read of the objects so far: target.h */
	struct klp_verify_state *states; /* one for each patch of the index */
	bool some;			 /* some patches were named: these are chosen */
	struct klpdep_index *written;	 /* as klpdep depmod left it; NULL: it did not */
	const struct klpdep_patch **sets; /* one active patch of each set */
	size_t n_sets;
	struct klp_strv builtin; /* the names in modules.builtin, sorted by bytes */
	struct klp_shadows *shadows;	 /* what stands in the rules' way: rules.h */
	klpdep_finding_fn fn;
	void *data;
};

/* Look at one patch, and say what is found.  0, -ENOMEM or an errno that ends it all. */
typedef int (*klp_verify_check)(struct klp_verify *verify,
				const struct klpdep_patch *patch);

/* Say something about a patch.  @object and @subject, what of the object it is about (a
 * function, a symbol), may be NULL; the text says what is to be changed. */
void klp_verify_say(struct klp_verify *verify, enum klpdep_severity severity,
		    const char *code, const struct klpdep_patch *patch,
		    const char *object, const char *subject, const char *format, ...)
	KLP_PRINTF(7, 8);

/* The state of a patch, which must be one of the index. */
const struct klp_verify_state *klp_verify_state(const struct klp_verify *verify,
						const struct klpdep_patch *patch);
bool klp_verify_is_builtin(const struct klp_verify *verify, const char *name);

/* ---- checks that look at the objects' own images (verify-target.c) ----------------- */

int klp_verify_functions(struct klp_verify *verify, const struct klpdep_patch *patch);
int klp_verify_relocs(struct klp_verify *verify, const struct klpdep_patch *patch);
int klp_verify_build(struct klp_verify *verify, const struct klpdep_patch *patch);
int klp_verify_imports(struct klp_verify *verify, const struct klpdep_patch *patch);

/* ---- names and objects (verify-objects.c) ------------------------------------------ */

int klp_verify_names(struct klp_verify *verify, const struct klpdep_patch *patch);
int klp_verify_objects(struct klp_verify *verify, const struct klpdep_patch *patch);

/* ---- checks that look at the tree and its patches (verify-tree.c) ------------------ */

int klp_verify_replace(struct klp_verify *verify, const struct klpdep_patch *patch);
int klp_verify_links(struct klp_verify *verify, const struct klpdep_patch *patch);
int klp_verify_sets(struct klp_verify *verify, const struct klpdep_patch *patch);
/* What klpdep depmod wrote (verify-written.c); the index is looked at as a whole. */
int klp_verify_index(struct klp_verify *verify);
int klp_verify_rules(struct klp_verify *verify, const struct klpdep_patch *patch);

#endif /* KLP_VERIFY_H */

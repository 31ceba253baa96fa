/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of kmod that klpdep uses.  kmod.c is the only file that includes libkmod.h.
 */
#ifndef KLP_KMOD_H
#define KLP_KMOD_H

#include "libklpdep/base/context.h"

struct klp_kmod;

enum klp_kmod_flags {
	KLP_KMOD_NO_CONFIG = 1 << 0, /* as with modprobe -C /dev/null */
	KLP_KMOD_FOREIGN = 1 << 1,   /* the configuration without klpdep's own */
	KLP_KMOD_EARLIER = 1 << 2,   /* of that, the files before klpdep's softdeps; and no
					module tree, since its modules.softdep comes after
					them */
	KLP_KMOD_OWN = 1 << 3,	     /* what klpdep generates alone, and no module tree */
};

/* @kernel's module tree and the modprobe configuration, below the context's root. */
int klp_kmod_new(struct klpdep_ctx *ctx, const char *kernel, unsigned int flags,
		 struct klp_kmod **kmod);
void klp_kmod_free(struct klp_kmod *kmod);
KLP_CLEANUP(struct klp_kmod *, klp_kmod_cleanup, klp_kmod_free(*p))
#define _cleanup_kmod_ _cleanup_(klp_kmod_cleanup)

/* Tell libkmod about a module that modules.dep does not have: its file, without the root,
 * and its dependencies.  Call it in the order of names.  If modules.dep has the module
 * after all, that counts.  -ENOMEM. */
int klp_kmod_add_beside(struct klp_kmod *kmod, const char *name, const char *path,
			const struct klp_strv *deps);

/* ---- module tree and configuration ------------------------------------------------- */

/* The file of a module, or NULL with errno: ENOENT if the tree has none, or ENOMEM.  The
 * caller frees. */
char *klp_kmod_file(struct klp_kmod *kmod, const char *name);

/* Whether the module is built into the kernel. */
bool klp_kmod_is_builtin(struct klp_kmod *kmod, const char *name);

/* Append the modules on which @name hard-depends, in loading order. */
int klp_kmod_deps(struct klp_kmod *kmod, const char *name, struct klp_strv *deps);
/* Whether a module hard-depends on another. */
bool klp_kmod_depends(struct klp_kmod *kmod, const char *name, const char *on);

/* The softdeps of @name as kmod sees them: from the first matching line, as written.
 * Appends nothing if no word resolves to a module: then an install rule is in force. */
int klp_kmod_softdeps(struct klp_kmod *kmod, const char *name, struct klp_strv *pre,
		      struct klp_strv *post);

/* Whether @name has a softdep line at all, even an empty one. */
bool klp_kmod_has_softdep_line(struct klp_kmod *kmod, const char *name);

/* The install command of modprobe.d(5) for @name, or NULL; it belongs to @kmod. */
const char *klp_kmod_install_command(struct klp_kmod *kmod, const char *name);

/* Append the modules of softdep and install lines, without patterns. */
int klp_kmod_names(struct klp_kmod *kmod, struct klp_strv *names);

/* The options of modprobe.d(5) and the kernel's command line for @name, or NULL; the caller
 * frees. */
char *klp_kmod_options(struct klp_kmod *kmod, const char *name);

/* Whether loading @name, if it is not loaded, would run an install line instead; false if
 * in doubt. Up to kmod 34, install lines of a module with a softdep do not count
 * (upstream's #446); later versions may let them win.  So this asks libkmod itself, by a
 * dry run. */
bool klp_kmod_runs_install(struct klp_kmod *kmod, const char *name);

/* The modules that @alias stands for. */
int klp_kmod_lookup(struct klp_kmod *kmod, const char *alias, struct klp_strv *names);

/* ---- the running kernel ------------------------------------------------------------ */

/* Insert this one module; NULL options: those of modprobe.d(5).  0 or the kernel's
 * errno. */
int klp_kmod_insert(struct klp_kmod *kmod, const char *name, const char *options);

/* Load the modules of @alias like modprobe(8), with dependencies, softdeps and rules. */
int klp_kmod_probe(struct klp_kmod *kmod, const char *alias);

/* Remove this one module.  0 or the kernel's errno. */
int klp_kmod_remove(struct klp_kmod *kmod, const char *name);

/* Whether modprobe complains about weakdep lines: libkmod before 33 does not know them. */
bool klp_kmod_knows_weakdep(void);

#endif /* KLP_KMOD_H */

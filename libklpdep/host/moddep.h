/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* modules.dep: the files that depmod(8) selected, and their dependencies. */
#ifndef KLP_MODDEP_H
#define KLP_MODDEP_H

#include <pthread.h>
#include <sys/stat.h>

#include "libklpdep/base/context.h"

struct klp_module {
	char name[KLP_MODULE_NAME_LEN];
	char *path;   /* as in modules.dep: relative to its directory, or absolute */
	char *needed; /* the paths of its dependencies, until they are resolved */
	size_t *deps; /* numbers of its dependencies, direct and indirect */
	size_t n_deps;
	bool foreign; /* the path is not below the context's root */
	bool beside;  /* of a directory of klpdep.d(5), which depmod(8) does not know */
	bool left_out; /* and no patch: ignored */
	struct stat st; /* of its file, from when it was read; st_ino is 0 if it was not */
};

struct klp_moddep {
	struct klp_module *modules; /* sorted by name */
	size_t n_modules;
	char *text; /* the file; paths point into it, except those of foreign modules */
};

/* Read the modules.dep of a kernel's tree.  A module whose file name is no module name is
 * logged and left out.  0, -ENOENT, -EBADMSG (logged), -EFBIG, -ENOMEM or an errno. */
int klp_moddep_read(struct klpdep_ctx *ctx, const char *kernel,
		    struct klp_moddep *moddep);
/* The same in two steps: first without dependencies, then those.  -ENOMEM. */
int klp_moddep_read_files(struct klpdep_ctx *ctx, const char *kernel,
			  struct klp_moddep *moddep);
int klp_moddep_resolve(struct klp_moddep *moddep);
void klp_moddep_clear(struct klp_moddep *moddep);
#define _cleanup_moddep_ _cleanup_(klp_moddep_clear)

/* The module of that name, or NULL. */
const struct klp_module *klp_moddep_find(const struct klp_moddep *moddep,
					 const char *name);

/* Whether a module depends on another. */
bool klp_moddep_depends(const struct klp_moddep *moddep, const char *name,
			const char *on);

/* Add a module that is not in modules.dep, with the file @path; or take over the name from an
 * existing one.  Call it before dependencies are resolved.  0 or -ENOMEM. */
int klp_moddep_add(struct klp_moddep *moddep, const char *name, const char *path);

/* Add a module of a directory of klpdep.d(5), with a new name, before dependencies are
 * resolved.  When all are added, sort, before anything else.  0 or -ENOMEM. */
int klp_moddep_add_beside(struct klp_moddep *moddep, const char *name, const char *path);
void klp_moddep_sort(struct klp_moddep *moddep);

/* Set what a module needs that modules.dep does not have, as its file says: all if depmod(8)
 * does not know the module, else those that it does not know.  Then, when this is set for all,
 * resolve what that needs in turn, which modules.dep has for other modules.
 * Existing names only.  Once for each module, after klp_moddep_resolve().  -ENOMEM. */
int klp_moddep_add_deps(struct klp_moddep *moddep, const char *name,
			const struct klp_strv *deps);
int klp_moddep_add_indirect(struct klp_moddep *moddep);

/* The one of kmod's file name endings that a file has, or NULL. */
const char *klp_module_ending(const char *file);

/* A module's file.  NULL if there is no memory; the caller frees. */
char *klp_moddep_file(const struct klpdep_ctx *ctx, const char *kernel,
		      const struct klp_module *module);
/* stat(2) of that, unless it is known.  0, -ENOMEM or its errno. */
int klp_moddep_stat(const struct klpdep_ctx *ctx, const char *kernel,
		    const struct klp_module *module, struct stat *st);

/* ---- modules.order: the modules of the kernel's own build --------------------------- */

/* Read at first use; threads may share it. */
struct klp_built {
	const struct klpdep_ctx *ctx;
	const char *kernel;
	pthread_mutex_t lock;
	bool is_read;
	char *text;
	const char **paths; /* sorted, each up to and including ".ko" */
	size_t n;
};

void klp_built_init(struct klp_built *built, const struct klpdep_ctx *ctx,
		    const char *kernel);
void klp_built_clear(struct klp_built *built);

/* Whether @path, as in modules.dep, is such a module, whatever its compression.  If
 * modules.order cannot be read, none is. */
bool klp_built_has(struct klp_built *built, const char *path);

#endif /* KLP_MODDEP_H */

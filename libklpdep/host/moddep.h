/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* modules.dep: which files depmod(8) selected, and what each depends on. */
#ifndef KLP_MODDEP_H
#define KLP_MODDEP_H

#include <pthread.h>

#include "libklpdep/base/context.h"

struct klp_module {
	char name[KLP_MODULE_NAME_LEN];
	char *path;   /* as in modules.dep: relative to its directory, or absolute */
	char *needed; /* the paths of what it needs, until they are resolved */
	size_t *deps; /* numbers of the modules it needs, directly or not */
	size_t n_deps;
	bool foreign; /* the path is not one below the context's root */
	bool beside;  /* of a directory of klpdep.d(5), which depmod(8) does not know */
	bool left_out; /* and no patch: as if it were not there */
};

struct klp_moddep {
	struct klp_module *modules; /* sorted by name */
	size_t n_modules;
	char *text; /* of the file, where paths are but those of foreign modules */
};

/* Read the modules.dep of a kernel's tree.  A module whose file name is no module name is
 * logged and left out.  0, -ENOENT, -EBADMSG (logged), -EFBIG, -ENOMEM or an errno. */
int klp_moddep_read(struct klpdep_ctx *ctx, const char *kernel,
		    struct klp_moddep *moddep);
/* The same in two steps: without dependencies, and these.  -ENOMEM. */
int klp_moddep_read_files(struct klpdep_ctx *ctx, const char *kernel,
			  struct klp_moddep *moddep);
int klp_moddep_resolve(struct klp_moddep *moddep);
void klp_moddep_clear(struct klp_moddep *moddep);
#define _cleanup_moddep_ _cleanup_(klp_moddep_clear)

/* The module of that name, or NULL. */
const struct klp_module *klp_moddep_find(const struct klp_moddep *moddep,
					 const char *name);

/* Whether the module of that name depends on another. */
bool klp_moddep_depends(const struct klp_moddep *moddep, const char *name,
			const char *on);

/* Add a module that is not in modules.dep, whose file is @path and which has no
 * dependencies yet, or take its name over from the one of it that is there.  Pointers to
 * modules are then void.  NULL when there is no memory. */
struct klp_module *klp_moddep_add(struct klp_moddep *moddep, const char *name,
				  const char *path);

/* Add a module of a directory of klpdep.d(5), of a name that is not there, before dependencies are
 * resolved; and sort, when all are there, and before anything else.  0 or -ENOMEM. */
int klp_moddep_add_beside(struct klp_moddep *moddep, const char *name, const char *path);
void klp_moddep_sort(struct klp_moddep *moddep);

/* What such a module needs, as its file says; and, when that has been said of all, what that needs
 * in turn, as modules.dep has it of others.  Of names that there are; once for each module, behind
 * klp_moddep_resolve().  -ENOMEM. */
int klp_moddep_add_deps(struct klp_moddep *moddep, const char *name, const struct klp_strv *deps);
int klp_moddep_add_indirect(struct klp_moddep *moddep);

/* What of kmod's endings of modules a file has, or NULL. */
const char *klp_module_ending(const char *file);

/* Where a module's file is.  NULL when there is no memory; the caller frees. */
char *klp_moddep_file(const struct klpdep_ctx *ctx, const char *kernel,
		      const struct klp_module *module);

/* ---- modules.order: what a kernel's own build made --------------------------------- */

/* Read when it is first asked for; may be used from several threads. */
struct klp_built {
	const struct klpdep_ctx *ctx;
	const char *kernel;
	pthread_mutex_t lock;
	bool is_read;
	char *text;
	const char **paths; /* sorted, up to and with ".ko" */
	size_t n;
};

void klp_built_init(struct klp_built *built, const struct klpdep_ctx *ctx,
		    const char *kernel);
void klp_built_clear(struct klp_built *built);

/* Whether @path, as modules.dep has it, is such a module, however compressed.  Where
 * modules.order cannot be read, none is. */
bool klp_built_has(struct klp_built *built, const char *path);

#endif /* KLP_MODDEP_H */

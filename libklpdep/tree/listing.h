/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modules.dep lists, and in which directories: for due.c, which compares it with what is
 * there. */
#ifndef KLP_LISTING_H
#define KLP_LISTING_H

#include <time.h>

#include "libklpdep/base/context.h"

/* No tree is that deep; links can lead around in circles. */
#define KLP_TREE_DEPTH_MAX 40

/* A directory of the kernel's own modules. */
struct klp_own_dir {
	char *path;
	size_t above;  /* the number of the one that it is in, from 1 */
	size_t n_dirs; /* of these, in it */
	bool is_new;   /* it was renamed, or is behind a link; or one above is */
	bool unchanged;
};

/* A module that modules.dep lists. */
struct klp_listed {
	const char *path;
	size_t dir; /* the number of the kernel's own directory that it is in, from 1 */
	bool seen;
};

struct klp_listing {
	char *text;		   /* of modules.dep */
	struct timespec since;	   /* when that was written */
	struct klp_listed *listed; /* sorted by path */
	size_t n_listed;
	struct klp_own_dir *dirs;  /* each behind the one that it is in */
	size_t n_dirs;
	bool has_names;		   /* the next two, which few trees need */
	struct klp_set names;	   /* of these modules */
	struct klp_set endings;	   /* of their files, such as ".ko.xz" */
};

/* Read a modules.dep; not what the kernel's own directories are.  0 or an errno. */
int klp_listing_read(const char *file, struct klp_listing *listing);
/* Find these out.  0 or -ENOMEM. */
int klp_listing_find_dirs(struct klp_listing *listing);
void klp_listing_clear(struct klp_listing *listing);

struct klp_listed *klp_listing_find(const struct klp_listing *listing, const char *path);
/* Whether it is one of the kernel's own directories; none is before they were found out. */
bool klp_listing_has_dir(const struct klp_listing *listing, const char *path);

/* Whether depmod would list a file of that path and ending, of whose name it has listed
 * none: it need not know each kind of compression.  1, 0 or -ENOMEM. */
int klp_listing_wants(struct klp_listing *listing, const char *path, const char *ending);

#endif /* KLP_LISTING_H */

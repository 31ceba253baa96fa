/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modules that modules.dep lists, and their directories.  due.c compares these with the
 * files. */
#ifndef KLP_LISTING_H
#define KLP_LISTING_H

#include <time.h>

#include "libklpdep/base/context.h"

/* No tree is that deep, but links can lead around in circles. */
#define KLP_TREE_DEPTH_MAX 40

/* A directory of the kernel's own modules. */
struct klp_own_dir {
	char *path;
	size_t above;  /* the number of the directory that contains it, from 1 */
	size_t n_dirs; /* number of these directories in it */
	bool is_new;   /* it, or one above it, was renamed or is behind a link */
	bool unchanged;
};

/* A module that modules.dep lists. */
struct klp_listed {
	const char *path;
	size_t dir; /* the number of its directory among the kernel's own, from 1 */
	bool seen;
};

struct klp_listing {
	char *text;		   /* of modules.dep */
	struct timespec since;	   /* mtime of modules.dep */
	struct klp_listed *listed; /* sorted by path */
	size_t n_listed;
	struct klp_own_dir *dirs;  /* each after the directory that contains it */
	size_t n_dirs;
	bool has_names;		   /* few trees need the next two */
	struct klp_set names;	   /* of these modules */
	struct klp_set endings;	   /* endings of their files, such as ".ko.xz" */
};

/* Read a modules.dep, without the kernel's own directories.  0 or an errno. */
int klp_listing_read(const char *file, struct klp_listing *listing);
/* Find the kernel's own directories.  0 or -ENOMEM. */
int klp_listing_find_dirs(struct klp_listing *listing);
void klp_listing_clear(struct klp_listing *listing);

struct klp_listed *klp_listing_find(const struct klp_listing *listing, const char *path);
/* Whether it is one of the kernel's own directories; false before they were found. */
bool klp_listing_has_dir(const struct klp_listing *listing, const char *path);

/* Whether depmod would list a file of that path and ending, whose name it has not listed:
 * it may not know the compression.  1, 0 or -ENOMEM. */
int klp_listing_wants(struct klp_listing *listing, const char *path, const char *ending);

#endif /* KLP_LISTING_H */

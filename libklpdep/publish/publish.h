/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishing the results for module trees: an index for each, and the modprobe rules,
 * which all installed kernels share. */
#ifndef KLP_PUBLISH_H
#define KLP_PUBLISH_H

#include "libklpdep/host/moddep.h"
#include "libklpdep/tree/index.h"

struct klpdep_publisher {
	unsigned int refs;
	struct klpdep_ctx *ctx;	/* below its root, trees and configuration are read */
	struct klpdep_ctx *out;	/* below its root, files are written */
	char *config_dir;	/* for klpdep_config_new() */
	struct klpdep_config *config; /* after its first use */
	unsigned int threads; /* 0: one for each processor */
	unsigned int flags;   /* enum klpdep_publish_flags */
	struct klpdep_index **indexes; /* one for each kernel */
	size_t n_indexes;
	char *lock_path; /* or NULL: it has no lock */
	int lock;
};

/* Make the publisher the only writer below that root, until its last reference is
 * dropped.  Call it before reading anything that will be written.  Does nothing if there
 * can be no lock.  -ENOMEM, or -ETIMEDOUT if another process keeps the lock; both have
 * been logged. */
int klp_publish_lock(struct klpdep_publisher *publisher);
void klp_publish_unlock(struct klpdep_publisher *publisher);

/* Its index of that kernel, or NULL. */
struct klpdep_index *klp_publisher_find(const struct klpdep_publisher *publisher,
					const char *kernel);
/* Add the index of a kernel, and take a reference.  0 or -ENOMEM. */
int klp_publisher_add(struct klpdep_publisher *publisher, struct klpdep_index *index);

/* The configuration, read once.  0 or an errno, which has been logged. */
int klp_publisher_config(struct klpdep_publisher *publisher);
/* Find the reasons why patches of an index are incompatible, and store them there.  0;
 * 1 if a target could not be read just now, which has been logged; or an errno. */
int klp_publish_misfits(struct klpdep_publisher *publisher, const struct klp_moddep *moddep,
			struct klpdep_index *index);

/* Write an index into its kernel's directory.  0 or an errno, which has been logged. */
int klp_publish_index(const struct klpdep_publisher *publisher,
		      const struct klpdep_index *index);

#endif /* KLP_PUBLISH_H */

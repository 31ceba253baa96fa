/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishing what was found out of module trees: an index for each, and the modprobe rules,
 * which all installed kernels share. */
#ifndef KLP_PUBLISH_H
#define KLP_PUBLISH_H

#include "libklpdep/host/moddep.h"
#include "libklpdep/tree/index.h"

struct klpdep_publisher {
	unsigned int refs;
	struct klpdep_ctx *ctx;	/* trees and configuration are read below its root */
	struct klpdep_ctx *out;	/* below whose root is written */
	char *config_dir;	/* as klpdep_config_new() takes it */
	struct klpdep_config *config; /* once it has been asked for */
	unsigned int threads; /* 0: one for each processor */
	unsigned int flags;   /* enum klpdep_publish_flags */
	struct klpdep_index **indexes; /* one a kernel */
	size_t n_indexes;
	char *lock_path; /* or NULL: it has no lock */
	int lock;
};

/* Have the publisher be the only one who writes below that root, until the last reference to it is
 * dropped: to be called before anything is read that will be written.  Where there can be no
 * lock there is none.  -ENOMEM, or -ETIMEDOUT for somebody who does not get on; both have been
 * logged. */
int klp_publish_lock(struct klpdep_publisher *publisher);
void klp_publish_unlock(struct klpdep_publisher *publisher);

/* Whether it has an index of that kernel. */
bool klp_publisher_has(const struct klpdep_publisher *publisher, const char *kernel);
/* Add the index of a kernel, of which a reference is kept.  0 or -ENOMEM. */
int klp_publisher_add(struct klpdep_publisher *publisher, struct klpdep_index *index);

/* The configuration, read once.  0 or an errno, which has been logged. */
int klp_publisher_config(struct klpdep_publisher *publisher);
/* Find out what makes the patches of an index incompatible, and write it into that.  0; or 1
 * where some target could not be read, for now, which has been logged; or an errno. */
int klp_publish_misfits(struct klpdep_publisher *publisher, const struct klp_moddep *moddep,
			struct klpdep_index *index);

/* Write an index into its kernel's directory.  0 or an errno, which has been logged. */
int klp_publish_index(const struct klpdep_publisher *publisher,
		      const struct klpdep_index *index);

#endif /* KLP_PUBLISH_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishing what was found out of module trees: an index for each, and the modprobe rules,
 * which all installed kernels share. */
#ifndef KLP_PUBLISH_H
#define KLP_PUBLISH_H

#include "libklpdep/host/moddep.h"
#include "libklpdep/tree/index.h"

struct klp_publisher {
	struct klpdep_ctx *ctx;	/* trees and configuration are read below its root */
	struct klpdep_ctx *out;	/* below whose root is written */
	const char *config_dir; /* as klpdep_config_new() takes it */
	struct klpdep_config *config; /* once it has been asked for */
	unsigned int threads; /* 0: one for each processor */
	bool no_cache; /* neither read nor write the scan cache */
	struct klpdep_index **indexes; /* one a kernel */
	size_t n_indexes;
	char *lock_path; /* or NULL: it has no lock */
	int lock;
};

void klp_publisher_clear(struct klp_publisher *publisher);

/* Have the publisher be the only one who writes below that root, until it is cleared or
 * unlocked: to be called before anything is read that will be written.  Where there can be no
 * lock there is none.  -ENOMEM, or -ETIMEDOUT for somebody who does not get on; both have been
 * logged. */
int klp_publish_lock(struct klp_publisher *publisher);
void klp_publish_unlock(struct klp_publisher *publisher);

/* Whether there is an index of that kernel. */
bool klp_publisher_has(const struct klp_publisher *publisher, const char *kernel);
/* Add the index of a kernel, of which a reference is kept.  0 or -ENOMEM. */
int klp_publisher_add(struct klp_publisher *publisher, struct klpdep_index *index);

/* The configuration, read once.  0 or an errno, which has been logged. */
int klp_publisher_config(struct klp_publisher *publisher);
/* Find out what makes the patches of an index incompatible, and write it into that.  0; or 1
 * where some target could not be read, for now, which has been logged; or an errno. */
int klp_publish_misfits(struct klp_publisher *publisher, const struct klp_moddep *moddep,
			struct klpdep_index *index);

/* Write an index into its kernel's directory.  0 or an errno, which has been logged. */
int klp_publish_index(const struct klp_publisher *publisher,
		      const struct klpdep_index *index);
/* Take out what was written for a kernel, whether it is there still or not.  0 or an errno,
 * which has been logged. */
int klp_publish_removal(const struct klp_publisher *publisher, const char *kernel);

/* Write the rules for all installed kernels: those whose indexes were added, and those that
 * have one on the disk, made anew where it cannot be read.  0 or an errno, which has been
 * logged; where that is not possible, the rules stay as they are. */
int klp_publish_rules(struct klp_publisher *publisher);
/* The same where modprobe.d is no longer what the rules were made from, which is logged, or a
 * file of them is not there, under the lock; else nothing is done, and no index is read. */
int klp_renew_rules(struct klp_publisher *publisher);

#endif /* KLP_PUBLISH_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why the kernel has refused a patch, in its own words. */
#ifndef KLP_REFUSAL_H
#define KLP_REFUSAL_H

#include "libklpdep/klpdep.h"
#include "shared/util.h"

#define KLP_REFUSAL_SIZE 256

struct klp_refusal {
	enum klpdep_refusal class;
	bool is_cause; /* the line tells the cause; else it only tells that something failed */
	char text[KLP_REFUSAL_SIZE]; /* the line, or "" */
};

/* Examine a line of the kernel's log, with a severity as in syslog(3).  The first line
 * that tells the cause counts: later ones tell its consequences.  The kernel has refused
 * @module with @err, a negative errno; 0: not known. */
void klp_refusal_hear(struct klp_refusal *refusal, const char *line, unsigned int severity,
		      const char *module, int err);

/* Whether the patch has an object or a function twice. */
bool klp_refusal_is_duplicate(const struct klp_refusal *refusal);

#endif /* KLP_REFUSAL_H */

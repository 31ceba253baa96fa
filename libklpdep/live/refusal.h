/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why the kernel has refused a patch, in its own words. */
#ifndef KLP_REFUSAL_H
#define KLP_REFUSAL_H

#include "libklpdep/klpdep.h"
#include "shared/util.h"

#define KLP_REFUSAL_SIZE 256

struct klp_refusal {
	enum klpdep_refusal class;
	bool is_cause; /* the line is known to say what was wrong; else it is one of a failure */
	char text[KLP_REFUSAL_SIZE]; /* the line; "" where the kernel has said nothing */
};

/* Take a line of the kernel's log into account, which is one of a severity as in syslog(3).  The
 * first one that tells the cause counts: those behind it say what came of that.  @module was
 * refused with @err, a negative errno or 0 where that is not known. */
void klp_refusal_hear(struct klp_refusal *refusal, const char *line, unsigned int severity,
		      const char *module, int err);

/* Whether the patch has an object or a function twice. */
bool klp_refusal_is_duplicate(const struct klp_refusal *refusal);

#endif /* KLP_REFUSAL_H */

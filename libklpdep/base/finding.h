/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KLP_FINDING_H
#define KLP_FINDING_H

#include "libklpdep/klpdep.h"

/* A finding, for klpdep_finding_fn. */
struct klpdep_finding {
	enum klpdep_severity severity;
	const char *code;
	const char *patch;
	const char *file;
	const char *object;
	const char *subject;
	const char *message;
};

#endif /* KLP_FINDING_H */

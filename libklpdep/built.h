/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modules that a kernel's own build made: those that its modules.order lists. */
#ifndef KLP_BUILT_H
#define KLP_BUILT_H

#include <pthread.h>

#include "libklpdep/context.h"

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

#endif /* KLP_BUILT_H */

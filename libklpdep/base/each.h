/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Working on many items with several threads. */
#ifndef KLP_EACH_H
#define KLP_EACH_H

#include "libklpdep/klpdep.h"

/* Call @fn with @data and each number below @n, in @threads threads (0: one for each
 * processor).  @progress, which may be NULL, is called from this thread only.  If it does
 * not return 0, that ends the work and is returned.  If no thread can be made, this one
 * does all the work. */
int klp_each(unsigned int threads, size_t n, void (*fn)(void *data, size_t i), void *data,
	      klpdep_progress_fn progress, void *progress_data);

#endif /* KLP_EACH_H */

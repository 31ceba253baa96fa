/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Doing something with each of many, from several threads. */
#ifndef KLP_EACH_H
#define KLP_EACH_H

#include "libklpdep/klpdep.h"

/* Call @fn with @data and each number below @n, from so many threads; 0: one for each
 * processor.  @progress, which may be NULL, is called from this thread alone; what it returns
 * other than 0 ends it all, and is returned.  Where no thread can be made, this one does it
 * all. */
int klp_each(unsigned int threads, size_t n, void (*fn)(void *data, size_t i), void *data,
	      klpdep_progress_fn progress, void *progress_data);

#endif /* KLP_EACH_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The allocation functions of the whole process, one call of which fails. */
#ifndef KLPDEP_FAULTS_ALLOC_H
#define KLPDEP_FAULTS_ALLOC_H

#include <stdbool.h>

struct fault_alloc {
	bool armed;		 /* calls count, and one may fail */
	unsigned long fail_at;	 /* which one does, from 1; 0: none */
	unsigned long seen;	 /* calls so far */
	bool failed;		 /* it has */
	const char *library;	 /* whose call that was: NULL, the program's own */
	long live;		 /* blocks that have not been freed */
	int trace;		 /* where to write who called, for addr2line(1); or 0 */
};

extern struct fault_alloc fault_alloc;

/* The library that called, @skip frames above the caller of this, the C library apart;
 * NULL: the program itself. */
const char *fault_alloc_caller(int skip);

#endif /* KLPDEP_FAULTS_ALLOC_H */

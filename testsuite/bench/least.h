/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What decodes a module up to some place, for least.c. */
#ifndef KLPDEP_BENCH_LEAST_H
#define KLPDEP_BENCH_LEAST_H

#include <stdbool.h>
#include <stdint.h>

#include "testsuite/buf.h"

/* The decoders' state, which is used again for each file; for one thread. */
struct coder;

struct coder *coder_new(void);
void coder_free(struct coder *coder);
/* Whether a file is compressed. */
bool coder_wanted(int fd);
/* Decode the first @end bytes of what is in a compressed file, and append them to @keep
 * unless that is NULL.  With @keep, there may be less. */
bool coder_run(struct coder *coder, int fd, uint64_t end, struct buf *keep);

#endif

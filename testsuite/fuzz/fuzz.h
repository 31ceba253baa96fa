/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the fuzzers share. */
#ifndef KLPDEP_FUZZ_H
#define KLPDEP_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The entry point that libFuzzer, AFL++ and main.c know. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has to hold; not assert(), which -DNDEBUG takes out. */
#define FUZZ_CHECK(condition)                                                            \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,       \
				#condition);                                             \
			abort();                                                         \
		}                                                                        \
	} while (0)

#endif

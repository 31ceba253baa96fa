/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines of klpdep.d(5) in memory: configuration-read.c fills them, configuration.c
 * looks them up. */
#ifndef KLP_CONFIGURATION_LINES_H
#define KLP_CONFIGURATION_LINES_H

#include "libklpdep/host/configuration.h"

enum word {
	WORD_MASK,
	WORD_SUPERSEDE,
	WORD_ORDER,
	WORD_POLICY,
	WORD_RETRY_TIMEOUT,
	WORD_SETTLE_TIMEOUT,
	WORD_WAIT_BUDGET,
	WORD_WAITERS,
	WORD_UNLOAD,
	WORD_INITRD_VMLINUX,
	WORD_RETIRE,
	WORD_FREEZE,
	WORD_IGNORE,
	WORD_DIRECTORY,
	WORD_FIXES,
	WORD_GUARD,
	WORD_GUARD_TIME,
};

struct line {
	enum word word;
	char *pattern; /* the first argument, unless it is the value or a path */
	char *second;  /* the second argument of supersede and ignore; directory's path */
	struct klp_strv fixes;
	unsigned int value;
	char *where;
};

struct klpdep_config {
	unsigned int refs;
	struct line *lines;
	size_t n_lines;
	/* Numbers of lines: those about a name, sorted by word and name; and those with a
	 * pattern, in their order. */
	size_t *names, *globs;
	size_t n_names, n_globs;
	struct klp_strv blacklist; /* of modprobe.d(5) */
	struct klp_strv directories;
};

/* The key of a search among numbers of lines. */
struct klp_line_key {
	const struct line *lines;
	enum word word;
	const char *name;
};

int klp_line_cmp(const void *key, const void *number);

#endif /* KLP_CONFIGURATION_LINES_H */

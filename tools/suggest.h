/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a mistyped word may have meant. */
#ifndef KLPDEP_SUGGEST_H
#define KLPDEP_SUGGEST_H

#include <stddef.h>

struct suggestion {
	const char *typed;
	const char *word; /* the nearest of the words tried, or NULL: none is near */
	size_t distance;
};

void suggestion_try(struct suggestion *suggestion, const char *word);

#endif /* KLPDEP_SUGGEST_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Similar words, for mistyped ones. */
#include "config.h"

#include "shared/util.h"
#include "tools/suggest.h"

#define WORD_MAX 32

static size_t least(size_t a, size_t b, size_t c)
{
	size_t n = a < b ? a : b;

	return n < c ? n : c;
}

/* The number of letters to insert, remove or replace to get from one to the other
 * (Levenshtein distance); WORD_MAX for longer words. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], n_b = strlen(b);

	if (strlen(a) > WORD_MAX || n_b > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= n_b; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n_b; j++) {
			size_t above = row[j];

			row[j] = least(row[j - 1] + 1, above + 1,
				       diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n_b];
}

void suggestion_try(struct suggestion *suggestion, const char *word)
{
	size_t n = strlen(suggestion->typed);
	/* A word's beginning is nearer than any mistyped word. */
	size_t d = n && strncmp(word, suggestion->typed, n) == 0 ?
			   0 :
			   distance(suggestion->typed, word);

	/* The first letter and half of all letters have to be right: every word is near a
	 * short one, and "load" does not mean "unload". */
	if (d > 2 || 2 * d > n || *word != *suggestion->typed ||
	    (suggestion->word && d >= suggestion->distance))
		return;
	suggestion->word = word;
	suggestion->distance = d;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text for JSON. */
#include "config.h"

#include "shared/util.h"
#include "tools/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* The number of bytes of the character at the beginning of @text; 0: it is none. */
static size_t character_length(const char *text)
{
	/* By the first byte, and the range of the second one: RFC 3629, section 4. */
	static const struct {
		unsigned char first, last, low, high;
		size_t length;
	} forms[] = {
		{ 0x01, 0x7f, 0x80, 0xbf, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *c = (const unsigned char *)text;
	size_t form = 0;

	while (form < KLP_ARRAY_SIZE(forms) && (*c < forms[form].first || *c > forms[form].last))
		form++;
	if (form == KLP_ARRAY_SIZE(forms))
		return 0;
	for (size_t i = 1; i < forms[form].length; i++) {
		unsigned char low = i == 1 ? forms[form].low : 0x80;
		unsigned char high = i == 1 ? forms[form].high : 0xbf;

		if (c[i] < low || c[i] > high)
			return 0;
	}
	return forms[form].length;
}

char *utf8_copy(const char *text)
{
	char *copy = malloc(strlen(text) * strlen(REPLACEMENT) + 1), *end = copy;

	while (copy && *text) {
		size_t length = character_length(text);

		end = length ? mempcpy(end, text, length) : stpcpy(end, REPLACEMENT);
		text += length ? length : 1;
	}
	if (copy)
		*end = '\0';
	return copy;
}

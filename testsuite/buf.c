// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "buf.h"

void *mk_check(void *p)
{
	if (!p)
		abort();
	return p;
}

char *mk_copy(const char *s)
{
	return s ? mk_check(strdup(s)) : NULL;
}

void *mk_grow(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return mk_check(realloc(array, (n ? 2 * n : 1) * size));
}

size_t mk_buf_add(struct buf *b, const void *data, size_t len)
{
	size_t at = b->len;

	if (b->cap - at < len) {
		b->cap = (at + len) * 2;
		b->data = mk_check(realloc(b->data, b->cap));
	}
	if (data && len)
		memcpy(b->data + at, data, len);
	else if (len)
		memset(b->data + at, 0, len);
	b->len += len;
	return at;
}

size_t mk_buf_str(struct buf *b, const char *s)
{
	return mk_buf_add(b, s, strlen(s) + 1);
}

void mk_buf_align(struct buf *b, size_t align)
{
	mk_buf_add(b, NULL, -b->len & (align - 1));
}

void mk_store(unsigned char *p, bool big, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		p[big ? width - 1 - i : i] = (unsigned char)(value >> 8 * i);
}

uint64_t mk_load(const unsigned char *p, bool big, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)p[big ? width - 1 - i : i] << 8 * i;
	return value;
}

char *mk_join(const char *a, const char *b)
{
	size_t len = strlen(a);
	char *s = mk_check(malloc(len + strlen(b) + 1));

	memcpy(s, a, len);
	strcpy(s + len, b);
	return s;
}

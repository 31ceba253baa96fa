/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that grow, for what makes modules.  Where memory is short the process aborts. */
#ifndef KLPDEP_BUF_H
#define KLPDEP_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *mk_check(void *p);
char *mk_copy(const char *s);
char *mk_join(const char *a, const char *b);

/* Makes room for element n of an array that has n; room doubles at powers of two. */
void *mk_grow(void *array, size_t n, size_t size);

#define APPEND(array, n, ...)                                                            \
	((array) = mk_grow((array), (n), sizeof(*(array))), (array)[(n)++] = __VA_ARGS__)

struct buf {
	unsigned char *data;
	size_t len, cap;
};

/* Appends len bytes, zeros where data is NULL; where they stand. */
size_t mk_buf_add(struct buf *b, const void *data, size_t len);
size_t mk_buf_str(struct buf *b, const char *s);
void mk_buf_align(struct buf *b, size_t align);

void mk_store(unsigned char *p, bool big, unsigned int width, uint64_t value);
uint64_t mk_load(const unsigned char *p, bool big, unsigned int width);

#endif

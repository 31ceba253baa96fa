/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by library and tools, and compiled into both: cleanup, lists of strings, names
 * of modules. */
#ifndef KLP_UTIL_H
#define KLP_UTIL_H

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KLP_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define KLP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* The kernel's MODULE_NAME_LEN with its NUL, 64-bit: include/linux/moduleparam.h. */
#define KLP_MODULE_NAME_LEN 56

/* ---- cleanup: the only way out of a function with resources ------------------------ */

#define KLP_CLEANUP(type, fn, expr)                                                      \
	static inline void fn(type *p)                                                   \
	{                                                                                \
		if (*p)                                                                  \
			expr;                                                            \
	}

static inline void klp_free_cleanup(void *p)
{
	free(*(void **)p);
}

static inline void klp_close_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

KLP_CLEANUP(FILE *, klp_fclose_cleanup, fclose(*p))
KLP_CLEANUP(DIR *, klp_closedir_cleanup, closedir(*p))

#define _cleanup_(fn) __attribute__((cleanup(fn)))
#define _cleanup_free_ _cleanup_(klp_free_cleanup)
#define _cleanup_close_ _cleanup_(klp_close_cleanup)
#define _cleanup_fclose_ _cleanup_(klp_fclose_cleanup)
#define _cleanup_closedir_ _cleanup_(klp_closedir_cleanup)

/* Pass a pointer to the caller: the function's own cleanup then finds NULL. */
#define klp_take(p)                                                                      \
	({                                                                               \
		__typeof__(p) taken_ = (p);                                              \
		(p) = NULL;                                                              \
		taken_;                                                                  \
	})

/* ---- growing arrays ---------------------------------------------------------------- */

/* Make room for one more element of @size bytes after the @n elements of @array.  Returns
 * the array's new place; or NULL if there is no memory, and @array is unchanged. */
void *klp_grow(void *array, size_t n, size_t size);

/* Append a zeroed element to the array v of n elements; a pointer to it, or NULL. */
#define klp_append(v, n)                                                                 \
	({                                                                               \
		__typeof__(v) grown_ = klp_grow((v), (n), sizeof(*(v)));                 \
		__typeof__(v) element_ = NULL;                                           \
		if (grown_) {                                                            \
			(v) = grown_;                                                    \
			element_ = memset(&(v)[(n)++], 0, sizeof(*(v)));                 \
		}                                                                        \
		element_;                                                                \
	})

/* Sort the @n elements of @v, which may be NULL if there are none. */
#define klp_sort(v, n, cmp)                                                              \
	do {                                                                             \
		if (n)                                                                   \
			qsort((v), (n), sizeof(*(v)), (cmp));                            \
	} while (0)

/* One of @n sorted elements that is equal to @key, or NULL; as bsearch(3). */
#define klp_search(key, v, n, cmp)                                                       \
	((__typeof__(v))((n) ? bsearch((key), (v), (n), sizeof(*(v)), (cmp)) : NULL))

/* Compare two elements of an array of strings, by bytes. */
int klp_cmp_strings(const void *a, const void *b);

/* The first of @n sorted elements of @size bytes that is not before @key; @n if there is
 * none.  @cmp is like in bsearch(3). */
size_t klp_lower_bound(const void *key, const void *v, size_t n, size_t size,
		       int (*cmp)(const void *key, const void *element));

/* The run of elements that are equal to @key: the first, and their number in *run; or
 * NULL. */
const void *klp_find_run(const void *key, const void *v, size_t n, size_t size,
			 int (*cmp)(const void *key, const void *element), size_t *run);

/* Like strcmp(3): whether one time is before another. */
static inline int klp_cmp_times(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? (a->tv_sec > b->tv_sec) - (a->tv_sec < b->tv_sec) :
					(a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

/* Images that are made reproducible may have no times: ostree's are 0, Nix's 1. */
static inline bool klp_is_no_time(int64_t seconds)
{
	return seconds == 0 || seconds == 1;
}

/* ---- strings ----------------------------------------------------------------------- */

static inline bool klp_streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* The rest of @s after @prefix, or NULL. */
const char *klp_after_prefix(const char *s, const char *prefix);
bool klp_ends_with(const char *s, const char *suffix);

/* A list of strings that it owns. */
struct klp_strv {
	char **v;
	size_t n;
};

void klp_strv_clear(struct klp_strv *list);
/* Append a copy of @s (its first @len bytes).  0 or -ENOMEM. */
int klp_strv_add(struct klp_strv *list, const char *s);
int klp_strv_add_len(struct klp_strv *list, const char *s, size_t len);
/* Append @s if the list does not have it. */
int klp_strv_add_unique(struct klp_strv *list, const char *s);
int klp_strv_merge(struct klp_strv *list, const struct klp_strv *other);
bool klp_strv_has(const struct klp_strv *list, const char *s);
/* Append the words of @s, divided by any byte of @separators. */
int klp_strv_split(struct klp_strv *list, const char *s, const char *separators);
/* Joined with @separator; NULL if there is no memory. */
char *klp_strv_join(const struct klp_strv *list, const char *separator);
/* Sort so that kvm_9 comes before kvm_10. */
void klp_strv_sort(struct klp_strv *list);
/* The same, and remove duplicates: for lists too long for klp_strv_add_unique(). */
void klp_strv_sort_unique(struct klp_strv *list);
/* Like klp_strv_has(), for a list that one of these two has sorted. */
bool klp_strv_has_sorted(const struct klp_strv *list, const char *s);

#define _cleanup_strv_ _cleanup_(klp_strv_clear)

/* A set of strings that it owns, for sets that grow with the tree. */
struct klp_set {
	void *tree;
};

void klp_set_clear(struct klp_set *set);
/* 0 or -ENOMEM. */
int klp_set_add(struct klp_set *set, const char *s);
/* The same; the set's own copy, or NULL for -ENOMEM. */
const char *klp_set_intern(struct klp_set *set, const char *s);
bool klp_set_has(const struct klp_set *set, const char *s);

/* Version-aware comparison of names and versions, total: equal only when identical.  Numbers
 * are compared as such, and a tilde comes before the end. */
int klp_name_cmp(const char *a, const char *b);

/* Replace *field, which is freed, with a copy of @value.  0 or -ENOMEM. */
int klp_set_string(char **field, const char *value);

/* A text as of printf(3), which the caller frees.  NULL: there is no memory. */
char *klp_format(const char *format, ...) KLP_PRINTF(1, 2);
char *klp_vformat(const char *format, va_list args) KLP_PRINTF(1, 0);
/* Append such a text to a list.  0 or -ENOMEM. */
int klp_strv_add_format(struct klp_strv *list, const char *format, ...) KLP_PRINTF(2, 3);

/* Replace control characters, which a quoted text may have, so that the text is one
 * line and does not control a terminal. */
void klp_clean_text(char *text);

/* Close a stream that open_memstream(3) made of *text: 0, or -ENOMEM.  If memory runs out
 * at the end, the C library only stores NULL there. */
int klp_close_text(FILE *stream, char *const *text);

/* ---- names of modules -------------------------------------------------------------- */

/* Whether @name can be written into an index or a rule: not empty, shorter than the
 * kernel's limit, of [A-Za-z0-9_.-] only, and without a leading dot or dash. */
bool klp_name_valid(const char *name);
/* Whether @glob can match any such name. */
bool klp_glob_valid(const char *glob);
/* Whether it can be a fix's identifier: up to 128 letters, digits, and any of ._:/+~@#-,
 * beginning with a letter or digit. */
bool klp_fix_valid(const char *id);
/* Whether @pattern has wildcards, and so is no name. */
bool klp_is_glob(const char *pattern);
/* Whether a word can be a module's name or alias for kmod, and can be written into a
 * file of rules. */
bool klp_word_plain(const char *word);
/* The kernel's spelling of @name (underscores for dashes) in @out.  -EINVAL if it is no
 * valid name. */
int klp_name_normalize(const char *name, char out[KLP_MODULE_NAME_LEN]);
/* The module name for a file: last component, without .ko and the compression's ending,
 * underscores for dashes.  -EINVAL if that is no valid name. */
int klp_name_from_path(const char *path, char out[KLP_MODULE_NAME_LEN]);

/* Whether @kernel can be a directory's name: it comes from uname or a command line. */
bool klp_kernel_valid(const char *kernel);

#endif /* KLP_UTIL_H */

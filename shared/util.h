/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small things that library and tools have in common, and that are compiled into both: cleanup,
 * lists of strings, names of modules. */
#ifndef KLP_UTIL_H
#define KLP_UTIL_H

#include <dirent.h>
#include <errno.h>
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

/* ---- cleanup: the one way out of a function that holds something ------------------- */

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

/* Hand a pointer over to the caller: its own cleanup then finds NULL. */
#define klp_take(p)                                                                      \
	({                                                                               \
		__typeof__(p) taken_ = (p);                                              \
		(p) = NULL;                                                              \
		taken_;                                                                  \
	})

/* ---- growing arrays ---------------------------------------------------------------- */

/* Make room for one more element of @size bytes behind the @n that @array holds.
 * Returns the array's (new) place, or NULL when there is no memory; @array is then as
 * it was. */
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

/* The first of @n sorted elements of @size bytes that is not in front of @key; @n when
 * there is none.  @cmp is as for bsearch(3). */
size_t klp_lower_bound(const void *key, const void *v, size_t n, size_t size,
		       int (*cmp)(const void *key, const void *element));

/* As strcmp(3): whether one time is before another. */
static inline int klp_cmp_times(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? (a->tv_sec > b->tv_sec) - (a->tv_sec < b->tv_sec) :
					(a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

/* ---- strings ----------------------------------------------------------------------- */

static inline bool klp_streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* The rest of @s behind @prefix, or NULL. */
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
/* Append @s unless it is there. */
int klp_strv_add_unique(struct klp_strv *list, const char *s);
int klp_strv_merge(struct klp_strv *list, const struct klp_strv *other);
bool klp_strv_has(const struct klp_strv *list, const char *s);
/* Append the words of @s that any byte of @separators divides. */
int klp_strv_split(struct klp_strv *list, const char *s, const char *separators);
/* All of them with @separator between; NULL when there is no memory. */
char *klp_strv_join(const struct klp_strv *list, const char *separator);
/* Sort so that kvm_9 stands before kvm_10. */
void klp_strv_sort(struct klp_strv *list);
/* The same, and drop what is there twice: for lists too long for
 * klp_strv_add_unique(). */
void klp_strv_sort_unique(struct klp_strv *list);
/* The same as klp_strv_has(), of a list that one of the two has sorted. */
bool klp_strv_has_sorted(const struct klp_strv *list, const char *s);

#define _cleanup_strv_ _cleanup_(klp_strv_clear)

/* A set of strings that it owns, for those that grow with the tree. */
struct klp_set {
	void *tree;
};

void klp_set_clear(struct klp_set *set);
/* 0 or -ENOMEM. */
int klp_set_add(struct klp_set *set, const char *s);
/* The same; the set's own copy, or NULL for -ENOMEM. */
const char *klp_set_intern(struct klp_set *set, const char *s);
bool klp_set_has(const struct klp_set *set, const char *s);

/* Version-aware comparison of names, total: equal only when identical. */
int klp_name_cmp(const char *a, const char *b);

/* Replace *field, which is freed, with a copy of @value.  0 or -ENOMEM. */
int klp_set_string(char **field, const char *value);

/* Have a line be one line, whatever was quoted in it, and a terminal take it for text. */
void klp_clean_text(char *text);

/* Close a stream that open_memstream(3) made of *text: 0, or -ENOMEM.  When there is no
 * memory for the last of it, the C library leaves NULL there, and says nothing else. */
int klp_close_text(FILE *stream, char *const *text);

/* ---- names of modules -------------------------------------------------------------- */

/* Whether @name can be written into an index or a rule: not empty, shorter than the
 * kernel's limit, and of [A-Za-z0-9_.-] only, with no dot or dash in front. */
bool klp_name_valid(const char *name);
/* Whether @glob can match such a name at all, and whether a word is one that kmod takes for a
 * module, by name or by alias, and that can be written into a rule file. */
bool klp_glob_valid(const char *glob);
/* Whether it can name a fix: up to 128 letters, digits, and any of ._:/+~@#-, beginning with one of
 * the former. */
bool klp_fix_valid(const char *id);
bool klp_is_glob(const char *pattern); /* and no name */
bool klp_word_plain(const char *word);
/* The kernel's spelling of @name (dashes become underscores) in @out.  -EINVAL when it
 * is no valid name. */
int klp_name_normalize(const char *name, char out[KLP_MODULE_NAME_LEN]);
/* The module name of a file name: last component, without .ko and what compression adds,
 * dashes as underscores.  -EINVAL when that is no valid name. */
int klp_name_from_path(const char *path, char out[KLP_MODULE_NAME_LEN]);

/* Whether @kernel can be a directory name: it comes from uname or a command line. */
bool klp_kernel_valid(const char *kernel);

#endif /* KLP_UTIL_H */

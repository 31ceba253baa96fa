/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Growing arrays, lists of strings, and sets of them. */
#include "config.h"

#include <search.h>

#include "shared/util.h"

void *klp_grow(void *array, size_t n, size_t size)
{
	/* The capacity is a power of two from 4 on: it follows from n, and need not be
	 * stored. */
	if (n != 0 && (n < 4 || (n & (n - 1)) != 0))
		return array;
	size_t capacity = n < 4 ? 4 : n * 2;

	return reallocarray(array, capacity, size);
}

size_t klp_lower_bound(const void *key, const void *v, size_t n, size_t size,
		       int (*cmp)(const void *key, const void *element))
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cmp(key, (const char *)v + middle * size) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const void *klp_find_run(const void *key, const void *v, size_t n, size_t size,
			 int (*cmp)(const void *key, const void *element), size_t *run)
{
	size_t first = klp_lower_bound(key, v, n, size, cmp), end = first;

	while (end < n && cmp(key, (const char *)v + end * size) == 0)
		end++;
	*run = end - first;
	return *run ? (const char *)v + first * size : NULL;
}

void klp_strv_clear(struct klp_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct klp_strv){ 0 };
}

int klp_strv_add_len(struct klp_strv *list, const char *s, size_t len)
{
	_cleanup_free_ char *copy = strndup(s, len);
	char **slot = copy ? klp_append(list->v, list->n) : NULL;

	if (!slot)
		return -ENOMEM;
	*slot = klp_take(copy);
	return 0;
}

int klp_strv_add(struct klp_strv *list, const char *s)
{
	return klp_strv_add_len(list, s, strlen(s));
}

bool klp_strv_has(const struct klp_strv *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++) {
		if (klp_streq(list->v[i], s))
			return true;
	}
	return false;
}

int klp_strv_add_unique(struct klp_strv *list, const char *s)
{
	return klp_strv_has(list, s) ? 0 : klp_strv_add(list, s);
}

int klp_strv_merge(struct klp_strv *list, const struct klp_strv *other)
{
	for (size_t i = 0; i < other->n; i++) {
		int err = klp_strv_add_unique(list, other->v[i]);

		if (err < 0)
			return err;
	}
	return 0;
}

int klp_strv_split(struct klp_strv *list, const char *s, const char *separators)
{
	while (*(s += strspn(s, separators))) {
		size_t len = strcspn(s, separators);
		int err = klp_strv_add_len(list, s, len);

		if (err < 0)
			return err;
		s += len;
	}
	return 0;
}

int klp_cmp_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int cmp_strings(const void *a, const void *b)
{
	return klp_name_cmp(*(char *const *)a, *(char *const *)b);
}

void klp_strv_sort(struct klp_strv *list)
{
	klp_sort(list->v, list->n, cmp_strings);
}

void klp_strv_sort_unique(struct klp_strv *list)
{
	size_t n = 0;

	klp_strv_sort(list);
	for (size_t i = 0; i < list->n; i++) {
		if (n && klp_streq(list->v[n - 1], list->v[i]))
			free(list->v[i]);
		else
			list->v[n++] = list->v[i];
	}
	list->n = n;
}

bool klp_strv_has_sorted(const struct klp_strv *list, const char *s)
{
	return klp_search(&s, list->v, list->n, cmp_strings);
}

char *klp_strv_join(const struct klp_strv *list, const char *separator)
{
	size_t size = 1;
	char *joined, *p;

	for (size_t i = 0; i < list->n; i++)
		size += strlen(list->v[i]) + strlen(separator);
	joined = p = malloc(size);
	if (!joined)
		return NULL;
	*p = '\0';
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			p = stpcpy(p, separator);
		p = stpcpy(p, list->v[i]);
	}
	return joined;
}

static int cmp_members(const void *a, const void *b)
{
	return strcmp(a, b);
}

void klp_set_clear(struct klp_set *set)
{
	tdestroy(set->tree, free);
	set->tree = NULL;
}

const char *klp_set_intern(struct klp_set *set, const char *s)
{
	_cleanup_free_ char *copy = strdup(s);
	void *const *node = copy ? tsearch(copy, &set->tree, cmp_members) : NULL;

	if (!node)
		return NULL;
	/* The set may have had the string already. */
	if (*node == copy)
		copy = NULL;
	return *node;
}

int klp_set_add(struct klp_set *set, const char *s)
{
	return klp_set_intern(set, s) ? 0 : -ENOMEM;
}

bool klp_set_has(const struct klp_set *set, const char *s)
{
	return tfind(s, &set->tree, cmp_members);
}

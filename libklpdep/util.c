/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <fcntl.h>
#include <search.h>
#include <sys/stat.h>

#include "libklpdep/util.h"

void *klp_grow(void *array, size_t n, size_t size)
{
	/* Powers of two from 4 on: capacity follows from n, and need not be kept. */
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

const char *klp_after_prefix(const char *s, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(s, prefix, len) == 0 ? s + len : NULL;
}

bool klp_ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s), suffix_len = strlen(suffix);

	return len >= suffix_len && klp_streq(s + len - suffix_len, suffix);
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
	/* Another may have been there. */
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

int klp_name_cmp(const char *a, const char *b)
{
	int cmp = strverscmp(a, b);

	/* strverscmp() calls some different strings equal in other C libraries. */
	return cmp ? cmp : strcmp(a, b);
}

static int cmp_strings(const void *a, const void *b)
{
	return klp_name_cmp(*(char *const *)a, *(char *const *)b);
}

void klp_strv_sort(struct klp_strv *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(list->v[0]), cmp_strings);
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

int klp_set_string(char **field, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

int klp_close_text(FILE *stream, char *const *text)
{
	return fclose(stream) != 0 || !*text ? -ENOMEM : 0;
}

/* Whatever the locale says; strspn(3) would have to learn the characters each time. */
static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool klp_name_valid(const char *name)
{
	size_t len = 0;

	while (len < KLP_MODULE_NAME_LEN && is_name_char(name[len]))
		len++;
	return len > 0 && len < KLP_MODULE_NAME_LEN && name[len] == '\0' &&
	       name[0] != '.' && name[0] != '-';
}

int klp_name_normalize(const char *name, char out[KLP_MODULE_NAME_LEN])
{
	if (!klp_name_valid(name))
		return -EINVAL;
	for (; *name; name++)
		*out++ = *name == '-' ? '_' : *name;
	*out = '\0';
	return 0;
}

int klp_name_from_path(const char *path, char out[KLP_MODULE_NAME_LEN])
{
	static const char *const endings[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t len = strlen(base);
	char name[KLP_MODULE_NAME_LEN];

	for (size_t i = 0; i < KLP_ARRAY_SIZE(endings); i++) {
		if (klp_ends_with(base, endings[i])) {
			len -= strlen(endings[i]);
			break;
		}
	}
	if (len >= sizeof(name))
		return -EINVAL;
	memcpy(name, base, len);
	name[len] = '\0';
	return klp_name_normalize(name, out);
}

bool klp_is_passing(int err)
{
	static const int lasting[] = { 0,     ENOENT, ENOTDIR,	    EISDIR,  ELOOP,
				       EPERM, EACCES, ENAMETOOLONG, EINVAL,  EFBIG,
				       ENXIO, ENODEV, ENOTSUP,	    EBADMSG, ENODATA,
				       ESPIPE, EILSEQ };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(lasting); i++) {
		if (err == -lasting[i])
			return false;
	}
	return err < 0;
}

int klp_read_file(const char *path, size_t max, char **data, size_t *size)
{
	/* O_NONBLOCK: a FIFO that somebody planted must not hang us. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_free_ char *buf = NULL;
	size_t len = 0, capacity = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ESPIPE;
	/* Files of proc and sysfs do not tell their size. */
	if (st.st_size > 0 && (uintmax_t)st.st_size > max)
		return -EFBIG;
	for (;;) {
		if (len + 1 >= capacity) {
			size_t want = capacity ? capacity * 2 : (size_t)st.st_size + 4096;
			char *grown = realloc(buf, want);

			if (!grown)
				return -ENOMEM;
			buf = grown;
			capacity = want;
		}
		ssize_t n = read(fd, buf + len, capacity - len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
	}
	buf[len] = '\0';
	if (size)
		*size = len;
	*data = klp_take(buf);
	return 0;
}

int klp_read_text(const char *path, size_t max, char **text)
{
	_cleanup_free_ char *data = NULL;
	size_t size = 0;
	int err = klp_read_file(path, max, &data, &size);

	if (err < 0)
		return err;
	if (!data || strlen(data) != size)
		return -EILSEQ;
	*text = klp_take(data);
	return 0;
}

void klp_clean_text(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text, next = (unsigned char)text[1];

		/* In UTF-8 there are control characters of two bytes, too. */
		if (c < ' ' || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
			*text = '?';
	}
}

int klp_mkdir_parents(const char *path)
{
	_cleanup_free_ char *dir = strdup(path);

	if (!dir)
		return -ENOMEM;
	for (char *p = dir + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(dir, 0755) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strings, and names of modules. */
#include "config.h"

#include "shared/util.h"

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

int klp_set_string(char **field, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

char *klp_vformat(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

char *klp_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = klp_vformat(format, args);
	va_end(args);
	return text;
}

int klp_strv_add_format(struct klp_strv *list, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	text = klp_vformat(format, args);
	va_end(args);
	return text ? klp_strv_add(list, text) : -ENOMEM;
}

int klp_close_text(FILE *stream, char *const *text)
{
	return fclose(stream) != 0 || !*text ? -ENOMEM : 0;
}

void klp_clean_text(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text, next = (unsigned char)text[1];

		/* UTF-8 also has control characters of two bytes. */
		if (c < ' ' || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
			*text = '?';
	}
}

/* ---- names of modules -------------------------------------------------------------- */

static bool is_number(char c)
{
	return c >= '0' && c <= '9';
}

static size_t number_length(const char *s)
{
	size_t n = 0;

	while (is_number(s[n]))
		n++;
	return n;
}

/* Compare the numbers at two places, and go behind them.  strverscmp(3) would take 010 for
 * less than 9. */
static int cmp_numbers(const char **a, const char **b)
{
	size_t m, n;
	int cmp;

	while (**a == '0')
		(*a)++;
	while (**b == '0')
		(*b)++;
	m = number_length(*a);
	n = number_length(*b);
	cmp = m == n ? strncmp(*a, *b, n) : m < n ? -1 : 1;
	*a += m;
	*b += n;
	return cmp;
}

/* In versions a tilde comes before everything, even the end: 1.0~rc1 before 1.0. */
static int rank(char c)
{
	return c == '~' ? -1 : (unsigned char)c;
}

int klp_name_cmp(const char *a, const char *b)
{
	const char *p = a, *q = b;
	int cmp = 0;

	while (cmp == 0 && (*p || *q)) {
		if (is_number(*p) && is_number(*q))
			cmp = cmp_numbers(&p, &q);
		else
			cmp = rank(*p++) - rank(*q++);
	}
	return cmp ? cmp : strcmp(a, b);
}

/* In any locale; strspn(3) would have to prepare the characters each time. */
static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       is_number(c) || c == '_' || c == '.' || c == '-';
}

bool klp_name_valid(const char *name)
{
	size_t len = 0;

	while (len < KLP_MODULE_NAME_LEN && is_name_char(name[len]))
		len++;
	return len > 0 && len < KLP_MODULE_NAME_LEN && name[len] == '\0' &&
	       name[0] != '.' && name[0] != '-';
}

bool klp_is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?[\\");
}

bool klp_fix_valid(const char *id)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t n = strspn(id, plain);

	if (n)
		n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			       "._:/+~@#-");
	return n && n <= 128 && !id[n];
}

bool klp_glob_valid(const char *glob)
{
	for (const char *c = glob; *c; c++) {
		if (!is_name_char(*c) && !strchr("*?[]!^\\", *c))
			return false;
	}
	return *glob;
}

/* A backslash would join lines in a file of rules. */
bool klp_word_plain(const char *word)
{
	for (const char *c = word; *c; c++) {
		if (*c <= ' ' || *c >= 0x7f || *c == '\\' || *c == '#')
			return false;
	}
	return *word;
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

bool klp_kernel_valid(const char *kernel)
{
	for (const char *p = kernel; *p; p++) {
		if (*p == '/' || (unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	}
	return *kernel && kernel[0] != '.' && strlen(kernel) < 256;
}

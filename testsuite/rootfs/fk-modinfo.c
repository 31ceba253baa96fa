// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a module image says about itself: the strings of its .modinfo section. */
#include "fk.h"

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The names that fk_error= and fk_refuse= may use. */
static const struct {
	const char *name;
	int value;
} errors[] = {
	{ "EPERM", EPERM },
	{ "ENOENT", ENOENT },
	{ "EIO", EIO },
	{ "ENOEXEC", ENOEXEC },
	{ "EAGAIN", EAGAIN },
	{ "ENOMEM", ENOMEM },
	{ "EACCES", EACCES },
	{ "EBUSY", EBUSY },
	{ "EEXIST", EEXIST },
	{ "ENODEV", ENODEV },
	{ "EINVAL", EINVAL },
	{ "ENOSYS", ENOSYS },
	{ "EKEYREJECTED", EKEYREJECTED },
};

int fk_errno(const char *name)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (!strcmp(errors[i].name, name))
			return errors[i].value;
	return EINVAL;
}

static void copy(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

/* Add a line, or nothing where it does not fit. */
static void add_line(char *lines, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void add_line(char *lines, size_t size, const char *fmt, ...)
{
	size_t len = strlen(lines);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(lines + len, size - len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= size - len)
		lines[len] = '\0';
}

/* "OBJECT FUNCTION SYMPOS": sysfs and the stack take sympos 0 for 1. */
static void add_func(struct fk_info *info, const char *value)
{
	char object[FK_NAME_LEN], function[128];
	unsigned long sympos = 0;

	if (sscanf(value, "%55s %127s %lu", object, function, &sympos) < 2)
		return;
	if (!fk_in_list(info->objects, object))
		add_line(info->objects, sizeof(info->objects), "%s%s",
			 info->objects[0] ? "," : "", object);
	add_line(info->funcs, sizeof(info->funcs), "%s %s,%lu\n", object, function,
		 sympos ? sympos : 1);
}

static void one(struct fk_info *info, const char *key, const char *value)
{
	if (!strcmp(key, "name"))
		copy(info->name, sizeof(info->name), value);
	else if (!strcmp(key, "depends"))
		copy(info->depends, sizeof(info->depends), value);
	else if (!strcmp(key, "srcversion"))
		copy(info->srcversion, sizeof(info->srcversion), value);
	else if (!strcmp(key, "livepatch"))
		info->livepatch = !strcmp(value, "Y");
	else if (!strcmp(key, "fk_objects"))
		copy(info->objects, sizeof(info->objects), value);
	else if (!strcmp(key, "fk_func"))
		add_func(info, value);
	else if (!strcmp(key, "fk_callback"))
		add_line(info->callbacks, sizeof(info->callbacks), "%s\n", value);
	else if (!strcmp(key, "fk_states"))
		copy(info->states, sizeof(info->states), value);
	else if (!strcmp(key, "fk_refuse"))
		copy(info->refuse, sizeof(info->refuse), value);
	else if (!strcmp(key, "fk_error"))
		info->error = fk_errno(value);
	else if (!strcmp(key, "fk_replace"))
		info->replace = atoi(value);
	else if (!strcmp(key, "fk_stall"))
		info->stall = atoi(value);
	else if (!strcmp(key, "fk_busy"))
		info->busy = atoi(value);
	else if (!strcmp(key, "fk_in_use"))
		info->pins = atoi(value);
	else if (!strcmp(key, "fk_keep"))
		info->keep = atoi(value);
	else if (!strcmp(key, "fk_once"))
		snprintf(info->once, sizeof(info->once), "%s", value);
	else if (!strcmp(key, "fk_init_ms"))
		info->init_ms = atoi(value);
	else if (!strcmp(key, "fk_transition_ms"))
		info->transition_ms = info->unpatch_ms = atoi(value);
	else if (!strcmp(key, "fk_unpatch_ms"))
		info->unpatch_ms = atoi(value);
	else if (!strcmp(key, "fk_put_ms"))
		info->put_ms = atoi(value);
}

static const char *find_section(const char *image, size_t len, const char *name,
				size_t *size)
{
	const Elf64_Ehdr *ehdr = (const void *)image;
	const Elf64_Shdr *shdr, *strings;

	if (len < sizeof(*ehdr) || memcmp(ehdr->e_ident, ELFMAG, SELFMAG) ||
	    ehdr->e_ident[EI_CLASS] != ELFCLASS64 || ehdr->e_shoff > len ||
	    ehdr->e_shnum > (len - ehdr->e_shoff) / sizeof(*shdr) ||
	    ehdr->e_shstrndx >= ehdr->e_shnum)
		return NULL;
	shdr = (const void *)(image + ehdr->e_shoff);
	strings = &shdr[ehdr->e_shstrndx];
	for (size_t i = 0; i < ehdr->e_shnum; i++) {
		size_t at = strings->sh_offset + shdr[i].sh_name;

		if (at > len || strlen(name) >= len - at || strcmp(image + at, name))
			continue;
		if (shdr[i].sh_offset > len || shdr[i].sh_size > len - shdr[i].sh_offset)
			return NULL;
		*size = shdr[i].sh_size;
		return image + shdr[i].sh_offset;
	}
	return NULL;
}

static void build_id(const char *image, size_t len, struct fk_info *info)
{
	size_t size;
	const char *note = find_section(image, len, ".note.gnu.build-id", &size);

	if (!note || size > sizeof(info->note))
		return;
	memcpy(info->note, note, size);
	info->note_len = size;
}

/* 0, or -ENOEXEC: the kernel's own answer to a file that is no module. */
int fk_modinfo(const void *image, size_t len, struct fk_info *info)
{
	const char *p, *end;
	size_t size;

	memset(info, 0, sizeof(*info));
	info->transition_ms = info->unpatch_ms = FK_TRANSITION_MS;
	info->put_ms = FK_PUT_MS;
	p = find_section(image, len, ".modinfo", &size);
	if (!p)
		return -ENOEXEC;
	for (end = p + size; p < end; p += strnlen(p, (size_t)(end - p)) + 1) {
		size_t n = strnlen(p, (size_t)(end - p));
		const char *eq = memchr(p, '=', n);
		char key[32];

		if (!eq || n == (size_t)(end - p) || (size_t)(eq - p) >= sizeof(key))
			continue;
		memcpy(key, p, (size_t)(eq - p));
		key[eq - p] = '\0';
		one(info, key, eq + 1);
	}
	build_id(image, len, info);
	return info->name[0] ? 0 : -ENOEXEC;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a module image says about itself: the strings of its .modinfo section. */
#include "fk.h"

#include <elf.h>
#include <errno.h>
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

static const char *find_modinfo(const char *image, size_t len, size_t *size)
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

		if (at + sizeof(".modinfo") > len || strcmp(image + at, ".modinfo") != 0)
			continue;
		if (shdr[i].sh_offset > len || shdr[i].sh_size > len - shdr[i].sh_offset)
			return NULL;
		*size = shdr[i].sh_size;
		return image + shdr[i].sh_offset;
	}
	return NULL;
}

/* 0, or -ENOEXEC: the kernel's own answer to a file that is no module. */
int fk_modinfo(const void *image, size_t len, struct fk_info *info)
{
	const char *p, *end;
	size_t size;

	memset(info, 0, sizeof(*info));
	info->transition_ms = info->unpatch_ms = FK_TRANSITION_MS;
	info->put_ms = FK_PUT_MS;
	p = find_modinfo(image, len, &size);
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
	return info->name[0] ? 0 : -ENOEXEC;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-build: struct klp_object_ext and klp_func_ext (include/linux/livepatch_external.h),
 * which the kernel's own klp-build has written into sections of their own.  The module
 * makes its klp_patch from them at run time, and these structures do not tell replace.
 *
 * The linker puts the arrays of several source files one after another, so one object can
 * be there more than once.
 */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/livepatch/format.h"
#include "libklpdep/livepatch/pointers.h"

enum {
	OBJECT_NR_FUNCS = 56,
	OBJECT_SIZE = 64,

	FUNC_OLD_NAME = 0,
	FUNC_NEW_FUNC = 8,
	FUNC_SYMPOS = 16,
	FUNC_SIZE = 24,
};

/* Linux 6.19 had the second name. */
static const char *const object_sections[] = { ".init.klp_objects", "__klp_objects" };
static const char *const func_sections[] = { ".init.klp_funcs", "__klp_funcs" };

static bool is_among(const struct klp_elf *elf, uint32_t section, const char *const names[2])
{
	return klp_streq(elf->sections[section].name, names[0]) ||
	       klp_streq(elf->sections[section].name, names[1]);
}

static bool is_klp_section(const struct klp_elf *elf, uint32_t section)
{
	return is_among(elf, section, object_sections) || is_among(elf, section, func_sections);
}

static int read_func(const struct klp_pointers *pointers, struct klp_place func,
		     struct klpdep_patch *patch)
{
	int err = klp_read_func(pointers, "element", func, FUNC_OLD_NAME, FUNC_SYMPOS, patch);

	if (err == 0 &&
	    !klp_pointer_to_code(pointers, klp_pointer_at(pointers, func, FUNC_NEW_FUNC)))
		err = klp_place_fail(pointers->elf, "element", func, "has no function");
	return err;
}

static int read_funcs(const struct klp_pointers *pointers, struct klp_place object,
		      uint32_t n, struct klpdep_patch *patch)
{
	const struct klp_elf *elf = pointers->elf;
	const struct klp_pointer *funcs = klp_pointer_at(pointers, object,
							KLP_OBJECT_FUNCS);
	int err = 0;

	if (n == 0)
		return 0;
	if (!funcs || !is_among(elf, funcs->to.section, func_sections))
		return klp_place_fail(elf, "element", object, "has functions that are nowhere");

	const uint64_t size = elf->sections[funcs->to.section].size;

	if (funcs->to.offset > size || n > (size - funcs->to.offset) / FUNC_SIZE)
		return klp_file_fail(elf->file, -EBADMSG,
				     "%.100s: the element at 0x%" PRIx64
				     " has %u functions at 0x%" PRIx64
				     ", beyond the end of %.100s",
				     elf->sections[object.section].name, object.offset, n,
				     funcs->to.offset,
				     elf->sections[funcs->to.section].name);
	for (uint32_t i = 0; i < n && err == 0; i++) {
		struct klp_place func = { funcs->to.section,
					  funcs->to.offset + (uint64_t)i * FUNC_SIZE };

		err = read_func(pointers, func, patch);
	}
	return err;
}

static int read_object(const struct klp_pointers *pointers, struct klp_place at,
		       uint64_t *n_funcs, struct klpdep_patch *patch)
{
	const struct klp_elf *elf = pointers->elf;
	struct klpdep_object *object;
	int err = -EBADMSG;
	const unsigned char *n =
		klp_elf_data(elf, at.section, at.offset + OBJECT_NR_FUNCS, 4, &err);

	if (!n)
		return err;
	err = klp_read_object(pointers, "element", at, patch, &object);
	if (err < 0)
		return err;
	/* Zeros: relocations are missing. */
	if (!klp_pointer_at(pointers, at, KLP_OBJECT_NAME) && !object->callbacks &&
	    !klp_pointer_at(pointers, at, KLP_OBJECT_FUNCS))
		return klp_place_fail(elf, "element", at, "is empty");
	*n_funcs += klp_elf_u32(elf, n);
	return read_funcs(pointers, at, klp_elf_u32(elf, n), patch);
}

static int read_objects(const struct klp_pointers *pointers, uint32_t section,
			uint64_t *n_funcs, struct klpdep_patch *patch)
{
	const struct klp_elf *elf = pointers->elf;
	struct klp_place at = { section, 0 };
	int err = 0;

	if (elf->sections[section].type == SHT_NOBITS)
		return klp_file_fail(elf->file, -EBADMSG, "%.100s has no contents",
				     elf->sections[section].name);
	if (elf->sections[section].size % OBJECT_SIZE)
		return klp_file_fail(elf->file, -EBADMSG,
				     "%.100s: the size is no multiple of %d: %" PRIu64,
				     elf->sections[section].name, OBJECT_SIZE,
				     elf->sections[section].size);
	for (; at.offset < elf->sections[section].size && err == 0;
	     at.offset += OBJECT_SIZE)
		err = read_object(pointers, at, n_funcs, patch);
	return err;
}

/* Each function belongs to an object. */
static int check_funcs(const struct klp_elf *elf, uint64_t n_funcs)
{
	uint64_t n = 0;

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (is_among(elf, i, func_sections))
			n += elf->sections[i].size / FUNC_SIZE;
	}
	if (n <= n_funcs)
		return 0;
	return klp_file_fail(elf->file, -EBADMSG,
			     "there are %" PRIu64 " functions, and the objects have "
			     "%" PRIu64, n, n_funcs);
}

static int klp_build_read(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	_cleanup_pointers_ struct klp_pointers pointers = { 0 };
	uint64_t n_funcs = 0;
	int found = 1;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(object_sections); i++) {
		uint32_t section = klp_elf_find_section(elf, object_sections[i]);
		int err = 0;

		/* Linux 6.19 puts an empty one into every module. */
		if (!section || elf->sections[section].size == 0)
			continue;
		if (!pointers.elf)
			err = klp_pointers_gather(&pointers, elf, is_klp_section);
		if (err == 0)
			err = read_objects(&pointers, section, &n_funcs, patch);
		if (err < 0)
			return err;
		found = 0;
	}
	return found == 0 ? check_funcs(elf, n_funcs) : found;
}

const struct klp_format klp_format_klp_build = {
	.name = "klp-build",
	.read = klp_build_read,
};

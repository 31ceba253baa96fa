/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kpatch: what kpatch-build leaves in a livepatch.  .kpatch.funcs has one record for each
 * function, .kpatch.callbacks.* one for each callback.  Each record names its object; the
 * names are in .kpatch.strings.  The module makes its klp_patch from them at run time, and
 * the records do not tell replace.
 *
 * Source of the layouts: kpatch's kmod/patch/kpatch-patch.h.
 */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/livepatch/format.h"
#include "libklpdep/livepatch/pointers.h"

#define FUNCS_SECTION ".kpatch.funcs"
#define CALLBACKS_PREFIX ".kpatch.callbacks."

enum {
	FUNC_NEW_ADDR = 0,
	FUNC_OLD_ADDR = 16,
	FUNC_SYMPOS = 32,
	FUNC_NAME = 40,
	FUNC_OBJNAME = 48,
	FUNC_REF_NAME = 56, /* openEuler's only */

	CALLBACK_OBJNAME = 8,
	CALLBACK_SIZE = 16,
};

/* The sizes of kpatch's records, and of openEuler's. */
static const uint64_t func_sizes[] = { 56, 72 };

static bool is_kpatch_section(const struct klp_elf *elf, uint32_t section)
{
	const char *name = elf->sections[section].name;

	return klp_streq(name, FUNCS_SECTION) ||
	       klp_after_prefix(name, CALLBACKS_PREFIX);
}

static const char *string_at(const struct klp_pointers *pointers, struct klp_place record,
			     uint64_t offset)
{
	return klp_pointer_string(pointers, klp_pointer_at(pointers, record, offset));
}

static bool has_code_at(const struct klp_pointers *pointers, struct klp_place record,
			uint64_t offset)
{
	return klp_pointer_to_code(pointers, klp_pointer_at(pointers, record, offset));
}

/* Whether the records may have @size bytes: they fill the section, except a quad of
 * padding, and the pointers are where records of that size have them. */
static bool size_fits(const struct klp_pointers *pointers, uint32_t section,
		      uint64_t size)
{
	uint64_t end = pointers->elf->sections[section].size;

	if (end % size > 8)
		return false;
	for (size_t i = 0; i < pointers->n; i++) {
		uint64_t offset = pointers->v[i].at.offset;

		if (pointers->v[i].at.section != section)
			continue;
		if (offset >= end - end % size)
			return false;
		offset %= size;
		if (offset != FUNC_NEW_ADDR && offset != FUNC_OLD_ADDR &&
		    offset != FUNC_NAME && offset != FUNC_OBJNAME &&
		    offset != FUNC_REF_NAME)
			return false;
	}
	return true;
}

static int read_func(const struct klp_pointers *pointers, struct klp_place record,
		     struct klpdep_patch *patch)
{
	const char *name = string_at(pointers, record, FUNC_OBJNAME);
	struct klpdep_object *object;
	int err;

	if (!has_code_at(pointers, record, FUNC_NEW_ADDR))
		return klp_place_fail(pointers->elf, "record", record, "has no function");
	if (!name)
		return klp_place_fail(pointers->elf, "record", record, "has no object");
	err = klp_patch_add_object(patch, name, &object);
	return err < 0 ? err : klp_read_func(pointers, "record", record, FUNC_NAME,
					     FUNC_SYMPOS, patch);
}

static int read_funcs(const struct klp_pointers *pointers, uint32_t section,
		      struct klpdep_patch *patch)
{
	const struct klp_elf *elf = pointers->elf;
	struct klp_place record = { section, 0 };
	uint64_t size = 0;
	int err = 0;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(func_sizes) && !size; i++) {
		if (size_fits(pointers, section, func_sizes[i]))
			size = func_sizes[i];
	}
	if (!size)
		return klp_file_fail(elf->file, -EBADMSG,
				     FUNCS_SECTION ": %" PRIu64 " bytes are no array of "
				     "kpatch's records", elf->sections[section].size);
	for (; record.offset + size <= elf->sections[section].size && err == 0;
	     record.offset += size)
		err = read_func(pointers, record, patch);
	return err;
}

static int read_callbacks(const struct klp_pointers *pointers, uint32_t section,
			  const char *kind, struct klpdep_patch *patch)
{
	const struct klp_elf *elf = pointers->elf;
	struct klp_place record = { section, 0 };
	unsigned int callback = 0;

	while (klp_callback_name(callback) && !klp_streq(klp_callback_name(callback), kind))
		callback++;
	if (!klp_callback_name(callback))
		return klp_file_fail(elf->file, -EBADMSG,
				     "section %u (%.100s) is for callbacks that there "
				     "are not", section, elf->sections[section].name);

	/* The padding after the last record is half a record. */
	for (; record.offset + CALLBACK_SIZE <= elf->sections[section].size;
	     record.offset += CALLBACK_SIZE) {
		const char *name = string_at(pointers, record, CALLBACK_OBJNAME);
		struct klpdep_object *object;
		int err;

		bool has_function = has_code_at(pointers, record, 0);

		if (!name || !has_function)
			return klp_place_fail(elf, "record", record,
					      has_function ? "has no object" :
							     "has no function");
		err = klp_patch_add_object(patch, name, &object);
		if (err < 0)
			return err;
		object->callbacks |= 1U << callback;
	}
	return 0;
}

static int kpatch_read(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	_cleanup_pointers_ struct klp_pointers pointers = { 0 };
	uint32_t funcs = klp_elf_find_section(elf, FUNCS_SECTION);
	int err;

	/* kpatch-build also makes it for a patch with callbacks only. */
	if (!funcs)
		return 1;
	err = klp_pointers_gather(&pointers, elf, is_kpatch_section);
	if (err == 0)
		err = read_funcs(&pointers, funcs, patch);
	for (uint32_t i = 1; i < elf->n_sections && err == 0; i++) {
		const char *kind = klp_after_prefix(elf->sections[i].name,
						    CALLBACKS_PREFIX);

		if (kind)
			err = read_callbacks(&pointers, i, kind, patch);
	}
	return err;
}

const struct klp_format klp_format_kpatch = {
	.name = "kpatch",
	.read = kpatch_read,
};

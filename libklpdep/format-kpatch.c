/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kpatch: what kpatch-build leaves in a livepatch.  .kpatch.funcs holds one record for
 * each function, .kpatch.callbacks.* one for each callback, and each record names its
 * object; the names are in .kpatch.strings.  The klp_patch is made from them at run time,
 * with a replace that is not to be seen here.
 *
 * The layouts are those of kpatch's kmod/patch/kpatch-patch.h.
 */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/format.h"
#include "libklpdep/pointers.h"

#define FUNCS_SECTION ".kpatch.funcs"

enum {
	FUNC_NEW_ADDR = 0,
	FUNC_SYMPOS = 32,
	FUNC_NAME = 40,
	FUNC_OBJNAME = 48,
	/* openEuler's records have 72 bytes; the size of others is found just as well. */
	FUNC_SIZE_MIN = 56,
	FUNC_SIZE_MAX = 256,

	CALLBACK_OBJNAME = 8,
	CALLBACK_SIZE = 16,
};

/* In the order of enum klpdep_callback. */
static const char *const callback_sections[] = {
	".kpatch.callbacks.pre_patch",
	".kpatch.callbacks.post_patch",
	".kpatch.callbacks.pre_unpatch",
	".kpatch.callbacks.post_unpatch",
};

static bool is_kpatch_section(const struct klp_elf *elf, uint32_t section)
{
	const char *name = elf->sections[section].name;

	return klp_streq(name, FUNCS_SECTION) ||
	       klp_after_prefix(name, ".kpatch.callbacks.");
}

static const char *string_at(const struct klp_pointers *pointers, struct klp_place record,
			     uint64_t offset)
{
	return klp_pointer_string(pointers, klp_pointer_at(pointers, record, offset));
}

/* What a record of .kpatch.funcs lacks, or NULL. */
static const char *missing_from(const struct klp_pointers *pointers,
				struct klp_place record)
{
	return !klp_pointer_at(pointers, record, FUNC_NEW_ADDR) ? "function" :
	       !string_at(pointers, record, FUNC_NAME)		? "name" :
	       !string_at(pointers, record, FUNC_OBJNAME)	? "object" : NULL;
}

/* Where the last pointer of a section ends: what follows is padding. */
static uint64_t used_size(const struct klp_pointers *pointers, uint32_t section)
{
	uint64_t end = 0;

	for (size_t i = 0; i < pointers->n; i++) {
		if (pointers->v[i].at.section == section)
			end = pointers->v[i].at.offset + 8;
	}
	return end;
}

/* The first record that is none if they have @size bytes each; @end when all are. */
static uint64_t find_broken(const struct klp_pointers *pointers, uint32_t section,
			    uint64_t size, uint64_t end)
{
	struct klp_place record = { section, 0 };

	while (record.offset < end && !missing_from(pointers, record))
		record.offset += size;
	return record.offset < end ? record.offset : end;
}

static int read_func(const struct klp_pointers *pointers, struct klp_place record,
		     struct klpdep_patch *patch)
{
	const struct klp_elf *elf = pointers->elf;
	struct klpdep_object *object;
	int err = -EBADMSG;
	const unsigned char *sympos = klp_elf_data(elf, record.section,
						   record.offset + FUNC_SYMPOS, 8, &err);

	if (!sympos)
		return err;
	err = klp_patch_add_object(patch, string_at(pointers, record, FUNC_OBJNAME),
				   &object);
	if (err < 0)
		return err;
	return klp_patch_add_func(patch, string_at(pointers, record, FUNC_NAME),
				  (unsigned long)klp_elf_u64(elf, sympos));
}

static int read_funcs(const struct klp_pointers *pointers, uint32_t section,
		      struct klpdep_patch *patch)
{
	uint64_t end = used_size(pointers, section), size = FUNC_SIZE_MIN;
	struct klp_place record = { section, 0 };
	int err = 0;

	/* The records' size is that with which all of them are whole. */
	while (size <= FUNC_SIZE_MAX && find_broken(pointers, section, size, end) < end)
		size += 8;
	if (size > FUNC_SIZE_MAX) {
		record.offset = find_broken(pointers, section, FUNC_SIZE_MIN, end);
		return klp_file_fail(pointers->elf->file, -EBADMSG,
				     FUNCS_SECTION ": the record at 0x%" PRIx64
				     " has no %s", record.offset,
				     missing_from(pointers, record));
	}
	for (; record.offset < end && err == 0; record.offset += size)
		err = read_func(pointers, record, patch);
	return err;
}

static int read_callbacks(const struct klp_pointers *pointers, uint32_t section,
			  unsigned int callback, struct klpdep_patch *patch)
{
	uint64_t end = used_size(pointers, section);
	struct klp_place record = { section, 0 };

	for (; record.offset < end; record.offset += CALLBACK_SIZE) {
		const char *name = string_at(pointers, record, CALLBACK_OBJNAME);
		struct klpdep_object *object;
		int err;

		if (!name || !klp_pointer_at(pointers, record, 0))
			return klp_file_fail(
				pointers->elf->file, -EBADMSG,
				"%s: the record at 0x%" PRIx64 " has no %s",
				callback_sections[callback], record.offset,
				name ? "function" : "object");
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

	if (!funcs)
		return 1;
	err = klp_pointers_gather(&pointers, elf, is_kpatch_section);
	if (err == 0)
		err = read_funcs(&pointers, funcs, patch);
	for (unsigned int i = 0; i < KLP_ARRAY_SIZE(callback_sections) && err == 0; i++) {
		uint32_t section = klp_elf_find_section(elf, callback_sections[i]);

		if (section)
			err = read_callbacks(&pointers, section, i, patch);
	}
	return err;
}

const struct klp_format klp_format_kpatch = {
	.name = "kpatch",
	.read = kpatch_read,
};

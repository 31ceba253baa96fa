/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-patch: struct klp_patch, klp_object and klp_func (include/linux/livepatch.h),
 * initialised in the data sections, as source-built livepatches have them.
 *
 * In a relocatable file every pointer is a relocation.  The klp_patch is where a pointer
 * to __this_module has a pointer to an array of klp_object behind it.  The structures'
 * sizes depend on the kernel's configuration, so the distance from one array element to
 * the next is found from symbol sizes, or from where the next element's pointers stand.
 */
#include "config.h"

#include "libklpdep/format.h"
#include "libklpdep/pointers.h"

/* Offsets are the same in every kernel from 5.1 on; replace is there since then. */
enum {
	PATCH_OBJS = 8,
	PATCH_REPLACE = 24,

	OBJECT_NAME = 0,
	OBJECT_FUNCS = 8,
	OBJECT_CALLBACKS = 16, /* four pointers, in the order of enum klpdep_callback */
	OBJECT_POINTERS_END = 48,
	OBJECT_SIZE_MIN = 120,

	FUNC_OLD_NAME = 0,
	FUNC_NEW_FUNC = 8,
	FUNC_OLD_SYMPOS = 16,
	FUNC_POINTERS_END = 24,
	FUNC_SIZE_MIN = 96,

	STRIDE_MAX = 1 << 16,
};

struct reader {
	struct klp_pointers pointers;
	/* Distances seen between elements of arrays without a symbol; 0: none. */
	uint64_t object_stride;
	uint64_t func_stride;
};

static void reader_clear(struct reader *reader)
{
	klp_pointers_clear(&reader->pointers);
}

/* ---- distances between elements ---------------------------------------------------- */

static bool stride_fits(uint64_t stride, uint64_t min, uint64_t size)
{
	return stride >= min && stride <= STRIDE_MAX && stride % 8 == 0 &&
	       (!size || size % stride == 0);
}

/* The pointers of an element stand in its first bytes, and nothing else in it is ever
 * initialised with one: the next pointer in the array is the next element's.  NULL when
 * there is none. */
static const struct klp_pointer *next_element(const struct reader *reader,
					      struct klp_place array,
					      uint64_t pointers_end)
{
	struct klp_place behind = { array.section, array.offset + pointers_end };
	const struct klp_pointer *next = klp_pointer_from(&reader->pointers, behind);

	return next && next->at.offset <
				       klp_pointers_array_end(&reader->pointers, array) ?
		       next :
		       NULL;
}

static uint64_t object_distance(const struct reader *reader, struct klp_place array)
{
	const struct klp_pointer *next = next_element(reader, array, OBJECT_POINTERS_END);

	if (!next)
		return 0;
	if (klp_pointer_to_data(&reader->pointers, next) &&
	    klp_pointer_to_array(
		    &reader->pointers,
		    klp_pointer_at(&reader->pointers, next->at, OBJECT_FUNCS)))
		return next->at.offset - array.offset;
	/* vmlinux has no name. */
	if (klp_pointer_to_array(&reader->pointers, next))
		return next->at.offset - OBJECT_FUNCS - array.offset;
	return 0;
}

static uint64_t func_distance(const struct reader *reader, struct klp_place array)
{
	const struct klp_pointer *next = next_element(reader, array, FUNC_POINTERS_END);

	if (!next)
		return 0;
	/* Where the array's end is known, so is whose pointer it is; else it has to look
	 * like that of a function. */
	if (klp_pointers_symbol_size(&reader->pointers, array) &&
	    klp_pointer_to_code(&reader->pointers, next))
		return next->at.offset - FUNC_NEW_FUNC - array.offset;
	if (klp_pointers_symbol_size(&reader->pointers, array) ||
	    (klp_pointer_string(&reader->pointers, next) &&
	     klp_pointer_to_code(
		     &reader->pointers,
		     klp_pointer_at(&reader->pointers, next->at, FUNC_NEW_FUNC))))
		return next->at.offset - array.offset;
	return 0;
}

/* From one element to the next; an array with a symbol knows its own, others go by what
 * was seen (@seen).  0: there is just one element, as far as can be told. */
static uint64_t stride_of(const struct reader *reader, struct klp_place array,
			  uint64_t distance, uint64_t min, uint64_t seen)
{
	uint64_t size = klp_pointers_symbol_size(&reader->pointers, array);

	if (distance && stride_fits(distance, min, size) && (size || !seen))
		return distance;
	/* One element and the terminator. */
	if (!distance && size && stride_fits(size / 2, min, size))
		return size / 2;
	return seen;
}

/* An array that goes on behind its first element, and cannot be divided into elements,
 * must not be taken for one of one element. */
static int check_stride(const struct reader *reader, struct klp_place array,
			uint64_t stride, uint64_t pointers_end)
{
	if (stride || !klp_pointers_symbol_size(&reader->pointers, array) ||
	    !next_element(reader, array, pointers_end))
		return 0;
	return klp_file_fail(reader->pointers.elf->file, -EBADMSG,
			     "the array at %s+0x%llx is no array of livepatch structures",
			     reader->pointers.elf->sections[array.section].name,
			     (unsigned long long)array.offset);
}

static void see_stride(uint64_t *seen, uint64_t distance, uint64_t min)
{
	if (stride_fits(distance, min, 0) && (!*seen || distance < *seen))
		*seen = distance;
}

/* ---- reading ----------------------------------------------------------------------- */

static int read_sympos(const struct reader *reader, struct klp_place func,
		       unsigned long *sympos)
{
	int err = -EBADMSG;
	const unsigned char *p = klp_elf_data(reader->pointers.elf, func.section,
					      func.offset + FUNC_OLD_SYMPOS, 8, &err);

	if (!p)
		return err;
	*sympos = (unsigned long)klp_elf_u64(reader->pointers.elf, p);
	return 0;
}

static int read_funcs(const struct reader *reader, struct klp_place array,
		      struct klpdep_patch *patch, const struct klpdep_object *object)
{
	uint64_t stride = stride_of(reader, array, func_distance(reader, array),
				    FUNC_SIZE_MIN, reader->func_stride);
	uint64_t end = klp_pointers_array_end(&reader->pointers, array);
	struct klp_place func = array;
	int err = check_stride(reader, array, stride, FUNC_POINTERS_END);

	for (; err == 0 && func.offset < end; func.offset += stride) {
		const struct klp_pointer *name = klp_pointer_at(&reader->pointers, func,
								FUNC_OLD_NAME);
		const char *string = klp_pointer_string(&reader->pointers, name);
		unsigned long sympos = 0;

		if (!name && !klp_pointer_at(&reader->pointers, func, FUNC_NEW_FUNC))
			return 0;
		if (!string)
			return klp_file_fail(
				reader->pointers.elf->file, -EBADMSG,
				"a klp_func of object '%.60s' at %s+0x%llx has no "
				"name",
				object->name,
				reader->pointers.elf->sections[func.section].name,
				(unsigned long long)func.offset);
		err = read_sympos(reader, func, &sympos);
		if (err == 0)
			err = klp_patch_add_func(patch, string, sympos);
		if (!stride)
			break;
	}
	return err;
}

static unsigned int read_callbacks(const struct reader *reader, struct klp_place object)
{
	unsigned int callbacks = 0;

	for (unsigned int i = 0; i < 4; i++) {
		if (klp_pointer_at(&reader->pointers, object, OBJECT_CALLBACKS + 8 * i))
			callbacks |= 1U << i;
	}
	return callbacks;
}

/* Call @fn for each element of an array of klp_object. */
static int for_each_object(struct reader *reader, struct klp_place array, void *data,
			   int (*fn)(struct reader *reader, struct klp_place object,
				     const struct klp_pointer *funcs, void *data))
{
	uint64_t stride = stride_of(reader, array, object_distance(reader, array),
				    OBJECT_SIZE_MIN, reader->object_stride);
	uint64_t end = klp_pointers_array_end(&reader->pointers, array);
	int err = check_stride(reader, array, stride, OBJECT_POINTERS_END);

	for (; err == 0 && array.offset < end; array.offset += stride) {
		const struct klp_pointer *funcs = klp_pointer_at(&reader->pointers, array,
								 OBJECT_FUNCS);

		if (!funcs && !klp_pointer_at(&reader->pointers, array, OBJECT_NAME))
			return 0;
		err = fn(reader, array, funcs, data);
		if (!stride)
			break;
	}
	return err;
}

static int see_func_stride(struct reader *reader, struct klp_place object,
			   const struct klp_pointer *funcs, void *data)
{
	(void)object;
	(void)data;
	if (klp_pointer_to_array(&reader->pointers, funcs))
		see_stride(&reader->func_stride, func_distance(reader, funcs->to),
			   FUNC_SIZE_MIN);
	return 0;
}

static int read_object(struct reader *reader, struct klp_place at,
		       const struct klp_pointer *funcs, void *data)
{
	const struct klp_pointer *name = klp_pointer_at(&reader->pointers, at,
							OBJECT_NAME);
	const char *string = klp_pointer_string(&reader->pointers, name);
	struct klpdep_object *object;
	int err;

	if (name && !string)
		return klp_file_fail(reader->pointers.elf->file, -EBADMSG,
				     "the klp_object at %s+0x%llx has a name that is no "
				     "string",
				     reader->pointers.elf->sections[at.section].name,
				     (unsigned long long)at.offset);
	err = klp_patch_add_object(data, string, &object);
	if (err < 0)
		return err;
	object->callbacks |= read_callbacks(reader, at);
	/* The array in .bss that an object with callbacks alone points to is empty. */
	if (!klp_pointer_to_array(&reader->pointers, funcs) ||
	    reader->pointers.elf->sections[funcs->to.section].type == SHT_NOBITS)
		return 0;
	return read_funcs(reader, funcs->to, data, object);
}

/* ---- which one is the klp_patch ---------------------------------------------------- */

/* Whether a relocation of the code refers to a place.  What the relocation's addend holds
 * besides depends on the instruction: x86 counts from behind it (4 bytes of displacement,
 * and an immediate byte where there is one), s390x from 2 bytes in front. */
static int code_refers_to(const struct klp_elf *elf, struct klp_place place, bool *refers)
{
	static const int x86_bias[] = { 0, -4, -5 }, s390_bias[] = { 0, 2 },
			 no_bias[] = { 0 };
	const int *bias = no_bias;
	size_t n = 1;

	if (elf->machine == EM_X86_64) {
		bias = x86_bias;
		n = KLP_ARRAY_SIZE(x86_bias);
	} else if (elf->machine == EM_S390) {
		bias = s390_bias;
		n = KLP_ARRAY_SIZE(s390_bias);
	}
	*refers = false;
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		const struct klp_section *section = &elf->sections[i];

		if (section->type != SHT_RELA || section->info >= elf->n_sections ||
		    !klp_elf_is_code(elf, section->info))
			continue;
		for (uint64_t j = 0; j < klp_elf_count_relas(elf, i); j++) {
			struct klp_pointer pointer;
			struct klp_rela rela;
			int err = klp_elf_rela(elf, i, j, &rela);

			if (err == 0)
				err = klp_pointer_resolve(elf, &rela, &pointer);
			if (err < 0)
				return err;
			if (pointer.to.section != place.section)
				continue;
			for (size_t k = 0; k < n; k++) {
				if (pointer.to.offset ==
				    place.offset + (uint64_t)(int64_t)bias[k])
					*refers = true;
			}
		}
	}
	return 0;
}

/* Whether what is at @i could be a klp_patch: a pointer to __this_module, and behind it
 * one to an array whose first element has a pointer to functions. */
static bool is_candidate(const struct reader *reader, size_t i)
{
	const struct klp_pointer *mod = &reader->pointers.v[i], *objs, *name, *funcs;

	if (!mod->this_module)
		return false;
	objs = klp_pointer_at(&reader->pointers, mod->at, PATCH_OBJS);
	if (!klp_pointer_to_array(&reader->pointers, objs))
		return false;
	name = klp_pointer_at(&reader->pointers, objs->to, OBJECT_NAME);
	funcs = klp_pointer_at(&reader->pointers, objs->to, OBJECT_FUNCS);
	/* Whether it is a proper one is for read_object() to say. */
	return klp_pointer_to_array(&reader->pointers, funcs) &&
	       (!name || klp_pointer_to_data(&reader->pointers, name));
}

/* Find the klp_patch.  0 found, 1 none, negative: an error. */
static int find_patch(const struct reader *reader, struct klp_place *patch)
{
	struct klp_place first = { 0 };
	size_t found = 0, confirmed = 0;

	for (size_t i = 0; i < reader->pointers.n; i++) {
		bool refers = false;
		int err;

		if (!is_candidate(reader, i))
			continue;
		if (found++ == 0)
			first = reader->pointers.v[i].at;
		/* Its address is what klp_enable_patch() is called with. */
		err = code_refers_to(reader->pointers.elf, reader->pointers.v[i].at,
				     &refers);
		if (err < 0)
			return err;
		if (refers && confirmed++ == 0)
			*patch = reader->pointers.v[i].at;
	}
	if (found == 0)
		return 1;
	if (confirmed == 0)
		*patch = first;
	if (confirmed > 1 || (confirmed == 0 && found > 1))
		return klp_file_fail(reader->pointers.elf->file, -EBADMSG,
				     "more than one structure looks like a klp_patch");
	return 0;
}

static int read_replace(const struct reader *reader, struct klp_place patch,
			enum klpdep_replace *replace)
{
	struct klp_place place = { patch.section, patch.offset + PATCH_REPLACE };
	int err = -EBADMSG;
	const unsigned char *p =
		klp_elf_data(reader->pointers.elf, place.section, place.offset, 1, &err);
	bool written;

	if (!p)
		return err;
	err = code_refers_to(reader->pointers.elf, place, &written);
	if (err < 0)
		return err;
	*replace = written ? KLPDEP_REPLACE_UNKNOWN :
		   *p ? KLPDEP_REPLACE_YES : KLPDEP_REPLACE_NO;
	return 0;
}

static int klp_patch_read(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	_cleanup_(reader_clear) struct reader reader = { 0 };
	struct klp_place place, objects;
	int err = klp_pointers_gather(&reader.pointers, elf, klp_elf_is_data);

	if (err == 0)
		err = find_patch(&reader, &place);
	if (err != 0)
		return err;
	objects = klp_pointer_at(&reader.pointers, place, PATCH_OBJS)->to;
	see_stride(&reader.object_stride, object_distance(&reader, objects),
		   OBJECT_SIZE_MIN);
	err = for_each_object(&reader, objects, NULL, see_func_stride);
	if (err == 0)
		err = for_each_object(&reader, objects, patch, read_object);
	return err < 0 ? err : read_replace(&reader, place, &patch->replace);
}

const struct klp_format klp_format_klp_patch = {
	.name = "klp-patch",
	.read = klp_patch_read,
};

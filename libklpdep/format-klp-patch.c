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

/* A place in a section. */
struct place {
	uint32_t section;
	uint64_t offset;
};

/* A pointer in a writable data section: it stands at @at and points to @to. */
struct pointer {
	struct place at;
	struct place to; /* section 0: outside the module */
	bool this_module;
};

/* A data symbol. */
struct extent {
	struct place at;
	uint64_t size;
};

struct reader {
	const struct klp_elf *elf;
	struct pointer *pointers; /* sorted by place */
	size_t n_pointers;
	struct extent *extents; /* sorted by place, then by size, the largest first */
	size_t n_extents;
	struct place *starts; /* where something begins that is pointed to; sorted */
	size_t n_starts;
	/* Distances seen between elements of arrays without a symbol; 0: none. */
	uint64_t object_stride;
	uint64_t func_stride;
};

static void reader_clear(struct reader *reader)
{
	free(reader->pointers);
	free(reader->extents);
	free(reader->starts);
}

static int cmp_places(const struct place *a, const struct place *b)
{
	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int cmp_pointers(const void *p, const void *q)
{
	return cmp_places(&((const struct pointer *)p)->at,
			  &((const struct pointer *)q)->at);
}

static int cmp_extents(const void *p, const void *q)
{
	const struct extent *a = p, *b = q;
	int cmp = cmp_places(&a->at, &b->at);

	return cmp ? cmp : a->size > b->size ? -1 : a->size < b->size;
}

static int cmp_starts(const void *p, const void *q)
{
	return cmp_places(p, q);
}

static bool is_data(const struct klp_elf *elf, uint32_t section)
{
	const struct klp_section *s = &elf->sections[section];

	return section && (s->flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR)) ==
				  (SHF_ALLOC | SHF_WRITE);
}

static bool is_code(const struct klp_elf *elf, uint32_t section)
{
	return section && elf->sections[section].flags & SHF_EXECINSTR;
}

/* ---- gathering --------------------------------------------------------------------- */

/* Where a relocation points, pc-relative adjustments left in. */
static int resolve(const struct klp_elf *elf, const struct klp_rela *rela,
		   struct pointer *pointer)
{
	struct klp_symbol symbol;
	int err = klp_elf_symbol(elf, rela->symbol, &symbol);

	if (err < 0)
		return err;
	pointer->to.section = symbol.section;
	pointer->to.offset = symbol.value + (uint64_t)rela->addend;
	pointer->this_module =
		symbol.name && klp_streq(symbol.name, "__this_module") && !rela->addend;
	if (symbol.type == STT_SECTION && pointer->to.section)
		pointer->this_module = klp_streq(elf->sections[symbol.section].name,
						 ".gnu.linkonce.this_module") &&
				       pointer->to.offset == 0;
	return 0;
}

static int add_start(struct reader *reader, struct place place)
{
	struct place *start = klp_append(reader->starts, reader->n_starts);

	if (!start)
		return -ENOMEM;
	*start = place;
	return 0;
}

static int gather_section(struct reader *reader, uint32_t number)
{
	const struct klp_elf *elf = reader->elf;

	for (uint64_t i = 0; i < klp_elf_count_relas(elf, number); i++) {
		struct pointer found, *pointer;
		struct klp_rela rela;
		int err = klp_elf_rela(elf, number, i, &rela);

		if (err < 0)
			return err;
		if (!klp_elf_is_abs64(elf, rela.type))
			continue;
		err = resolve(elf, &rela, &found);
		if (err < 0)
			return err;
		found.at = (struct place){ elf->sections[number].info, rela.offset };
		pointer = klp_append(reader->pointers, reader->n_pointers);
		if (!pointer)
			return -ENOMEM;
		*pointer = found;
		if (found.this_module)
			err = add_start(reader, found.at);
		else if (is_data(elf, found.to.section))
			err = add_start(reader, found.to);
		if (err < 0)
			return err;
	}
	return 0;
}

static int gather_pointers(struct reader *reader)
{
	const struct klp_elf *elf = reader->elf;

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		const struct klp_section *section = &elf->sections[i];
		int err;

		if (section->type != SHT_RELA || section->info >= elf->n_sections ||
		    !is_data(elf, section->info) ||
		    section->flags & KLP_SHF_RELA_LIVEPATCH)
			continue;
		err = gather_section(reader, i);
		if (err < 0)
			return err;
	}
	if (reader->n_pointers)
		qsort(reader->pointers, reader->n_pointers, sizeof(*reader->pointers),
		      cmp_pointers);
	return 0;
}

static int gather_symbols(struct reader *reader)
{
	for (uint32_t i = 1; i < klp_elf_count_symbols(reader->elf); i++) {
		struct klp_symbol symbol;
		struct extent *extent;
		int err = klp_elf_symbol(reader->elf, i, &symbol);

		if (err < 0)
			return err;
		if (symbol.type != STT_OBJECT || !is_data(reader->elf, symbol.section))
			continue;
		extent = klp_append(reader->extents, reader->n_extents);
		if (!extent)
			return -ENOMEM;
		extent->at = (struct place){ symbol.section, symbol.value };
		extent->size = symbol.size;
		err = add_start(reader, extent->at);
		if (err < 0)
			return err;
	}
	if (reader->n_extents)
		qsort(reader->extents, reader->n_extents, sizeof(*reader->extents),
		      cmp_extents);
	if (reader->n_starts)
		qsort(reader->starts, reader->n_starts, sizeof(*reader->starts),
		      cmp_starts);
	return 0;
}

/* ---- looking up -------------------------------------------------------------------- */

/* The first pointer at or behind a place in its section, or NULL. */
static const struct pointer *pointer_from(const struct reader *reader,
					  struct place place)
{
	size_t low = 0, high = reader->n_pointers;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cmp_places(&reader->pointers[middle].at, &place) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == reader->n_pointers ||
	    reader->pointers[low].at.section != place.section)
		return NULL;
	return &reader->pointers[low];
}

static const struct pointer *pointer_at(const struct reader *reader, struct place base,
					uint64_t offset)
{
	struct place place = { base.section, base.offset + offset };
	const struct pointer *pointer = pointer_from(reader, place);

	return pointer && pointer->at.offset == place.offset ? pointer : NULL;
}

/* The size that the symbol table gives for what begins at a place, or 0. */
static uint64_t symbol_size(const struct reader *reader, struct place place)
{
	size_t low = 0, high = reader->n_extents;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cmp_places(&reader->extents[middle].at, &place) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == reader->n_extents || cmp_places(&reader->extents[low].at, &place) != 0)
		return 0;
	return reader->extents[low].size;
}

/* Where an array that begins at a place has ended for sure. */
static uint64_t array_end(const struct reader *reader, struct place place)
{
	uint64_t end = reader->elf->sections[place.section].size;
	uint64_t size = symbol_size(reader, place);
	size_t low = 0, high = reader->n_starts;

	if (size && size <= end && place.offset <= end - size)
		return place.offset + size;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cmp_places(&reader->starts[middle], &place) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < reader->n_starts && reader->starts[low].section == place.section &&
	    reader->starts[low].offset < end)
		end = reader->starts[low].offset;
	return end;
}

/* Whether a pointer leads to something that is no code, constant or not. */
static bool points_to_data(const struct reader *reader, const struct pointer *pointer)
{
	return pointer && pointer->to.section &&
	       (reader->elf->sections[pointer->to.section].flags &
		(SHF_ALLOC | SHF_EXECINSTR)) == SHF_ALLOC;
}

static const char *string_at(const struct reader *reader, const struct pointer *pointer)
{
	const char *string;

	if (!points_to_data(reader, pointer))
		return NULL;
	string = klp_elf_string(reader->elf, pointer->to.section, pointer->to.offset);
	return string && *string ? string : NULL;
}

/* Whether a pointer can be one to an array of klp_func: in .bss where that is empty. */
static bool points_to_array(const struct reader *reader, const struct pointer *pointer)
{
	return pointer && is_data(reader->elf, pointer->to.section) &&
	       pointer->to.offset < reader->elf->sections[pointer->to.section].size;
}

static bool points_to_code(const struct reader *reader, const struct pointer *pointer)
{
	return pointer && is_code(reader->elf, pointer->to.section);
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
static const struct pointer *next_element(const struct reader *reader, struct place array,
					  uint64_t pointers_end)
{
	struct place behind = { array.section, array.offset + pointers_end };
	const struct pointer *next = pointer_from(reader, behind);

	return next && next->at.offset < array_end(reader, array) ? next : NULL;
}

static uint64_t object_distance(const struct reader *reader, struct place array)
{
	const struct pointer *next = next_element(reader, array, OBJECT_POINTERS_END);

	if (!next)
		return 0;
	if (points_to_data(reader, next) &&
	    points_to_array(reader, pointer_at(reader, next->at, OBJECT_FUNCS)))
		return next->at.offset - array.offset;
	/* vmlinux has no name. */
	if (points_to_array(reader, next))
		return next->at.offset - OBJECT_FUNCS - array.offset;
	return 0;
}

static uint64_t func_distance(const struct reader *reader, struct place array)
{
	const struct pointer *next = next_element(reader, array, FUNC_POINTERS_END);

	if (!next)
		return 0;
	/* Where the array's end is known, so is whose pointer it is; else it has to look
	 * like that of a function. */
	if (symbol_size(reader, array) && points_to_code(reader, next))
		return next->at.offset - FUNC_NEW_FUNC - array.offset;
	if (symbol_size(reader, array) ||
	    (string_at(reader, next) &&
	     points_to_code(reader, pointer_at(reader, next->at, FUNC_NEW_FUNC))))
		return next->at.offset - array.offset;
	return 0;
}

/* From one element to the next; an array with a symbol knows its own, others go by what
 * was seen (@seen).  0: there is just one element, as far as can be told. */
static uint64_t stride_of(const struct reader *reader, struct place array,
			  uint64_t distance, uint64_t min, uint64_t seen)
{
	uint64_t size = symbol_size(reader, array);

	if (distance && stride_fits(distance, min, size) && (size || !seen))
		return distance;
	/* One element and the terminator. */
	if (!distance && size && stride_fits(size / 2, min, size))
		return size / 2;
	return seen;
}

/* An array that goes on behind its first element, and cannot be divided into elements,
 * must not be taken for one of one element. */
static int check_stride(const struct reader *reader, struct place array, uint64_t stride,
			uint64_t pointers_end)
{
	if (stride || !symbol_size(reader, array) ||
	    !next_element(reader, array, pointers_end))
		return 0;
	return klp_file_fail(reader->elf->file, -EBADMSG,
			     "the array at %s+0x%llx is no array of livepatch structures",
			     reader->elf->sections[array.section].name,
			     (unsigned long long)array.offset);
}

static void see_stride(uint64_t *seen, uint64_t distance, uint64_t min)
{
	if (stride_fits(distance, min, 0) && (!*seen || distance < *seen))
		*seen = distance;
}

/* ---- reading ----------------------------------------------------------------------- */

static int read_sympos(const struct reader *reader, struct place func,
		       unsigned long *sympos)
{
	int err = -EBADMSG;
	const unsigned char *p = klp_elf_data(reader->elf, func.section,
					      func.offset + FUNC_OLD_SYMPOS, 8, &err);

	if (!p)
		return err;
	*sympos = (unsigned long)klp_elf_u64(reader->elf, p);
	return 0;
}

static int read_funcs(const struct reader *reader, struct place array,
		      struct klpdep_object *object)
{
	uint64_t stride = stride_of(reader, array, func_distance(reader, array),
				    FUNC_SIZE_MIN, reader->func_stride);
	uint64_t end = array_end(reader, array);
	struct place func = array;
	int err = check_stride(reader, array, stride, FUNC_POINTERS_END);

	for (; err == 0 && func.offset < end; func.offset += stride) {
		const struct pointer *name = pointer_at(reader, func, FUNC_OLD_NAME);
		const char *string = string_at(reader, name);
		unsigned long sympos = 0;

		if (!name && !pointer_at(reader, func, FUNC_NEW_FUNC))
			return 0;
		if (!string)
			return klp_file_fail(
				reader->elf->file, -EBADMSG,
				"a klp_func of object '%.60s' at %s+0x%llx has no "
				"name",
				object->name, reader->elf->sections[func.section].name,
				(unsigned long long)func.offset);
		err = read_sympos(reader, func, &sympos);
		if (err == 0)
			err = klp_object_add_func(object, string, sympos);
		if (!stride)
			break;
	}
	return err;
}

static unsigned int read_callbacks(const struct reader *reader, struct place object)
{
	unsigned int callbacks = 0;

	for (unsigned int i = 0; i < 4; i++) {
		if (pointer_at(reader, object, OBJECT_CALLBACKS + 8 * i))
			callbacks |= 1U << i;
	}
	return callbacks;
}

/* Call @fn for each element of an array of klp_object. */
static int for_each_object(struct reader *reader, struct place array, void *data,
			   int (*fn)(struct reader *reader, struct place object,
				     const struct pointer *funcs, void *data))
{
	uint64_t stride = stride_of(reader, array, object_distance(reader, array),
				    OBJECT_SIZE_MIN, reader->object_stride);
	uint64_t end = array_end(reader, array);
	int err = check_stride(reader, array, stride, OBJECT_POINTERS_END);

	for (; err == 0 && array.offset < end; array.offset += stride) {
		const struct pointer *funcs = pointer_at(reader, array, OBJECT_FUNCS);

		if (!funcs && !pointer_at(reader, array, OBJECT_NAME))
			return 0;
		err = fn(reader, array, funcs, data);
		if (!stride)
			break;
	}
	return err;
}

static int see_func_stride(struct reader *reader, struct place object,
			   const struct pointer *funcs, void *data)
{
	(void)object;
	(void)data;
	if (points_to_array(reader, funcs))
		see_stride(&reader->func_stride, func_distance(reader, funcs->to),
			   FUNC_SIZE_MIN);
	return 0;
}

static int read_object(struct reader *reader, struct place at,
		       const struct pointer *funcs, void *data)
{
	const struct pointer *name = pointer_at(reader, at, OBJECT_NAME);
	const char *string = string_at(reader, name);
	struct klpdep_object *object;

	if (name && !string)
		return klp_file_fail(reader->elf->file, -EBADMSG,
				     "the klp_object at %s+0x%llx has a name that is no "
				     "string", reader->elf->sections[at.section].name,
				     (unsigned long long)at.offset);
	object = klp_patch_add_object(data, string);
	if (!object)
		return -ENOMEM;
	object->callbacks |= read_callbacks(reader, at);
	/* The array in .bss that an object with callbacks alone points to is empty. */
	if (!points_to_array(reader, funcs) ||
	    reader->elf->sections[funcs->to.section].type == SHT_NOBITS)
		return 0;
	return read_funcs(reader, funcs->to, object);
}

/* ---- which one is the klp_patch ---------------------------------------------------- */

/* Whether a relocation of the code refers to a place.  What the relocation's addend holds
 * besides depends on the instruction: x86 counts from behind it (4 bytes of displacement,
 * and an immediate byte where there is one), s390x from 2 bytes in front. */
static int code_refers_to(const struct klp_elf *elf, struct place place, bool *refers)
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
		    !is_code(elf, section->info))
			continue;
		for (uint64_t j = 0; j < klp_elf_count_relas(elf, i); j++) {
			struct pointer pointer;
			struct klp_rela rela;
			int err = klp_elf_rela(elf, i, j, &rela);

			if (err == 0)
				err = resolve(elf, &rela, &pointer);
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
	const struct pointer *mod = &reader->pointers[i], *objs, *name, *funcs;

	if (!mod->this_module)
		return false;
	objs = pointer_at(reader, mod->at, PATCH_OBJS);
	if (!points_to_array(reader, objs))
		return false;
	name = pointer_at(reader, objs->to, OBJECT_NAME);
	funcs = pointer_at(reader, objs->to, OBJECT_FUNCS);
	/* Whether it is a proper one is for read_object() to say. */
	return points_to_array(reader, funcs) && (!name || points_to_data(reader, name));
}

/* Find the klp_patch.  0 found, 1 none, negative: an error. */
static int find_patch(const struct reader *reader, struct place *patch)
{
	struct place first = { 0 };
	size_t found = 0, confirmed = 0;

	for (size_t i = 0; i < reader->n_pointers; i++) {
		bool refers = false;
		int err;

		if (!is_candidate(reader, i))
			continue;
		if (found++ == 0)
			first = reader->pointers[i].at;
		/* Its address is what klp_enable_patch() is called with. */
		err = code_refers_to(reader->elf, reader->pointers[i].at, &refers);
		if (err < 0)
			return err;
		if (refers && confirmed++ == 0)
			*patch = reader->pointers[i].at;
	}
	if (found == 0)
		return 1;
	if (confirmed == 0)
		*patch = first;
	if (confirmed > 1 || (confirmed == 0 && found > 1))
		return klp_file_fail(reader->elf->file, -EBADMSG,
				     "more than one structure looks like a klp_patch");
	return 0;
}

static int read_replace(const struct reader *reader, struct place patch,
			enum klpdep_replace *replace)
{
	struct place place = { patch.section, patch.offset + PATCH_REPLACE };
	int err = -EBADMSG;
	const unsigned char *p =
		klp_elf_data(reader->elf, place.section, place.offset, 1, &err);
	bool written;

	if (!p)
		return err;
	err = code_refers_to(reader->elf, place, &written);
	if (err < 0)
		return err;
	*replace = written ? KLPDEP_REPLACE_UNKNOWN :
		   *p ? KLPDEP_REPLACE_YES : KLPDEP_REPLACE_NO;
	return 0;
}

static int klp_patch_read(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	_cleanup_(reader_clear) struct reader reader = { .elf = elf };
	struct place place, objects;
	int err = gather_pointers(&reader);

	if (err == 0)
		err = gather_symbols(&reader);
	if (err == 0)
		err = find_patch(&reader, &place);
	if (err != 0)
		return err;
	objects = pointer_at(&reader, place, PATCH_OBJS)->to;
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

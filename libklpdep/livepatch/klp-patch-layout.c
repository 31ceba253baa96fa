/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The layout of struct klp_patch and its arrays, with inferred strides. */
#include "config.h"

#include "libklpdep/livepatch/klp-patch-layout.h"

/* The smallest klp_object and klp_func are those of 4.4, with the smallest kobject. */
#define SIZE_MIN UINT64_C(96)

/* ---- the form of an element -------------------------------------------------------- */

bool klp_leads_to_func(const struct klp_pointers *pointers,
		       const struct klp_pointer *pointer)
{
	return pointer &&
	       (!pointer->to.section || klp_pointer_to_code(pointers, pointer));
}

static bool is_func(const struct klp_pointers *pointers, struct klp_place place)
{
	const struct klp_pointer *name = klp_pointer_at(pointers, place,
							KLP_FUNC_OLD_NAME);

	return klp_pointer_string(pointers, name) &&
	       klp_leads_to_func(pointers,
				 klp_pointer_at(pointers, place, KLP_FUNC_NEW_FUNC)) &&
	       !klp_pointer_at(pointers, place, KLP_FUNC_OLD_SYMPOS);
}

bool klp_is_terminator(const struct klp_pointers *pointers, struct klp_place place)
{
	return !klp_pointer_at(pointers, place, 0) && !klp_pointer_at(pointers, place, 8);
}

/* Arrays without elements are often in .bss, even at its very end. */
static bool is_in_bss(const struct klp_pointers *pointers,
		      const struct klp_pointer *pointer)
{
	return pointers->elf->sections[pointer->to.section].type == SHT_NOBITS ||
	       pointer->to.offset >= pointers->elf->sections[pointer->to.section].size;
}

bool klp_is_object(const struct klp_pointers *pointers, struct klp_place place)
{
	const struct klp_pointer *name = klp_pointer_at(pointers, place, KLP_OBJECT_NAME);
	const struct klp_pointer *funcs = klp_pointer_at(pointers, place,
							 KLP_OBJECT_FUNCS);

	if ((name && !klp_pointer_to_data(pointers, name)) ||
	    !klp_pointer_to_data(pointers, funcs))
		return false;
	for (unsigned int i = 0; i < 4; i++) {
		const struct klp_pointer *callback =
			klp_pointer_at(pointers, place, KLP_OBJECT_CALLBACKS + 8 * i);

		if (callback && !klp_leads_to_func(pointers, callback))
			return false;
	}
	return true;
}

const struct klp_kind klp_object_kind = {
	"klp_object", 0, KLP_OBJECT_FIELDS_END, klp_is_object,
};
const struct klp_kind klp_func_kind = {
	"klp_func", 1, KLP_FUNC_FIELDS_END, is_func,
};

const struct klp_pointer *klp_object_funcs(const struct klp_pointers *pointers,
					   struct klp_place object)
{
	const struct klp_pointer *funcs = klp_pointer_at(pointers, object,
							 KLP_OBJECT_FUNCS);

	if (!klp_pointer_to_data(pointers, funcs) || is_in_bss(pointers, funcs))
		return NULL;
	return funcs;
}

/* ---- distances between elements ---------------------------------------------------- */

bool klp_is_blank(const struct klp_pointers *pointers, struct klp_place from, uint64_t to)
{
	static const unsigned char zeros[64];
	const struct klp_pointer *next = klp_pointer_from(pointers, from);
	uint64_t size = pointers->elf->sections[from.section].size;
	const unsigned char *p;
	int err;

	if (to > size || (next && next->at.offset < to))
		return false;
	for (uint64_t at = from.offset; at < to; at += sizeof(zeros)) {
		size_t n = to - at < sizeof(zeros) ? (size_t)(to - at) : sizeof(zeros);

		p = klp_elf_data(pointers->elf, from.section, at, n, &err);
		if (!p || memcmp(p, zeros, n) != 0)
			return false;
	}
	return true;
}

/* Whether elements of a size follow each other from @array on, up to an end element. */
static bool is_array(struct klp_layout *layout, struct klp_place array,
		     const struct klp_kind *kind, uint64_t stride)
{
	const struct klp_pointers *pointers = layout->pointers;
	uint64_t end = klp_pointers_array_end(pointers, array);
	const uint64_t effort = 1 + stride / 64;

	for (; array.offset + stride <= end && layout->patience >= effort;
	     array.offset += stride) {
		struct klp_place rest = { array.section,
					  array.offset + kind->fields_end };

		layout->patience -= effort;
		if (klp_is_terminator(pointers, array))
			return klp_is_blank(pointers, array, array.offset + stride);
		if (!kind->is_element(pointers, array) ||
		    !klp_is_blank(pointers, rest, array.offset + stride))
			return false;
	}
	return false;
}

static bool stride_fits(uint64_t stride)
{
	return stride >= SIZE_MIN && stride <= 1 << 16 && stride % 8 == 0;
}

/* The stride of an array without a symbol: the next pointer after an element's own is the
 * next element's, or something else's.  0: not known. */
static uint64_t infer_stride(struct klp_layout *layout, struct klp_place array,
			     const struct klp_kind *kind)
{
	struct klp_place behind = { array.section, array.offset + kind->fields_end };
	const struct klp_pointer *next = klp_pointer_from(layout->pointers, behind);

	if (!next || !kind->is_element(layout->pointers, array))
		return 0;
	/* It is the name's pointer, or comes after a missing name. */
	for (unsigned int before = 0; before <= 8; before += 8) {
		struct klp_place element = { array.section, next->at.offset - before };
		uint64_t stride = element.offset - array.offset;

		/* Code refers to separate structures, and not to an array's second element.
		 * If it does, other arrays tell the stride. */
		if (stride_fits(stride) &&
		    !klp_code_refers(layout->code, element) &&
		    is_array(layout, array, kind, stride))
			return stride;
	}
	return 0;
}

/* The stride of an array whose symbol gives the size, or 0 if it cannot be divided: the
 * distance to the second element.  One element and the end element do not tell, since there
 * may be more room than they need. */
static uint64_t divide(const struct klp_layout *layout, struct klp_place array,
		       const struct klp_kind *kind, uint64_t size)
{
	struct klp_place behind = { array.section, array.offset + kind->fields_end };
	const struct klp_pointer *next = klp_pointer_from(layout->pointers, behind);

	if (!next || next->at.offset - array.offset >= size)
		return 0;
	for (unsigned int before = 0; before <= 8; before += 8) {
		uint64_t stride = next->at.offset - before - array.offset;

		if (stride_fits(stride) && size % stride == 0)
			return stride;
	}
	return 0;
}

/* The smallest match is the right one. */
static void note_stride(uint64_t *known, uint64_t stride)
{
	if (stride && (!*known || stride < *known))
		*known = stride;
}

void klp_layout_learn(struct klp_layout *layout, const struct klp_kind *kind,
		      struct klp_place array)
{
	struct klp_stride *known = &layout->strides[kind->number];
	uint64_t size = klp_pointers_symbol_size(layout->pointers, array);
	uint64_t stride = size ? divide(layout, array, kind, size) : 0;

	if (klp_is_terminator(layout->pointers, array))
		return;
	/* A symbol may belong to a structure that contains the array. */
	if (stride && is_array(layout, array, kind, stride))
		note_stride(&known->certain, stride);
	else if (stride)
		note_stride(&known->divided, stride);
	else
		note_stride(&known->inferred, infer_stride(layout, array, kind));
}

/* ---- walking an array -------------------------------------------------------------- */

/* An array without a known end must not count as a shorter one. */
int klp_layout_next(const struct klp_layout *layout, const struct klp_kind *kind,
		    uint64_t end, struct klp_place *element)
{
	const struct klp_stride *known = &layout->strides[kind->number];
	const struct klp_elf *elf = layout->pointers->elf;
	uint64_t stride = known->certain  ? known->certain :
			  known->inferred ? known->inferred :
					    known->divided;
	uint64_t two = element->offset + 2 * SIZE_MIN;
	struct klp_place rest = { element->section, element->offset + kind->fields_end };

	if (end - element->offset < SIZE_MIN)
		return klp_place_fail(elf, kind->name, *element,
				       "does not fit where it is");
	if (!stride) {
		/* It is the only one unless the bytes after it tell of another. */
		if (klp_is_blank(layout->pointers, rest, end < two ? end : two))
			return 1;
		return klp_place_fail(elf, kind->name, *element,
				       "is not followed by one that could end the array");
	}
	/* There must also be room for the next one. */
	if (end - element->offset < stride || end - element->offset - stride < stride)
		return klp_place_fail(elf, kind->name, *element,
				       "should be followed by one that ends the array");
	element->offset += stride;
	return klp_is_terminator(layout->pointers, *element);
}

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
#include "libklpdep/klp-patch-code.h"
#include "libklpdep/pointers.h"

/* Offsets are the same in every kernel from 5.5 on.  What comes before that differs in
 * klp_patch alone: from 5.1 to 5.4, replace is where states is now; earlier, there is
 * neither. */
enum {
	PATCH_OBJS = 8,
	PATCH_STATES = 16,
	PATCH_REPLACE = 24,
};

/* What the array elements have in common: a name and a pointer in front, further fields
 * that may be initialised, and then nothing but zeros. */
struct kind {
	const char *name;
	uint64_t fields_end; /* no pointer stands behind that */
	uint64_t size_min;   /* of 4.4, with the smallest kobject */
	uint64_t size_max;
	bool (*is_element)(const struct klp_pointers *pointers, struct klp_place place);
};

enum {
	NAME = 0,

	OBJECT_FUNCS = 8,
	OBJECT_CALLBACKS = 16, /* four pointers, in the order of enum klpdep_callback */
	OBJECT_FIELDS_END = 48,

	FUNC_NEW_FUNC = 8,
	FUNC_OLD_SYMPOS = 16,
	FUNC_FIELDS_END = 24,
};

struct reader {
	const struct klp_elf *elf;
	struct klp_pointers pointers;
	struct klp_code code;
	/* Distances between elements, 0: not known yet.  They are the same in all arrays
	 * of a kind. */
	uint64_t object_stride;
	uint64_t func_stride;
	/* Where the functions of the objects are that have some, to see whether two have
	 * the same ones. */
	struct funcs {
		struct klp_place place;
		size_t object; /* its number in the patch, as it is read */
	} *funcs;
	size_t n_funcs;
	/* How many more elements may be looked at to learn these: arrays of a hostile file
	 * can overlap. */
	uint64_t patience;
};

static void reader_clear(struct reader *reader)
{
	klp_pointers_clear(&reader->pointers);
	klp_code_clear(&reader->code);
	free(reader->funcs);
}

/* ---- what an element looks like ---------------------------------------------------- */

static bool is_code_or_outside(const struct klp_pointers *pointers,
			       const struct klp_pointer *pointer)
{
	return pointer && (!pointer->to.section || klp_pointer_to_code(pointers, pointer));
}

static bool is_func(const struct klp_pointers *pointers, struct klp_place place)
{
	return klp_pointer_string(pointers, klp_pointer_at(pointers, place, NAME)) &&
	       is_code_or_outside(pointers, klp_pointer_at(pointers, place, FUNC_NEW_FUNC)) &&
	       !klp_pointer_at(pointers, place, FUNC_OLD_SYMPOS);
}

/* An element without both is the one that ends the array. */
static bool is_terminator(const struct klp_pointers *pointers, struct klp_place place)
{
	return !klp_pointer_at(pointers, place, NAME) && !klp_pointer_at(pointers, place, 8);
}

/* Arrays without elements are often in .bss, and can be at its very end. */
static bool is_in_bss(const struct klp_pointers *pointers, const struct klp_pointer *pointer)
{
	return pointers->elf->sections[pointer->to.section].type == SHT_NOBITS ||
	       pointer->to.offset >= pointers->elf->sections[pointer->to.section].size;
}

static bool is_object(const struct klp_pointers *pointers, struct klp_place place)
{
	const struct klp_pointer *name = klp_pointer_at(pointers, place, NAME);
	const struct klp_pointer *funcs = klp_pointer_at(pointers, place, OBJECT_FUNCS);

	if ((name && !klp_pointer_to_data(pointers, name)) ||
	    !klp_pointer_to_data(pointers, funcs))
		return false;
	for (unsigned int i = 0; i < 4; i++) {
		const struct klp_pointer *callback =
			klp_pointer_at(pointers, place, OBJECT_CALLBACKS + 8 * i);

		if (callback && !is_code_or_outside(pointers, callback))
			return false;
	}
	return true;
}

static const struct kind object_kind = { "klp_object", OBJECT_FIELDS_END, 96, 1 << 16, is_object };
static const struct kind func_kind = { "klp_func", FUNC_FIELDS_END, 96, 1 << 16, is_func };

/* ---- distances between elements ---------------------------------------------------- */

/* Nothing but zeros, and no pointers either. */
static bool is_blank(const struct klp_pointers *pointers, struct klp_place from, uint64_t to)
{
	static const unsigned char zeros[64];
	const struct klp_pointer *next = klp_pointer_from(pointers, from);
	uint64_t size = pointers->elf->sections[from.section].size;
	const unsigned char *p;
	int err;

	if (to > size || (next && next->at.offset < to))
		return false;
	for (uint64_t at = from.offset; at < to; at += sizeof(zeros)) {
		size_t n = to - at < sizeof(zeros) ? to - at : sizeof(zeros);

		p = klp_elf_data(pointers->elf, from.section, at, n, &err);
		if (!p || memcmp(p, zeros, n) != 0)
			return false;
	}
	return true;
}

/* Whether elements of a size follow each other from @array on, up to one that ends it. */
static bool is_array(struct reader *reader, struct klp_place array,
		     const struct kind *kind, uint64_t stride)
{
	const struct klp_pointers *pointers = &reader->pointers;
	uint64_t end = klp_pointers_array_end(pointers, array);

	for (; array.offset + stride <= end && reader->patience; array.offset += stride) {
		struct klp_place rest = { array.section, array.offset + kind->fields_end };

		reader->patience--;
		if (is_terminator(pointers, array))
			return is_blank(pointers, array, array.offset + stride);
		if (!kind->is_element(pointers, array) ||
		    !is_blank(pointers, rest, array.offset + stride))
			return false;
	}
	return false;
}

static bool stride_fits(const struct kind *kind, uint64_t stride)
{
	return stride >= kind->size_min && stride <= kind->size_max && stride % 8 == 0;
}

/* The stride of an array without a symbol: the next pointer behind an element's own is the
 * next element's, or something else's.  0: not known. */
static uint64_t infer_stride(struct reader *reader, struct klp_place array,
			     const struct kind *kind)
{
	struct klp_place behind = { array.section, array.offset + kind->fields_end };
	const struct klp_pointer *next = klp_pointer_from(&reader->pointers, behind);

	if (!next || !kind->is_element(&reader->pointers, array))
		return 0;
	/* It is that of the name, or what is behind a name that is not there. */
	for (unsigned int before = 0; before <= 8; before += 8) {
		struct klp_place element = { array.section, next->at.offset - before };
		uint64_t stride = element.offset - array.offset;

		/* Code refers to what stands alone, not to an array's second element;
		 * where it does, other arrays will tell the stride. */
		if (stride_fits(kind, stride) &&
		    !klp_code_refers(&reader->code, element) &&
		    is_array(reader, array, kind, stride))
			return stride;
	}
	return 0;
}

/* The stride of an array whose size its symbol gives, 0 if it cannot be divided. */
static uint64_t divide(const struct reader *reader, struct klp_place array,
		       const struct kind *kind, uint64_t size)
{
	struct klp_place behind = { array.section, array.offset + kind->fields_end };
	const struct klp_pointer *next = klp_pointer_from(&reader->pointers, behind);
	uint64_t stride;

	/* One element and the one that ends the array. */
	if (!next || next->at.offset - array.offset >= size)
		return size % 2 == 0 && stride_fits(kind, size / 2) ? size / 2 : 0;
	for (unsigned int before = 0; before <= 8; before += 8) {
		stride = next->at.offset - before - array.offset;
		if (stride_fits(kind, stride) && size % stride == 0)
			return stride;
	}
	return 0;
}

/* Learn from an array what the stride of its kind is: what a symbol says is certain, and
 * of what looks like an array in other ways, the shortest is. */
static void learn_stride(struct reader *reader, struct klp_place array,
			 const struct kind *kind, uint64_t *certain, uint64_t *inferred)
{
	uint64_t size = klp_pointers_symbol_size(&reader->pointers, array);
	uint64_t stride = size ? divide(reader, array, kind, size) : 0;

	if (is_terminator(&reader->pointers, array))
		return;
	/* A symbol can be that of a structure that the array is in. */
	if (stride && (!*certain || is_array(reader, array, kind, stride))) {
		*certain = stride;
		return;
	}
	stride = infer_stride(reader, array, kind);
	if (stride && (!*inferred || stride < *inferred))
		*inferred = stride;
}

/* ---- reading ----------------------------------------------------------------------- */

static int fail_at(const struct reader *reader, const char *what, struct klp_place place,
		   const char *why)
{
	return klp_file_fail(reader->elf->file, -EBADMSG, "the %s at %s+0x%llx %s", what,
			     reader->elf->sections[place.section].name,
			     (unsigned long long)place.offset, why);
}

/* Go from an element to the next: 0; 1, there is none; or an error.  An array whose end
 * cannot be found must not be taken for a shorter one. */
static int next_element(const struct reader *reader, const struct kind *kind,
			uint64_t stride, uint64_t end, struct klp_place *element)
{
	struct klp_place rest = { element->section, element->offset + kind->fields_end };

	if (end - element->offset < kind->size_min)
		return fail_at(reader, kind->name, *element, "does not fit where it is");
	if (!stride) {
		/* It is the only one if no other can be told from what follows. */
		if (is_blank(&reader->pointers, rest,
			     end < element->offset + 2 * kind->size_min ?
				     end : element->offset + 2 * kind->size_min))
			return 1;
		return fail_at(reader, kind->name, *element,
			       "is not followed by one that could end the array");
	}
	element->offset += stride;
	if (element->offset > end || stride > end - element->offset)
		return fail_at(reader, kind->name,
			       (struct klp_place){ element->section,
						   element->offset - stride },
			       "should be followed by one that ends the array");
	return is_terminator(&reader->pointers, *element);
}

static int read_func(const struct reader *reader, struct klp_place func,
		     struct klpdep_patch *patch)
{
	const struct klp_pointer *name = klp_pointer_at(&reader->pointers, func, NAME);
	const char *string = klp_pointer_string(&reader->pointers, name);
	const unsigned char *p;
	int err = -EBADMSG;

	if (!string)
		return fail_at(reader, func_kind.name, func, "has no name");
	p = klp_elf_data(reader->elf, func.section, func.offset + FUNC_OLD_SYMPOS, 8, &err);
	return p ? klp_patch_add_func(patch, string, klp_elf_u64(reader->elf, p)) : err;
}

static int read_funcs(const struct reader *reader, struct klp_place func,
		      struct klpdep_patch *patch)
{
	uint64_t end = klp_pointers_array_end(&reader->pointers, func);
	int err = is_terminator(&reader->pointers, func);

	if (err && !is_blank(&reader->pointers, func, func.offset + FUNC_FIELDS_END))
		return fail_at(reader, func_kind.name, func, "has no name");
	while (err == 0) {
		err = read_func(reader, func, patch);
		if (err == 0)
			err = next_element(reader, &func_kind, reader->func_stride, end,
					   &func);
	}
	return err < 0 ? err : 0;
}

/* The array of functions that an object has, or NULL. */
static const struct klp_pointer *funcs_of(const struct klp_pointers *pointers,
					  struct klp_place object)
{
	const struct klp_pointer *funcs = klp_pointer_at(pointers, object, OBJECT_FUNCS);

	return klp_pointer_to_data(pointers, funcs) && !is_in_bss(pointers, funcs) ? funcs :
										  NULL;
}

/* An array without functions may well be the same for several: nothing is done to it. */
static int note_funcs(struct reader *reader, struct klp_place place,
		      const struct klpdep_patch *patch)
{
	struct funcs *funcs;

	if (is_terminator(&reader->pointers, place))
		return 0;
	funcs = klp_append(reader->funcs, reader->n_funcs);
	if (!funcs)
		return -ENOMEM;
	*funcs = (struct funcs){ place, patch->n_objects - 1 };
	return 0;
}

static int cmp_funcs(const void *p, const void *q)
{
	const struct funcs *a = p, *b = q;

	if (a->place.section != b->place.section)
		return a->place.section < b->place.section ? -1 : 1;
	return (a->place.offset > b->place.offset) - (a->place.offset < b->place.offset);
}

/* Each klp_func is on a list of the kernel's: in two objects' arrays it would be on two
 * (kernel/livepatch/core.c, klp_init_object_early()). */
static void find_shared_funcs(struct reader *reader, struct klpdep_patch *patch)
{
	if (reader->n_funcs)
		qsort(reader->funcs, reader->n_funcs, sizeof(*reader->funcs), cmp_funcs);
	for (size_t i = 1; i < reader->n_funcs; i++) {
		if (cmp_funcs(&reader->funcs[i - 1], &reader->funcs[i]) != 0)
			continue;
		patch->objects[reader->funcs[i - 1].object].shares_funcs = true;
		patch->objects[reader->funcs[i].object].shares_funcs = true;
	}
}

static int read_object(struct reader *reader, struct klp_place at,
		       struct klpdep_patch *patch)
{
	const struct klp_pointer *name = klp_pointer_at(&reader->pointers, at, NAME);
	const struct klp_pointer *funcs = funcs_of(&reader->pointers, at);
	const char *string = klp_pointer_string(&reader->pointers, name);
	struct klpdep_object *object;
	int err;

	if (name && !string)
		return fail_at(reader, object_kind.name, at, "has a name that is no string");
	err = klp_patch_add_klp_object(patch, string, &object);
	if (err < 0)
		return err;
	for (unsigned int i = 0; i < 4; i++) {
		if (klp_pointer_at(&reader->pointers, at, OBJECT_CALLBACKS + 8 * i))
			object->callbacks |= 1U << i;
	}
	if (!funcs)
		return 0;
	err = note_funcs(reader, funcs->to, patch);
	return err < 0 ? err : read_funcs(reader, funcs->to, patch);
}

static int learn_func_stride(struct reader *reader, struct klp_place objects)
{
	uint64_t end = klp_pointers_array_end(&reader->pointers, objects), inferred = 0;
	int err = 0;

	while (err == 0) {
		const struct klp_pointer *funcs = funcs_of(&reader->pointers, objects);

		if (funcs)
			learn_stride(reader, funcs->to, &func_kind, &reader->func_stride,
				     &inferred);
		err = next_element(reader, &object_kind, reader->object_stride, end,
				   &objects);
	}
	if (!reader->func_stride)
		reader->func_stride = inferred;
	return err < 0 ? err : 0;
}

static int read_objects(struct reader *reader, struct klp_place object,
			struct klpdep_patch *patch)
{
	uint64_t end = klp_pointers_array_end(&reader->pointers, object), inferred = 0;
	int err;

	learn_stride(reader, object, &object_kind, &reader->object_stride, &inferred);
	if (!reader->object_stride)
		reader->object_stride = inferred;
	err = learn_func_stride(reader, object);
	while (err == 0) {
		err = read_object(reader, object, patch);
		if (err == 0)
			err = next_element(reader, &object_kind, reader->object_stride, end,
					   &object);
	}
	if (err >= 0)
		find_shared_funcs(reader, patch);
	return err < 0 ? err : 0;
}

/* ---- which one is the klp_patch ---------------------------------------------------- */

/* Whether what is at @i could be a klp_patch: a pointer to __this_module, and behind it
 * one to an array whose first element has a pointer to functions. */
static bool is_candidate(const struct reader *reader, size_t i)
{
	const struct klp_pointers *pointers = &reader->pointers;
	const struct klp_pointer *mod = &pointers->v[i], *objs, *states, *funcs;

	if (!mod->this_module)
		return false;
	objs = klp_pointer_at(pointers, mod->at, PATCH_OBJS);
	states = klp_pointer_at(pointers, mod->at, PATCH_STATES);
	if (!klp_pointer_to_array(pointers, objs) || !is_object(pointers, objs->to) ||
	    (states && !klp_pointer_to_data(pointers, states)))
		return false;
	funcs = funcs_of(pointers, objs->to);
	/* Whether it has a name is for read_func() to say. */
	return !funcs || is_terminator(pointers, funcs->to) ||
	       (is_code_or_outside(pointers,
				   klp_pointer_at(pointers, funcs->to, FUNC_NEW_FUNC)) &&
		!klp_pointer_at(pointers, funcs->to, FUNC_OLD_SYMPOS));
}

/* Whether a reference to a candidate can be meant for another: but for x86, compilers go
 * from one structure of a section to the others (GCC's section anchors). */
static bool is_alone(const struct reader *reader, struct klp_place patch)
{
	size_t n = 0;

	if (reader->elf->machine == EM_X86_64)
		return true;
	for (size_t i = 0; i < reader->pointers.n; i++) {
		if (reader->pointers.v[i].at.section == patch.section)
			n += is_candidate(reader, i);
	}
	return n == 1;
}

/* What klp_enable_patch() is called with is a klp_patch, whatever it leads to: 1 if there
 * is none, else an error.  One whose objects are assigned at run time has no pointer to
 * them, and is not meant. */
static int refuse_broken(const struct reader *reader)
{
	for (size_t i = 0; i < reader->pointers.n; i++) {
		const struct klp_pointer *mod = &reader->pointers.v[i];

		if (mod->this_module && klp_code_enables(&reader->code, mod->at) &&
		    klp_pointer_at(&reader->pointers, mod->at, PATCH_OBJS))
			return fail_at(reader, "klp_patch", mod->at,
				       "leads to no sound array of klp_object");
	}
	return 1;
}

/* Find the klp_patch.  0 found, 1 none, negative: an error. */
static int find_patch(const struct reader *reader, struct klp_place *patch)
{
	struct klp_place first = { 0 };
	size_t found = 0, confirmed = 0;

	for (size_t i = 0; i < reader->pointers.n; i++) {
		struct klp_place place = reader->pointers.v[i].at;

		if (!is_candidate(reader, i))
			continue;
		if (found++ == 0)
			first = place;
		/* Its address is what klp_enable_patch() is called with. */
		if (klp_code_enables(&reader->code, place) && confirmed++ == 0)
			*patch = place;
	}
	if (found == 0)
		return refuse_broken(reader);
	if (found == 1)
		*patch = first;
	else if (confirmed != 1 || !is_alone(reader, *patch))
		return klp_file_fail(reader->elf->file, -EBADMSG,
				     "more than one structure looks like a klp_patch");
	return 0;
}

static int read_replace(struct reader *reader, struct klp_place patch,
			enum klpdep_replace *replace)
{
	int err = -EBADMSG;
	const unsigned char *p = klp_elf_data(reader->elf, patch.section, patch.offset,
					      PATCH_REPLACE + 1, &err);

	if (!p)
		return err;
	err = klp_code_may_write(&reader->code, patch);
	if (err < 0)
		return err;
	*replace = err ? KLPDEP_REPLACE_UNKNOWN :
		   p[PATCH_REPLACE] || p[PATCH_STATES] ? KLPDEP_REPLACE_YES :
		   KLPDEP_REPLACE_NO;
	return 0;
}

static int klp_patch_read(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	_cleanup_(reader_clear) struct reader reader = { .elf = elf };
	struct klp_place place;
	int err = klp_pointers_gather(&reader.pointers, elf, klp_elf_is_data);

	reader.patience = 8 * (uint64_t)reader.pointers.n;
	if (err == 0)
		err = klp_code_gather(&reader.code, &reader.pointers);
	if (err == 0)
		err = find_patch(&reader, &place);
	if (err == 0)
		err = read_objects(&reader,
				   klp_pointer_at(&reader.pointers, place, PATCH_OBJS)->to,
				   patch);
	return err == 0 ? read_replace(&reader, place, &patch->replace) : err;
}

const struct klp_format klp_format_klp_patch = {
	.name = "klp-patch",
	.read = klp_patch_read,
};

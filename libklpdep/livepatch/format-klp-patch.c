/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-patch: struct klp_patch, klp_object and klp_func (include/linux/livepatch.h),
 * initialised in the data sections, as in livepatches written in C.
 *
 * In a relocatable file every pointer is a relocation.  The klp_patch is where a pointer to
 * __this_module is followed by a pointer to an array of klp_object.
 */
#include "config.h"

#include "libklpdep/livepatch/format.h"
#include "libklpdep/livepatch/klp-patch-layout.h"

struct reader {
	const struct klp_elf *elf;
	struct klp_pointers pointers;
	struct klp_code code;
	struct klp_layout layout;
	/* The arrays of functions of the objects that have some, to find arrays that two
	 * objects share. */
	struct funcs {
		struct klp_place place;
		size_t object; /* its number in the patch, in reading order */
	} *funcs;
	size_t n_funcs;
};

static void reader_clear(struct reader *reader)
{
	klp_pointers_clear(&reader->pointers);
	klp_code_clear(&reader->code);
	free(reader->funcs);
}

/* ---- reading ----------------------------------------------------------------------- */

static int read_funcs(const struct reader *reader, struct klp_place func,
		      struct klpdep_patch *patch)
{
	uint64_t end = klp_pointers_array_end(&reader->pointers, func);
	int err = klp_is_terminator(&reader->pointers, func);

	if (err &&
	    !klp_is_blank(&reader->pointers, func, func.offset + KLP_FUNC_FIELDS_END))
		return klp_place_fail(reader->elf, klp_func_kind.name, func, "has no name");
	while (err == 0) {
		err = klp_read_func(&reader->pointers, klp_func_kind.name, func,
				    KLP_FUNC_OLD_NAME, KLP_FUNC_OLD_SYMPOS, patch);
		if (err == 0)
			err = klp_layout_next(&reader->layout, &klp_func_kind, end,
					      &func);
	}
	return err < 0 ? err : 0;
}

/* Several objects may share an array without functions: the kernel does nothing to it. */
static int note_funcs(struct reader *reader, struct klp_place place,
		      const struct klpdep_patch *patch)
{
	struct funcs *funcs;

	if (klp_is_terminator(&reader->pointers, place))
		return 0;
	funcs = klp_append(reader->funcs, reader->n_funcs);
	if (!funcs)
		return -ENOMEM;
	*funcs = (struct funcs){ place, patch->n_objects - 1 };
	return 0;
}

/* The kernel puts each klp_func on a list.  One in two objects' arrays would be on two
 * lists (kernel/livepatch/core.c, klp_init_object_early()). */
static void find_shared_funcs(struct reader *reader, struct klpdep_patch *patch)
{
	const struct funcs *funcs = reader->funcs;

	if (reader->n_funcs)
		qsort(reader->funcs, reader->n_funcs, sizeof(*funcs), klp_place_cmp);
	for (size_t i = 1; i < reader->n_funcs; i++) {
		if (klp_place_cmp(&funcs[i - 1].place, &funcs[i].place) != 0)
			continue;
		patch->objects[funcs[i - 1].object].shares_funcs = true;
		patch->objects[funcs[i].object].shares_funcs = true;
	}
}

static int read_object(struct reader *reader, struct klp_place at,
		       struct klpdep_patch *patch)
{
	const struct klp_pointer *funcs = klp_object_funcs(&reader->pointers, at);
	struct klpdep_object *object;
	int err = klp_read_object(&reader->pointers, klp_object_kind.name, at, patch, &object);

	if (err < 0 || !funcs)
		return err;
	err = note_funcs(reader, funcs->to, patch);
	return err < 0 ? err : read_funcs(reader, funcs->to, patch);
}

static int learn_strides(struct reader *reader, struct klp_place object, uint64_t end)
{
	int err = 0;

	klp_layout_learn(&reader->layout, &klp_object_kind, object);
	while (err == 0) {
		const struct klp_pointer *funcs =
			klp_object_funcs(&reader->pointers, object);

		if (funcs)
			klp_layout_learn(&reader->layout, &klp_func_kind, funcs->to);
		err = klp_layout_next(&reader->layout, &klp_object_kind, end, &object);
	}
	return err < 0 ? err : 0;
}

static int read_objects(struct reader *reader, struct klp_place object,
			struct klpdep_patch *patch)
{
	uint64_t end = klp_pointers_array_end(&reader->pointers, object);
	int err = learn_strides(reader, object, end);

	while (err == 0) {
		err = read_object(reader, object, patch);
		if (err == 0)
			err = klp_layout_next(&reader->layout, &klp_object_kind, end,
					      &object);
	}
	if (err >= 0)
		find_shared_funcs(reader, patch);
	return err < 0 ? err : 0;
}

/* ---- finding the klp_patch --------------------------------------------------------- */

/* Whether @i could be a klp_patch: a pointer to __this_module, followed by a pointer to an
 * array whose first element has a pointer to functions. */
static bool is_candidate(const struct reader *reader, size_t i)
{
	const struct klp_pointers *pointers = &reader->pointers;
	const struct klp_pointer *mod = &pointers->v[i], *objs, *states, *funcs;

	if (!mod->this_module)
		return false;
	objs = klp_pointer_at(pointers, mod->at, KLP_PATCH_OBJS);
	states = klp_pointer_at(pointers, mod->at, KLP_PATCH_STATES);
	if (!klp_pointer_to_array(pointers, objs) || !klp_is_object(pointers, objs->to) ||
	    (states && !klp_pointer_to_data(pointers, states)))
		return false;
	funcs = klp_object_funcs(pointers, objs->to);
	/* read_func() checks the name. */
	return !funcs || klp_is_terminator(pointers, funcs->to) ||
	       (klp_leads_to_func(pointers, klp_pointer_at(pointers, funcs->to,
							   KLP_FUNC_NEW_FUNC)) &&
		!klp_pointer_at(pointers, funcs->to, KLP_FUNC_OLD_SYMPOS));
}

/* Whether a reference to a candidate may mean another one.  Compilers, except on x86, reach
 * several structures of a section from one address (GCC's section anchors). */
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

/* The argument of klp_enable_patch() is a klp_patch, whatever it points to: 1 if there is
 * none, else an error.  A klp_patch whose objects are assigned at run time has no pointer
 * to them, and does not count. */
static int refuse_broken(const struct reader *reader)
{
	for (size_t i = 0; i < reader->pointers.n; i++) {
		const struct klp_pointer *mod = &reader->pointers.v[i];

		if (mod->this_module && klp_code_enables(&reader->code, mod->at) &&
		    klp_pointer_at(&reader->pointers, mod->at, KLP_PATCH_OBJS))
			return klp_place_fail(reader->elf, "klp_patch", mod->at,
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
		/* Its address is the argument of klp_enable_patch(). */
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
					      KLP_PATCH_REPLACE + 1, &err);

	if (!p)
		return err;
	err = klp_code_may_write(&reader->code, patch);
	if (err < 0)
		return err;
	*replace = err ? KLPDEP_REPLACE_UNKNOWN :
		   p[KLP_PATCH_REPLACE] || p[KLP_PATCH_STATES] ? KLPDEP_REPLACE_YES :
		   KLPDEP_REPLACE_NO;
	return 0;
}

/* include/linux/livepatch.h, struct klp_state: id, version, data.  A state without id ends
 * the array.  In a damaged file the end of the section ends it. */
static int read_states(const struct reader *reader, struct klp_place patch,
		       struct klpdep_patch *out)
{
	const struct klp_pointer *pointer =
		klp_pointer_at(&reader->pointers, patch, KLP_PATCH_STATES);
	struct klp_place at;
	int err = 0;

	if (!pointer)
		return 0;
	for (at = pointer->to; err == 0; at.offset += KLP_STATE_SIZE) {
		const unsigned char *p = klp_elf_data(reader->elf, at.section, at.offset,
						      KLP_STATE_SIZE, &err);
		uint64_t id = p ? klp_elf_u64(reader->elf, p) : 0;

		if (!p || id == 0)
			break;
		err = klp_patch_add_state(out, id,
					  klp_elf_u32(reader->elf,
						      p + KLP_STATE_VERSION));
	}
	return err;
}

static int klp_patch_read(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	_cleanup_(reader_clear) struct reader reader = { .elf = elf };
	const struct klp_pointer *objs;
	struct klp_place place;
	int err = klp_pointers_gather(&reader.pointers, elf, klp_elf_is_data);

	reader.layout = (struct klp_layout){
		.pointers = &reader.pointers,
		.code = &reader.code,
		.patience = 8 * (uint64_t)reader.pointers.n + elf->file->size / 8,
	};
	if (err == 0)
		err = klp_code_gather(&reader.code, &reader.pointers);
	if (err == 0)
		err = find_patch(&reader, &place);
	if (err == 0) {
		objs = klp_pointer_at(&reader.pointers, place, KLP_PATCH_OBJS);
		err = read_objects(&reader, objs->to, patch);
	}
	if (err == 0)
		err = read_states(&reader, place, patch);
	return err == 0 ? read_replace(&reader, place, &patch->replace) : err;
}

const struct klp_format klp_format_klp_patch = {
	.name = "klp-patch",
	.read = klp_patch_read,
};

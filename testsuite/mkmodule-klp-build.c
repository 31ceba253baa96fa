// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What stands in a module that klp-build has made (include/linux/livepatch_external.h):
 * arrays without terminators, out of which init.c allocates the structures. Those of
 * several source files stand one behind the other: an object may be there twice.
 */
#include "mkmodule-internal.h"

/* struct klp_object_ext; the callbacks are four pointers, and a bool. */
enum {
	EXT_NAME = 0,
	EXT_FUNCS = 8,
	EXT_CALLBACKS = 16,
	EXT_NR_FUNCS = 56,
	EXT_SIZE = 64,
};

/* struct klp_func_ext */
enum { FUNC_NAME = 0, FUNC_NEW = 8, FUNC_SYMPOS = 16, FUNC_SIZE = 24 };

struct section *mk_klp_build_section(struct image *img, const char *what)
{
	bool old = img->m->opt.sections == SECTIONS_OLD;
	char *name = mk_join(old ? "__klp_" : ".init.klp_", what);
	struct section *sec = mk_find_section(img, name);

	if (!sec)
		sec = mk_add_section(img, name, SHT_PROGBITS, SHF_ALLOC, 8, 0);
	sec->keep = true;
	free(name);
	return sec;
}

static struct place string(struct image *img, const char *s)
{
	static const char name[] = ".rodata.klp.str1.1";
	struct section *sec = mk_find_section(img, name);

	if (!sec)
		sec = mk_add_section(img, name, SHT_PROGBITS,
				     SHF_ALLOC | SHF_MERGE | SHF_STRINGS, 1, 1);
	return mk_string_in(img, sec, 0, s);
}

static struct place funcs_array(struct image *img, const struct klp_object *obj)
{
	struct place array = { .section = mk_klp_build_section(img, "funcs") };

	array.offset = mk_buf_add(&array.section->data, NULL, obj->nfuncs * FUNC_SIZE);
	for (size_t i = 0; i < obj->nfuncs; i++) {
		const struct klp_func *fn = &obj->funcs[i];

		mk_pointer(img, array, i * FUNC_SIZE + FUNC_NAME,
			   string(img, fn->old_name));
		mk_function_pointer(img, array, i * FUNC_SIZE + FUNC_NEW,
				    mk_own_function(img, fn->old_name));
		mk_number(img, array, i * FUNC_SIZE + FUNC_SYMPOS, 8, fn->sympos);
	}
	return array;
}

static void object(struct image *img, const struct klp_object *obj, struct place at,
		   struct place funcs, size_t nfuncs)
{
	if (obj->name)
		mk_pointer(img, at, EXT_NAME, string(img, obj->name));
	if (nfuncs || obj->emptyfuncs)
		mk_pointer(img, at, EXT_FUNCS, funcs);
	for (size_t i = 0; i < CALLBACKS; i++)
		if (obj->callbacks[i])
			mk_function_pointer(img, at, EXT_CALLBACKS + 8 * i,
					    mk_callback(img, mk_callbacks[i]));
	mk_number(img, at, EXT_NR_FUNCS, 4, nfuncs);
}

struct place mk_klp_build(struct image *img)
{
	const struct mkmodule *m = img->m;
	struct section *sec = mk_klp_build_section(img, "objects");
	struct symbol *start = mk_defined(img, STB_GLOBAL, STT_NOTYPE,
					  "__klp_objects_start", sec, 0, 0);
	struct place funcs = { 0 };
	size_t nfuncs = 0;

	mk_klp_build_section(img, "funcs");
	for (size_t i = 0; i < m->nobjects; i++) {
		const struct klp_object *obj = &m->objects[i];
		struct place at = { .section = sec };

		at.offset = mk_buf_add(&sec->data, NULL, EXT_SIZE);
		if (!obj->samefuncs) {
			funcs = funcs_array(img, obj);
			nfuncs = obj->nfuncs;
		}
		object(img, obj, at, funcs, nfuncs);
	}
	mk_defined(img, STB_GLOBAL, STT_NOTYPE, "__klp_objects_end", sec, sec->data.len,
		   0);
	return mk_symbol_place(start);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* What stands in a livepatch: struct klp_patch, and what other kinds have too. */
#include "mkmodule-internal.h"

static const struct place nowhere;

struct place mk_callback(struct image *img, const char *which)
{
	char *name = mk_join(which, "_callback");
	struct symbol *s = mk_find_symbol(img, name);
	struct place f;

	if (s)
		f = (struct place){ s->section, s->value, s };
	else
		f = mk_function(img, STB_LOCAL, name);
	free(name);
	return f;
}

void mk_function_pointer(struct image *img, struct place at, uint64_t offset,
			 struct place function)
{
	if (img->m->opt.symbols == STRIPPED)
		mk_pointer(img, at, offset, function);
	else
		mk_pointer(img, at, offset, mk_symbol_place(function.symbol));
}

void mk_number(struct image *img, struct place at, uint64_t offset, unsigned int width,
	       uint64_t value)
{
	mk_store(at.section->data.data + at.offset + offset, img->arch->big, width,
		 value);
}

static void fill_funcs(struct image *img, const struct klp_object *obj,
		       struct place array)
{
	for (size_t i = 0; i < obj->nfuncs; i++) {
		const struct klp_func *fn = &obj->funcs[i];
		uint64_t at = i * img->m->opt.funcsize;
		char *new_name = mk_join("livepatch_", fn->old_name);

		mk_pointer(img, array, at + FUNC_OLD_NAME, mk_string(img, fn->old_name));
		mk_pointer(img, array, at + FUNC_NEW_FUNC,
			   mk_function(img, STB_LOCAL, new_name));
		mk_number(img, array, at + FUNC_OLD_SYMPOS, 8, fn->sympos);
		free(new_name);
	}
}

static void fill_object(struct image *img, const struct klp_object *obj,
			struct place array, uint64_t at, struct place funcs)
{
	if (obj->name)
		mk_pointer(img, array, at + OBJECT_NAME, mk_string(img, obj->name));
	if (funcs.section)
		mk_pointer(img, array, at + OBJECT_FUNCS, funcs);
	for (size_t i = 0; i < ARRAY_SIZE(obj->callbacks); i++)
		if (obj->callbacks[i])
			mk_pointer(img, array, at + OBJECT_CALLBACKS + 8 * i,
				   mk_callback(img, mk_callbacks[i]));
}

/* What an array of that many elements takes, and one that ends it. */
static size_t array_size(const struct image *img, size_t n, size_t size)
{
	return (n + 1 > img->m->opt.room ? n + 1 : img->m->opt.room) * size;
}

/* Gives an object its array of functions, which ends with an empty one. */
static struct place funcs_variable(struct image *img, size_t nr)
{
	const struct klp_object *obj = &img->m->objects[nr];
	size_t size = array_size(img, obj->nfuncs, img->m->opt.funcsize);
	char name[32];

	snprintf(name, sizeof(name), nr ? "funcs.%zu" : "funcs", nr);
	if (obj->nfuncs)
		return mk_variable(img, ".data", name, size);
	if (obj->emptyfuncs)
		return mk_variable(img, ".bss", name, size);
	return nowhere;
}

/* As the kernel's klp_for_each_state() wants it: up to one with the id 0. */
static void fill_states(struct image *img, struct place patch)
{
	const struct mkmodule *m = img->m;
	struct place states;

	if (!m->nstates)
		return;
	states = mk_variable(img, ".data", "states", (m->nstates + 1) * STATE_SIZE);
	for (size_t i = 0; i < m->nstates; i++) {
		mk_number(img, states, i * STATE_SIZE + STATE_ID, 8, m->states[i].id);
		mk_number(img, states, i * STATE_SIZE + STATE_VERSION, 4,
			  m->states[i].version);
	}
	mk_pointer(img, patch, PATCH_STATES, states);
}

/*
 * All of struct klp_patch, and what it leads to. First everything gets its place, in the
 * order wanted, then it is filled. Returns the klp_patch.
 */
struct place mk_klp_patch(struct image *img)
{
	const struct mkmodule *m = img->m;
	size_t objs_size = array_size(img, m->nobjects, m->opt.objsize);
	struct place *funcs = mk_check(calloc(m->nobjects + 1, sizeof(*funcs)));
	struct place patch = { 0 }, objs = { 0 };

	if (m->opt.order == PATCH_FIRST) {
		patch = mk_variable(img, ".data", "patch", m->opt.patchsize);
		objs = mk_variable(img, ".data", "objs", objs_size);
	}
	for (size_t i = 0; i < m->nobjects; i++)
		if (!m->objects[i].samefuncs)
			funcs[i] = funcs_variable(img, i);
		else if (i)
			funcs[i] = funcs[i - 1];
	if (m->opt.order == PATCH_LAST) {
		objs = mk_variable(img, ".data", "objs", objs_size);
		patch = mk_variable(img, ".data", "patch", m->opt.patchsize);
	}

	for (size_t i = 0; i < m->nobjects; i++) {
		if (!m->objects[i].samefuncs)
			fill_funcs(img, &m->objects[i], funcs[i]);
		fill_object(img, &m->objects[i], objs, i * m->opt.objsize, funcs[i]);
	}
	mk_pointer(img, patch, PATCH_MOD, mk_this_module(img));
	mk_pointer(img, patch, PATCH_OBJS, objs);
	fill_states(img, patch);
	if (m->replace == REPLACE_YES)
		patch.section->data.data[patch.offset + PATCH_REPLACE] = 1;
	free(funcs);
	return patch;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What stands in a module that kpatch-build has made: tables of records and strings, out
 * of which a hook allocates the structures when it is loaded.
 */
#include "mkmodule-internal.h"

/* struct kpatch_patch_func; the last two are openEuler's. */
enum {
	FUNC_NEW_ADDR = 0, FUNC_NEW_SIZE = 8, FUNC_OLD_ADDR = 16, FUNC_OLD_SIZE = 24,
	FUNC_SYMPOS = 32, FUNC_NAME = 40, FUNC_OBJNAME = 48, FUNC_REF_NAME = 56,
	FUNC_REF_OFFSET = 64, FUNC_REF_END = 72,
};

enum { CALLBACK_FUNCTION = 0, CALLBACK_OBJNAME = 8, CALLBACK_SIZE = 16 };

struct tables {
	struct section *funcs, *strings;
	size_t source_file; /* where in strings those of the current one begin */
};

/* The tool knows of no string twice in one source file; then files are put together. */
static struct place string(struct image *img, const struct tables *t, const char *s)
{
	return mk_string_in(img, t->strings, t->source_file, s);
}

static struct place objname(struct image *img, const struct tables *t,
			    const struct klp_object *obj)
{
	return string(img, t, obj->name ? obj->name : "vmlinux");
}

static void record(struct image *img, const struct tables *t,
		   const struct klp_object *obj, const struct klp_func *fn)
{
	size_t size = img->m->opt.record;
	struct place at = { .section = t->funcs };
	struct place new = mk_own_function(img, fn->old_name);

	at.offset = mk_buf_add(&t->funcs->data, NULL, size);
	mk_function_pointer(img, at, FUNC_NEW_ADDR, new);
	mk_number(img, at, FUNC_NEW_SIZE, 8, new.symbol->size);
	mk_number(img, at, FUNC_OLD_ADDR, 8, 0xffffffff81000000 + at.offset);
	mk_number(img, at, FUNC_OLD_SIZE, 8, new.symbol->size);
	mk_number(img, at, FUNC_SYMPOS, 8, fn->sympos);
	mk_pointer(img, at, FUNC_NAME, string(img, t, fn->old_name));
	mk_pointer(img, at, FUNC_OBJNAME, objname(img, t, obj));
	if (size < FUNC_REF_END)
		return;
	mk_pointer(img, at, FUNC_REF_NAME, string(img, t, "reference_symbol"));
	mk_number(img, at, FUNC_REF_OFFSET, 8, 0x40);
}

static void records(struct image *img, struct tables *t)
{
	const struct mkmodule *m = img->m;
	size_t rounds = 1;

	for (size_t i = 0; m->opt.interleave && i < m->nobjects; i++)
		if (rounds < m->objects[i].nfuncs)
			rounds = m->objects[i].nfuncs;
	for (size_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < m->nobjects; i++) {
			const struct klp_object *obj = &m->objects[i];

			t->source_file = t->strings->data.len;
			/* What stood for relocations is gone; its strings are left. */
			string(img, t, "printk");
			string(img, t, "snd_hda_codec");
			for (size_t j = 0; j < obj->nfuncs; j++)
				if (!m->opt.interleave || j == round)
					record(img, t, obj, &obj->funcs[j]);
		}
	}
}

/* A mark that the linker script has set at the present end of a section. */
static struct symbol *mark(struct image *img, struct section *sec, const char *name,
			   const char *end)
{
	char *full = mk_join(name, end);
	struct symbol *s = mk_defined(img, STB_GLOBAL, STT_NOTYPE, full, sec,
				      sec->data.len, 0);

	free(full);
	return s;
}

/*
 * The linker script ends these sections with a zero quad behind the mark, since what is
 * empty would be dropped. Where there is nothing but that, they are writable.
 */
static void padding(struct image *img, struct section *sec, const char *name)
{
	mark(img, sec, name, "_end");
	if (!sec->data.len) {
		sec->flags |= SHF_WRITE;
		sec->align = 1;
	}
	mk_buf_add(&sec->data, NULL, 8);
}

static void callbacks(struct image *img, const struct tables *t, size_t which)
{
	char *name = mk_join("__kpatch_callbacks_", mk_callbacks[which]);
	char *dotted = mk_join(".kpatch.callbacks.", mk_callbacks[which]);
	struct section *sec = mk_add_section(img, dotted, SHT_PROGBITS, SHF_ALLOC, 8, 0);

	mark(img, sec, name, "");
	for (size_t i = 0; i < img->m->nobjects; i++) {
		const struct klp_object *obj = &img->m->objects[i];
		struct place at = { .section = sec };

		if (!obj->callbacks[which])
			continue;
		at.offset = mk_buf_add(&sec->data, NULL, CALLBACK_SIZE);
		mk_function_pointer(img, at, CALLBACK_FUNCTION,
				    mk_callback(img, mk_callbacks[which]));
		mk_pointer(img, at, CALLBACK_OBJNAME, objname(img, t, obj));
	}
	padding(img, sec, name);
	free(dotted);
	free(name);
}

static void force(struct image *img)
{
	struct section *sec = mk_add_section(img, ".kpatch.force", SHT_PROGBITS,
					     SHF_ALLOC | SHF_WRITE, 8, 0);
	struct place at = { .section = sec };

	mark(img, sec, "__kpatch_force_funcs", "");
	if (img->m->opt.force) {
		mk_buf_add(&sec->data, NULL, 8);
		mk_function_pointer(img, at, 0, mk_function(img, STB_LOCAL, "forced"));
	}
	padding(img, sec, "__kpatch_force_funcs");
}

/* What create-kpatch-module leaves, and create-klp-module takes away. */
static void relocations(struct image *img)
{
	struct section *sec = mk_add_section(img, ".kpatch.relocations", SHT_PROGBITS,
					     SHF_ALLOC, 8, 0);

	mk_buf_add(&sec->data, NULL, 48);
}

struct place mk_kpatch(struct image *img)
{
	struct tables t = {
		.funcs = mk_add_section(img, ".kpatch.funcs", SHT_PROGBITS, SHF_ALLOC, 8,
					0),
		.strings = mk_add_section(img, ".kpatch.strings", SHT_PROGBITS, SHF_ALLOC,
					  1, 0),
	};
	struct symbol *funcs = mark(img, t.funcs, "__kpatch_funcs", "");

	t.funcs->keep = true;
	t.strings->keep = true;
	records(img, &t);
	mark(img, t.funcs, "__kpatch_funcs", "_end");
	for (size_t i = 0; i < CALLBACKS; i++)
		callbacks(img, &t, i);
	force(img);
	if (img->m->opt.unfinished)
		relocations(img);
	return mk_symbol_place(funcs);
}

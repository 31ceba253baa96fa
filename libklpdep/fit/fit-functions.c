/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions and klp relocations, compared with the symbols of the objects' images. */
#include "config.h"

#include "libklpdep/fit/fit.h"
#include "libklpdep/fit/object-file.h"

static void not_checked(struct klp_fit *fit, const struct klpdep_patch *patch,
			const char *object, const struct klp_object_file *image,
			const char *what)
{
	if (klp_streq(object, "vmlinux"))
		klp_fit_say(fit, KLPDEP_NOTE, "not-checked", patch, object, NULL,
			    "%s not checked, for lack of symbols: there is no vmlinux "
			    "of %s that has them, no System.map, and it is not the "
			    "running kernel",
			    what, fit->kernel);
	else
		klp_fit_say_unreadable(fit, patch, object, object, image, what);
}

/* Whether an object is loaded, with its init finished, before the patch is applied to it. */
static bool is_live(const struct klp_fit *fit, const struct klpdep_patch *patch,
		    const struct klpdep_object *object)
{
	const struct klpdep_edge edge = {
		.patch = (struct klpdep_patch *)patch,
		.object = (struct klpdep_object *)object,
	};
	const char *reason;

	return klp_edge_order(&edge, fit->config, &reason) == KLPDEP_ORDER_AFTER;
}

/* ---- looking a symbol up, like the kernel's klp_find_object_symbol() ---------------- */

struct lookup {
	const struct klp_object_file *image;
	const char *object;
	bool live;
	const char *name;
	uint64_t sympos;
};

/* Why the lookup fails, or NULL.  *code is the finding's code if it is a function.  The
 * caller frees.  -ENOMEM in *err. */
static char *look_up(const struct lookup *l, const char **code, int *err)
{
	size_t n = klp_object_file_count(l->image, l->name, l->live);
	const char *variant;
	char *message;

	if (l->sympos == 0 ? n == 1 : n >= l->sympos)
		return NULL;
	*code = n ? "ambiguous-symbol" : "no-symbol";
	variant = n ? NULL : klp_object_file_variant(l->image, l->name);
	if (l->sympos == 0 && n)
		message = klp_format("%s has %zu symbols of that name: say by a sympos from 1 "
				     "to %zu which is meant",
				     l->object, n, n);
	else if (n)
		message = klp_format("%s has %zu symbol%s of that name, and none at position "
				     "%" PRIu64,
				     l->object, n, n > 1 ? "s" : "", l->sympos);
	else if (klp_object_file_count(l->image, l->name, false))
		message = klp_format("%s has it in its init code only, which is gone when the "
				     "patch is loaded after it",
				     l->object);
	else if (klp_crc_find(&l->image->imports, l->name))
		message = klp_format("%s only uses it: it is a symbol of another object",
				     l->object);
	else if (variant)
		message = klp_format("%s has no such symbol, but '%s', which the compiler made "
				     "of it",
				     l->object, variant);
	else
		message = klp_format("%s has no such symbol: inlined, left out of this build, "
				     "or of another object",
				     l->object);
	*err = message ? 0 : -ENOMEM;
	return message;
}

/* ---- functions --------------------------------------------------------------------- */

static int check_function(struct klp_fit *fit, const struct klpdep_patch *patch,
			  const struct lookup *l)
{
	const struct klp_object_file_symbol *symbol;
	const char *code;
	int err = 0;
	_cleanup_free_ char *message = look_up(l, &code, &err);

	if (message)
		klp_fit_say(fit, KLPDEP_ERROR, code, patch, l->object, l->name, "%s", message);
	if (message || err < 0 || !l->image->has_locations)
		return err;
	symbol = klp_object_file_symbol(l->image, l->name, l->sympos ? l->sympos : 1,
					l->live);
	if (symbol && !symbol->traceable)
		klp_fit_say(fit, KLPDEP_ERROR, "untraceable", patch, l->object, l->name,
			    "%s has it without an ftrace location (notrace, assembly, or "
			    "no function at all), so it cannot be patched: patch its "
			    "callers",
			    l->object);
	return 0;
}

static int check_functions(struct klp_fit *fit, const struct klpdep_patch *patch,
			   const struct klpdep_object *object)
{
	const struct klp_object_file *image;
	int err = klp_object_files_get(fit->files, object->name, &image);

	if (err < 0)
		return err == -ENOENT ? 0 : err;
	if (!image->has_symbols) {
		not_checked(fit, patch, object->name, image, "its functions are");
		return 0;
	}
	for (size_t i = 0; i < object->n_funcs && err == 0; i++) {
		const struct lookup l = { image, object->name, is_live(fit, patch, object),
					  object->funcs[i].name, object->funcs[i].sympos };

		err = check_function(fit, patch, &l);
	}
	if (err == 0 && !image->has_locations)
		klp_fit_say(fit, KLPDEP_NOTE, "not-checked", patch, object->name, NULL,
			    "whether its functions can be traced is not checked, "
			    "for lack of a vmlinux of %s with symbols",
			    fit->kernel);
	return err;
}

int klp_fit_functions(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	int err = 0;

	for (size_t i = 0; i < patch->n_objects && err == 0; i++) {
		if (patch->objects[i].n_funcs)
			err = check_functions(fit, patch, &patch->objects[i]);
	}
	return err;
}

/* ---- klp relocations --------------------------------------------------------------- */

/* Since 5.8 a section for a module must not refer to the kernel's own symbols:
 * ca376a937486, "Prevent module-specific KLP rela sections from referencing vmlinux
 * symbols". */
static bool refuses_vmlinux_symbols(const char *kernel)
{
	unsigned int major, minor;

	return sscanf(kernel, "%u.%u", &major, &minor) != 2 || major > 5 ||
	       (major == 5 && minor >= 8);
}

/* Whether the symbols' object is loaded when the kernel resolves them. */
static bool is_there(const struct klp_fit *fit, const struct klpdep_patch *patch,
		     const char *object, const char *symobject)
{
	return klp_streq(object, symobject) ||
	       klp_moddep_depends(fit->moddep, object, symobject) ||
	       klp_moddep_depends(fit->moddep, patch->name, symobject);
}

/* Check whether a section's symbols of one object can be looked up at all. */
static int check_symbol_object(struct klp_fit *fit, const struct klpdep_patch *patch,
			       const char *object, const struct klp_reloc *reloc,
			       const struct klp_object_file **image)
{
	const char *symobject = reloc->symobject;
	bool vmlinux = klp_streq(symobject, "vmlinux");
	/* Relocations for vmlinux are resolved when the patch is loaded. */
	const char *loaded = klp_streq(object, "vmlinux") ? "the patch" : object;
	const struct klp_object_file *found = NULL;
	int err;

	*image = NULL;
	if (vmlinux && !klp_streq(object, "vmlinux") && refuses_vmlinux_symbols(fit->kernel)) {
		klp_fit_say(fit, KLPDEP_ERROR, "klp-symbol", patch, object, reloc->symbol,
			    "a section for the module %s refers to a "
			    "symbol of vmlinux, which kernels since 5.8 refuse: use "
			    "an exported one, or move what needs it to a patch for "
			    "vmlinux",
			    object);
		return 0;
	}
	err = klp_object_files_get(fit->files, symobject, &found);
	if (err < 0 && err != -ENOENT)
		return err;
	if (err == -ENOENT)
		klp_fit_say(fit, KLPDEP_ERROR, "klp-symbol", patch, object, reloc->symbol,
			    "it should be in '%s', but the tree of %s has no module of "
			    "that name; symbols of built-in code belong to vmlinux",
			    symobject, fit->kernel);
	else if (!vmlinux && !is_there(fit, patch, object, symobject))
		klp_fit_say(fit, KLPDEP_ERROR, "klp-symbol", patch, object, reloc->symbol,
			    "it is in %s, but %s does not depend on that, and %s may be "
			    "loaded without it: move the code that uses it, or make the "
			    "patch depend on %s",
			    symobject, loaded, loaded, symobject);
	else if (!found->has_symbols)
		not_checked(fit, patch, symobject, found,
			    "what klp relocations need of it is");
	else
		*image = found;
	return 0;
}

static int check_symbol(struct klp_fit *fit, const struct klpdep_patch *patch,
			const struct klpdep_object *object, const struct klp_reloc *reloc,
			const struct klp_object_file *image)
{
	/* The object itself is being loaded; its dependencies are loaded. */
	const struct lookup l = { image, reloc->symobject,
				  !klp_streq(object->name, reloc->symobject) ||
					  is_live(fit, patch, object),
				  reloc->symbol, reloc->sympos };
	const char *code;
	int err = 0;
	_cleanup_free_ char *message = look_up(&l, &code, &err);

	if (message)
		klp_fit_say(fit, KLPDEP_ERROR, "klp-symbol", patch, object->name,
			    reloc->symbol, "%s", message);
	return err;
}

/* They are sorted by the symbols' objects. */
static int check_relocs(struct klp_fit *fit, const struct klpdep_patch *patch,
			const struct klpdep_object *object)
{
	const struct klp_object_file *image = NULL;
	const char *last = NULL;
	int err = 0;

	for (size_t i = 0; i < object->n_relocs && err == 0; i++) {
		const struct klp_reloc *reloc = &object->relocs[i];

		if (!last || !klp_streq(last, reloc->symobject))
			err = check_symbol_object(fit, patch, object->name, reloc, &image);
		last = reloc->symobject;
		if (err == 0 && image)
			err = check_symbol(fit, patch, object, reloc, image);
	}
	return err;
}

int klp_fit_relocs(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	int err = 0;

	for (size_t i = 0; i < patch->n_objects && err == 0; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		/* The kernel resolves nothing for a missing module. */
		if (klp_streq(object->name, "vmlinux") ||
		    klp_moddep_find(fit->moddep, object->name))
			err = check_relocs(fit, patch, object);
	}
	return err;
}

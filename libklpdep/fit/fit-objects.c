/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the names of objects and functions are valid and exist. */
#include "config.h"

#include "libklpdep/fit/fit.h"

/* The kernel's, with its NUL: include/linux/kallsyms.h. */
#define KSYM_NAME_LEN 512

/* ---- names ------------------------------------------------------------------------- */

/* Whether a name can be a function's. */
static bool is_symbol(const char *name)
{
	for (; *name; name++) {
		if (*name <= ' ' || *name >= 0x7f || *name == ',')
			return false;
	}
	return true;
}

static void check_func(struct klp_fit *fit, const struct klpdep_patch *patch,
		       const char *object, const char *name)
{
	if (strlen(name) >= KSYM_NAME_LEN)
		klp_fit_say(fit, KLPDEP_ERROR, "bad-name", patch, object, name,
			    "the kernel takes function names of up to %d bytes only: no "
			    "function can have this one",
			    KSYM_NAME_LEN - 1);
	else if (!is_symbol(name))
		klp_fit_say(fit, KLPDEP_ERROR, "bad-name", patch, object, name,
			    "no function can have such a name: correct old_name");
}

/* Whether a string that is no module's name was meant to be one: check_object() has a hint
 * then. */
static bool is_path(const char *name)
{
	return strchr(name, '/');
}

static void check_left_out(struct klp_fit *fit, const struct klpdep_patch *patch,
			   const char *name)
{
	if (is_path(name))
		return;
	if (strlen(name) >= KLP_MODULE_NAME_LEN)
		klp_fit_say(fit, KLPDEP_ERROR, "bad-name", patch, name, NULL,
			    "the kernel takes object names of up to %d bytes only",
			    KLP_MODULE_NAME_LEN - 1);
	else
		klp_fit_say(fit, KLPDEP_ERROR, "bad-name", patch, name, NULL,
			    "no module can have such a name: correct the object's");
}

int klp_fit_names(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->left_out.n; i++)
		check_left_out(fit, patch, patch->left_out.v[i]);
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		for (size_t j = 0; j < object->n_funcs; j++)
			check_func(fit, patch, object->name, object->funcs[j].name);
	}
	return 0;
}

/* ---- objects ----------------------------------------------------------------------- */

/* Find the existing name that the author must have meant. */
static bool find_hint(const struct klp_fit *fit, const char *name,
		      char hint[KLP_MODULE_NAME_LEN])
{
	return klp_name_from_path(name, hint) == 0 && !klp_streq(hint, name) &&
	       (klp_streq(hint, "vmlinux") || klp_moddep_find(fit->moddep, hint) ||
		klp_fit_is_builtin(fit, hint));
}

static bool is_misspelt(const char *name)
{
	return is_path(name) || strchr(name, '-') || klp_ends_with(name, ".ko");
}

static void check_object(struct klp_fit *fit, const struct klpdep_patch *patch,
			 const char *name)
{
	char hint[KLP_MODULE_NAME_LEN];

	if (klp_streq(name, "vmlinux") || klp_moddep_find(fit->moddep, name))
		return;
	if (klp_fit_is_builtin(fit, name))
		klp_fit_say(fit, KLPDEP_ERROR, "builtin-object", patch, name, NULL,
			    "it is built into kernel %s, so that the kernel never finds "
			    "a module of that name: patch the functions in vmlinux",
			    fit->kernel);
	else if (find_hint(fit, name, hint))
		klp_fit_say(fit, KLPDEP_ERROR, "unknown-object", patch, name, NULL,
			    "the kernel compares names as they are, without path, .ko "
			    "or dashes: call the object %s",
			    hint);
	else if (is_misspelt(name))
		klp_fit_say(fit, KLPDEP_ERROR, "unknown-object", patch, name, NULL,
			    "kernel %s has no module of that name, so that the patch "
			    "has no effect: correct it, or drop the object",
			    fit->kernel);
	else
		klp_fit_say(fit, KLPDEP_WARNING, "absent", patch, name, NULL,
			    "kernel %s has no module of that name installed: if a "
			    "package has it (such as linux-modules-extra), the patch "
			    "waits for that; otherwise correct the name, or drop the "
			    "object",
			    fit->kernel);
}

/* Each object has a klp_object of its own.  The kernel makes directories in sysfs for objects
 * and functions, loaded or not, so each name must be unique: klp_init_object(),
 * klp_init_func().  For a module's name it asks klp_is_module(), whether there is a name at
 * all. */
static void check_structs(struct klp_fit *fit, const struct klpdep_patch *patch,
			  const struct klpdep_object *object)
{
	if (object->is_misnamed)
		klp_fit_say(fit, KLPDEP_ERROR, "unknown-object", patch, object->name, NULL,
			    "vmlinux is the name of a module for the kernel, and there "
			    "is no such module: leave the object's name NULL");
	if (object->n_structs > 1)
		klp_fit_say(fit, KLPDEP_ERROR, "duplicate", patch, object->name, NULL,
			    "the patch has it %u times, which the kernel refuses: "
			    "make one klp_object of them",
			    object->n_structs);
	for (size_t i = 1; i < object->n_funcs; i++) {
		const struct klp_func *func = &object->funcs[i], *before = func - 1;

		/* sympos 0 also means the first. */
		if (klp_streq(func->name, before->name) &&
		    (func->sympos == before->sympos ||
		     (before->sympos == 0 && func->sympos == 1)))
			klp_fit_say(fit, KLPDEP_ERROR, "duplicate", patch, object->name,
				    func->name,
				    "the object has the function twice, which the "
				    "kernel refuses: keep one");
	}
	if (object->shares_funcs)
		klp_fit_say(fit, KLPDEP_ERROR, "shared-funcs", patch, object->name, NULL,
			    "another object has the same array of functions, which "
			    "corrupts the kernel's lists: give each object an array of "
			    "its own");
}

int klp_fit_objects(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	if (!patch->format)
		klp_fit_say(fit, KLPDEP_WARNING, "undeterminable", patch, NULL, NULL,
			    "its objects are made at run time, and cannot be read: name "
			    "them in the modinfo tag klp_objects");
	if (patch->unfinished)
		klp_fit_say(fit, KLPDEP_ERROR, "unfinished", patch, NULL, patch->unfinished,
			    "the tool that made it has not done its last step, which "
			    "removes this: the kernel accepts it, and then crashes; "
			    "build it anew");
	for (size_t i = 0; i < patch->left_out.n; i++) {
		if (is_path(patch->left_out.v[i]))
			check_object(fit, patch, patch->left_out.v[i]);
	}
	for (size_t i = 0; i < patch->n_objects; i++) {
		check_object(fit, patch, patch->objects[i].name);
		check_structs(fit, patch, &patch->objects[i]);
	}
	return 0;
}

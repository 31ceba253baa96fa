/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: names, and whether there are such objects. */
#include "config.h"

#include "libklpdep/verify.h"

/* The kernel's, with its NUL: include/linux/kallsyms.h. */
#define KSYM_NAME_LEN 512

/* ---- names ------------------------------------------------------------------------- */

/* Whether a name can be that of a function. */
static bool is_symbol(const char *name)
{
	for (; *name; name++) {
		if (*name <= ' ' || *name >= 0x7f || *name == ',')
			return false;
	}
	return true;
}

static void check_func(struct klp_verify *verify, const struct klpdep_patch *patch,
		       const char *object, const char *name)
{
	if (strlen(name) >= KSYM_NAME_LEN)
		klp_verify_say(
			verify, KLPDEP_ERROR, "bad-name", patch, object, name,
			"the kernel takes function names of up to %d bytes only: no "
			"function can have this one",
			KSYM_NAME_LEN - 1);
	else if (!is_symbol(name))
		klp_verify_say(verify, KLPDEP_ERROR, "bad-name", patch, object, name,
			       "no function can have such a name: correct old_name");
}

/* The name that the file should have, or has in it. */
static void check_file_name(struct klp_verify *verify, const struct klpdep_patch *patch)
{
	char name[KLP_MODULE_NAME_LEN];

	if (patch->inner_name)
		klp_verify_say(
			verify, KLPDEP_WARNING, "bad-name", patch, NULL,
			patch->inner_name,
			"the module in %s calls itself %s, and modprobe goes by the "
			"file's name: name the file %s.ko",
			patch->file, patch->inner_name, patch->inner_name);
	else if (!klp_verify_state(verify, patch)->in_tree &&
		 (klp_name_from_path(patch->file, name) < 0 ||
		  !klp_streq(name, patch->name)))
		klp_verify_say(verify, KLPDEP_WARNING, "bad-name", patch, NULL, NULL,
			       "modprobe goes by the file's name: install %s as %s.ko",
			       patch->file, patch->name);
}

/* Whether what is no module's name was meant to be one; see check_object(). */
static bool is_path(const char *name)
{
	return strchr(name, '/');
}

static void check_left_out(struct klp_verify *verify, const struct klpdep_patch *patch,
			   const char *name)
{
	if (is_path(name))
		return;
	if (strlen(name) >= KLP_MODULE_NAME_LEN)
		klp_verify_say(verify, KLPDEP_ERROR, "bad-name", patch, name, NULL,
			       "the kernel takes object names of up to %d bytes only",
			       KLP_MODULE_NAME_LEN - 1);
	else
		klp_verify_say(verify, KLPDEP_ERROR, "bad-name", patch, name, NULL,
			       "no module can have such a name: correct the object's");
}

int klp_verify_names(struct klp_verify *verify, const struct klpdep_patch *patch)
{
	check_file_name(verify, patch);
	for (size_t i = 0; i < patch->left_out.n; i++)
		check_left_out(verify, patch, patch->left_out.v[i]);
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		for (size_t j = 0; j < object->n_funcs; j++)
			check_func(verify, patch, object->name, object->funcs[j].name);
	}
	return 0;
}

/* ---- objects ----------------------------------------------------------------------- */

/* Find what the author must have meant: @hint is set to a name that there is. */
static bool find_hint(const struct klp_verify *verify, const char *name,
		      char hint[KLP_MODULE_NAME_LEN])
{
	return klp_name_from_path(name, hint) == 0 && !klp_streq(hint, name) &&
	       (klp_streq(hint, "vmlinux") || klp_moddep_find(&verify->moddep, hint) ||
		klp_verify_is_builtin(verify, hint));
}

static void check_object(struct klp_verify *verify, const struct klpdep_patch *patch,
			 const char *name)
{
	char hint[KLP_MODULE_NAME_LEN];

	if (klp_streq(name, "vmlinux") || klp_moddep_find(&verify->moddep, name))
		return;
	if (klp_verify_is_builtin(verify, name))
		klp_verify_say(
			verify, KLPDEP_ERROR, "builtin-object", patch, name, NULL,
			"it is built into kernel %s, so that the kernel never finds "
			"a module of that name: patch the functions in vmlinux",
			verify->kernel);
	else if (find_hint(verify, name, hint))
		klp_verify_say(verify, KLPDEP_ERROR, "unknown-object", patch, name, NULL,
			       "the kernel compares names as they are, without path, .ko "
			       "or dashes: call the object %s",
			       hint);
	else
		klp_verify_say(verify, KLPDEP_ERROR, "unknown-object", patch, name, NULL,
			       "kernel %s has no module of that name, so that the patch "
			       "has no effect: correct it, or drop the object",
			       verify->kernel);
}

/* klp_is_module() asks whether there is a name at all. */
static void check_misnamed(struct klp_verify *verify, const struct klpdep_patch *patch,
			   const struct klpdep_object *object)
{
	if (object->is_misnamed)
		klp_verify_say(verify, KLPDEP_ERROR, "unknown-object", patch,
			       object->name, NULL,
			       "the kernel takes the name vmlinux for that of a module, "
			       "which there is none of: leave the object's name NULL");
}

/* What the kernel makes a directory in sysfs for, it can have once only, loaded or not:
 * klp_init_object(), klp_init_func(). */
static void check_twice(struct klp_verify *verify, const struct klpdep_patch *patch,
			const struct klpdep_object *object)
{
	if (object->n_structs > 1)
		klp_verify_say(verify, KLPDEP_ERROR, "duplicate", patch, object->name,
			       NULL,
			       "the patch has it %u times, which the kernel refuses: "
			       "make one klp_object of them",
			       object->n_structs);
	for (size_t i = 1; i < object->n_funcs; i++) {
		const struct klp_func *func = &object->funcs[i], *before = func - 1;

		/* sympos 0 is taken for the first, too. */
		if (klp_streq(func->name, before->name) &&
		    (func->sympos == before->sympos ||
		     (before->sympos == 0 && func->sympos == 1)))
			klp_verify_say(verify, KLPDEP_ERROR, "duplicate", patch,
				       object->name, func->name,
				       "the object has the function twice, which the "
				       "kernel refuses: keep one");
	}
}

static void check_shared(struct klp_verify *verify, const struct klpdep_patch *patch,
			 const struct klpdep_object *object)
{
	if (object->shares_funcs)
		klp_verify_say(
			verify, KLPDEP_ERROR, "shared-funcs", patch, object->name, NULL,
			"its array of functions is that of another object, too, which "
			"corrupts the kernel's lists: give each object an array of its "
			"own");
}

static void check_known(struct klp_verify *verify, const struct klpdep_patch *patch)
{
	if (!patch->format)
		klp_verify_say(verify, KLPDEP_WARNING, "undeterminable", patch, NULL,
			       NULL,
			       "what it patches is made at run time, and cannot be read: "
			       "say it in the modinfo tag klp_objects");
}

int klp_verify_objects(struct klp_verify *verify, const struct klpdep_patch *patch)
{
	check_known(verify, patch);
	for (size_t i = 0; i < patch->left_out.n; i++) {
		if (is_path(patch->left_out.v[i]))
			check_object(verify, patch, patch->left_out.v[i]);
	}
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		check_object(verify, patch, object->name);
		check_misnamed(verify, patch, object);
		check_twice(verify, patch, object);
		check_shared(verify, patch, object);
	}
	return 0;
}

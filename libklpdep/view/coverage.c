/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether one patch covers another. */
#include "config.h"

#include "libklpdep/view/coverage.h"

static int cmp_func_name(const void *name, const void *func)
{
	return strcmp(name, ((const struct klp_func *)func)->name);
}

bool klp_object_changes(const struct klpdep_object *object, const char *name,
			uint64_t sympos)
{
	size_t i = klp_lower_bound(name, object->funcs, object->n_funcs,
				   sizeof(*object->funcs), cmp_func_name);

	for (; i < object->n_funcs && klp_streq(object->funcs[i].name, name); i++) {
		uint64_t there = object->funcs[i].sympos;

		if ((there ? there : 1) == (sympos ? sympos : 1))
			return true;
	}
	return false;
}

/* A function of @other that @object does not change, or "callbacks", or NULL. */
static const char *beyond(const struct klpdep_object *object,
			  const struct klpdep_object *other)
{
	for (size_t i = 0; i < other->n_funcs; i++) {
		if (!klp_object_changes(object, other->funcs[i].name,
					other->funcs[i].sympos))
			return other->funcs[i].name;
	}
	return other->callbacks && !object->callbacks ? "callbacks" : NULL;
}

/* Relocations and the modinfo tag klp_objects name objects, but no functions. */
static bool is_known(const struct klpdep_patch *patch)
{
	return patch->n_objects && patch->format && !klp_streq(patch->format, "klp-rela") &&
	       !klp_streq(patch->format, "modinfo");
}

bool klp_patch_covers(const struct klpdep_patch *patch, const struct klpdep_patch *other)
{
	for (size_t i = 0; i < other->n_objects; i++) {
		const struct klpdep_object *object =
			klp_patch_find_object(patch, other->objects[i].name);

		if (!object || beyond(object, &other->objects[i]))
			return false;
	}
	return is_known(other);
}

char *klp_patch_uncovered(const struct klpdep_patch *patch,
			  const struct klpdep_patch *other)
{
	for (size_t i = 0; i < other->n_objects; i++) {
		const struct klpdep_object *theirs = &other->objects[i];
		const struct klpdep_object *object =
			klp_patch_find_object(patch, theirs->name);
		const char *what = object ? beyond(object, theirs) : NULL;

		if (!object)
			return strdup(theirs->name);
		if (what)
			return klp_format("%s of %s", what, theirs->name);
	}
	return NULL;
}

bool klp_patch_has_unpatch_callbacks(const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		if (patch->objects[i].callbacks &
		    (KLPDEP_PRE_UNPATCH | KLPDEP_POST_UNPATCH))
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What others may ask of a patch: klpdep.h. */
#include "config.h"

#include "libklpdep/patch.h"

static const char *const replace_names[] = {
	[KLPDEP_REPLACE_UNKNOWN] = "unknown",
	[KLPDEP_REPLACE_NO] = "no",
	[KLPDEP_REPLACE_YES] = "yes",
};

const char *klp_replace_name(enum klpdep_replace replace)
{
	return replace_names[replace];
}

int klp_replace_from_name(const char *name, enum klpdep_replace *replace)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(replace_names); i++) {
		if (klp_streq(replace_names[i], name)) {
			*replace = (enum klpdep_replace)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *klpdep_patch_get_name(const struct klpdep_patch *patch)
{
	return patch->name;
}

const char *klpdep_patch_get_file(const struct klpdep_patch *patch)
{
	return patch->file;
}

const char *klpdep_patch_get_format(const struct klpdep_patch *patch)
{
	return patch->format;
}

enum klpdep_replace klpdep_patch_get_replace(const struct klpdep_patch *patch)
{
	return patch->replace;
}

const char *klpdep_patch_get_version(const struct klpdep_patch *patch)
{
	return patch->version;
}

const char *klpdep_patch_get_srcversion(const struct klpdep_patch *patch)
{
	return patch->srcversion;
}

const char *klpdep_patch_get_vermagic(const struct klpdep_patch *patch)
{
	return patch->vermagic;
}

const char *klpdep_patch_get_set(const struct klpdep_patch *patch)
{
	return patch->set;
}

size_t klpdep_patch_count_objects(const struct klpdep_patch *patch)
{
	return patch->n_objects;
}

const struct klpdep_object *klpdep_patch_get_object(const struct klpdep_patch *patch,
						    size_t i)
{
	return i < patch->n_objects ? &patch->objects[i] : NULL;
}

const char *klpdep_object_get_name(const struct klpdep_object *object)
{
	return object->name;
}

const char *klpdep_object_get_target_srcversion(const struct klpdep_object *object)
{
	return object->target_srcversion;
}

size_t klpdep_object_count_funcs(const struct klpdep_object *object)
{
	return object->n_funcs;
}

int klpdep_object_get_func(const struct klpdep_object *object, size_t i,
			   const char **name, uint64_t *sympos)
{
	if (i >= object->n_funcs)
		return -ENOENT;
	*name = object->funcs[i].name;
	*sympos = object->funcs[i].sympos;
	return 0;
}

unsigned int klpdep_object_get_callbacks(const struct klpdep_object *object)
{
	return object->callbacks;
}

size_t klpdep_object_count_relocs(const struct klpdep_object *object)
{
	return object->n_relocs;
}

int klpdep_object_get_reloc(const struct klpdep_object *object, size_t i,
			    const char **symobject, const char **symbol,
			    uint64_t *sympos)
{
	if (i >= object->n_relocs)
		return -ENOENT;
	*symobject = object->relocs[i].symobject;
	*symbol = object->relocs[i].symbol;
	*sympos = object->relocs[i].sympos;
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "libklpdep/patch.h"

struct klpdep_patch *klp_patch_new(void)
{
	struct klpdep_patch *patch = calloc(1, sizeof(*patch));

	if (patch)
		patch->refs = 1;
	return patch;
}

void klp_object_clear(struct klpdep_object *object)
{
	for (size_t i = 0; i < object->n_funcs; i++)
		free(object->funcs[i].name);
	for (size_t i = 0; i < object->n_relocs; i++) {
		free(object->relocs[i].symobject);
		free(object->relocs[i].symbol);
	}
	free(object->funcs);
	free(object->relocs);
	free(object->name);
}

static void patch_destroy(struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_objects; i++)
		klp_object_clear(&patch->objects[i]);
	free(patch->objects);
	klp_strv_clear(&patch->requires);
	klp_strv_clear(&patch->supersedes);
	klp_strv_clear(&patch->pre);
	klp_strv_clear(&patch->post);
	free(patch->name);
	free(patch->file);
	free(patch->version);
	free(patch->srcversion);
	free(patch->vermagic);
	free(patch->set);
	free(patch);
}

KLP_REFCOUNTED(klpdep_patch, klpdep_patch, patch_destroy)

struct klpdep_object *klp_patch_add_object(struct klpdep_patch *patch, const char *name)
{
	struct klpdep_object *object;

	if (!name)
		name = "vmlinux";
	/* The last one first: records of one object mostly stand together. */
	for (size_t i = patch->n_objects; i-- > 0;) {
		if (klp_streq(patch->objects[i].name, name))
			return &patch->objects[i];
	}
	_cleanup_free_ char *copy = strdup(name);

	object = copy ? klp_append(patch->objects, patch->n_objects) : NULL;
	if (object)
		object->name = klp_take(copy);
	return object;
}

int klp_object_add_func(struct klpdep_object *object, const char *name,
			unsigned long sympos)
{
	_cleanup_free_ char *copy = strdup(name);
	struct klp_func *func = copy ? klp_append(object->funcs, object->n_funcs) : NULL;

	if (!func)
		return -ENOMEM;
	func->name = klp_take(copy);
	func->sympos = sympos;
	return 0;
}

int klp_object_add_reloc(struct klpdep_object *object, const char *symobject,
			 const char *symbol, unsigned long sympos)
{
	_cleanup_free_ char *copy = strdup(symobject);
	_cleanup_free_ char *symbol_copy = strdup(symbol);
	struct klp_reloc *reloc = NULL;

	if (copy && symbol_copy)
		reloc = klp_append(object->relocs, object->n_relocs);
	if (!reloc)
		return -ENOMEM;
	reloc->symobject = klp_take(copy);
	reloc->symbol = klp_take(symbol_copy);
	reloc->sympos = sympos;
	return 0;
}

static int cmp_sympos(unsigned long a, unsigned long b)
{
	return a < b ? -1 : a > b;
}

static int cmp_funcs(const void *p, const void *q)
{
	const struct klp_func *a = p, *b = q;
	int cmp = strcmp(a->name, b->name);

	return cmp ? cmp : cmp_sympos(a->sympos, b->sympos);
}

static int cmp_relocs(const void *p, const void *q)
{
	const struct klp_reloc *a = p, *b = q;
	int cmp = strcmp(a->symobject, b->symobject);

	if (!cmp)
		cmp = strcmp(a->symbol, b->symbol);
	return cmp ? cmp : cmp_sympos(a->sympos, b->sympos);
}

static int cmp_objects(const void *p, const void *q)
{
	const struct klpdep_object *a = p, *b = q;

	return strcmp(a->name, b->name);
}

/* One klp relocation symbol is used by many relocations: keep one of each. */
static void unique_relocs(struct klpdep_object *object)
{
	size_t n = 0;

	for (size_t i = 0; i < object->n_relocs; i++) {
		struct klp_reloc *reloc = &object->relocs[i];

		if (n && cmp_relocs(&object->relocs[n - 1], reloc) == 0) {
			free(reloc->symobject);
			free(reloc->symbol);
		} else {
			object->relocs[n++] = *reloc;
		}
	}
	object->n_relocs = n;
}

/* The set is what its author says, or what stands before "__" in SET__OBJECT. */
static int find_set(struct klpdep_patch *patch)
{
	const char *sep;

	if (patch->set || !patch->name)
		return 0;
	sep = strstr(patch->name, "__");
	if (!sep || sep == patch->name || sep[2] == '\0')
		return 0;
	patch->set = strndup(patch->name, (size_t)(sep - patch->name));
	return patch->set ? 0 : -ENOMEM;
}

int klp_patch_finish(struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		struct klpdep_object *object = &patch->objects[i];

		if (object->n_funcs)
			qsort(object->funcs, object->n_funcs, sizeof(object->funcs[0]),
			      cmp_funcs);
		if (object->n_relocs)
			qsort(object->relocs, object->n_relocs, sizeof(object->relocs[0]),
			      cmp_relocs);
		unique_relocs(object);
	}
	if (patch->n_objects)
		qsort(patch->objects, patch->n_objects, sizeof(patch->objects[0]),
		      cmp_objects);
	return find_set(patch);
}

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

size_t klpdep_object_count_funcs(const struct klpdep_object *object)
{
	return object->n_funcs;
}

int klpdep_object_get_func(const struct klpdep_object *object, size_t i,
			   const char **name, unsigned long *sympos)
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
			    unsigned long *sympos)
{
	if (i >= object->n_relocs)
		return -ENOENT;
	*symobject = object->relocs[i].symobject;
	*symbol = object->relocs[i].symbol;
	*sympos = object->relocs[i].sympos;
	return 0;
}

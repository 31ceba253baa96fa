/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A livepatch in memory: readers build it, everything else reads it. */
#include "config.h"

#include "libklpdep/livepatch/patch.h"

struct klpdep_patch *klp_patch_new(void)
{
	struct klpdep_patch *patch = calloc(1, sizeof(*patch));

	if (patch) {
		patch->refs = 1;
		patch->room = SIZE_MAX;
	}
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
	free(object->target_srcversion);
	free(object->target_build_id);
	free(object->name);
}

static void patch_destroy(struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_objects; i++)
		klp_object_clear(&patch->objects[i]);
	free(patch->objects);
	klp_strv_clear(&patch->requires);
	klp_strv_clear(&patch->supersedes);
	klp_strv_clear(&patch->fixes);
	klp_strv_clear(&patch->needs);
	klp_strv_clear(&patch->pre);
	klp_strv_clear(&patch->post);
	klp_strv_clear(&patch->imports);
	klp_strv_clear(&patch->exports);
	klp_strv_clear(&patch->left_out);
	free(patch->inner_name);
	free(patch->name);
	free(patch->file);
	free(patch->version);
	free(patch->srcversion);
	free(patch->vermagic);
	free(patch->build_id);
	free(patch->unfinished);
	free(patch->set);
	free(patch->states);
	free(patch);
}

KLP_REFCOUNTED(klpdep_patch, klpdep_patch, patch_destroy)

/* Whether the patch may hold @bytes more. */
static bool take_room(struct klpdep_patch *patch, size_t bytes)
{
	if (bytes > patch->room)
		return false;
	patch->room -= bytes;
	return true;
}

int klp_patch_add_object(struct klpdep_patch *patch, const char *name,
			 struct klpdep_object **out)
{
	struct klpdep_object *object;

	if (!name)
		name = "vmlinux";
	/* Records of one object mostly follow each other; klp_patch_finish() merges the
	 * rest. */
	if (patch->n_objects) {
		object = &patch->objects[patch->n_objects - 1];
		if (klp_streq(object->name, name)) {
			*out = object;
			return 0;
		}
	}
	if (!take_room(patch, sizeof(*object) + strlen(name)))
		return -E2BIG;

	_cleanup_free_ char *copy = strdup(name);

	object = copy ? klp_append(patch->objects, patch->n_objects) : NULL;
	if (!object)
		return -ENOMEM;
	object->name = klp_take(copy);
	*out = object;
	return 0;
}

int klp_patch_add_func(struct klpdep_patch *patch, const char *name, uint64_t sympos)
{
	struct klpdep_object *object = &patch->objects[patch->n_objects - 1];
	struct klp_func *func;

	if (!take_room(patch, sizeof(*func) + strlen(name)))
		return -E2BIG;

	_cleanup_free_ char *copy = strdup(name);

	func = copy ? klp_append(object->funcs, object->n_funcs) : NULL;
	if (!func)
		return -ENOMEM;
	func->name = klp_take(copy);
	func->sympos = sympos;
	return 0;
}

int klp_patch_add_reloc(struct klpdep_patch *patch, const char *symobject,
			const char *symbol, uint64_t sympos)
{
	struct klpdep_object *object = &patch->objects[patch->n_objects - 1];
	struct klp_reloc *reloc = NULL;

	if (!take_room(patch, sizeof(*reloc) + strlen(symobject) + strlen(symbol)))
		return -E2BIG;

	_cleanup_free_ char *copy = strdup(symobject);
	_cleanup_free_ char *symbol_copy = strdup(symbol);

	if (copy && symbol_copy)
		reloc = klp_append(object->relocs, object->n_relocs);
	if (!reloc)
		return -ENOMEM;
	reloc->symobject = klp_take(copy);
	reloc->symbol = klp_take(symbol_copy);
	reloc->sympos = sympos;
	return 0;
}

int klp_patch_add_symbol(struct klpdep_patch *patch, struct klp_strv *list,
			 const char *symbol)
{
	return take_room(patch, sizeof(char *) + strlen(symbol)) ?
		       klp_strv_add(list, symbol) : -E2BIG;
}

static int cmp_sympos(uint64_t a, uint64_t b)
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

struct klpdep_object *klp_patch_find_object(const struct klpdep_patch *patch,
					    const char *name)
{
	struct klpdep_object key = { .name = (char *)name };

	return patch->n_objects ? bsearch(&key, patch->objects, patch->n_objects,
					  sizeof(key), cmp_objects) : NULL;
}

bool klp_patch_shares_object(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	/* both are sorted */
	for (size_t i = 0, j = 0; i < a->n_objects && j < b->n_objects;) {
		int cmp = strcmp(a->objects[i].name, b->objects[j].name);

		if (cmp == 0)
			return true;
		i += cmp < 0;
		j += cmp > 0;
	}
	return false;
}

int klp_patch_add_state(struct klpdep_patch *patch, uint64_t id, unsigned int version)
{
	struct klp_state *state;

	if (!take_room(patch, sizeof(*state)))
		return -E2BIG;
	state = klp_append(patch->states, patch->n_states);
	if (!state)
		return -ENOMEM;
	*state = (struct klp_state){ id, version };
	return 0;
}

static int cmp_states(const void *p, const void *q)
{
	const struct klp_state *a = p, *b = q;

	return a->id != b->id ? (a->id < b->id ? -1 : 1) :
				(a->version > b->version) - (a->version < b->version);
}

/* Many relocations use one klp relocation symbol: keep one of each. */
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

/* Move the contents of @from to @to, which is the same object. */
static int merge_object(struct klpdep_object *to, struct klpdep_object *from)
{
	for (size_t i = 0; i < from->n_funcs; i++) {
		struct klp_func *func = klp_append(to->funcs, to->n_funcs);

		if (!func)
			return -ENOMEM;
		func->name = klp_take(from->funcs[i].name);
		func->sympos = from->funcs[i].sympos;
	}
	for (size_t i = 0; i < from->n_relocs; i++) {
		struct klp_reloc *reloc = klp_append(to->relocs, to->n_relocs);

		if (!reloc)
			return -ENOMEM;
		reloc->symobject = klp_take(from->relocs[i].symobject);
		reloc->symbol = klp_take(from->relocs[i].symbol);
		reloc->sympos = from->relocs[i].sympos;
	}
	to->callbacks |= from->callbacks;
	to->has_relocs |= from->has_relocs;
	to->n_structs += from->n_structs;
	to->is_misnamed |= from->is_misnamed;
	to->shares_funcs |= from->shares_funcs;
	if (to->order == KLPDEP_ORDER_NONE)
		to->order = from->order;
	return 0;
}

/* Merge equal objects; they are sorted. */
static int merge_objects(struct klpdep_patch *patch)
{
	size_t n = 0, i;
	int err = 0;

	for (i = 0; i < patch->n_objects && err == 0; i++) {
		struct klpdep_object *object = &patch->objects[i];

		if (n && klp_streq(patch->objects[n - 1].name, object->name)) {
			err = merge_object(&patch->objects[n - 1], object);
			klp_object_clear(object);
		} else {
			patch->objects[n++] = *object;
		}
	}
	/* After an error, keep the objects that were not merged yet. */
	for (; i < patch->n_objects; i++)
		patch->objects[n++] = patch->objects[i];
	patch->n_objects = n;
	return err;
}

/* The set is what its author says, or what comes before "__" in SET__OBJECT. */
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
	int err;

	if (patch->n_objects)
		qsort(patch->objects, patch->n_objects, sizeof(patch->objects[0]),
		      cmp_objects);
	err = merge_objects(patch);
	if (err < 0)
		return err;
	for (size_t i = 0; i < patch->n_objects; i++) {
		struct klpdep_object *object = &patch->objects[i];

		if (object->n_funcs)
			qsort(object->funcs, object->n_funcs, sizeof(object->funcs[0]),
			      cmp_funcs);
		if (object->n_relocs)
			qsort(object->relocs, object->n_relocs, sizeof(object->relocs[0]),
			      cmp_relocs);
		object->has_relocs |= object->n_relocs > 0;
		unique_relocs(object);
	}
	if (patch->n_states)
		qsort(patch->states, patch->n_states, sizeof(*patch->states), cmp_states);
	return find_set(patch);
}

/* ---- getters ------------------------------------------------------------------------ */

static const char *const replace_names[] = {
	[KLPDEP_REPLACE_UNKNOWN] = "unknown",
	[KLPDEP_REPLACE_NO] = "no",
	[KLPDEP_REPLACE_YES] = "yes",
};

static const char *const retire_names[] = {
	[KLP_RETIRE_AUTO] = "auto",
	[KLP_RETIRE_ALWAYS] = "always",
	[KLP_RETIRE_NEVER] = "never",
};

const char *klp_retire_name(enum klp_retire retire)
{
	return retire_names[retire];
}

int klp_retire_from_name(const char *name, enum klp_retire *retire)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(retire_names); i++) {
		if (klp_streq(retire_names[i], name)) {
			*retire = (enum klp_retire)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *klp_callback_name(unsigned int bit)
{
	static const char *const names[] = { "pre_patch", "post_patch", "pre_unpatch",
					     "post_unpatch" };

	return bit < KLP_ARRAY_SIZE(names) ? names[bit] : NULL;
}

const char *klpdep_callback_name(enum klpdep_callback callback)
{
	unsigned int bit = 0;

	while (klp_callback_name(bit) && (unsigned int)callback != 1U << bit)
		bit++;
	return klp_callback_name(bit);
}

const char *klpdep_replace_name(enum klpdep_replace replace)
{
	return klp_name_of(replace_names, replace);
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

KLP_GETTER(const char *, klpdep_patch_get_name, klpdep_patch, name)
KLP_GETTER(const char *, klpdep_patch_get_file, klpdep_patch, file)
KLP_GETTER(const char *, klpdep_patch_get_format, klpdep_patch, format)
KLP_GETTER(enum klpdep_replace, klpdep_patch_get_replace, klpdep_patch, replace)
KLP_GETTER(const char *, klpdep_patch_get_version, klpdep_patch, version)
KLP_GETTER(const char *, klpdep_patch_get_srcversion, klpdep_patch, srcversion)
KLP_GETTER(const char *, klpdep_patch_get_vermagic, klpdep_patch, vermagic)
KLP_GETTER(const char *, klpdep_patch_get_set, klpdep_patch, set)

const char *klpdep_patch_get_requires(const struct klpdep_patch *patch, size_t i)
{
	return i < patch->requires.n ? patch->requires.v[i] : NULL;
}

const char *klpdep_patch_get_fix(const struct klpdep_patch *patch, size_t i)
{
	return i < patch->fixes.n ? patch->fixes.v[i] : NULL;
}

const char *klpdep_patch_get_supersedes(const struct klpdep_patch *patch, size_t i)
{
	return i < patch->supersedes.n ? patch->supersedes.v[i] : NULL;
}

KLP_GETTER(size_t, klpdep_patch_count_objects, klpdep_patch, n_objects)

const struct klpdep_object *klpdep_patch_get_object(const struct klpdep_patch *patch,
						    size_t i)
{
	return i < patch->n_objects ? &patch->objects[i] : NULL;
}

KLP_GETTER(const char *, klpdep_object_get_name, klpdep_object, name)
KLP_GETTER(const char *, klpdep_object_get_target_srcversion, klpdep_object,
	   target_srcversion)
KLP_GETTER(size_t, klpdep_object_count_funcs, klpdep_object, n_funcs)

const char *klpdep_object_get_func(const struct klpdep_object *object, size_t i)
{
	return i < object->n_funcs ? object->funcs[i].name : NULL;
}

uint64_t klpdep_object_get_func_sympos(const struct klpdep_object *object, size_t i)
{
	return i < object->n_funcs ? object->funcs[i].sympos : 0;
}

KLP_GETTER(unsigned int, klpdep_object_get_callbacks, klpdep_object, callbacks)
KLP_GETTER(size_t, klpdep_object_count_relocs, klpdep_object, n_relocs)

const char *klpdep_object_get_reloc(const struct klpdep_object *object, size_t i)
{
	return i < object->n_relocs ? object->relocs[i].symbol : NULL;
}

const char *klpdep_object_get_reloc_symobject(const struct klpdep_object *object, size_t i)
{
	return i < object->n_relocs ? object->relocs[i].symobject : NULL;
}

uint64_t klpdep_object_get_reloc_sympos(const struct klpdep_object *object, size_t i)
{
	return i < object->n_relocs ? object->relocs[i].sympos : 0;
}

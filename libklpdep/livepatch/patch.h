/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A livepatch in memory, filled by the readers (format.c) or from an index (index.c). */
#ifndef KLP_PATCH_H
#define KLP_PATCH_H

#include "libklpdep/base/context.h"

struct klp_func {
	char *name;
	uint64_t sympos;
};

/* include/linux/livepatch.h, struct klp_state: what a patch has set, and the highest
 * version of it that the patch can take over. */
struct klp_state {
	uint64_t id;
	unsigned int version;
};

/* modinfo klp_retire: whether an older patch is unloaded in spite of its unpatch
 * callbacks. */
enum klp_retire {
	KLP_RETIRE_AUTO,
	KLP_RETIRE_ALWAYS,
	KLP_RETIRE_NEVER,
};

struct klp_reloc {
	char *symobject;
	char *symbol;
	uint64_t sympos;
};

struct klpdep_object {
	char *name;
	char *target_srcversion; /* modinfo klp_target_srcversion, or NULL */
	char *target_build_id;	 /* modinfo klp_target_buildid, or NULL */
	struct klp_func *funcs;
	size_t n_funcs;
	unsigned int callbacks;
	struct klp_reloc *relocs;
	size_t n_relocs;
	unsigned int n_structs;	/* how many klp_object have this name */
	bool is_misnamed;	/* its name is "vmlinux": a module, for the kernel */
	bool shares_funcs;	/* another object has the same array of functions */
	bool has_relocs;	/* has klp relocations: n_relocs, or as an index says */
	/* Set only within an index: */
	enum klpdep_order order;
};

struct klpdep_patch {
	unsigned int refs;
	char *name;
	char *file;
	const char *format; /* a literal of format.c's table, or NULL: undeterminable */
	enum klpdep_replace replace;
	char *version;
	char *srcversion;
	char *vermagic;
	char *build_id; /* hexadecimal, or NULL */
	char *unfinished; /* a trace of the tool: the module is unfinished; or NULL */
	char *set; /* from its author: modinfo klp_set, or SET__OBJECT; or NULL */
	struct klp_state *states; /* sorted by id */
	size_t n_states;
	enum klp_retire retire;
	struct klp_strv requires; /* modinfo klp_requires; in an index: the missing ones */
	struct klp_strv supersedes; /* modinfo klp_supersedes: globs */
	struct klp_strv fixes; /* modinfo klp_fixes: identifiers of any kind */
	/* modinfo depends; in an index: for a file beside the tree, all modules that it
	 * hard-depends on. */
	struct klp_strv needs;
	struct klp_strv pre;        /* modinfo softdep, in its order */
	struct klp_strv post;
	/* None of these if it is from an index: */
	struct klp_strv imports; /* undefined symbols */
	struct klp_strv exports; /* names of exported symbols, and maybe of namespaces */
	char *inner_name; /* its own name, if its file has another one */
	struct klp_strv left_out; /* names of objects that cannot be in an index */
	struct klpdep_object *objects;
	size_t n_objects;
	size_t number; /* its number in its index */
	bool is_unreadable; /* the file is unreadable now; this is from an earlier index */
	/* The number of its circle of requirements; 0: none, or not searched for:
	 * klp_links_find_circles(). */
	size_t circle;
	size_t room; /* how many more bytes objects and imports may take */
};

/* Whether a patch of an index is kept beside the module tree, in a directory of klpdep.d(5)
 * or depmod.d(5). */
static inline bool klp_patch_is_beside(const struct klpdep_patch *patch)
{
	return *patch->file == '/';
}

/* An empty patch with one reference.  NULL when there is no memory. */
struct klpdep_patch *klp_patch_new(void);

/* Readers fill a patch with these functions; klp_patch_finish() then merges entries for one
 * object. They return 0; -ENOMEM; or -E2BIG if the patch is out of room, since its file
 * points to the same data over and over. */

/* Add an object, vmlinux for NULL.  Use *object before you add the next one. */
int klp_patch_add_object(struct klpdep_patch *patch, const char *name,
			 struct klpdep_object **object);
/* Add a function, or a symbol of klp relocations, to the object that was added last. */
int klp_patch_add_func(struct klpdep_patch *patch, const char *name, uint64_t sympos);
int klp_patch_add_reloc(struct klpdep_patch *patch, const char *symobject,
			const char *symbol, uint64_t sympos);

/* Add a symbol to the imports or exports. */
int klp_patch_add_symbol(struct klpdep_patch *patch, struct klp_strv *list,
			 const char *symbol);

int klp_patch_add_state(struct klpdep_patch *patch, uint64_t id, unsigned int version);

/* The object of that name of a finished patch, or NULL. */
struct klpdep_object *klp_patch_find_object(const struct klpdep_patch *patch,
					    const char *name);

/* Whether two finished patches have an object in common. */
bool klp_patch_shares_object(const struct klpdep_patch *a, const struct klpdep_patch *b);

/* Sort objects, functions and relocations, merge duplicates, and find the set's name.  0 or
 * -ENOMEM. */
int klp_patch_finish(struct klpdep_patch *patch);

void klp_object_clear(struct klpdep_object *object);

/* The inverse of klpdep_replace_name() (-EINVAL). */
int klp_replace_from_name(const char *name, enum klpdep_replace *replace);
/* "auto", "always", "never", and the inverse (-EINVAL). */
const char *klp_retire_name(enum klp_retire retire);
int klp_retire_from_name(const char *name, enum klp_retire *retire);
/* "pre_patch", ..., by the bit's number: enum klpdep_callback. */
const char *klp_callback_name(unsigned int bit);

#endif /* KLP_PATCH_H */

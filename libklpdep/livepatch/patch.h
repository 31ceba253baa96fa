/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A livepatch in memory: filled by the readers (format.c) or from an index (index.c). */
#ifndef KLP_PATCH_H
#define KLP_PATCH_H

#include "libklpdep/base/context.h"

struct klp_func {
	char *name;
	uint64_t sympos;
};

/* include/linux/livepatch.h, struct klp_state: what a patch has set, and which version of
 * that it can take over. */
struct klp_state {
	uint64_t id;
	unsigned int version;
};

/* modinfo klp_retire: whether an older patch is taken out that its unpatch callbacks would
 * keep beneath. */
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
	unsigned int n_structs;	/* how many klp_object have its name */
	bool is_misnamed;	/* it is called "vmlinux": to the kernel, a module */
	bool shares_funcs;	/* its array of functions is another's, too */
	bool has_relocs;	/* klp relocations: n_relocs, or as an index says */
	/* Known only within an index: */
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
	char *unfinished; /* what is left in it of the tool that makes it; or NULL */
	char *set; /* said by its author: modinfo klp_set, or SET__OBJECT; or NULL */
	struct klp_state *states; /* sorted by id */
	size_t n_states;
	enum klp_retire retire;
	struct klp_strv requires; /* modinfo klp_requires; of an index: what is missing */
	struct klp_strv supersedes; /* modinfo klp_supersedes: globs */
	struct klp_strv fixes; /* modinfo klp_fixes: what it fixes, by any identifiers */
	struct klp_strv needs; /* modinfo depends; of an index: of a file beside the tree, all
				* modules that it hard-depends on */
	struct klp_strv pre;        /* modinfo softdep */
	struct klp_strv post;
	/* None of these where it is from an index: */
	struct klp_strv imports; /* undefined symbols */
	struct klp_strv exports; /* names of exported symbols, and maybe of namespaces */
	char *inner_name; /* its own name, where a scan found another of its file */
	struct klp_strv left_out; /* names of objects that no index can have */
	struct klpdep_object *objects;
	size_t n_objects;
	size_t number; /* its place in the index that it belongs to */
	bool is_unreadable; /* its file is, by now; this is what an earlier index has */
	size_t circle; /* of requirements that it is in, one number each; 0: none, or nobody
			* has looked: klp_links_find() */
	size_t room; /* how many bytes objects and imports may still take */
};

/* Whether the index's patch is kept beside the module tree, in a directory of klpdep.d(5) or
 * depmod.d(5). */
static inline bool klp_patch_is_beside(const struct klpdep_patch *patch)
{
	return *patch->file == '/';
}

/* An empty patch with one reference.  NULL when there is no memory. */
struct klpdep_patch *klp_patch_new(void);

/* The readers fill a patch with these; klp_patch_finish() then makes one of what was said
 * of an object in several places.  All return 0; -ENOMEM; or -E2BIG when the patch is out
 * of room, which is for files that point to the same thing over and over. */

/* Say something of an object, of vmlinux for NULL: *object is to be used before the next
 * is added. */
int klp_patch_add_object(struct klpdep_patch *patch, const char *name,
			 struct klpdep_object **object);
/* The same for what the kernel will have as a klp_object of its own. */
int klp_patch_add_klp_object(struct klpdep_patch *patch, const char *name,
			     struct klpdep_object **object);
/* Add a function, and a symbol of klp relocations, to the object that was added last. */
int klp_patch_add_func(struct klpdep_patch *patch, const char *name, uint64_t sympos);
int klp_patch_add_reloc(struct klpdep_patch *patch, const char *symobject,
			const char *symbol, uint64_t sympos);

int klp_patch_add_import(struct klpdep_patch *patch, const char *symbol);
int klp_patch_add_export(struct klpdep_patch *patch, const char *symbol);

int klp_patch_add_state(struct klpdep_patch *patch, uint64_t id, unsigned int version);

/* The object of that name of a finished patch, or NULL. */
struct klpdep_object *klp_patch_find_object(const struct klpdep_patch *patch,
					    const char *name);

/* Whether two finished patches have an object in common. */
bool klp_patch_shares_object(const struct klpdep_patch *a, const struct klpdep_patch *b);

/* Sort objects, functions and relocations, merge what is there twice, and find the set's
 * name.  0 or -ENOMEM. */
int klp_patch_finish(struct klpdep_patch *patch);

/* A patch of the same contents.  NULL when there is no memory. */
struct klpdep_patch *klp_patch_copy(const struct klpdep_patch *patch);

void klp_object_clear(struct klpdep_object *object);

/* klpdep_replace_name() back (-EINVAL). */
int klp_replace_from_name(const char *name, enum klpdep_replace *replace);
/* "auto", "always", "never", and back (-EINVAL). */
const char *klp_retire_name(enum klp_retire retire);
int klp_retire_from_name(const char *name, enum klp_retire *retire);
/* "pre_patch", ..., by the bit's number: enum klpdep_callback. */
const char *klp_callback_name(unsigned int bit);

#endif /* KLP_PATCH_H */

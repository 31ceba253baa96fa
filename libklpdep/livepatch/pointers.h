/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pointers in a module's data, each of which is a relocation in a relocatable file;
 * and what can be told of the data that they lead to. */
#ifndef KLP_POINTERS_H
#define KLP_POINTERS_H

#include "libklpdep/image/elf.h"

/* A place in a section. */
struct klp_place {
	uint32_t section;
	uint64_t offset;
};

int klp_place_cmp(const struct klp_place *a, const struct klp_place *b);
/* The same for qsort(3) and the like: of things that begin with a place. */
int klp_places_cmp(const void *p, const void *q);
/* The first of @n sorted things of @size bytes, each of which begins with its place, that
 * is at or behind a place; @n when there is none. */
size_t klp_places_from(const void *things, size_t n, size_t size, struct klp_place place);

/* A pointer: it stands at @at and points to @to. */
struct klp_pointer {
	struct klp_place at;
	struct klp_place to; /* section 0: outside the module */
	bool this_module;
};

/* What a symbol of writable data says. */
struct klp_extent {
	struct klp_place at;
	uint64_t size;
};

struct klp_pointers {
	const struct klp_elf *elf;
	struct klp_pointer *v; /* sorted by place */
	size_t n;
	struct klp_extent *extents; /* sorted by place, then by size, the largest first */
	size_t n_extents;
	struct klp_place *starts; /* where something begins that is pointed to; sorted */
	size_t n_starts;
};

/* Gather the pointers that stand in the sections for which @wanted says so.  0, -EBADMSG,
 * -ENOMEM or an errno of reading. */
int klp_pointers_gather(struct klp_pointers *pointers, const struct klp_elf *elf,
			bool (*wanted)(const struct klp_elf *elf, uint32_t section));
void klp_pointers_clear(struct klp_pointers *pointers);
#define _cleanup_pointers_ _cleanup_(klp_pointers_clear)

/* Whether a section holds writable data; or code. */
bool klp_elf_is_data(const struct klp_elf *elf, uint32_t section);
bool klp_elf_is_code(const struct klp_elf *elf, uint32_t section);

/* Where a relocation points, pc-relative adjustments left in; sets all but ->at. */
int klp_pointer_resolve(const struct klp_elf *elf, const struct klp_rela *rela,
			struct klp_pointer *pointer);

/* The first pointer at or behind a place in its section, or NULL. */
const struct klp_pointer *klp_pointer_from(const struct klp_pointers *pointers,
					   struct klp_place place);
/* The pointer that stands @offset bytes behind @base, or NULL. */
const struct klp_pointer *klp_pointer_at(const struct klp_pointers *pointers,
					 struct klp_place base, uint64_t offset);

/* The size that the symbol table gives for what begins at a place, or 0. */
uint64_t klp_pointers_symbol_size(const struct klp_pointers *pointers,
				  struct klp_place place);
/* Where an array that begins at a place has ended for sure. */
uint64_t klp_pointers_array_end(const struct klp_pointers *pointers,
				struct klp_place place);

/* The string, not empty, that a pointer leads to, or NULL.  Here and below a pointer may
 * be NULL, and leads nowhere then. */
const char *klp_pointer_string(const struct klp_pointers *pointers,
			       const struct klp_pointer *pointer);
/* Whether it leads to something that is no code, constant or not. */
bool klp_pointer_to_data(const struct klp_pointers *pointers,
			 const struct klp_pointer *pointer);
/* Whether it can lead to an array: in .bss where that is empty. */
bool klp_pointer_to_array(const struct klp_pointers *pointers,
			  const struct klp_pointer *pointer);
bool klp_pointer_to_code(const struct klp_pointers *pointers,
			 const struct klp_pointer *pointer);

#endif /* KLP_POINTERS_H */

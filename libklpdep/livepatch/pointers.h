/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pointers in a module's data: in a relocatable file, each is a relocation.  And what
 * we know about the data that they point to. */
#ifndef KLP_POINTERS_H
#define KLP_POINTERS_H

#include "libklpdep/image/elf.h"

/* A place in a section. */
struct klp_place {
	uint32_t section;
	uint64_t offset;
};

/* Return -EBADMSG, and store the message "SECTION: the WHAT at OFFSET WHY". */
int klp_place_fail(const struct klp_elf *elf, const char *what, struct klp_place place,
		   const char *why);
/* Compare places, or structures that begin with one; for qsort(3) and the like. */
int klp_place_cmp(const void *p, const void *q);
/* Among @n sorted structures of @size bytes that begin with a place, the first at or after
 * a place; @n if there is none. */
size_t klp_places_from(const void *things, size_t n, size_t size, struct klp_place place);
/* The first of them at exactly this place, or NULL. */
const void *klp_places_at(const void *things, size_t n, size_t size, struct klp_place place);
/* Sort structures, most of which are sorted already. */
void klp_places_sort(void *things, size_t n, size_t size,
		     int (*cmp)(const void *, const void *));

/* A pointer at @at to @to. */
struct klp_pointer {
	struct klp_place at;
	struct klp_place to; /* section 0: outside the module */
	bool this_module;
};

/* A symbol of writable data. */
struct klp_extent {
	struct klp_place at;
	uint64_t size;
};

struct klp_pointers {
	const struct klp_elf *elf;
	struct klp_pointer *v; /* sorted by place */
	size_t n;
	struct klp_extent *extents; /* sorted by place, then by size, largest first */
	size_t n_extents;
	struct klp_place *starts; /* targets of pointers; sorted */
	size_t n_starts;
};

/* Whether section @number has relocations of a section for which @wanted returns true.  Klp
 * relocations do not count, since their symbols are outside the module. */
bool klp_has_relas(const struct klp_elf *elf, uint32_t number,
		   bool (*wanted)(const struct klp_elf *elf, uint32_t section));

/* Gather the pointers in the sections for which @wanted returns true.  0, -EBADMSG, -ENOMEM
 * or an errno of reading. */
int klp_pointers_gather(struct klp_pointers *pointers, const struct klp_elf *elf,
			bool (*wanted)(const struct klp_elf *elf, uint32_t section));
void klp_pointers_clear(struct klp_pointers *pointers);
#define _cleanup_pointers_ _cleanup_(klp_pointers_clear)

/* Whether a section holds writable data; or code. */
bool klp_elf_is_data(const struct klp_elf *elf, uint32_t section);
bool klp_elf_is_code(const struct klp_elf *elf, uint32_t section);

/* The target of a relocation, without pc-relative adjustment; sets everything but ->at. */
int klp_pointer_resolve(const struct klp_elf *elf, const struct klp_rela *rela,
			struct klp_pointer *pointer);

/* The first pointer at or after a place in its section, or NULL. */
const struct klp_pointer *klp_pointer_from(const struct klp_pointers *pointers,
					   struct klp_place place);
/* The pointer @offset bytes after @base, or NULL. */
const struct klp_pointer *klp_pointer_at(const struct klp_pointers *pointers,
					 struct klp_place base, uint64_t offset);

/* The symbol table's size of what begins at a place, or 0. */
uint64_t klp_pointers_symbol_size(const struct klp_pointers *pointers,
				  struct klp_place place);
/* The certain end of an array that begins at a place. */
uint64_t klp_pointers_array_end(const struct klp_pointers *pointers,
				struct klp_place place);

/* The non-empty string to which a pointer points, or NULL.  Here and below a pointer may be
 * NULL, which points nowhere. */
const char *klp_pointer_string(const struct klp_pointers *pointers,
			       const struct klp_pointer *pointer);
/* Whether it points to data, constant or not. */
bool klp_pointer_to_data(const struct klp_pointers *pointers,
			 const struct klp_pointer *pointer);
/* Whether it can point to an array, which is in .bss if it is empty. */
bool klp_pointer_to_array(const struct klp_pointers *pointers,
			  const struct klp_pointer *pointer);
bool klp_pointer_to_code(const struct klp_pointers *pointers,
			 const struct klp_pointer *pointer);

#endif /* KLP_POINTERS_H */

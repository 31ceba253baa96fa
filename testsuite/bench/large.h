/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The variants of mklarge; large-variants.c has those of any livepatch and of klp-patch,
 * large-formats.c those of the other representations. */
#ifndef KLPDEP_BENCH_LARGE_H
#define KLPDEP_BENCH_LARGE_H

#include "image.h"

#define SHF_RELA_LIVEPATCH 0x00100000
#define SHN_LIVEPATCH 0xff20

/* A section, its relocations, and its section symbol. */
struct part {
	uint32_t section;
	uint32_t rela;
	uint32_t symbol;
};

/* What every livepatch has. */
struct large {
	struct image img;
	uint32_t modinfo;
	uint32_t this_module; /* the symbol */
	uint32_t enable_patch;
	struct part text;
	struct part strings;
};

void large_init(struct large *l);
/* A section with relocations and a section symbol. */
struct part large_part(struct large *l, const char *name, uint64_t flags);
struct part large_data_part(struct large *l, const char *name);
/* @size bytes of zeros at a section's end; where they stand. */
uint64_t large_room(struct large *l, const struct part *part, size_t size);
void large_pointer(struct large *l, const struct part *part, uint64_t offset,
		   uint32_t symbol, uint64_t addend);
/* A string in the strings section; where it stands. */
uint64_t large_string(struct large *l, const char *s);
uint64_t large_string_number(struct large *l, const char *prefix, unsigned long i);
/* @n bytes without a NUL, and one NUL, in a buffer; where they stand. */
size_t large_long_string(struct buf *b, size_t n, const char *unit);

typedef void large_fn(struct large *l, unsigned long n);

large_fn large_code_relocs, large_code_relocs_xindex, large_data_this_module,
	large_data_strings, large_data_candidates, large_data_candidates_referred,
	large_symbols_one_string, large_symbols_klp_one_string, large_objects,
	large_objects_one_string, large_objects_same_funcs, large_objects_nested_funcs,
	large_funcs, large_funcs_one_string, large_code_overlap, large_data_overlap,
	large_modinfo_entries, large_modinfo_softdeps, large_modinfo_objects,
	large_modinfo_requires;

large_fn large_rela_sections, large_rela_one_symbol, large_rela_two_symbols,
	large_rela_distinct, large_rela_overlap, large_kpatch_funcs, large_kpatch_objects,
	large_kpatch_callbacks, large_kpatch_one_string, large_klp_build_funcs,
	large_klp_build_objects, large_klp_build_same_funcs, large_klp_build_one_string;

#endif

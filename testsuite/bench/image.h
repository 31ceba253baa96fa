/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An x86_64 module image of any size, put together section by section.
 *
 * Unlike mkmodule this knows nothing of livepatches, keeps nothing but bytes, and so can
 * make millions of symbols and relocations.  Where memory is short the process aborts.
 */
#ifndef KLPDEP_BENCH_IMAGE_H
#define KLPDEP_BENCH_IMAGE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "testsuite/buf.h"

struct section {
	size_t name; /* in the name table */
	uint32_t type;
	uint64_t flags;
	uint32_t link, info;
	uint32_t contents_of; /* the section whose contents it has too, or 0 */
	uint64_t nobits;      /* size of a section without contents */
	uint64_t offset;
	struct buf data;
};

struct image {
	struct section *sections; /* from number 1 on */
	uint32_t n_sections, cap;
	struct buf names, strings, symbols, shndx;
	uint32_t n_symbols;
};

void image_init(struct image *img);
void image_free(struct image *img);

/* A new section's number.  A SHT_RELA section gets its link when the image is written. */
uint32_t image_section(struct image *img, const char *name, uint32_t type,
		       uint64_t flags);
/* The same with a name that is already in img->names. */
uint32_t image_section_at(struct image *img, size_t name, uint32_t type, uint64_t flags);
struct buf *image_data(struct image *img, uint32_t section);

/* A new symbol's number.  raw_section is what stands in st_shndx when it is not 0, else
 * that follows from section, by way of SHN_XINDEX where need be. */
uint32_t image_symbol(struct image *img, const char *name, unsigned char type,
		      uint32_t section, uint64_t value, uint64_t size);
uint32_t image_symbol_at(struct image *img, size_t name, unsigned char type,
			 uint32_t section, uint16_t raw_section, uint64_t value,
			 uint64_t size);

void image_rela(struct image *img, uint32_t rela_section, uint64_t offset,
		uint32_t symbol, uint32_t type, uint64_t addend);

int image_write(struct image *img, FILE *out);

#endif

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How libFuzzer changes a module: a field of a section header, a symbol or a relocation,
 * or a few bytes of a section that a reader looks into.  Of changes at any place most
 * would hit nothing that is ever read, or the header, and end there.
 */
#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);

struct image {
	uint8_t *data;
	size_t size;
	bool big;
	uint64_t shoff;
	uint64_t shnum;
	uint64_t random;
};

struct field {
	unsigned int offset, width;
};

#define FIELD(type, name) { offsetof(type, name), sizeof(((type *)0)->name) }
#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct field section_fields[] = {
	FIELD(Elf64_Shdr, sh_name),  FIELD(Elf64_Shdr, sh_type),
	FIELD(Elf64_Shdr, sh_flags), FIELD(Elf64_Shdr, sh_offset),
	FIELD(Elf64_Shdr, sh_size),  FIELD(Elf64_Shdr, sh_link),
	FIELD(Elf64_Shdr, sh_info),
};

static const struct field symbol_fields[] = {
	FIELD(Elf64_Sym, st_name),  FIELD(Elf64_Sym, st_info), FIELD(Elf64_Sym, st_shndx),
	FIELD(Elf64_Sym, st_value), FIELD(Elf64_Sym, st_size),
};

/* r_info's halves: the type stands first in memory where bytes are in little-endian
 * order. */
static const struct field rela_fields[] = {
	FIELD(Elf64_Rela, r_offset), { 8, 4 }, { 12, 4 }, FIELD(Elf64_Rela, r_addend),
};

static const struct field header_fields[] = {
	FIELD(Elf64_Ehdr, e_machine),
	FIELD(Elf64_Ehdr, e_shoff),
	FIELD(Elf64_Ehdr, e_shnum),
	FIELD(Elf64_Ehdr, e_shstrndx),
	{ EI_DATA, 1 },
};

static uint64_t next(struct image *img, uint64_t below)
{
	img->random ^= img->random << 13;
	img->random ^= img->random >> 7;
	img->random ^= img->random << 17;
	return img->random % below;
}

static uint64_t get(const struct image *img, uint64_t at, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)img->data[at + i]
			 << 8 * (img->big ? width - 1 - i : i);
	return value;
}

static void put(struct image *img, uint64_t at, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		img->data[at + i] = (uint8_t)(value >>
					      8 * (img->big ? width - 1 - i : i));
}

static bool look(struct image *img)
{
	if (img->size < sizeof(Elf64_Ehdr) || memcmp(img->data, ELFMAG, SELFMAG) != 0)
		return false;
	img->big = img->data[EI_DATA] == ELFDATA2MSB;
	img->shoff = get(img, offsetof(Elf64_Ehdr, e_shoff), 8);
	img->shnum = get(img, offsetof(Elf64_Ehdr, e_shnum), 2);
	return img->shnum && img->shoff <= img->size &&
	       img->shnum <= (img->size - img->shoff) / sizeof(Elf64_Shdr);
}

static uint64_t header_of(const struct image *img, uint64_t section)
{
	return img->shoff + section * sizeof(Elf64_Shdr);
}

static bool contents_of(const struct image *img, uint64_t section, uint64_t *offset,
			uint64_t *size)
{
	uint64_t at = header_of(img, section);

	*offset = get(img, at + offsetof(Elf64_Shdr, sh_offset), 8);
	*size = get(img, at + offsetof(Elf64_Shdr, sh_size), 8);
	return get(img, at + offsetof(Elf64_Shdr, sh_type), 4) != SHT_NOBITS &&
	       *offset <= img->size && *size <= img->size - *offset && *size;
}

/* Any section of a type that has contents, searched from a random one on; 0: none. */
static uint64_t pick_section(struct image *img, uint32_t type, uint64_t *offset,
			     uint64_t *size)
{
	uint64_t first = next(img, img->shnum);

	for (uint64_t i = 0; i < img->shnum; i++) {
		uint64_t section = (first + i) % img->shnum, at = header_of(img, section);

		if (section &&
		    get(img, at + offsetof(Elf64_Shdr, sh_type), 4) == type &&
		    contents_of(img, section, offset, size))
			return section;
	}
	return 0;
}

static uint64_t other_value(struct image *img, uint64_t value)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 4, 7, 8, 16, 24, 56, 64, 72, 96, 120, 152, 168, 200, 257,
		0xff00, 0xff20, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
		SHF_ALLOC, SHF_ALLOC | SHF_WRITE, SHF_ALLOC | SHF_EXECINSTR,
		0x00100000 | SHF_ALLOC | SHF_INFO_LINK,
	};

	switch (next(img, 6)) {
	case 0:
		return values[next(img, N(values))];
	case 1:
		return value + next(img, 33) - 16;
	case 2:
		return value + 8 * (next(img, 65) - 32);
	case 3:
		return value ^ (uint64_t)1 << next(img, 64);
	case 4:
		return next(img, img->size + 1);
	default:
		return next(img, img->shnum + 2);
	}
}

/* A field of one of the @n records of @size bytes at @at: another value, or what stands
 * there in another record. */
static void change_field(struct image *img, uint64_t at, uint64_t size, uint64_t n,
			 const struct field *fields, size_t n_fields)
{
	const struct field *field = &fields[next(img, n_fields)];
	uint64_t place = at + size * next(img, n) + field->offset;
	uint64_t value = get(img, place, field->width);

	if (next(img, 2))
		value = get(img, at + size * next(img, n) + field->offset, field->width);
	else
		value = other_value(img, value);
	put(img, place, field->width, value);
}

/* A few bytes of a section, of those that hold what is read. */
static void change_contents(struct image *img)
{
	uint64_t offset, size, length;
	uint32_t type = next(img, 4) ? SHT_PROGBITS : SHT_STRTAB;

	if (!pick_section(img, type, &offset, &size))
		return;
	length = 1 + next(img, size < 32 ? size : 32);
	LLVMFuzzerMutate(img->data + offset + next(img, size - length + 1), length,
			 length);
}

/* All of one section header but its name over another one. */
static void copy_header(struct image *img)
{
	uint64_t from = header_of(img, next(img, img->shnum));
	uint64_t to = header_of(img, next(img, img->shnum));
	size_t skip = next(img, 2) ? offsetof(Elf64_Shdr, sh_type) : 0;

	memmove(img->data + to + skip, img->data + from + skip,
		sizeof(Elf64_Shdr) - skip);
}

static void change(struct image *img)
{
	uint64_t offset, size;

	switch (next(img, 16)) {
	case 0:
		change_field(img, 0, sizeof(Elf64_Ehdr), 1, header_fields,
			     N(header_fields));
		break;
	case 1:
		copy_header(img);
		break;
	case 2:
	case 3:
	case 4:
		change_field(img, img->shoff, sizeof(Elf64_Shdr), img->shnum,
			     section_fields, N(section_fields));
		break;
	case 5:
	case 6:
	case 7:
		if (pick_section(img, SHT_SYMTAB, &offset, &size) &&
		    size >= sizeof(Elf64_Sym))
			change_field(img, offset, sizeof(Elf64_Sym),
				     size / sizeof(Elf64_Sym), symbol_fields,
				     N(symbol_fields));
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		if (pick_section(img, SHT_RELA, &offset, &size) &&
		    size >= sizeof(Elf64_Rela))
			change_field(img, offset, sizeof(Elf64_Rela),
				     size / sizeof(Elf64_Rela), rela_fields,
				     N(rela_fields));
		break;
	default:
		change_contents(img);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	struct image img = { .data = data, .size = size };

	/* splitmix64: seeds that follow one another must not give similar numbers. */
	img.random = (seed + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
	img.random ^= img.random >> 27;
	img.random |= 1;
	if (!look(&img) || next(&img, 8) == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	for (uint64_t i = 1 + next(&img, 4); i > 0 && look(&img); i--)
		change(&img);
	return size;
}

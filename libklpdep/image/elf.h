/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a module's ELF image: relocatable, of either byte order.  Of a 32-bit image only
 * the sections can be read.
 *
 * klp_file_at() does all reading.  Values in the file are checked against the file's size
 * before they are used.
 */
#ifndef KLP_ELF_H
#define KLP_ELF_H

#include <elf.h>
#include <endian.h>

#include "libklpdep/image/file.h"

/* include/uapi/linux/elf.h */
#define KLP_SHF_RELA_LIVEPATCH 0x00100000
#define KLP_SHN_LIVEPATCH 0xff20

/* The longest string that is accepted, with its NUL.  Names in the kernel are shorter:
 * KSYM_NAME_LEN is 512. */
#define KLP_STRING_MAX 4096

struct klp_section {
	const char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t address; /* 0 in a module */
	uint64_t offset;
	uint64_t size;
	uint32_t link;
	uint32_t info;
};

struct klp_elf {
	struct klp_file *file;
	bool is_32_bit;
	bool big_endian;
	uint16_t machine;
	struct klp_section *sections;
	uint32_t n_sections;
	/* After loading: */
	uint32_t symtab; /* section number */
	uint32_t symtab_shndx; /* the same, 0: none */
};

struct klp_symbol {
	const char *name; /* NULL if the file has no valid string for it */
	uint32_t name_offset; /* of the name in the string table */
	unsigned char type;
	uint32_t section; /* 0: undefined, absolute, or one of the special ones */
	uint16_t raw_section; /* st_shndx as in the file */
	uint64_t value;
	uint64_t size;
};

struct klp_rela {
	uint64_t offset;
	uint32_t symbol;
	uint32_t type;
	int64_t addend;
};

/* Read header and section table.  0, -EBADMSG, -ENOMEM or an errno. */
int klp_elf_open(struct klp_elf *elf, struct klp_file *file);
/* The same for a linked kernel, of which only sections can be read. */
int klp_elf_open_kernel(struct klp_elf *elf, struct klp_file *file);
void klp_elf_close(struct klp_elf *elf);
#define _cleanup_elf_ _cleanup_(klp_elf_close)

static inline uint16_t klp_elf_u16(const struct klp_elf *elf, const unsigned char *p)
{
	uint16_t value;

	memcpy(&value, p, sizeof(value));
	return elf->big_endian ? be16toh(value) : le16toh(value);
}

static inline uint32_t klp_elf_u32(const struct klp_elf *elf, const unsigned char *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return elf->big_endian ? be32toh(value) : le32toh(value);
}

static inline uint64_t klp_elf_u64(const struct klp_elf *elf, const unsigned char *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return elf->big_endian ? be64toh(value) : le64toh(value);
}

/* Whether the file has contents of a section: a bad number has none, either. */
static inline bool klp_elf_has_contents(const struct klp_elf *elf, uint32_t i)
{
	return i && i < elf->n_sections && elf->sections[i].type != SHT_NOBITS &&
	       elf->sections[i].type != SHT_NULL;
}

/* Number of the first section of that name, or 0. */
uint32_t klp_elf_find_section(const struct klp_elf *elf, const char *name);

/* @size bytes at @offset of a section.  NULL, with *err set, if the section has no contents
 * in the file or is too small. */
const unsigned char *klp_elf_data(const struct klp_elf *elf, uint32_t section,
				  uint64_t offset, uint64_t size, int *err);

/* The string at @offset of a section; NULL if none ends within the section. */
const char *klp_elf_string(const struct klp_elf *elf, uint32_t section, uint64_t offset);

/* Call @fn for each key=value of .modinfo until it returns non-zero; returns that. */
int klp_elf_modinfo(const struct klp_elf *elf,
		    int (*fn)(void *data, const char *key, const char *value),
		    void *data);

/* As hexadecimal digits, with the NUL.  A SHA-1 has 40; linkers can be told to use longer
 * ones. */
#define KLP_BUILD_ID_SIZE 129

/* The build-id in a note section (.note.gnu.build-id) of @size bytes, in hexadecimal; false
 * if there is none. */
bool klp_build_id_from_note(const unsigned char *note, size_t size, bool big_endian,
			    char id[KLP_BUILD_ID_SIZE]);
/* The same of an image.  1 found, 0 none, or an errno. */
int klp_elf_build_id(const struct klp_elf *elf, char id[KLP_BUILD_ID_SIZE]);

/* ---- symbols and relocations (elf-symbols.c) --------------------------------------- */

/* Load the whole image, and check what reading symbols and relocations relies on.  Call it
 * before any of the functions below.  0; -EBADMSG; -ENOTSUP for a machine without
 * livepatches, or one that we cannot read; -ENOMEM or an errno. */
int klp_elf_load(struct klp_elf *elf);
/* The same for symbols alone: loads nothing else. */
int klp_elf_load_symbols(struct klp_elf *elf);
/* Load a section's contents, for reading them piece by piece. */
int klp_elf_load_section(const struct klp_elf *elf, uint32_t section);

/* Symbol number @i of the symbol table.  0, -EBADMSG beyond the last. */
int klp_elf_symbol(const struct klp_elf *elf, uint32_t i, struct klp_symbol *symbol);
uint32_t klp_elf_count_symbols(const struct klp_elf *elf);

/* Relocation number @i of a SHT_RELA section.  Its symbol and its place exist. */
int klp_elf_rela(const struct klp_elf *elf, uint32_t section, uint64_t i,
		 struct klp_rela *rela);
uint64_t klp_elf_count_relas(const struct klp_elf *elf, uint32_t section);

/* Whether a relocation type is the machine's absolute 64-bit address. */
bool klp_elf_is_abs64(const struct klp_elf *elf, uint32_t type);

#endif /* KLP_ELF_H */

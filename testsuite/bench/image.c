// SPDX-License-Identifier: LGPL-2.1-or-later
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

void image_init(struct image *img)
{
	*img = (struct image){ .n_symbols = 1 };
	mk_buf_add(&img->names, NULL, 1);
	mk_buf_add(&img->strings, NULL, 1);
	mk_buf_add(&img->symbols, NULL, sizeof(Elf64_Sym));
	mk_buf_add(&img->shndx, NULL, 4);
}

void image_free(struct image *img)
{
	for (uint32_t i = 1; i <= img->n_sections; i++)
		free(img->sections[i].data.data);
	free(img->sections);
	free(img->names.data);
	free(img->strings.data);
	free(img->symbols.data);
	free(img->shndx.data);
}

uint32_t image_section_at(struct image *img, size_t name, uint32_t type, uint64_t flags)
{
	uint32_t number = ++img->n_sections;

	if (number >= img->cap) {
		img->cap = img->cap ? img->cap * 2 : 64;
		img->sections = mk_check(reallocarray(img->sections, img->cap,
						   sizeof(*img->sections)));
	}
	img->sections[number] = (struct section){ .name = name,
						  .type = type,
						  .flags = flags };
	return number;
}

uint32_t image_section(struct image *img, const char *name, uint32_t type, uint64_t flags)
{
	return image_section_at(img, mk_buf_str(&img->names, name), type, flags);
}

struct buf *image_data(struct image *img, uint32_t section)
{
	return &img->sections[section].data;
}

uint32_t image_symbol_at(struct image *img, size_t name, unsigned char type,
			 uint32_t section, uint16_t raw_section, uint64_t value,
			 uint64_t size)
{
	uint16_t shndx = raw_section		   ? raw_section :
			 section >= SHN_LORESERVE ? SHN_XINDEX :
						    (uint16_t)section;
	uint32_t extended = htole32(shndx == SHN_XINDEX ? section : 0);
	Elf64_Sym symbol = {
		.st_name = htole32((uint32_t)name),
		.st_info = ELF64_ST_INFO(STB_GLOBAL, type),
		.st_shndx = htole16(shndx),
		.st_value = htole64(value),
		.st_size = htole64(size),
	};

	mk_buf_add(&img->symbols, &symbol, sizeof(symbol));
	mk_buf_add(&img->shndx, &extended, sizeof(extended));
	return img->n_symbols++;
}

uint32_t image_symbol(struct image *img, const char *name, unsigned char type,
		      uint32_t section, uint64_t value, uint64_t size)
{
	return image_symbol_at(img, *name ? mk_buf_str(&img->strings, name) : 0, type,
			       section, 0, value, size);
}

void image_rela(struct image *img, uint32_t rela_section, uint64_t offset,
		uint32_t symbol, uint32_t type, uint64_t addend)
{
	Elf64_Rela rela = {
		.r_offset = htole64(offset),
		.r_info = htole64(ELF64_R_INFO((uint64_t)symbol, type)),
		.r_addend = (int64_t)htole64(addend),
	};

	mk_buf_add(image_data(img, rela_section), &rela, sizeof(rela));
}

/* ---- the file ---- */

static uint32_t add_table(struct image *img, const char *name, uint32_t type,
			  struct buf *data)
{
	uint32_t number = image_section(img, name, type, 0);

	img->sections[number].data = *data;
	*data = (struct buf){ 0 };
	return number;
}

static uint32_t add_tables(struct image *img)
{
	uint32_t symtab = add_table(img, ".symtab", SHT_SYMTAB, &img->symbols), names;

	if (img->n_sections + 3 >= SHN_LORESERVE) {
		uint32_t shndx = add_table(img, ".symtab_shndx", SHT_SYMTAB_SHNDX,
					   &img->shndx);

		img->sections[shndx].link = symtab;
	}
	img->sections[symtab].link = add_table(img, ".strtab", SHT_STRTAB, &img->strings);
	img->sections[symtab].info = 1;
	names = image_section(img, ".shstrtab", SHT_STRTAB, 0);
	img->sections[names].data = img->names;
	img->names = (struct buf){ 0 };
	for (uint32_t i = 1; i <= img->n_sections; i++) {
		if (img->sections[i].type == SHT_RELA)
			img->sections[i].link = symtab;
	}
	return names;
}

static void put_section_header(const struct image *img, uint32_t i, FILE *out)
{
	const struct section *s = &img->sections[i];
	const struct section *from = s->contents_of ? &img->sections[s->contents_of] : s;
	uint64_t size = s->type == SHT_NOBITS ? s->nobits : from->data.len;
	Elf64_Shdr header = {
		.sh_name = htole32((uint32_t)s->name),
		.sh_type = htole32(s->type),
		.sh_flags = htole64(s->flags),
		.sh_offset = htole64(from->offset),
		.sh_size = htole64(size),
		.sh_link = htole32(s->link),
		.sh_info = htole32(s->info),
		.sh_addralign = htole64(8),
		.sh_entsize = htole64(s->type == SHT_RELA   ? sizeof(Elf64_Rela) :
				      s->type == SHT_SYMTAB ? sizeof(Elf64_Sym) :
							      0),
	};

	fwrite(&header, sizeof(header), 1, out);
}

static void put_section_headers(const struct image *img, uint32_t names, FILE *out)
{
	uint32_t n = img->n_sections + 1;
	/* Where the header's fields are too small, section 0 has the numbers: gABI. */
	Elf64_Shdr first = {
		.sh_size = htole64(n >= SHN_LORESERVE ? n : 0),
		.sh_link = htole32(names >= SHN_LORESERVE ? names : 0),
	};

	fwrite(&first, sizeof(first), 1, out);
	for (uint32_t i = 1; i < n; i++)
		put_section_header(img, i, out);
}

static void put_header(const struct image *img, uint64_t shoff, uint32_t names, FILE *out)
{
	uint32_t n = img->n_sections + 1;
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = htole16(ET_REL),
		.e_machine = htole16(EM_X86_64),
		.e_version = htole32(EV_CURRENT),
		.e_shoff = htole64(shoff),
		.e_ehsize = htole16(sizeof(Elf64_Ehdr)),
		.e_shentsize = htole16(sizeof(Elf64_Shdr)),
		.e_shnum = htole16(n >= SHN_LORESERVE ? 0 : (uint16_t)n),
		.e_shstrndx = htole16(names >= SHN_LORESERVE ? SHN_XINDEX :
							       (uint16_t)names),
	};

	fwrite(&header, sizeof(header), 1, out);
}

int image_write(struct image *img, FILE *out)
{
	static const unsigned char zeros[8];
	uint64_t at = sizeof(Elf64_Ehdr);
	uint32_t names = add_tables(img);

	for (uint32_t i = 1; i <= img->n_sections; i++) {
		img->sections[i].offset = at;
		at += (img->sections[i].data.len + 7) & ~(uint64_t)7;
	}
	put_header(img, at, names, out);
	for (uint32_t i = 1; i <= img->n_sections; i++) {
		const struct buf *data = &img->sections[i].data;

		if (data->len)
			fwrite(data->data, 1, data->len, out);
		fwrite(zeros, 1, -data->len & 7, out);
	}
	put_section_headers(img, names, out);
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/elf.h"

/* The machines that livepatches exist for, and what a pointer's relocation is there. */
static const struct machine {
	uint16_t machine;
	uint32_t abs64;
} machines[] = {
	{ EM_X86_64, R_X86_64_64 },
	{ EM_AARCH64, R_AARCH64_ABS64 },
	{ EM_PPC64, R_PPC64_ADDR64 },
	{ EM_S390, R_390_64 },
	{ 258 /* EM_LOONGARCH */, 2 /* R_LARCH_64 */ },
	{ EM_RISCV, R_RISCV_64 },
};

uint16_t klp_elf_u16(const struct klp_elf *elf, const unsigned char *p)
{
	unsigned int first = p[0], second = p[1];

	return (uint16_t)(elf->big_endian ? first << 8 | second : second << 8 | first);
}

uint32_t klp_elf_u32(const struct klp_elf *elf, const unsigned char *p)
{
	uint32_t first = klp_elf_u16(elf, p), second = klp_elf_u16(elf, p + 2);

	return elf->big_endian ? first << 16 | second : second << 16 | first;
}

uint64_t klp_elf_u64(const struct klp_elf *elf, const unsigned char *p)
{
	uint64_t first = klp_elf_u32(elf, p), second = klp_elf_u32(elf, p + 4);

	return elf->big_endian ? first << 32 | second : second << 32 | first;
}

bool klp_elf_is_abs64(const struct klp_elf *elf, uint32_t type)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(machines); i++) {
		if (machines[i].machine == elf->machine)
			return machines[i].abs64 == type;
	}
	return false;
}

static int read_section_header(struct klp_elf *elf, const unsigned char *p,
			       struct klp_section *section, uint32_t *name)
{
	*name = klp_elf_u32(elf, p + offsetof(Elf64_Shdr, sh_name));
	section->type = klp_elf_u32(elf, p + offsetof(Elf64_Shdr, sh_type));
	section->flags = klp_elf_u64(elf, p + offsetof(Elf64_Shdr, sh_flags));
	section->offset = klp_elf_u64(elf, p + offsetof(Elf64_Shdr, sh_offset));
	section->size = klp_elf_u64(elf, p + offsetof(Elf64_Shdr, sh_size));
	section->link = klp_elf_u32(elf, p + offsetof(Elf64_Shdr, sh_link));
	section->info = klp_elf_u32(elf, p + offsetof(Elf64_Shdr, sh_info));
	if (section->type == SHT_NOBITS || section->type == SHT_NULL)
		return 0;
	if (section->offset > elf->file->size ||
	    section->size > elf->file->size - section->offset)
		return klp_file_fail(
			elf->file, -EBADMSG,
			"section %td lies beyond the end of the file: %" PRIu64
			" bytes at offset %" PRIu64,
			section - elf->sections, section->size, section->offset);
	return 0;
}

static int name_sections(struct klp_elf *elf, uint32_t shstrndx, const uint32_t *names)
{
	const struct klp_section *strtab = &elf->sections[shstrndx];
	const unsigned char *strings;
	int err = -EBADMSG;

	if (strtab->type != SHT_STRTAB || strtab->size == 0)
		return klp_file_fail(elf->file, -EBADMSG, "no section name table");
	strings = klp_file_at(elf->file, strtab->offset, strtab->size, &err);
	if (!strings)
		return err;
	if (strings[strtab->size - 1] != '\0')
		return klp_file_fail(elf->file, -EBADMSG,
				     "the section name table does not end");
	for (uint32_t i = 0; i < elf->n_sections; i++) {
		if (names[i] >= strtab->size)
			return klp_file_fail(
				elf->file, -EBADMSG,
				"the name of section %u lies beyond the name "
				"table",
				i);
		elf->sections[i].name = (const char *)strings + names[i];
	}
	return 0;
}

static void find_symbol_table(struct klp_elf *elf)
{
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (elf->sections[i].type == SHT_SYMTAB && !elf->symtab)
			elf->symtab = i;
		else if (elf->sections[i].type == SHT_SYMTAB_SHNDX && !elf->symtab_shndx)
			elf->symtab_shndx = i;
	}
}

static int read_sections(struct klp_elf *elf, uint64_t shoff, uint64_t shnum,
			 uint32_t shstrndx)
{
	const unsigned char *p;
	int err = -EBADMSG;

	p = klp_file_at(elf->file, shoff, sizeof(Elf64_Shdr), &err);
	if (!p)
		return err;
	/* More sections than fit in the header are counted in section 0: gABI. */
	if (shnum == 0)
		shnum = klp_elf_u64(elf, p + offsetof(Elf64_Shdr, sh_size));
	if (shstrndx == SHN_XINDEX)
		shstrndx = klp_elf_u32(elf, p + offsetof(Elf64_Shdr, sh_link));
	if (shnum == 0 || shnum > elf->file->size / sizeof(Elf64_Shdr) ||
	    shstrndx >= shnum)
		return klp_file_fail(elf->file, -EBADMSG,
				     "no section table: %" PRIu64
				     " sections, names in section %u", shnum, shstrndx);
	p = klp_file_at(elf->file, shoff, shnum * sizeof(Elf64_Shdr), &err);
	if (!p)
		return err;

	_cleanup_free_ uint32_t *names = calloc(shnum, sizeof(*names));

	elf->sections = calloc(shnum, sizeof(*elf->sections));
	if (!elf->sections || !names)
		return -ENOMEM;
	elf->n_sections = (uint32_t)shnum;
	for (uint32_t i = 0; i < elf->n_sections; i++) {
		err = read_section_header(elf, p + i * sizeof(Elf64_Shdr),
					  &elf->sections[i], &names[i]);
		if (err < 0)
			return err;
	}
	find_symbol_table(elf);
	return name_sections(elf, shstrndx, names);
}

int klp_elf_open(struct klp_elf *elf, struct klp_file *file)
{
	int err = -EBADMSG;

	*elf = (struct klp_elf){ .file = file };
	if (file->size < sizeof(Elf64_Ehdr))
		return klp_file_fail(file, -EBADMSG, "too short for an ELF file");
	const unsigned char *p = klp_file_at(file, 0, sizeof(Elf64_Ehdr), &err);

	if (!p)
		return err;
	if (memcmp(p, ELFMAG, SELFMAG) != 0)
		return klp_file_fail(file, -EBADMSG, "not an ELF file");
	if (p[EI_CLASS] != ELFCLASS64)
		return klp_file_fail(file, -ENOTSUP, "not a 64-bit ELF file");
	if (p[EI_DATA] != ELFDATA2LSB && p[EI_DATA] != ELFDATA2MSB)
		return klp_file_fail(file, -EBADMSG, "unknown byte order %u", p[EI_DATA]);
	elf->big_endian = p[EI_DATA] == ELFDATA2MSB;
	elf->machine = klp_elf_u16(elf, p + offsetof(Elf64_Ehdr, e_machine));
	if (klp_elf_u16(elf, p + offsetof(Elf64_Ehdr, e_type)) != ET_REL)
		return klp_file_fail(file, -EBADMSG, "not a relocatable ELF file");
	if (klp_elf_u16(elf, p + offsetof(Elf64_Ehdr, e_shentsize)) != sizeof(Elf64_Shdr))
		return klp_file_fail(file, -EBADMSG, "section headers of a wrong size");
	return read_sections(elf, klp_elf_u64(elf, p + offsetof(Elf64_Ehdr, e_shoff)),
			     klp_elf_u16(elf, p + offsetof(Elf64_Ehdr, e_shnum)),
			     klp_elf_u16(elf, p + offsetof(Elf64_Ehdr, e_shstrndx)));
}

void klp_elf_close(struct klp_elf *elf)
{
	free(elf->sections);
	*elf = (struct klp_elf){ 0 };
}

uint32_t klp_elf_find_section(const struct klp_elf *elf, const char *name)
{
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (klp_streq(elf->sections[i].name, name))
			return i;
	}
	return 0;
}

const unsigned char *klp_elf_data(const struct klp_elf *elf, uint32_t i, uint64_t offset,
				  uint64_t size, int *err)
{
	const struct klp_section *section;

	if (i == 0 || i >= elf->n_sections) {
		*err = klp_file_fail(elf->file, -EBADMSG, "there is no section %u", i);
		return NULL;
	}
	section = &elf->sections[i];
	if (section->type == SHT_NOBITS || section->type == SHT_NULL ||
	    offset > section->size || size > section->size - offset) {
		*err = klp_file_fail(elf->file, -EBADMSG,
				     "section %s has no %" PRIu64 " bytes at %" PRIu64,
				     section->name, size, offset);
		return NULL;
	}
	return klp_file_at(elf->file, section->offset + offset, size, err);
}

const char *klp_elf_string(const struct klp_elf *elf, uint32_t i, uint64_t offset)
{
	const struct klp_section *section;
	const unsigned char *p;
	int err;

	if (i == 0 || i >= elf->n_sections)
		return NULL;
	section = &elf->sections[i];
	if (section->type == SHT_NOBITS || section->type == SHT_NULL ||
	    offset >= section->size)
		return NULL;
	p = klp_file_at(elf->file, section->offset + offset, section->size - offset,
			&err);
	return p && memchr(p, '\0', section->size - offset) ? (const char *)p : NULL;
}

uint32_t klp_elf_count_symbols(const struct klp_elf *elf)
{
	uint64_t n = elf->sections[elf->symtab].size / sizeof(Elf64_Sym);

	return !elf->symtab ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* The section number of a symbol in a file with more sections than st_shndx can hold. */
static int extended_section(const struct klp_elf *elf, uint32_t i, uint32_t *section)
{
	int err = -EBADMSG;
	const unsigned char *p;

	if (!elf->symtab_shndx)
		return klp_file_fail(elf->file, err, "symbol %u needs a section number "
				     "table, and there is none", i);
	p = klp_elf_data(elf, elf->symtab_shndx, (uint64_t)i * 4, 4, &err);
	if (!p)
		return err;
	*section = klp_elf_u32(elf, p);
	return 0;
}

int klp_elf_symbol(const struct klp_elf *elf, uint32_t i, struct klp_symbol *symbol)
{
	int err = -EBADMSG;
	const unsigned char *p;

	if (i >= klp_elf_count_symbols(elf))
		return klp_file_fail(elf->file, -EBADMSG, "there is no symbol %u", i);
	p = klp_elf_data(elf, elf->symtab, (uint64_t)i * sizeof(Elf64_Sym),
			 sizeof(Elf64_Sym), &err);
	if (!p)
		return err;
	symbol->name = klp_elf_string(elf, elf->sections[elf->symtab].link,
				      klp_elf_u32(elf, p + offsetof(Elf64_Sym, st_name)));
	symbol->type = ELF64_ST_TYPE(p[offsetof(Elf64_Sym, st_info)]);
	symbol->value = klp_elf_u64(elf, p + offsetof(Elf64_Sym, st_value));
	symbol->size = klp_elf_u64(elf, p + offsetof(Elf64_Sym, st_size));
	symbol->raw_section = klp_elf_u16(elf, p + offsetof(Elf64_Sym, st_shndx));
	symbol->section = symbol->raw_section;
	if (symbol->raw_section == SHN_XINDEX) {
		err = extended_section(elf, i, &symbol->section);
		if (err < 0)
			return err;
	} else if (symbol->raw_section >= SHN_LORESERVE) {
		symbol->section = 0;
	}
	if (symbol->section >= elf->n_sections)
		return klp_file_fail(elf->file, -EBADMSG,
				     "symbol %u is in section %u, which there is not", i,
				     symbol->section);
	return 0;
}

uint64_t klp_elf_count_relas(const struct klp_elf *elf, uint32_t section)
{
	return elf->sections[section].size / sizeof(Elf64_Rela);
}

int klp_elf_rela(const struct klp_elf *elf, uint32_t section, uint64_t i,
		 struct klp_rela *rela)
{
	int err = -EBADMSG;
	const unsigned char *p = klp_elf_data(elf, section, i * sizeof(Elf64_Rela),
					      sizeof(Elf64_Rela), &err);
	uint64_t info;

	if (!p)
		return err;
	info = klp_elf_u64(elf, p + offsetof(Elf64_Rela, r_info));
	rela->offset = klp_elf_u64(elf, p + offsetof(Elf64_Rela, r_offset));
	rela->symbol = (uint32_t)ELF64_R_SYM(info);
	rela->type = (uint32_t)ELF64_R_TYPE(info);
	rela->addend = (int64_t)klp_elf_u64(elf, p + offsetof(Elf64_Rela, r_addend));
	return 0;
}

static int modinfo_entry(const char *entry, size_t len,
			 int (*fn)(void *, const char *, const char *), void *data)
{
	const char *equals = memchr(entry, '=', len);

	if (!equals)
		return 0;
	_cleanup_free_ char *key = strndup(entry, (size_t)(equals - entry));

	return key ? fn(data, key, equals + 1) : -ENOMEM;
}

int klp_elf_modinfo(const struct klp_elf *elf,
		    int (*fn)(void *data, const char *key, const char *value), void *data)
{
	uint32_t number = klp_elf_find_section(elf, ".modinfo");
	const struct klp_section *section = &elf->sections[number];
	const char *p, *end;
	int err = 0;

	if (number == 0 || section->type == SHT_NOBITS || section->size == 0)
		return 0;
	p = (const char *)klp_elf_data(elf, number, 0, section->size, &err);
	if (!p)
		return err;
	end = p + section->size;
	while (p < end && err == 0) {
		size_t len = strnlen(p, (size_t)(end - p));

		if (p + len == end)
			return klp_file_fail(elf->file, -EBADMSG,
					     ".modinfo does not end with a NUL");
		err = modinfo_entry(p, len, fn, data);
		p += len + 1;
	}
	return err;
}

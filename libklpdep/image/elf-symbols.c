/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbols and relocations of a module's image, and what differs between machines. */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/image/elf.h"

enum byte_order { LITTLE = 1, BIG = 2, EITHER = LITTLE | BIG };

/* The machines that have livepatches, and the relocation type of their pointers. */
static const struct machine {
	uint16_t machine;
	enum byte_order order;
	uint32_t abs64;
} machines[] = {
	{ EM_X86_64, LITTLE, R_X86_64_64 },
	{ EM_AARCH64, EITHER, R_AARCH64_ABS64 },
	{ EM_PPC64, EITHER, R_PPC64_ADDR64 },
	{ EM_S390, BIG, R_390_64 },
	{ 258 /* EM_LOONGARCH */, LITTLE, 2 /* R_LARCH_64 */ },
	{ EM_RISCV, LITTLE, R_RISCV_64 },
};

static const struct machine *find_machine(const struct klp_elf *elf)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(machines); i++) {
		if (machines[i].machine == elf->machine)
			return &machines[i];
	}
	return NULL;
}

bool klp_elf_is_abs64(const struct klp_elf *elf, uint32_t type)
{
	const struct machine *machine = find_machine(elf);

	return machine && machine->abs64 == type;
}

/* ---- whether symbols and relocations are readable ---------------------------------- */

static int check_machine(const struct klp_elf *elf)
{
	const struct machine *machine = find_machine(elf);

	if (elf->is_32_bit)
		return klp_file_fail(elf->file, -ENOTSUP,
				     "a 32-bit livepatch, which klpdep cannot read");
	if (!machine)
		return klp_file_fail(elf->file, -ENOTSUP,
				     "a livepatch for ELF machine %u, which klpdep does "
				     "not know", elf->machine);
	if (!(machine->order & (elf->big_endian ? BIG : LITTLE)))
		return klp_file_fail(elf->file, -EBADMSG,
				     "ELF machine %u is never %s-endian", elf->machine,
				     elf->big_endian ? "big" : "little");
	return 0;
}

static int check_symbol_table(struct klp_elf *elf, uint32_t number)
{
	const struct klp_section *table = &elf->sections[number], *strings;
	const unsigned char *end;
	int err = -EBADMSG;

	if (elf->symtab)
		return klp_file_fail(elf->file, err,
				     "two symbol tables: sections %u and %u", elf->symtab,
				     number);
	elf->symtab = number;
	if (table->size % sizeof(Elf64_Sym))
		return klp_file_fail(elf->file, err,
				     "the symbol table's size is no multiple of %zu: "
				     "%" PRIu64, sizeof(Elf64_Sym), table->size);
	strings = table->link < elf->n_sections ? &elf->sections[table->link] : NULL;
	if (!strings || strings->type != SHT_STRTAB || strings->size == 0)
		return klp_file_fail(elf->file, err,
				     "the symbol table's names should be in section %u, "
				     "which is no string table", table->link);
	end = klp_file_at(elf->file, strings->offset + strings->size - 1, 1, &err);
	if (end && *end != '\0')
		return klp_file_fail(elf->file, -EBADMSG,
				     "the symbol name table (section %u) does not end "
				     "with a NUL", table->link);
	return end ? 0 : err;
}

/* Whether a section belongs to the program, and not to other sections. */
static bool has_contents_of_its_own(const struct klp_section *section)
{
	switch (section->type) {
	case SHT_NULL:
	case SHT_SYMTAB:
	case SHT_STRTAB:
	case SHT_RELA:
	case SHT_REL:
	case SHT_SYMTAB_SHNDX:
		return false;
	}
	return true;
}

static int check_relocations(const struct klp_elf *elf, uint32_t number)
{
	const struct klp_section *section = &elf->sections[number];

	if (section->info >= elf->n_sections)
		return klp_file_fail(elf->file, -EBADMSG,
				     "the relocations in section %u (%.100s) are for "
				     "section %u, which there is not",
				     number, section->name, section->info);
	if (!has_contents_of_its_own(&elf->sections[section->info]))
		return klp_file_fail(elf->file, -EBADMSG,
				     "the relocations in section %u (%.100s) are for "
				     "section %u, which is no code and no data",
				     number, section->name, section->info);
	/* The kernel, too, uses only relocations for loaded sections. */
	if (!(elf->sections[section->info].flags & SHF_ALLOC))
		return 0;
	if (section->type == SHT_REL)
		return klp_file_fail(elf->file, -ENOTSUP,
				     "relocations without addends in section %u "
				     "(%.100s): no machine with livepatches has those",
				     number, section->name);
	if (section->size % sizeof(Elf64_Rela))
		return klp_file_fail(elf->file, -EBADMSG,
				     "the size of the relocations in section %u (%.100s) "
				     "is no multiple of %zu: %" PRIu64,
				     number, section->name, sizeof(Elf64_Rela),
				     section->size);
	return 0;
}

static int find_tables(struct klp_elf *elf)
{
	int err = 0;

	for (uint32_t i = 1; i < elf->n_sections && err == 0; i++) {
		switch (elf->sections[i].type) {
		case SHT_SYMTAB:
			err = check_symbol_table(elf, i);
			break;
		case SHT_SYMTAB_SHNDX:
			elf->symtab_shndx = i;
			break;
		case SHT_REL:
		case SHT_RELA:
			err = check_relocations(elf, i);
			break;
		}
	}
	if (err == 0 && !elf->symtab)
		err = klp_file_fail(elf->file, -EBADMSG, "no symbol table");
	return err;
}

int klp_elf_load(struct klp_elf *elf)
{
	int err = klp_file_load(elf->file);

	return err < 0 ? err : klp_elf_load_symbols(elf);
}

int klp_elf_load_symbols(struct klp_elf *elf)
{
	int err = check_machine(elf);

	if (err == 0)
		err = find_tables(elf);
	if (err == 0)
		err = klp_elf_load_section(elf, elf->symtab);
	if (err == 0)
		err = klp_elf_load_section(elf, elf->sections[elf->symtab].link);
	if (err == 0 && elf->symtab_shndx)
		err = klp_elf_load_section(elf, elf->symtab_shndx);
	return err;
}

/* ---- reading ----------------------------------------------------------------------- */

uint32_t klp_elf_count_symbols(const struct klp_elf *elf)
{
	return (uint32_t)(elf->sections[elf->symtab].size / sizeof(Elf64_Sym));
}

/* The section number of a symbol, if the file has more sections than st_shndx can hold. */
static int extended_section(const struct klp_elf *elf, uint32_t i, uint32_t *section)
{
	int err = -EBADMSG;
	const unsigned char *p;

	if (!elf->symtab_shndx)
		return klp_file_fail(elf->file, err, "symbol %u needs a section number "
				     "table, and there is none", i);
	if ((uint64_t)i * 4 + 4 > elf->sections[elf->symtab_shndx].size)
		return klp_file_fail(elf->file, err,
				     "the section number table (section %u) is too short "
				     "for symbol %u", elf->symtab_shndx, i);
	p = klp_elf_data(elf, elf->symtab_shndx, (uint64_t)i * 4, 4, &err);
	if (!p)
		return err;
	*section = klp_elf_u32(elf, p);
	return 0;
}

static const char *symbol_name(const struct klp_elf *elf, uint32_t offset)
{
	const struct klp_section *strings =
		&elf->sections[elf->sections[elf->symtab].link];
	const unsigned char *p;
	int err;

	if (offset >= strings->size)
		return NULL;
	/* The table ends with a NUL. */
	p = klp_file_at(elf->file, strings->offset + offset, 1, &err);
	return (const char *)p;
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
	symbol->name_offset = klp_elf_u32(elf, p + offsetof(Elf64_Sym, st_name));
	symbol->name = symbol_name(elf, symbol->name_offset);
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
	uint64_t info, size;

	if (!p)
		return err;
	size = elf->sections[elf->sections[section].info].size;
	info = klp_elf_u64(elf, p + offsetof(Elf64_Rela, r_info));
	rela->offset = klp_elf_u64(elf, p + offsetof(Elf64_Rela, r_offset));
	rela->symbol = (uint32_t)ELF64_R_SYM(info);
	rela->type = (uint32_t)ELF64_R_TYPE(info);
	rela->addend = (int64_t)klp_elf_u64(elf, p + offsetof(Elf64_Rela, r_addend));
	if (rela->symbol >= klp_elf_count_symbols(elf))
		return klp_file_fail(elf->file, -EBADMSG,
				     "relocation %" PRIu64 " in section %u (%.100s) is "
				     "for symbol %u, which there is not",
				     i, section, elf->sections[section].name,
				     rela->symbol);
	if (rela->offset >= size || (klp_elf_is_abs64(elf, rela->type) &&
				     size - rela->offset < 8))
		return klp_file_fail(elf->file, -EBADMSG,
				     "relocation %" PRIu64 " in section %u (%.100s) is "
				     "for offset 0x%" PRIx64 ", beyond the end of %.100s",
				     i, section, elf->sections[section].name,
				     rela->offset,
				     elf->sections[elf->sections[section].info].name);
	return 0;
}

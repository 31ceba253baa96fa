/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The field replace of what kpatch's and klp-build's own code allocates: a constant that the
 * function stores which calls klp_enable_patch().  On x86_64 both store it as
 * "movb $CONSTANT,0x18(REGISTER)"; of other machines nothing is known.
 */
#include "config.h"

#include "libklpdep/livepatch/format.h"
#include "libklpdep/livepatch/klp-patch-layout.h"

/* movb $imm8,disp8(reg): opcode, mod 01 with no SIB byte, displacement, constant. */
static bool is_store(const unsigned char *p)
{
	return p[0] == 0xc6 && (p[1] & 0xf8) == 0x40 && p[1] != 0x44 &&
	       p[2] == KLP_PATCH_REPLACE && p[3] <= 1;
}

/* The function that a place is in; false where no symbol says so. */
static bool find_function(const struct klp_elf *elf, uint32_t section, uint64_t offset,
			  struct klp_symbol *function)
{
	for (uint32_t i = 1; i < klp_elf_count_symbols(elf); i++) {
		if (klp_elf_symbol(elf, i, function) == 0 &&
		    function->type == STT_FUNC && function->section == section &&
		    function->value <= offset && offset - function->value < function->size)
			return true;
	}
	return false;
}

/* What the function stores there; unknown where it does not, or not always the same. */
static enum klpdep_replace look_at(const struct klp_elf *elf,
				   const struct klp_symbol *function)
{
	bool stores[2] = { false, false };
	int err = 0;
	const unsigned char *code = klp_elf_data(elf, function->section, function->value,
						 function->size, &err);

	for (uint64_t i = 0; code && i + 4 <= function->size; i++) {
		if (is_store(code + i))
			stores[code[i + 3]] = true;
	}
	if (stores[0] == stores[1])
		return KLPDEP_REPLACE_UNKNOWN;
	return stores[1] ? KLPDEP_REPLACE_YES : KLPDEP_REPLACE_NO;
}

static bool is_call(const struct klp_elf *elf, const struct klp_rela *rela)
{
	struct klp_symbol symbol;

	return klp_elf_symbol(elf, rela->symbol, &symbol) == 0 && symbol.name &&
	       klp_streq(symbol.name, "klp_enable_patch");
}

/* The first call is the one: there is no other in what the tools make. */
static bool find_call(const struct klp_elf *elf, uint32_t *section, uint64_t *offset)
{
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		const struct klp_section *relas = &elf->sections[i];

		if (relas->type != SHT_RELA || relas->flags & KLP_SHF_RELA_LIVEPATCH ||
		    relas->info == 0 || relas->info >= elf->n_sections ||
		    !(elf->sections[relas->info].flags & SHF_EXECINSTR))
			continue;
		for (uint64_t j = 0; j < klp_elf_count_relas(elf, i); j++) {
			struct klp_rela rela;

			if (klp_elf_rela(elf, i, j, &rela) == 0 && is_call(elf, &rela)) {
				*section = relas->info;
				*offset = rela.offset;
				return true;
			}
		}
	}
	return false;
}

enum klpdep_replace klp_tool_replace(const struct klp_elf *elf)
{
	struct klp_symbol function;
	uint32_t section;
	uint64_t offset;

	if (elf->machine != EM_X86_64 || !find_call(elf, &section, &offset) ||
	    !find_function(elf, section, offset, &function))
		return KLPDEP_REPLACE_UNKNOWN;
	return look_at(elf, &function);
}

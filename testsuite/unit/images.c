// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include <stddef.h>

#include "testsuite/unit/images.h"

const char *const arches[N_ARCHES] = { "x86_64", "aarch64",	"ppc64le",
				       "s390x",	 "loongarch64", "riscv64" };

void check_everywhere(const char *const *variants, const char *spec, const char *wanted)
{
	for (size_t i = 0; i < N_ARCHES; i++) {
		for (size_t j = 0; variants[j]; j++) {
			char *full = text("name klp_x;arch %s;%s%s", arches[i],
					  variants[j], spec);
			struct image image = build(full);
			char *is;
			int err = read_image(&image, &is);

			ck_assert_msg(
				klp_streq(err ? text("%d %s", err, is) : is, wanted),
				"%s\nis:     %d %s\nwanted: %s", full, err, is, wanted);
		}
	}
}

static void put(struct image *image, size_t base, size_t offset, unsigned int width,
		uint64_t value)
{
	ck_assert_uint_ne(base, 0);
	ck_assert_uint_le(base + offset + width, image->size);
	mkmodule_put(image->data, base + offset, width, value);
}

/* The number of a section's own symbol. */
static uint64_t section_symbol(const struct image *image, const char *section)
{
	uint64_t headers = mkmodule_get(image->data, offsetof(Elf64_Ehdr, e_shoff), 8);
	uint64_t number = (mkmodule_shdr(image->data, section) - headers) /
			sizeof(Elf64_Shdr);
	size_t table = mkmodule_contents(image->data, ".symtab"), at = table;

	do
		at += sizeof(Elf64_Sym);
	while (mkmodule_get(image->data, at + offsetof(Elf64_Sym, st_shndx), 2) !=
		       number ||
	       ELF64_ST_TYPE(image->data[at + offsetof(Elf64_Sym, st_info)]) !=
		       STT_SECTION);
	return (at - table) / sizeof(Elf64_Sym);
}

void damage(struct image *image, const struct damage *d)
{
	size_t shdr = mkmodule_shdr(image->data, d->section);
	size_t reloc = mkmodule_reloc(image->data, d->section, d->at);
	const size_t info = offsetof(Elf64_Rela, r_info);
	uint64_t value = d->value;

	ck_assert_msg(shdr, "no section %s", d->section);
	switch (d->what) {
	case NO_DAMAGE:
		break;
	case D_TYPE:
	case D_SYMBOL:
		ck_assert_uint_ne(reloc, 0);
		value = mkmodule_get(image->data, reloc + info, 8);
		if (d->what == D_TYPE)
			value = ELF64_R_INFO(ELF64_R_SYM(value), d->value);
		else
			value = ELF64_R_INFO(d->value, ELF64_R_TYPE(value));
		put(image, reloc, info, 8, value);
		break;
	case D_TARGET:
		value = ELF64_R_TYPE(mkmodule_get(image->data, reloc + info, 8));
		put(image, reloc, info, 8,
		    ELF64_R_INFO(section_symbol(image, d->target), value));
		put(image, reloc, offsetof(Elf64_Rela, r_addend), 8, 0);
		break;
	case D_ADDEND:
		put(image, reloc, offsetof(Elf64_Rela, r_addend), 8, value);
		break;
	case D_OFFSET:
		put(image, reloc, offsetof(Elf64_Rela, r_offset), 8, value);
		break;
	case D_PUT:
		put(image, mkmodule_contents(image->data, d->section), (size_t)d->at, 4,
		    value);
		break;
	case D_RESIZE:
		value += mkmodule_get(image->data, shdr + offsetof(Elf64_Shdr, sh_size),
				      8);
		put(image, shdr, offsetof(Elf64_Shdr, sh_size), 8, value);
		break;
	case D_FLAGS:
		put(image, shdr, offsetof(Elf64_Shdr, sh_flags), 8, value);
		break;
	case D_SECTION:
		put(image, shdr, offsetof(Elf64_Shdr, sh_type), 4, value);
		break;
	}
}

void check_damaged(const struct damaged *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < N_ARCHES; j++) {
			char *spec = text("name klp_x;arch %s;%s", arches[j],
					  cases[i].spec);
			struct image image = build(spec);
			char *message;
			int err;

			for (size_t k = 0; k < KLP_ARRAY_SIZE(cases[i].damage); k++)
				if (cases[i].damage[k].what != NO_DAMAGE)
					damage(&image, &cases[i].damage[k]);
			err = read_image(&image, &message);
			ck_assert_msg(err == -EBADMSG &&
					      klp_streq(message, cases[i].message),
				      "%s: case %zu:\nis:     %d %s\nwanted: %d %s", spec,
				      i, err, message, -EBADMSG, cases[i].message);
		}
	}
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-rela: .klp.rela.OBJECT.SECTION sections and .klp.sym.OBJECT.NAME,SYMPOS symbols, and
 * the .klp.arch.OBJECT.SECTION sections of kernels before 5.8.  Sources: the kernel's
 * Documentation/livepatch/module-elf-format; klp_resolve_symbols() in
 * kernel/livepatch/core.c parses the names.
 */
#include "config.h"

#include <ctype.h>
#include <inttypes.h>

#include "libklpdep/livepatch/format.h"

/* The kernel's KSYM_NAME_LEN, with the NUL; 128 before 6.1. */
#define SYMBOL_NAME_LEN 512

/* Like the kernel's "%55[^.].": the object ends at the first dot.  NULL: no object. */
static const char *split_object(const char *rest, char object[KLP_MODULE_NAME_LEN])
{
	size_t len = strcspn(rest, ".");

	if (len == 0 || len >= KLP_MODULE_NAME_LEN || rest[len] != '.')
		return NULL;
	memcpy(object, rest, len);
	object[len] = '\0';
	return rest + len + 1;
}

/* NAME,SYMPOS: the name may contain dots, but no comma. */
static bool split_symbol(char *rest, uint64_t *sympos)
{
	char *comma = strchr(rest, ',');
	char *end;

	if (!comma || comma == rest || comma - rest >= SYMBOL_NAME_LEN ||
	    !isdigit((unsigned char)comma[1]))
		return false;
	errno = 0;
	*sympos = strtoull(comma + 1, &end, 10);
	*comma = '\0';
	return errno == 0 && *end == '\0';
}

static int add_symbol(const struct klp_elf *elf, const char *symbol_name,
		      struct klpdep_patch *patch)
{
	const char *rest = klp_after_prefix(symbol_name, ".klp.sym.");
	char symobject[KLP_MODULE_NAME_LEN];
	uint64_t sympos;

	rest = rest ? split_object(rest, symobject) : NULL;
	_cleanup_free_ char *symbol = strdup(rest ? rest : "");

	if (!symbol)
		return -ENOMEM;
	if (!rest || !split_symbol(symbol, &sympos))
		return klp_file_fail(elf->file, -EBADMSG,
				     "livepatch symbol '%.200s' is not of the form "
				     ".klp.sym.OBJECT.NAME,SYMPOS", symbol_name);
	return klp_patch_add_reloc(patch, symobject, symbol, sympos);
}

/* @seen has for each symbol the number of the last section that uses it. */
static int read_section(const struct klp_elf *elf, uint32_t number, uint32_t *seen,
			struct klpdep_patch *patch)
{
	for (uint64_t i = 0; i < klp_elf_count_relas(elf, number); i++) {
		struct klp_symbol symbol;
		struct klp_rela rela;
		int err = klp_elf_rela(elf, number, i, &rela);

		if (err == 0 && seen[rela.symbol] == number)
			continue;
		if (err == 0)
			err = klp_elf_symbol(elf, rela.symbol, &symbol);
		if (err < 0)
			return err;
		seen[rela.symbol] = number;
		/* The kernel refuses such a module. */
		if (symbol.raw_section != KLP_SHN_LIVEPATCH)
			return klp_file_fail(
				elf->file, -EBADMSG,
				"relocation %" PRIu64 " in section %u (%.100s) is for "
				"symbol %u (%.100s), which is no livepatch symbol",
				i, number, elf->sections[number].name, rela.symbol,
				symbol.name ? symbol.name : "without a name");
		if (!symbol.name)
			return klp_file_fail(elf->file, -EBADMSG,
					     "the name of livepatch symbol %u lies "
					     "beyond the name table", rela.symbol);
		err = add_symbol(elf, symbol.name, patch);
		if (err < 0)
			return err;
	}
	return 0;
}

/* The object of a section: 0; 1 if it is no section of a livepatch. */
static int section_object(const struct klp_elf *elf, uint32_t number,
			  char object[KLP_MODULE_NAME_LEN])
{
	const struct klp_section *section = &elf->sections[number];
	bool marked = section->type == SHT_RELA &&
		      section->flags & KLP_SHF_RELA_LIVEPATCH;
	const char *rest = klp_after_prefix(section->name, ".klp.rela.");

	/* strip and objcopy drop SHF_INFO_LINK and keep this flag. */
	if (rest && !marked)
		return klp_file_fail(elf->file, -EBADMSG,
				     "section %u (%.100s) lacks the flag of livepatch "
				     "relocations", number, section->name);
	if (!rest && !marked)
		rest = klp_after_prefix(section->name, ".klp.arch.");
	if (!rest && !marked)
		return 1;
	if (!rest || !split_object(rest, object))
		return klp_file_fail(elf->file, -EBADMSG,
				     "section %u (%.100s) is for livepatching, but its "
				     "name names no object", number, section->name);
	return 0;
}

/* klp-convert should have made .klp.sym.OBJECT.NAME,SYMPOS from these. */
static int check_converted(const struct klp_elf *elf)
{
	for (uint32_t i = 1; i < klp_elf_count_symbols(elf); i++) {
		struct klp_symbol symbol;
		int err = klp_elf_symbol(elf, i, &symbol);

		if (err < 0)
			return err;
		if (symbol.name && klp_after_prefix(symbol.name, ".klp.sym.rela."))
			return klp_file_fail(elf->file, -EBADMSG,
					     "symbol '%.200s' is of a form that the "
					     "kernel does not know: the module was "
					     "linked, but not converted", symbol.name);
	}
	return 0;
}

static int klp_rela_read(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	_cleanup_free_ uint32_t *seen =
		calloc((size_t)klp_elf_count_symbols(elf) + 1, sizeof(*seen));
	int found = 1, err = seen ? check_converted(elf) : -ENOMEM;

	for (uint32_t i = 1; i < elf->n_sections && err >= 0; i++) {
		char name[KLP_MODULE_NAME_LEN];
		struct klpdep_object *object;

		err = section_object(elf, i, name);
		if (err != 0)
			continue;
		found = 0;
		err = klp_patch_add_object(patch, name, &object);
		if (err == 0 && elf->sections[i].type == SHT_RELA)
			err = read_section(elf, i, seen, patch);
	}
	return err < 0 ? err : found;
}

const struct klp_format klp_format_klp_rela = {
	.name = "klp-rela",
	.read = klp_rela_read,
};

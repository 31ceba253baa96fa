/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-rela: .klp.rela.OBJECT.SECTION sections and .klp.sym.OBJECT.NAME,SYMPOS symbols.
 * The kernel's Documentation/livepatch/module-elf-format describes them; how it parses
 * the names is in kernel/livepatch/core.c, klp_resolve_symbols().
 */
#include "config.h"

#include <ctype.h>

#include "libklpdep/format.h"

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

/* NAME,SYMPOS: the name may hold dots, but no comma. */
static bool split_symbol(char *rest, unsigned long *sympos)
{
	char *comma = strchr(rest, ',');
	char *end;

	if (!comma || comma == rest || !isdigit((unsigned char)comma[1]))
		return false;
	errno = 0;
	*sympos = strtoul(comma + 1, &end, 10);
	*comma = '\0';
	return errno == 0 && *end == '\0';
}

static int add_symbol(const struct klp_elf *elf, const char *symbol_name,
		      struct klpdep_object *object)
{
	const char *rest = klp_after_prefix(symbol_name, ".klp.sym.");
	char symobject[KLP_MODULE_NAME_LEN];
	unsigned long sympos;

	rest = rest ? split_object(rest, symobject) : NULL;
	_cleanup_free_ char *symbol = strdup(rest ? rest : "");

	if (!symbol)
		return -ENOMEM;
	if (!rest || !split_symbol(symbol, &sympos))
		return klp_file_fail(elf->file, -EBADMSG,
				     "livepatch symbol '%.200s' is not of the form "
				     ".klp.sym.OBJECT.NAME,SYMPOS", symbol_name);
	return klp_object_add_reloc(object, symobject, symbol, sympos);
}

static int read_section(const struct klp_elf *elf, uint32_t number,
			struct klpdep_object *object)
{
	uint32_t last = 0; /* runs of relocations to one symbol are common */

	for (uint64_t i = 0; i < klp_elf_count_relas(elf, number); i++) {
		struct klp_symbol symbol;
		struct klp_rela rela;
		int err = klp_elf_rela(elf, number, i, &rela);

		if (err == 0 && rela.symbol == last)
			continue;
		if (err == 0)
			err = klp_elf_symbol(elf, rela.symbol, &symbol);
		if (err < 0)
			return err;
		last = rela.symbol;
		if (symbol.raw_section != KLP_SHN_LIVEPATCH)
			continue;
		if (!symbol.name)
			return klp_file_fail(elf->file, -EBADMSG,
					     "livepatch symbol %u has no name",
					     rela.symbol);
		err = add_symbol(elf, symbol.name, object);
		if (err < 0)
			return err;
	}
	return 0;
}

static int klp_rela_read(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	int found = 1;

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		const struct klp_section *section = &elf->sections[i];
		const char *rest = klp_after_prefix(section->name, ".klp.rela.");
		char name[KLP_MODULE_NAME_LEN];
		struct klpdep_object *object;
		int err;

		/* strip and objcopy drop SHF_INFO_LINK, and keep this flag. */
		if (!rest || section->type != SHT_RELA ||
		    !(section->flags & KLP_SHF_RELA_LIVEPATCH))
			continue;
		if (!split_object(rest, name))
			return klp_file_fail(elf->file, -EBADMSG,
					     "section %.200s names no object",
					     section->name);
		object = klp_patch_add_object(patch, name);
		err = object ? read_section(elf, i, object) : -ENOMEM;
		if (err < 0)
			return err;
		found = 0;
	}
	return found;
}

const struct klp_format klp_format_klp_rela = {
	.name = "klp-rela",
	.read = klp_rela_read,
};

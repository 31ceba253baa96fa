/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a module's image. */
#include "config.h"

#include "libklpdep/fit/object-file.h"

/* struct modversion_info: a long for the CRC, and the name; 64 bytes together. */
#define VERSION_SIZE 64
#define VERSION_NAME 8

static int read_modinfo(void *data, const char *key, const char *value)
{
	struct klp_object_file *image = data;

	if (klp_streq(key, "vermagic"))
		return klp_set_string(&image->vermagic, value);
	if (klp_streq(key, "srcversion"))
		return klp_set_string(&image->srcversion, value);
	return 0;
}

/* ---- what it was built against ----------------------------------------------------- */

static int read_versions(const struct klp_elf *elf, uint32_t section,
			 struct klp_object_file *image)
{
	char *data;
	int err = klp_object_file_copy_section(image, elf, section, &data);

	for (uint64_t at = 0; err == 0 && elf->sections[section].size - at >= VERSION_SIZE;
	     at += VERSION_SIZE) {
		const char *name = data + at + VERSION_NAME;
		uint64_t crc = klp_elf_u64(elf, (const unsigned char *)data + at);

		if (*name && memchr(name, '\0', VERSION_SIZE - VERSION_NAME))
			err = klp_crcs_add(&image->imports, name, (uint32_t)crc);
	}
	return err;
}

/* Linux 6.14 and later, for names that are too long for the other table: an array of CRCs,
 * and a string for each. */
static int read_extended_versions(const struct klp_elf *elf, uint32_t crcs, uint32_t names,
				  struct klp_object_file *image)
{
	const char *name, *end;
	char *data, *strings;
	int err = klp_object_file_copy_section(image, elf, crcs, &data);

	if (err == 0)
		err = klp_object_file_copy_section(image, elf, names, &strings);
	if (err < 0)
		return err;
	name = strings;
	end = strings + elf->sections[names].size;
	for (uint64_t at = 0; elf->sections[crcs].size - at >= 4 && name < end; at += 4) {
		err = klp_crcs_add(&image->imports, name,
			      klp_elf_u32(elf, (const unsigned char *)data + at));
		if (err < 0)
			break;
		name += strlen(name) + 1;
	}
	return err;
}

static int read_imports(const struct klp_elf *elf, struct klp_object_file *image)
{
	uint32_t section = klp_elf_find_section(elf, "__versions");
	uint32_t crcs = klp_elf_find_section(elf, "__version_ext_crcs");
	uint32_t names = klp_elf_find_section(elf, "__version_ext_names");
	int err = 0;

	if (klp_elf_has_contents(elf, section)) {
		image->has_versions = true;
		err = read_versions(elf, section, image);
	}
	if (err == 0 && klp_elf_has_contents(elf, crcs) && klp_elf_has_contents(elf, names)) {
		image->has_versions = true;
		err = read_extended_versions(elf, crcs, names, image);
	}
	return err;
}

/* ---- symbols ----------------------------------------------------------------------- */

/* The kernel's is_core_symbol(), with CONFIG_KALLSYMS_ALL, which livepatches need. */
static bool stays(const struct klp_elf *elf, const struct klp_symbol *symbol)
{
	const struct klp_section *section = &elf->sections[symbol->section];

	return symbol->section && section->flags & SHF_ALLOC &&
	       !klp_after_prefix(section->name, ".init");
}

/* __crc_SYMBOL is the number, or the number's address. */
static int add_export(const struct klp_elf *elf, const struct klp_symbol *symbol,
		      const char *exported, struct klp_object_file *image)
{
	const unsigned char *p;
	int err;

	if (symbol->raw_section == SHN_ABS)
		return klp_crcs_add(&image->exports, exported, (uint32_t)symbol->value);
	if (!klp_elf_has_contents(elf, symbol->section))
		return 0;
	err = klp_elf_load_section(elf, symbol->section);
	if (err < 0)
		return err;
	err = -EBADMSG;
	p = klp_elf_data(elf, symbol->section, symbol->value, 4, &err);
	return p ? klp_crcs_add(&image->exports, exported, klp_elf_u32(elf, p)) : err;
}

/* @strings: the image's copy of the string table. */
static int add_symbol(const struct klp_elf *elf, uint32_t i, const char *strings,
		      struct klp_object_file *image)
{
	struct klp_symbol symbol;
	const char *name, *exported;
	int err = klp_elf_symbol(elf, i, &symbol);

	if (err < 0 || symbol.raw_section == SHN_UNDEF || !symbol.name)
		return err;
	name = strings + symbol.name_offset;
	exported = klp_after_prefix(name, "__crc_");
	if (exported)
		err = add_export(elf, &symbol, exported, image);
	if (err < 0)
		return err;
	return klp_object_file_add(image, &(const struct klp_object_file_symbol){
						  .name = name,
						  .at = { symbol.section, symbol.value },
						  .number = i,
						  .size = symbol.size,
						  .stays = stays(elf, &symbol),
					  });
}

static int read_symbols(const struct klp_elf *elf, struct klp_object_file *image)
{
	uint32_t link = elf->sections[elf->symtab].link;
	char *strings;
	int err = klp_object_file_copy_section(image, elf, link, &strings);

	for (uint32_t i = 1; i < klp_elf_count_symbols(elf) && err == 0; i++)
		err = add_symbol(elf, i, strings, image);
	return err;
}

/* ---- ftrace ------------------------------------------------------------------------ */

/* The kernel's FTRACE_CALLSITE_SECTION.  On x86 the other section is a remnant of the room
 * that the compiler makes before functions, and means nothing. */
static uint32_t callsite_section(const struct klp_elf *elf)
{
	uint32_t section = 0;

	if (elf->machine != EM_X86_64 && elf->machine != EM_S390)
		section = klp_elf_find_section(elf, "__patchable_function_entries");
	return section ? section : klp_elf_find_section(elf, "__mcount_loc");
}

static int read_locations(const struct klp_elf *elf, uint32_t relas,
			  struct klp_place **locations, size_t *n)
{
	int err = klp_elf_load_section(elf, relas);

	for (uint64_t i = 0; i < klp_elf_count_relas(elf, relas) && err == 0; i++) {
		struct klp_pointer pointer;
		struct klp_place *slot;
		struct klp_rela rela;

		err = klp_elf_rela(elf, relas, i, &rela);
		if (err < 0 || !klp_elf_is_abs64(elf, rela.type))
			continue;
		err = klp_pointer_resolve(elf, &rela, &pointer);
		if (err < 0 || !pointer.to.section)
			continue;
		slot = klp_append(*locations, *n);
		if (!slot)
			return -ENOMEM;
		*slot = pointer.to;
	}
	return err;
}

/* One section of that name, or several, if each function has a text section of its own. */
static int find_traceable(const struct klp_elf *elf, struct klp_object_file *image)
{
	uint32_t first = callsite_section(elf);
	_cleanup_free_ struct klp_place *locations = NULL;
	size_t n = 0;
	int err = 0;

	for (uint32_t i = 1; first && i < elf->n_sections && err == 0; i++) {
		const struct klp_section *section = &elf->sections[i];

		if (section->type == SHT_RELA && section->info < elf->n_sections &&
		    klp_streq(elf->sections[section->info].name, elf->sections[first].name))
			err = read_locations(elf, i, &locations, &n);
	}
	if (err == 0)
		klp_object_file_mark_traceable(image, locations, n, elf->machine);
	return err;
}

/* ---- everything -------------------------------------------------------------------- */

static int read_image(struct klp_file *file, bool with_symbols, struct klp_object_file *image)
{
	_cleanup_elf_ struct klp_elf elf = { 0 };
	char id[KLP_BUILD_ID_SIZE];
	int err = klp_elf_open(&elf, file);

	if (err == 0)
		err = klp_elf_modinfo(&elf, read_modinfo, image);
	if (err == 0)
		err = klp_elf_build_id(&elf, id);
	if (err > 0)
		err = klp_set_string(&image->build_id, id);
	if (err == 0)
		err = read_imports(&elf, image);
	if (err < 0 || !with_symbols)
		return err;
	err = klp_elf_load_symbols(&elf);
	if (err == 0)
		err = read_symbols(&elf, image);
	if (err == 0)
		err = find_traceable(&elf, image);
	image->has_symbols = image->has_exports = err == 0;
	return err;
}

int klp_object_file_read_file(struct klp_file *file, bool with_symbols,
			      struct klp_object_file *image)
{
	int err = read_image(file, with_symbols, image);

	if (err < 0) {
		klp_object_file_clear(image);
		return err;
	}
	klp_object_file_sort(image);
	klp_crcs_sort(&image->imports);
	klp_crcs_sort(&image->exports);
	return 0;
}

int klp_object_file_read(const char *path, bool with_symbols, struct klp_object_file *image)
{
	_cleanup_file_ struct klp_file *file = NULL;
	int err = klp_file_open(path, &file);

	if (err == 0)
		err = klp_object_file_read_file(file, with_symbols, image);
	if (err == 0 || err == -ENOMEM)
		return err;
	image->err = err;
	return klp_set_string(&image->why,
			      file && file->error ? file->error : klpdep_strerror(err));
}

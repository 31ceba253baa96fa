/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of the kernel itself: a vmlinux with symbols, a System.map, or, for the running
 * kernel, /proc/kallsyms; and a Module.symvers for the CRCs of its exports.
 */
#include "config.h"

#include <ctype.h>
#include <limits.h>

#include "libklpdep/fit/object-file.h"

/* The largest vmlinux that is read; it may contain debugging information.  Of an
 * uncompressed one only the symbols are read. */
#define VMLINUX_MAX ((uint64_t)4 << 30)
#define TEXT_MAX ((size_t)256 << 20)

/* ---- places ------------------------------------------------------------------------ */

/* @ is the kernel's version.  A place without a leading slash is in the kernel's module
 * directory.  "build/" is the target of its link of that name. */
static const char *const vmlinux_places[] = { "vmlinux",
					      "build/vmlinux",
					      "/usr/lib/debug/boot/vmlinux-@",
					      "/usr/lib/debug/lib/modules/@/vmlinux",
					      "/boot/vmlinux-@",
					      NULL };

static const char *const map_places[] = { "/boot/System.map-@", "System.map",
					  "build/System.map",
					  "/usr/lib/debug/boot/System.map-@", NULL };

static const char *const symvers_places[] = { "build/Module.symvers",
					      "/usr/src/linux-headers-@/Module.symvers",
					      "symvers",
					      "symvers.gz",
					      "symvers.xz",
					      "symvers.zst",
					      "/boot/symvers-@.gz",
					      "/boot/symvers-@.xz",
					      "/boot/symvers-@.zst",
					      "/boot/symvers-@",
					      NULL };

/* The link usually has an absolute path, which is below the root, too. */
static char *build_path(struct klpdep_ctx *ctx, const char *kernel, const char *file)
{
	_cleanup_free_ char *link = klp_module_path(ctx, kernel, "build");
	char to[PATH_MAX];
	ssize_t len = link ? readlink(link, to, sizeof(to) - 1) : -1;

	if (!link)
		return NULL;
	if (len > 0 && to[0] == '/')
		return klp_format("%s%.*s/%s", ctx->root, (int)len, to, file);
	return klp_format("%s/%s", link, file);
}

static char *place_path(struct klpdep_ctx *ctx, const char *kernel, const char *place)
{
	const char *in_build = klp_after_prefix(place, "build/");
	const char *at = strchr(place, '@');

	if (in_build)
		return build_path(ctx, kernel, in_build);
	if (*place != '/')
		return klp_module_path(ctx, kernel, place);
	return klp_format("%s%.*s%s%s", ctx->root, (int)(at - place), place, kernel, at + 1);
}

/* Call @read for each place until it finds something: 0; 1: it found nothing; -ENOMEM. */
static int try_places(struct klpdep_ctx *ctx, const char *kernel, const char *const *places,
		      struct klp_object_file *image,
		      int (*read)(const char *path, struct klp_object_file *image))
{
	for (; *places; places++) {
		_cleanup_free_ char *path = place_path(ctx, kernel, *places);
		int err = path ? read(path, image) : -ENOMEM;

		if (err == 0)
			klp_debug(ctx, "%s: used for vmlinux", path);
		if (err == 0 || err == -ENOMEM)
			return err;
	}
	return 1;
}

int klp_object_file_vmlinux_places(struct klpdep_ctx *ctx, const char *kernel,
				   struct klp_strv *places)
{
	const char *const *const lists[] = { vmlinux_places, map_places };
	int err = 0;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(lists); i++) {
		for (size_t j = 0; lists[i][j] && err == 0; j++) {
			_cleanup_free_ char *path = place_path(ctx, kernel, lists[i][j]);

			err = path ? klp_strv_add(places, path) : -ENOMEM;
		}
	}
	return err;
}

static void drop_symbols(struct klp_object_file *image)
{
	free(image->symbols);
	image->symbols = NULL;
	image->n_symbols = 0;
}

/* ---- vmlinux ----------------------------------------------------------------------- */

/* @names: the image's copy of the string table. */
static int add_elf_symbol(const struct klp_elf *elf, uint32_t i, const char *names,
			  struct klp_object_file *image)
{
	struct klp_symbol symbol;
	int err = klp_elf_symbol(elf, i, &symbol);

	if (err < 0 || symbol.raw_section == SHN_UNDEF || symbol.type == STT_FILE ||
	    symbol.type == STT_SECTION || !symbol.name)
		return err;
	return klp_object_file_add(image, &(const struct klp_object_file_symbol){
						  .name = names + symbol.name_offset,
						  .at.offset = symbol.value,
						  .number = i,
						  .size = symbol.size,
						  .stays = true,
					  });
}

static int read_symbols(struct klp_elf *elf, struct klp_object_file *image)
{
	int err = klp_elf_load_symbols(elf);
	char *names;

	if (err == 0)
		err = klp_object_file_copy_section(image, elf, elf->sections[elf->symtab].link,
						   &names);
	for (uint32_t i = 1; err == 0 && i < klp_elf_count_symbols(elf); i++)
		err = add_elf_symbol(elf, i, names, image);
	return err;
}

/* The table of the kernel's own ftrace locations, which is in some section's contents; in
 * those of a position-independent kernel it may be empty, to be filled when it starts. */
static int read_locations(const struct klp_elf *elf, struct klp_object_file *image)
{
	const struct klp_object_file_symbol *start, *stop;
	_cleanup_free_ struct klp_place *locations = NULL;
	const unsigned char *p = NULL;
	uint64_t from, size;
	size_t n = 0;
	int err = 0;

	start = klp_object_file_symbol(image, "__start_mcount_loc", 1, false);
	stop = klp_object_file_symbol(image, "__stop_mcount_loc", 1, false);
	if (!start || !stop || stop->at.offset <= start->at.offset)
		return 0;
	from = start->at.offset;
	size = stop->at.offset - from;
	for (uint32_t i = 1; i < elf->n_sections && !p; i++) {
		const struct klp_section *section = &elf->sections[i];

		if (section->type == SHT_PROGBITS && section->flags & SHF_ALLOC &&
		    from >= section->address && size <= section->size &&
		    from - section->address <= section->size - size)
			p = klp_elf_data(elf, i, from - section->address, size, &err);
	}
	if (!p)
		return err == -ENOMEM ? err : 0;
	for (uint64_t at = 0; size - at >= 8; at += 8) {
		uint64_t value = klp_elf_u64(elf, p + at);
		struct klp_place *slot;

		if (!value)
			continue;
		slot = klp_append(locations, n);
		if (!slot)
			return -ENOMEM;
		slot->offset = value;
	}
	if (n)
		klp_object_file_mark_traceable(image, locations, n, elf->machine);
	return 0;
}

static int cmp_values(const void *p, const void *q)
{
	const struct klp_object_file_symbol *a = p, *b = q;
	int cmp = klp_place_cmp(a, b);

	return cmp ? cmp : a->number < b->number ? -1 : a->number > b->number;
}

/* Of one name, the kernel's own symbols count by their addresses. */
static void number_by_value(struct klp_object_file *image)
{
	klp_places_sort(image->symbols, image->n_symbols, sizeof(image->symbols[0]),
			cmp_values);
	for (size_t i = 0; i < image->n_symbols; i++)
		image->symbols[i].number = (uint32_t)i;
}

/* A file with nothing but BTF has a few symbols, too. */
static bool is_kernel(const struct klp_object_file *image)
{
	return klp_object_file_symbol(image, "_stext", 1, false) ||
	       klp_object_file_symbol(image, "_text", 1, false);
}

static int read_vmlinux(const char *path, struct klp_object_file *image)
{
	_cleanup_file_ struct klp_file *file = NULL;
	_cleanup_elf_ struct klp_elf elf = { 0 };
	int err = klp_file_open_max(path, VMLINUX_MAX, &file);

	if (err == 0)
		err = klp_elf_open_kernel(&elf, file);
	if (err == 0)
		err = read_symbols(&elf, image);
	if (err == 0) {
		number_by_value(image);
		klp_object_file_sort(image);
		err = is_kernel(image) ? read_locations(&elf, image) : -ENODATA;
	}
	if (err < 0)
		drop_symbols(image);
	else
		klp_object_file_sort(image);
	return err;
}

/* ---- System.map and kallsyms ------------------------------------------------------- */

/* "ADDRESS TYPE NAME", and in kallsyms a module's name behind a tab. */
static int add_map_line(char *line, struct klp_object_file *image)
{
	char *type, *name;
	uint64_t value;

	if (!isxdigit((unsigned char)*line))
		return 0;
	value = strtoull(line, &type, 16);
	if (type[0] != ' ' || !type[1] || type[2] != ' ' || type[1] == 'U')
		return 0;
	name = type + 3;
	if (name[strcspn(name, " \t")])
		return 0;
	return klp_object_file_add(image, &(const struct klp_object_file_symbol){
						  .name = name,
						  .at.offset = value,
						  .stays = true,
						  .number = (uint32_t)image->n_symbols,
					  });
}

static int read_map(const char *path, struct klp_object_file *image)
{
	char *text = NULL, *rest, *line;
	int err = klp_read_file(path, TEXT_MAX, &text, NULL);

	if (err == 0)
		err = klp_object_file_keep(image, text);
	for (rest = text; err == 0 && (line = strsep(&rest, "\n"));)
		err = add_map_line(line, image);
	if (err == 0)
		klp_object_file_sort(image);
	/* Debian's has one line, which says where the real one is. */
	if (err == 0 && !is_kernel(image))
		err = -ENODATA;
	if (err < 0)
		drop_symbols(image);
	return err;
}

/* Names are there even where addresses are hidden, and in the order of addresses. */
static int read_kallsyms(struct klpdep_ctx *ctx, const char *kernel,
			 struct klp_object_file *image)
{
	return klpdep_is_running(ctx, kernel) ? read_map("/proc/kallsyms", image) : 1;
}

/* ---- Module.symvers ---------------------------------------------------------------- */

/* "0xCRC	SYMBOL	vmlinux	..."; what modules export stands in themselves. */
static int add_symvers_line(char *line, struct klp_object_file *image)
{
	char *symbol, *module, *end;
	unsigned long crc;

	if (!klp_after_prefix(line, "0x"))
		return 0;
	crc = strtoul(line, &end, 16);
	if (*end != '\t')
		return 0;
	symbol = end + 1;
	module = strchr(symbol, '\t');
	if (!module || module == symbol)
		return 0;
	*module++ = '\0';
	module[strcspn(module, "\t")] = '\0';
	if (!klp_streq(module, "vmlinux"))
		return 0;
	return klp_crcs_add(&image->exports, symbol, (uint32_t)crc);
}

static int read_symvers(const char *path, struct klp_object_file *image)
{
	_cleanup_file_ struct klp_file *file = NULL;
	char *text = NULL, *rest, *line;
	int err = klp_file_open(path, &file);

	if (err == 0)
		err = klp_file_load(file);
	if (err == 0)
		err = klp_object_file_copy(image, file->data, (size_t)file->size, &text);
	for (rest = text; err == 0 && (line = strsep(&rest, "\n"));)
		err = add_symvers_line(line, image);
	klp_crcs_sort(&image->exports);
	return err == 0 && !image->exports.n ? -ENODATA : err;
}

int klp_object_file_read_vmlinux(struct klpdep_ctx *ctx, const char *kernel,
				 struct klp_object_file *image)
{
	int err = try_places(ctx, kernel, vmlinux_places, image, read_vmlinux);

	if (err == 1)
		err = try_places(ctx, kernel, map_places, image, read_map);
	if (err == 1)
		err = read_kallsyms(ctx, kernel, image);
	if (err == -ENOMEM)
		return err;
	image->has_symbols = err == 0;
	err = try_places(ctx, kernel, symvers_places, image, read_symvers);
	if (err == -ENOMEM)
		return err;
	image->has_exports = err == 0;
	return 0;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * poke FILE: damage a module, or give it what mkmodule does not make. Changes are read
 * from standard input, one a line, and made one after the other; a line that begins with
 * # is a comment:
 *
 *	ehdr FIELD VALUE		e_type, e_machine, e_shoff, ...
 *	ident BYTE VALUE		a byte of e_ident
 *	section SECTION FIELD VALUE	sh_name, sh_type, ...
 *	symbol SYMBOL FIELD VALUE	st_name, st_info, st_shndx, ...
 *	reloc SECTION RELOC FIELD VALUE	r_offset, r_type, r_sym, r_addend
 *	data SECTION OFFSET WIDTH VALUE	WIDTH (1, 2, 4, 8) bytes of its contents
 *	text SECTION OFFSET STRING	the bytes of STRING, without a NUL
 *	grow SECTION SIZE		its contents, SIZE zeros longer, go to the file's
 * end add SECTION TYPE SIZE		a new section, of zeros, at the end rename
 * section|symbol NAME NEW xindex SYMBOL VALUE		SHN_XINDEX, and the value in
 *.symtab_shndx
 *
 * SECTION and SYMBOL are a name, or #N; RELOC is a number, or @N: the one whose r_offset
 * is N. OFFSET and VALUE are a number, negative too, or one of these, which may have +N
 * or -N behind it: old, what is there; section:SECTION and symbol:SYMBOL, the number of
 * that one; size:SECTION; size, that of the file. Everything is in the file's own byte
 * order.
 */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/mkmodule.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct image {
	unsigned char *data;
	size_t size;
};

struct field {
	const char *name;
	unsigned int offset, width;
};

#define FIELD(type, name) { #name, offsetof(type, name), sizeof(((type *)0)->name) }

static const struct field ehdr_fields[] = {
	FIELD(Elf64_Ehdr, e_type),	FIELD(Elf64_Ehdr, e_machine),
	FIELD(Elf64_Ehdr, e_version),	FIELD(Elf64_Ehdr, e_shoff),
	FIELD(Elf64_Ehdr, e_flags),	FIELD(Elf64_Ehdr, e_ehsize),
	FIELD(Elf64_Ehdr, e_shentsize),	FIELD(Elf64_Ehdr, e_shnum),
	FIELD(Elf64_Ehdr, e_shstrndx),	{ NULL, 0, 0 },
};

static const struct field section_fields[] = {
	FIELD(Elf64_Shdr, sh_name),	 FIELD(Elf64_Shdr, sh_type),
	FIELD(Elf64_Shdr, sh_flags),	 FIELD(Elf64_Shdr, sh_addr),
	FIELD(Elf64_Shdr, sh_offset),	 FIELD(Elf64_Shdr, sh_size),
	FIELD(Elf64_Shdr, sh_link),	 FIELD(Elf64_Shdr, sh_info),
	FIELD(Elf64_Shdr, sh_addralign), FIELD(Elf64_Shdr, sh_entsize),
	{ NULL, 0, 0 },
};

static const struct field symbol_fields[] = {
	FIELD(Elf64_Sym, st_name),  FIELD(Elf64_Sym, st_info),
	FIELD(Elf64_Sym, st_other), FIELD(Elf64_Sym, st_shndx),
	FIELD(Elf64_Sym, st_value), FIELD(Elf64_Sym, st_size),
	{ NULL, 0, 0 },
};

static const char *path;
static unsigned long line_number;

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "poke: %s:%lu: ", path, line_number);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* ---- reading the file and writing it ---- */

static void read_image(struct image *image)
{
	FILE *in = fopen(path, "r");
	long size;

	if (!in || fseek(in, 0, SEEK_END) || (size = ftell(in)) < 0)
		die("%s", strerror(errno));
	rewind(in);
	image->size = (size_t)size;
	image->data = malloc(image->size + 1);
	if (!image->data || fread(image->data, 1, image->size, in) != image->size)
		die("cannot be read");
	fclose(in);
	if (image->size < sizeof(Elf64_Ehdr) || memcmp(image->data, ELFMAG, SELFMAG) != 0)
		die("no ELF file");
}

static void write_image(const struct image *image)
{
	FILE *out = fopen(path, "w");

	if (!out || fwrite(image->data, 1, image->size, out) != image->size ||
	    fclose(out))
		die("%s", strerror(errno));
}

static uint64_t get(const struct image *image, size_t offset, unsigned int width)
{
	if (offset > image->size || width > image->size - offset)
		die("%u bytes at offset %zu: there are none", width, offset);
	return mkmodule_get(image->data, offset, width);
}

static void put(struct image *image, size_t offset, unsigned int width, uint64_t value)
{
	get(image, offset, width);
	mkmodule_put(image->data, offset, width, value);
}

/* Appends size bytes of the file itself, or zeros; where they stand, aligned to 8. */
static size_t append(struct image *image, size_t from, size_t size, size_t zeros)
{
	size_t at = (image->size + 7) & ~(size_t)7;

	if (from > image->size || size > image->size - from)
		die("%zu bytes at offset %zu: there are none", size, from);
	image->data = realloc(image->data, at + size + zeros);
	if (!image->data)
		die("out of memory");
	memset(image->data + image->size, 0, at - image->size);
	memmove(image->data + at, image->data + from, size);
	memset(image->data + at + size, 0, zeros);
	image->size = at + size + zeros;
	return at;
}

/* ---- where things are ---- */

static uint64_t section_number(const struct image *image, const char *name)
{
	size_t first = get(image, offsetof(Elf64_Ehdr, e_shoff), 8), at;

	if (*name == '#')
		return strtoull(name + 1, NULL, 0);
	at = mkmodule_shdr(image->data, name);
	if (!at)
		die("no section %s", name);
	return (at - first) / sizeof(Elf64_Shdr);
}

static size_t section_header(const struct image *image, const char *name)
{
	return get(image, offsetof(Elf64_Ehdr, e_shoff), 8) +
	       section_number(image, name) * sizeof(Elf64_Shdr);
}

static uint64_t section_field(const struct image *image, const char *name, size_t offset,
			      unsigned int width)
{
	return get(image, section_header(image, name) + offset, width);
}

static uint64_t section_offset(const struct image *image, const char *name)
{
	return section_field(image, name, offsetof(Elf64_Shdr, sh_offset), 8);
}

static uint64_t section_size(const struct image *image, const char *name)
{
	return section_field(image, name, offsetof(Elf64_Shdr, sh_size), 8);
}

static uint64_t symbol_number(const struct image *image, const char *name)
{
	size_t first = section_offset(image, ".symtab"), at;

	if (*name == '#')
		return strtoull(name + 1, NULL, 0);
	at = mkmodule_symbol(image->data, name);
	if (!at)
		die("no symbol %s", name);
	return (at - first) / sizeof(Elf64_Sym);
}

static size_t symbol_entry(const struct image *image, const char *name)
{
	return section_offset(image, ".symtab") +
	       symbol_number(image, name) * sizeof(Elf64_Sym);
}

static size_t reloc_entry(const struct image *image, const char *section,
			  const char *word)
{
	size_t at = section_offset(image, section);
	uint64_t n = strtoull(word + (*word == '@'), NULL, 0);
	uint64_t count = section_size(image, section) / sizeof(Elf64_Rela);

	if (*word != '@')
		return at + n * sizeof(Elf64_Rela);
	for (; count--; at += sizeof(Elf64_Rela))
		if (get(image, at, 8) == n)
			return at;
	die("no relocation of offset %s in %s", word + 1, section);
}

/* ---- words of a line ---- */

static const char *word(void)
{
	const char *w = strtok(NULL, " \t\n");

	if (!w)
		die("a word is missing");
	return w;
}

static uint64_t number(const char *w)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(w, &end, 0);
	if (errno || end == w || *end)
		die("'%s' is no number", w);
	return n;
}

/* Cuts off the sign in a word and what stands behind it: a number to be added. */
static uint64_t cut_addend(char *w)
{
	char *sign = strpbrk(w, "+-");
	uint64_t add = sign ? number(sign) : 0;

	if (sign)
		*sign = '\0';
	return add;
}

static uint64_t value(const struct image *image, uint64_t old)
{
	const char *given = word();
	char term[256];
	uint64_t add;

	if (*given == '-' || (*given >= '0' && *given <= '9'))
		return number(given);
	snprintf(term, sizeof(term), "%s", given);
	add = cut_addend(term);
	if (!strcmp(term, "old"))
		return old + add;
	if (!strcmp(term, "size"))
		return image->size + add;
	if (!strncmp(term, "size:", 5))
		return section_size(image, term + 5) + add;
	if (!strncmp(term, "section:", 8))
		return section_number(image, term + 8) + add;
	if (!strncmp(term, "symbol:", 7))
		return symbol_number(image, term + 7) + add;
	die("what is %s?", given);
}

static size_t place(const struct image *image, const char *section)
{
	return section_offset(image, section) + value(image, 0);
}

static const struct field *field(const struct field *fields)
{
	const char *w = word();

	for (; fields->name; fields++)
		if (!strcmp(fields->name, w))
			return fields;
	die("no field %s", w);
}

/* ---- the statements ---- */

static void poke_field(struct image *image, size_t base, const struct field *f)
{
	size_t at = base + f->offset;

	put(image, at, f->width, value(image, get(image, at, f->width)));
}

static void line_ehdr(struct image *image)
{
	poke_field(image, 0, field(ehdr_fields));
}

static void line_ident(struct image *image)
{
	size_t at = number(word());

	put(image, at, 1, value(image, get(image, at, 1)));
}

static void line_section(struct image *image)
{
	size_t at = section_header(image, word());

	poke_field(image, at, field(section_fields));
}

static void line_symbol(struct image *image)
{
	size_t at = symbol_entry(image, word());

	poke_field(image, at, field(symbol_fields));
}

static void line_reloc(struct image *image)
{
	const char *section = word();
	size_t at = reloc_entry(image, section, word());
	const char *name = word();
	uint64_t info = get(image, at + 8, 8);

	if (!strcmp(name, "r_type"))
		put(image, at + 8, 8,
		    ELF64_R_INFO(ELF64_R_SYM(info), value(image, ELF64_R_TYPE(info))));
	else if (!strcmp(name, "r_sym"))
		put(image, at + 8, 8,
		    ELF64_R_INFO(value(image, ELF64_R_SYM(info)), ELF64_R_TYPE(info)));
	else if (!strcmp(name, "r_offset"))
		put(image, at, 8, value(image, get(image, at, 8)));
	else if (!strcmp(name, "r_addend"))
		put(image, at + 16, 8, value(image, get(image, at + 16, 8)));
	else
		die("no field %s", name);
}

static void line_data(struct image *image)
{
	size_t at = place(image, word());
	unsigned int width = (unsigned int)number(word());

	if (width != 1 && width != 2 && width != 4 && width != 8)
		die("%u bytes are no number", width);
	put(image, at, width, value(image, get(image, at, width)));
}

static void line_text(struct image *image)
{
	size_t at = place(image, word());

	for (const char *text = word(); *text; text++)
		put(image, at++, 1, (unsigned char)*text);
}

static void grow(struct image *image, const char *section, uint64_t size)
{
	uint64_t old = section_size(image, section);
	size_t at = append(image, section_offset(image, section), old, size);
	size_t header = section_header(image, section);

	put(image, header + offsetof(Elf64_Shdr, sh_offset), 8, at);
	put(image, header + offsetof(Elf64_Shdr, sh_size), 8, old + size);
}

static void line_grow(struct image *image)
{
	const char *section = word();

	grow(image, section, number(word()));
}

/* Puts a string at the end of a table; where it stands in the table. */
static uint64_t new_string(struct image *image, const char *table, const char *s)
{
	uint64_t at = section_size(image, table);

	grow(image, table, strlen(s) + 1);
	memcpy(image->data + section_offset(image, table) + at, s, strlen(s));
	return at;
}

static void line_add(struct image *image)
{
	const char *name = word();
	uint64_t type = number(word()), size = number(word());
	uint64_t name_at = new_string(image, ".shstrtab", name);
	uint64_t count = get(image, offsetof(Elf64_Ehdr, e_shnum), 2);
	size_t contents = append(image, 0, 0, size);
	size_t table = append(image, get(image, offsetof(Elf64_Ehdr, e_shoff), 8),
			      count * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr));
	size_t header = table + count * sizeof(Elf64_Shdr);

	put(image, offsetof(Elf64_Ehdr, e_shoff), 8, table);
	put(image, offsetof(Elf64_Ehdr, e_shnum), 2, count + 1);
	put(image, header + offsetof(Elf64_Shdr, sh_name), 4, name_at);
	put(image, header + offsetof(Elf64_Shdr, sh_type), 4, type);
	put(image, header + offsetof(Elf64_Shdr, sh_offset), 8, contents);
	put(image, header + offsetof(Elf64_Shdr, sh_size), 8, size);
	put(image, header + offsetof(Elf64_Shdr, sh_addralign), 8, 1);
}

static void line_rename(struct image *image)
{
	const char *what = word(), *name = word(), *to = word();

	if (!strcmp(what, "section")) {
		uint64_t at = new_string(image, ".shstrtab", to);

		put(image, section_header(image, name), 4, at);
	} else if (!strcmp(what, "symbol")) {
		uint64_t at = new_string(image, ".strtab", to);

		put(image, symbol_entry(image, name), 4, at);
	} else {
		die("a %s has no name", what);
	}
}

static void line_xindex(struct image *image)
{
	const char *symbol = word();
	size_t at = symbol_entry(image, symbol);
	size_t number_at = section_offset(image, ".symtab_shndx") +
			   symbol_number(image, symbol) * 4;

	put(image, at + offsetof(Elf64_Sym, st_shndx), 2, SHN_XINDEX);
	put(image, number_at, 4, value(image, 0));
}

static const struct {
	const char *word;
	void (*line)(struct image *image);
} statements[] = {
	{ "ehdr", line_ehdr },	   { "ident", line_ident },   { "section", line_section },
	{ "symbol", line_symbol }, { "reloc", line_reloc },   { "data", line_data },
	{ "text", line_text },	   { "grow", line_grow },     { "add", line_add },
	{ "rename", line_rename }, { "xindex", line_xindex },
};

static void statement(struct image *image, char *line)
{
	const char *first = strtok(line, " \t\n");

	if (!first || *first == '#')
		return;
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
		if (strcmp(statements[i].word, first) != 0)
			continue;
		statements[i].line(image);
		if (strtok(NULL, " \t\n"))
			die("too many words");
		return;
	}
	die("what is %s?", first);
}

int main(int argc, char **argv)
{
	struct image image;
	char line[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: poke FILE <CHANGES\n");
		return 2;
	}
	path = argv[1];
	read_image(&image);
	while (fgets(line, sizeof(line), stdin)) {
		line_number++;
		statement(&image, line);
	}
	write_image(&image);
	free(image.data);
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-convert FILE
 *
 * Make klp relocations, as no linker does, in an ELF64 relocatable file of either byte
 * order: relocations to undefined symbols of the name
 *
 *	klp.sym.rela.SECOBJ.SYMOBJ.NAME.SYMPOS
 *
 * move out of .relaSECTION to .klp.rela.SECOBJ.SECTION, and the symbols become
 * .klp.sym.SYMOBJ.NAME,SYMPOS of section SHN_LIVEPATCH.  The file is written anew, with
 *what is new behind what was there.
 *
 * It is for files that compilers and linkers of the corpus have made, and believes them.
 */
#include <elf.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHN_LIVEPATCH 0xff20
#define SHF_RELA_LIVEPATCH 0x00100000

struct buffer {
	unsigned char *data;
	size_t size;
};

struct section {
	Elf64_Shdr header;
	/* Not in what was read. */
	struct buffer contents;
	bool rewritten;
};

static struct buffer file;
static bool swapped;
static Elf64_Ehdr header;
static struct section *sections;
static size_t n_sections, symtab;

/* Turn a field round, in place, where the file's byte order is not ours. */
#define SWAP(field)                                     \
	do {                                            \
		if (swapped)                            \
			reverse(&(field), sizeof(field)); \
	} while (0)

static void reverse(void *field, size_t size)
{
	unsigned char *bytes = field;

	for (size_t i = 0; i < size / 2; i++) {
		unsigned char byte = bytes[i];

		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = byte;
	}
}

static void swap_header(Elf64_Ehdr *h)
{
	SWAP(h->e_type);
	SWAP(h->e_machine);
	SWAP(h->e_version);
	SWAP(h->e_entry);
	SWAP(h->e_phoff);
	SWAP(h->e_shoff);
	SWAP(h->e_flags);
	SWAP(h->e_ehsize);
	SWAP(h->e_phentsize);
	SWAP(h->e_phnum);
	SWAP(h->e_shentsize);
	SWAP(h->e_shnum);
	SWAP(h->e_shstrndx);
}

static void swap_section(Elf64_Shdr *s)
{
	SWAP(s->sh_name);
	SWAP(s->sh_type);
	SWAP(s->sh_flags);
	SWAP(s->sh_addr);
	SWAP(s->sh_offset);
	SWAP(s->sh_size);
	SWAP(s->sh_link);
	SWAP(s->sh_info);
	SWAP(s->sh_addralign);
	SWAP(s->sh_entsize);
}

static void *allocate(void *old, size_t size)
{
	void *new = realloc(old, size + 1);

	if (!new)
		err(1, "realloc");
	return new;
}

static size_t append(struct buffer *buffer, const void *data, size_t size)
{
	size_t at = buffer->size;

	buffer->data = allocate(buffer->data, at + size);
	memcpy(buffer->data + at, data, size);
	buffer->size += size;
	return at;
}

/* ---- reading and writing --------------------------------------------------------------
 */

static void read_all(const char *path)
{
	FILE *f = fopen(path, "rb");
	unsigned char part[65536];
	size_t n;

	if (!f)
		err(1, "%s", path);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		append(&file, part, n);
	if (ferror(f) || fclose(f) != 0)
		err(1, "%s", path);
}

static unsigned char *original(size_t offset, size_t size)
{
	if (offset > file.size || size > file.size - offset)
		errx(1, "offset %zu, size %zu: not in the file", offset, size);
	return file.data + offset;
}

static void parse(void)
{
	memcpy(&header, original(0, sizeof(header)), sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64)
		errx(1, "not ELF64");
	swapped = (header.e_ident[EI_DATA] == ELFDATA2MSB) !=
		  (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	swap_header(&header);
	if (header.e_type != ET_REL || header.e_shentsize != sizeof(Elf64_Shdr) ||
	    header.e_shnum == 0 || header.e_shstrndx >= header.e_shnum)
		errx(1, "not a relocatable file of the usual kind");
	n_sections = header.e_shnum;
	sections = allocate(NULL, n_sections * sizeof(*sections));
	for (size_t i = 0; i < n_sections; i++) {
		sections[i] = (struct section){ 0 };
		memcpy(&sections[i].header,
		       original(header.e_shoff + i * sizeof(Elf64_Shdr),
				sizeof(Elf64_Shdr)),
		       sizeof(Elf64_Shdr));
		swap_section(&sections[i].header);
		if (sections[i].header.sh_type == SHT_SYMTAB)
			symtab = i;
	}
	if (!symtab)
		errx(1, "no symbols");
}

/* Contents that can be changed, and become longer. */
static struct buffer *contents(size_t i)
{
	struct section *s = &sections[i];

	if (!s->rewritten) {
		append(&s->contents, original(s->header.sh_offset, s->header.sh_size),
		       s->header.sh_size);
		s->rewritten = true;
	}
	return &s->contents;
}

static const char *string(size_t table, size_t offset)
{
	struct buffer *strings = contents(table);

	if (offset >= strings->size ||
	    !memchr(strings->data + offset, '\0', strings->size - offset))
		errx(1, "string %zu is not in section %zu", offset, table);
	return (const char *)strings->data + offset;
}

static void align(struct buffer *buffer, size_t to)
{
	static const char zeros[64];

	append(buffer, zeros, (to - buffer->size % to) % to);
}

static void write_all(const char *path)
{
	FILE *f;

	for (size_t i = 0; i < n_sections; i++) {
		struct section *s = &sections[i];

		if (!s->rewritten)
			continue;
		align(&file, 8);
		s->header.sh_size = s->contents.size;
		s->header.sh_offset = append(&file, s->contents.data, s->contents.size);
	}
	align(&file, 8);
	header.e_shoff = file.size;
	header.e_shnum = (Elf64_Half)n_sections;
	for (size_t i = 0; i < n_sections; i++) {
		Elf64_Shdr copy = sections[i].header;

		swap_section(&copy);
		append(&file, &copy, sizeof(copy));
	}
	swap_header(&header);
	memcpy(file.data, &header, sizeof(header));
	f = fopen(path, "wb");
	if (!f || fwrite(file.data, 1, file.size, f) != file.size || fclose(f) != 0)
		err(1, "%s", path);
}

/* ---- conversion
 * ------------------------------------------------------------------------ */

static Elf64_Sym *symbol_at(size_t i)
{
	struct buffer *symbols = contents(symtab);

	if (i >= symbols->size / sizeof(Elf64_Sym))
		errx(1, "there is no symbol %zu", i);
	return (Elf64_Sym *)(void *)symbols->data + i;
}

/* SECOBJ of a symbol that is to be converted, and all that is behind it. */
static bool split_symbol(size_t i, char object[64], const char **rest)
{
	static const char prefix[] = "klp.sym.rela.";
	Elf64_Word offset = symbol_at(i)->st_name;
	const char *name;
	size_t n;

	SWAP(offset);
	name = string(sections[symtab].header.sh_link, offset);
	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return false;
	name += strlen(prefix);
	n = strcspn(name, ".");
	if (n == 0 || n >= 64 || name[n] != '.')
		errx(1, "%s: no object", name);
	memcpy(object, name, n);
	object[n] = '\0';
	*rest = name + n + 1;
	return true;
}

static void *relocations(size_t i, size_t *n)
{
	struct buffer *relas = contents(i);

	*n = relas->size / sizeof(Elf64_Rela);
	return relas->data;
}

/* Make a section, or find it where it was made before. */
static size_t klp_section(const char *object, size_t target)
{
	const char *target_name = string(header.e_shstrndx,
					 sections[target].header.sh_name);
	char name[256];
	struct section *s;

	if (snprintf(name, sizeof(name), ".klp.rela.%s.%s", object, target_name) >=
	    (int)sizeof(name))
		errx(1, "%s: too long", target_name);
	for (size_t i = header.e_shnum; i < n_sections; i++) {
		if (!strcmp(string(header.e_shstrndx, sections[i].header.sh_name), name))
			return i;
	}
	sections = allocate(sections, (n_sections + 1) * sizeof(*sections));
	s = &sections[n_sections];
	*s = (struct section){ .rewritten = true };
	s->header.sh_type = SHT_RELA;
	s->header.sh_flags = SHF_RELA_LIVEPATCH | SHF_ALLOC | SHF_INFO_LINK;
	s->header.sh_link = (Elf64_Word)symtab;
	s->header.sh_info = (Elf64_Word)target;
	s->header.sh_addralign = 8;
	s->header.sh_entsize = sizeof(Elf64_Rela);
	s->header.sh_name = (Elf64_Word)append(contents(header.e_shstrndx), name,
					       strlen(name) + 1);
	return n_sections++;
}

static void convert_relocations(size_t number)
{
	size_t n, kept = 0;
	Elf64_Rela *relas = relocations(number, &n);

	for (size_t i = 0; i < n; i++) {
		Elf64_Xword info = relas[i].r_info;
		char object[64];
		const char *rest;
		size_t target = sections[number].header.sh_info, klp;

		SWAP(info);
		if (!split_symbol(ELF64_R_SYM(info), object, &rest)) {
			relas[kept++] = relas[i];
			continue;
		}
		klp = klp_section(object, target);
		append(&sections[klp].contents, &relas[i], sizeof(relas[i]));
	}
	sections[number].contents.size = kept * sizeof(*relas);
}

/* SYMOBJ.NAME.SYMPOS becomes .klp.sym.SYMOBJ.NAME,SYMPOS. */
static void convert_symbol(size_t i)
{
	size_t strings = sections[symtab].header.sh_link;
	Elf64_Sym *symbol = symbol_at(i);
	char object[64], name[512];
	const char *rest;

	if (!split_symbol(i, object, &rest))
		return;
	if (symbol->st_shndx != SHN_UNDEF)
		errx(1, "%s is defined", rest);
	if (snprintf(name, sizeof(name), ".klp.sym.%s", rest) >= (int)sizeof(name))
		errx(1, "%s: too long", rest);
	*strrchr(name, '.') = ',';
	symbol->st_name = (Elf64_Word)append(contents(strings), name, strlen(name) + 1);
	SWAP(symbol->st_name);
	symbol->st_shndx = SHN_LIVEPATCH;
	SWAP(symbol->st_shndx);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: klp-convert FILE");
	read_all(argv[1]);
	parse();
	for (size_t i = 1; i < header.e_shnum; i++) {
		if (sections[i].header.sh_type == SHT_RELA)
			convert_relocations(i);
	}
	for (size_t i = 1; i < contents(symtab)->size / sizeof(Elf64_Sym); i++)
		convert_symbol(i);
	write_all(argv[1]);
	return 0;
}

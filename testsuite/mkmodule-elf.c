// SPDX-License-Identifier: LGPL-2.1-or-later
/* An image of sections, symbols and relocations, up to the file's bytes. */
#include "mkmodule-internal.h"

/* ---- the image: sections, symbols, relocations ---- */

static struct symbol *add_symbol(struct image *img, struct symbol symbol)
{
	struct symbol *s = mk_check(malloc(sizeof(*s)));

	*s = symbol;
	s->name = mk_copy(symbol.name);
	APPEND(img->symbols, img->nsymbols, s);
	return s;
}

struct symbol *mk_find_symbol(struct image *img, const char *name)
{
	for (size_t i = 0; i < img->nsymbols; i++)
		if (!strcmp(img->symbols[i]->name, name))
			return img->symbols[i];
	return NULL;
}

struct symbol *mk_absolute(struct image *img, unsigned char bind, unsigned char type,
			   const char *name, uint64_t value)
{
	return add_symbol(img, (struct symbol){ .name = (char *)name,
						.bind = bind,
						.type = type,
						.shndx = SHN_ABS,
						.value = value });
}

struct symbol *mk_foreign(struct image *img, const char *name, uint16_t shndx)
{
	struct symbol *s = mk_find_symbol(img, name);

	if (s)
		return s;
	return add_symbol(img, (struct symbol){ .name = (char *)name,
						.bind = STB_GLOBAL,
						.shndx = shndx });
}

struct symbol *mk_defined(struct image *img, unsigned char bind, unsigned char type,
			  const char *name, struct section *section, uint64_t value,
			  uint64_t size)
{
	return add_symbol(img, (struct symbol){ .name = (char *)name,
						.bind = bind,
						.type = type,
						.section = section,
						.value = value,
						.size = size });
}

static struct section *new_section(const char *name, uint32_t type, uint64_t flags,
				   uint64_t align, uint64_t entsize)
{
	struct section *s = mk_check(calloc(1, sizeof(*s)));

	s->name = mk_copy(name);
	s->type = type;
	s->flags = flags;
	s->align = align;
	s->entsize = entsize;
	return s;
}

struct section *mk_add_section(struct image *img, const char *name, uint32_t type,
			       uint64_t flags, uint64_t align, uint64_t entsize)
{
	struct section *s = new_section(name, type, flags, align, entsize);

	APPEND(img->sections, img->nsections, s);
	if (type != SHT_RELA)
		s->symbol = mk_defined(img, STB_LOCAL, STT_SECTION, "", s, 0, 0);
	return s;
}

struct section *mk_find_section(struct image *img, const char *name)
{
	for (size_t i = 0; i < img->nsections; i++)
		if (!strcmp(img->sections[i]->name, name))
			return img->sections[i];
	return NULL;
}

void mk_add_reloc(struct image *img, struct section *rela, uint64_t offset, uint32_t type,
		  struct symbol *symbol, int64_t addend)
{
	APPEND(img->relocs, img->nrelocs,
	       (struct reloc){ rela, offset, (uint64_t)addend, type, symbol });
}

struct section *mk_rela_of(struct section *at)
{
	if (!at->rela) {
		char *name = mk_join(".rela", at->name);

		at->rela = new_section(name, SHT_RELA, SHF_INFO_LINK, 8,
				       sizeof(Elf64_Rela));
		at->rela->target = at;
		free(name);
	}
	return at->rela;
}

void mk_relocate(struct image *img, struct section *at, uint64_t offset, uint32_t type,
		 struct place to, int64_t addend)
{
	bool named = img->m->opt.symbols == NAMED || img->m->opt.symbols == GLOBAL;

	if (!to.section || (to.symbol && named))
		mk_add_reloc(img, mk_rela_of(at), offset, type, to.symbol, addend);
	else
		mk_add_reloc(img, mk_rela_of(at), offset, type, to.section->symbol,
			     (int64_t)to.offset + addend);
}

void mk_pointer(struct image *img, struct place at, uint64_t offset, struct place to)
{
	mk_relocate(img, at.section, at.offset + offset, img->arch->abs64, to, 0);
}

struct place mk_symbol_place(struct symbol *symbol)
{
	return (struct place){ NULL, 0, symbol };
}

/* ---- the file ---- */

static void put(struct image *img, struct buf *b, unsigned int width, uint64_t value)
{
	size_t at = mk_buf_add(b, NULL, width);

	mk_store(b->data + at, img->arch->big, width, value);
}

/* Numbers the sections that are in the file: each with its relocations right behind. */
static void number_sections(struct image *img)
{
	for (size_t i = 0; i < img->nsections; i++) {
		struct section *s = img->sections[i];

		if (!s->data.len && !s->keep && s->type != SHT_RELA)
			continue;
		APPEND(img->layout, img->nlayout, s);
		s->index = (uint32_t)img->nlayout;
		if (!s->rela)
			continue;
		APPEND(img->layout, img->nlayout, s->rela);
		s->rela->index = (uint32_t)img->nlayout;
	}
}

/* Local symbols stand in front of the others, whose first is the table's sh_info. */
static void write_symbols(struct image *img, struct section *symtab, struct buf *strtab)
{
	uint32_t n = 1;

	mk_buf_add(&symtab->data, NULL, sizeof(Elf64_Sym));
	mk_buf_add(strtab, NULL, 1);
	for (int global = 0; global < 2; global++) {
		for (size_t i = 0; i < img->nsymbols; i++) {
			struct symbol *s = img->symbols[i];
			struct buf *b = &symtab->data;

			if ((s->bind != STB_LOCAL) != global)
				continue;
			if (s->section && !s->section->index)
				continue;
			s->index = n++;
			put(img, b, 4, *s->name ? mk_buf_str(strtab, s->name) : 0);
			put(img, b, 1, ELF64_ST_INFO(s->bind, s->type));
			put(img, b, 1, STV_DEFAULT);
			put(img, b, 2, s->section ? s->section->index : s->shndx);
			put(img, b, 8, s->value);
			put(img, b, 8, s->size);
		}
		if (!global)
			symtab->info = n;
	}
}

/* No two in one section have the same offset: the order is one, whatever qsort does. */
static int by_offset(const void *a, const void *b)
{
	const struct reloc *r = a, *s = b;

	return (r->offset > s->offset) - (r->offset < s->offset);
}

static void write_relocs(struct image *img, uint32_t symtab)
{
	if (img->nrelocs)
		qsort(img->relocs, img->nrelocs, sizeof(*img->relocs), by_offset);
	for (size_t i = 0; i < img->nrelocs; i++) {
		const struct reloc *r = &img->relocs[i];

		put(img, &r->rela->data, 8, r->offset);
		put(img, &r->rela->data, 8, ELF64_R_INFO(r->symbol->index, r->type));
		put(img, &r->rela->data, 8, r->addend);
	}
	for (size_t i = 0; i < img->nlayout; i++) {
		struct section *s = img->layout[i];

		if (s->type == SHT_RELA) {
			s->link = symtab;
			s->info = s->target->index;
		}
	}
}

static struct section *add_table(struct image *img, const char *name, uint32_t type,
				 uint64_t align, uint64_t entsize)
{
	struct section *s = new_section(name, type, 0, align, entsize);

	APPEND(img->sections, img->nsections, s);
	APPEND(img->layout, img->nlayout, s);
	s->index = (uint32_t)img->nlayout;
	return s;
}

static void write_section_headers(struct image *img, struct buf *out)
{
	mk_buf_add(out, NULL, sizeof(Elf64_Shdr));
	for (size_t i = 0; i < img->nlayout; i++) {
		const struct section *s = img->layout[i];

		put(img, out, 4, s->name_at);
		put(img, out, 4, s->type);
		put(img, out, 8, s->flags);
		put(img, out, 8, 0);
		put(img, out, 8, s->offset);
		put(img, out, 8, s->data.len);
		put(img, out, 4, s->link);
		put(img, out, 4, s->info);
		put(img, out, 8, s->align);
		put(img, out, 8, s->entsize);
	}
}

static void write_header(struct image *img, struct buf *b, uint64_t shoff,
			 uint32_t shstrndx)
{
	const unsigned char ident[EI_NIDENT] = {
		ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
		img->arch->big ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE,
	};

	mk_buf_add(b, ident, sizeof(ident));
	put(img, b, 2, ET_REL);
	put(img, b, 2, img->arch->machine);
	put(img, b, 4, EV_CURRENT);
	put(img, b, 8, 0); /* e_entry */
	put(img, b, 8, 0); /* e_phoff */
	put(img, b, 8, shoff);
	put(img, b, 4, img->arch->flags);
	put(img, b, 2, sizeof(Elf64_Ehdr));
	put(img, b, 2, 0); /* e_phentsize */
	put(img, b, 2, 0); /* e_phnum */
	put(img, b, 2, sizeof(Elf64_Shdr));
	put(img, b, 2, img->nlayout + 1);
	put(img, b, 2, shstrndx);
}

/* struct module_signature, big-endian everywhere, says PKCS#7; then the magic string. */
static void write_signature(struct buf *out)
{
	static const char magic[] = "~Module signature appended~\n";
	unsigned char trailer[12] = { 0, 0, 2 };
	size_t len = 256, at = mk_buf_add(out, NULL, len);

	memset(out->data + at, 0x5a, len);
	mk_store(trailer + 8, true, 4, len);
	mk_buf_add(out, trailer, sizeof(trailer));
	mk_buf_add(out, magic, sizeof(magic) - 1);
}

void mk_write_image(struct image *img, struct buf *out)
{
	struct section *symtab, *strtab, *shstrtab;
	struct buf header = { 0 };
	uint64_t shoff;

	number_sections(img);
	symtab = add_table(img, ".symtab", SHT_SYMTAB, 8, sizeof(Elf64_Sym));
	strtab = add_table(img, ".strtab", SHT_STRTAB, 1, 0);
	shstrtab = add_table(img, ".shstrtab", SHT_STRTAB, 1, 0);
	symtab->link = strtab->index;
	write_symbols(img, symtab, &strtab->data);
	write_relocs(img, symtab->index);
	mk_buf_add(&shstrtab->data, NULL, 1);
	for (size_t i = 0; i < img->nlayout; i++)
		img->layout[i]->name_at = mk_buf_str(&shstrtab->data,
						     img->layout[i]->name);

	mk_buf_add(out, NULL, sizeof(Elf64_Ehdr));
	for (size_t i = 0; i < img->nlayout; i++) {
		struct section *s = img->layout[i];

		mk_buf_align(out, (size_t)s->align);
		s->offset = out->len;
		if (s->type != SHT_NOBITS)
			mk_buf_add(out, s->data.data, s->data.len);
	}
	mk_buf_align(out, 8);
	shoff = out->len;
	write_section_headers(img, out);
	write_header(img, &header, shoff, shstrtab->index);
	memcpy(out->data, header.data, header.len);
	free(header.data);
	if (img->m->opt.signature)
		write_signature(out);
}

static void free_section(struct section *s)
{
	if (!s)
		return;
	free_section(s->rela);
	free(s->data.data);
	free(s->name);
	free(s);
}

void mk_free_image(struct image *img)
{
	for (size_t i = 0; i < img->nsections; i++)
		free_section(img->sections[i]);
	for (size_t i = 0; i < img->nsymbols; i++) {
		free(img->symbols[i]->name);
		free(img->symbols[i]);
	}
	free(img->sections);
	free(img->layout);
	free(img->symbols);
	free(img->relocs);
}

/* ---- helpers for damage ---- */

uint64_t mkmodule_get(const unsigned char *image, size_t offset, unsigned int width)
{
	return mk_load(image + offset, image[EI_DATA] == ELFDATA2MSB, width);
}

void mkmodule_put(unsigned char *image, size_t offset, unsigned int width, uint64_t value)
{
	mk_store(image + offset, image[EI_DATA] == ELFDATA2MSB, width, value);
}

static size_t shdr(const unsigned char *image, uint64_t index)
{
	return (size_t)(mkmodule_get(image, offsetof(Elf64_Ehdr, e_shoff), 8) +
			index * sizeof(Elf64_Shdr));
}

static size_t contents(const unsigned char *image, size_t header)
{
	return (size_t)mkmodule_get(image, header + offsetof(Elf64_Shdr, sh_offset), 8);
}

size_t mkmodule_shdr(const unsigned char *image, const char *section)
{
	uint64_t n = mkmodule_get(image, offsetof(Elf64_Ehdr, e_shnum), 2);
	uint64_t names = mkmodule_get(image, offsetof(Elf64_Ehdr, e_shstrndx), 2);
	const char *table = (const char *)image + contents(image, shdr(image, names));

	for (uint64_t i = 1; i < n; i++) {
		size_t at = shdr(image, i);

		if (!strcmp(table + mkmodule_get(image, at, 4), section))
			return at;
	}
	return 0;
}

size_t mkmodule_contents(const unsigned char *image, const char *section)
{
	size_t at = mkmodule_shdr(image, section);

	return at ? contents(image, at) : 0;
}

size_t mkmodule_reloc(const unsigned char *image, const char *section, uint64_t offset)
{
	char *name = mk_join(".rela", section);
	size_t header = mkmodule_shdr(image, name), at, end;

	free(name);
	if (!header)
		header = mkmodule_shdr(image, section);
	if (!header)
		return 0;
	at = contents(image, header);
	end = at + (size_t)mkmodule_get(image, header + offsetof(Elf64_Shdr, sh_size), 8);
	for (; at < end; at += sizeof(Elf64_Rela))
		if (offset == UINT64_MAX || mkmodule_get(image, at, 8) == offset)
			return at;
	return 0;
}

size_t mkmodule_symbol(const unsigned char *image, const char *symbol)
{
	size_t table = mkmodule_shdr(image, ".symtab");
	const char *names = (const char *)image + mkmodule_contents(image, ".strtab");
	size_t at = contents(image, table);
	size_t end = at + (size_t)mkmodule_get(image,
					       table + offsetof(Elf64_Shdr, sh_size), 8);

	for (at += sizeof(Elf64_Sym); at < end; at += sizeof(Elf64_Sym))
		if (!strcmp(names + mkmodule_get(image, at, 4), symbol))
			return at;
	return 0;
}

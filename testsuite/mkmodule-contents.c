// SPDX-License-Identifier: LGPL-2.1-or-later
/* What stands in any module: strings, code, functions, tables, .modinfo. */
#include "mkmodule-internal.h"

/* struct module as x86_64 6.1 has it. */
enum { MODULE_NAME = 24, MODULE_INIT = 0x138, MODULE_EXIT = 0x390, MODULE_SIZE = 0x400 };

static const struct place nowhere;

struct place mk_string_in(struct image *img, struct section *sec, size_t from,
			  const char *s)
{
	bool rodata = !strcmp(sec->name, ".rodata.str1.1");
	struct place p = { .section = sec };
	char label[32];
	unsigned int nr = 0;

	for (; p.offset < sec->data.len; nr++) {
		const char *have = (const char *)sec->data.data + p.offset;

		if (p.offset >= from && !strcmp(have, s))
			break;
		p.offset += strlen(have) + 1;
	}
	snprintf(label, sizeof(label), "%.16s%u", rodata ? ".LC" : sec->name, nr);
	if (p.offset < sec->data.len) {
		p.symbol = mk_find_symbol(img, label);
		return p;
	}
	mk_buf_str(&sec->data, s);
	if (img->m->opt.symbols == NAMED || img->m->opt.symbols == GLOBAL)
		p.symbol = mk_defined(img, STB_LOCAL, STT_NOTYPE, label, sec, p.offset,
				      0);
	return p;
}

struct place mk_string(struct image *img, const char *s)
{
	return mk_string_in(img, mk_find_section(img, ".rodata.str1.1"), 0, s);
}

void mk_code(struct image *img, struct section *sec, const struct piece *piece,
	     struct place to, int64_t addend)
{
	size_t at = mk_buf_add(&sec->data, piece->code, piece->size);

	for (size_t i = 0; i < ARRAY_SIZE(piece->fixups); i++) {
		const struct fixup *f = &piece->fixups[i];

		if (!f->type)
			continue;
		if (f->label)
			mk_add_reloc(img, mk_rela_of(sec), at + f->at, f->type,
				     mk_defined(img, STB_LOCAL, STT_NOTYPE, ".L0 ", sec,
						at + piece->fixups[0].at, 0),
				     0);
		else
			mk_relocate(img, sec, at + f->at, f->type, to,
				    addend + f->addend);
	}
}

struct place mk_begin_function(struct image *img, const char *in, unsigned char bind,
			       const char *name)
{
	struct section *sec = mk_find_section(img, in);
	struct place p = { .section = sec };

	mk_buf_align(&sec->data, 16);
	p.offset = sec->data.len;
	p.symbol = mk_defined(img, bind, STT_FUNC, name, sec, p.offset, 0);
	return p;
}

void mk_end_function(struct image *img, struct place f)
{
	mk_code(img, f.section, &img->arch->ret, nowhere, 0);
	f.symbol->size = f.section->data.len - f.offset;
}

/* Tells ftrace about a function that begins here, and makes room for its call. */
static void traceable(struct image *img, struct place f)
{
	struct section *sec = mk_find_section(img, img->arch->ftrace);
	struct place entry = { sec, mk_buf_add(&sec->data, NULL, 8), NULL };

	mk_pointer(img, entry, 0, (struct place){ f.section, f.offset, NULL });
	mk_code(img, f.section, &img->arch->nop, nowhere, 0);
}

struct place mk_function(struct image *img, unsigned char bind, const char *name)
{
	struct place f = mk_begin_function(img, ".text", bind, name);

	traceable(img, f);
	mk_end_function(img, f);
	return f;
}

struct place mk_own_function(struct image *img, const char *name)
{
	char *own = mk_join(".text.", name);
	struct place f = { .section = mk_add_section(img, own, SHT_PROGBITS,
						     SHF_ALLOC | SHF_EXECINSTR, 16, 0) };

	free(own);
	mk_buf_add(&f.section->data, NULL, img->m->opt.prefix);
	f.offset = f.section->data.len;
	f.symbol = mk_defined(img, STB_LOCAL, STT_FUNC, name, f.section, f.offset, 0);
	traceable(img, f);
	mk_end_function(img, f);
	return f;
}

static void modinfo_default(struct image *img, const char *key, const char *value)
{
	struct buf *b = &mk_find_section(img, ".modinfo")->data;
	size_t len = strlen(key);

	for (size_t i = 0; i < img->m->nmodinfo; i++) {
		const char *given = img->m->modinfo[i];

		if (!strncmp(given, key, len) && given[len] == '=')
			return;
	}
	mk_buf_add(b, key, len);
	mk_buf_add(b, "=", 1);
	mk_buf_str(b, value);
}

static void modinfo(struct image *img)
{
	for (size_t i = 0; i < img->m->nmodinfo; i++)
		mk_buf_str(&mk_find_section(img, ".modinfo")->data, img->m->modinfo[i]);
	if (img->m->kind != NO_LIVEPATCH)
		modinfo_default(img, "livepatch", "Y");
	modinfo_default(img, "license", "GPL");
	modinfo_default(img, "depends", "");
	modinfo_default(img, "name", img->m->name);
	modinfo_default(img, "vermagic", MKMODULE_VERMAGIC);
}

/* struct modversion_info; modpost leaves out what is too long for it. */
static void version(struct image *img, const char *symbol, uint32_t crc)
{
	struct buf *b = &mk_find_section(img, "__versions")->data;
	size_t len = strlen(symbol), at;

	if (len >= MODULE_NAME_LEN)
		return;
	at = mk_buf_add(b, NULL, 64);
	mk_store(b->data + at, img->arch->big, 8, crc);
	memcpy(b->data + at + 8, symbol, len);
}

static void versions(struct image *img)
{
	version(img, "module_layout", mkmodule_crc("module_layout"));
	for (size_t i = 0; i < img->m->nimports; i++)
		version(img, img->m->imports[i].name, img->m->imports[i].crc);
	if (img->m->kind != NO_LIVEPATCH)
		version(img, "klp_enable_patch", mkmodule_crc("klp_enable_patch"));
}

/* A function that uses what others define: imports, and what klp relocations name. */
static void foreign_calls(struct image *img)
{
	const struct mkmodule *m = img->m;
	struct place f;

	if (!m->nimports && !m->nrelocs && !m->nsymbols)
		return;
	f = mk_begin_function(img, ".text", STB_LOCAL, "foreign_calls");
	traceable(img, f);
	for (size_t i = 0; i < m->nimports; i++) {
		struct symbol *s = mk_foreign(img, img->m->imports[i].name, SHN_UNDEF);

		mk_code(img, f.section, &img->arch->call, mk_symbol_place(s), 0);
	}
	for (size_t i = 0; i < m->nrelocs; i++) {
		const struct klp_reloc *r = &img->m->relocs[i];
		const struct piece *call = &img->arch->call;
		struct section *rela = mk_find_section(img, r->section);
		size_t at = mk_buf_add(&f.section->data, call->code, call->size);

		if (!rela) {
			rela = mk_add_section(img, r->section, SHT_RELA,
					      SHF_ALLOC | SHF_INFO_LINK |
						      SHF_RELA_LIVEPATCH,
					      8, sizeof(Elf64_Rela));
			rela->target = f.section;
		}
		mk_add_reloc(img, rela, at + call->fixups[0].at, call->fixups[0].type,
			     mk_foreign(img, r->symbol, SHN_LIVEPATCH),
			     call->fixups[0].addend);
	}
	for (size_t i = 0; i < m->nsymbols; i++) {
		struct symbol *s = mk_foreign(img, m->symbols[i].name,
					      m->symbols[i].shndx);

		mk_code(img, f.section, &img->arch->call, mk_symbol_place(s), 0);
	}
	mk_end_function(img, f);
}

/* As kernels before 5.8 have them: what alternatives and the like are about an object. */
static void arch_sections(struct image *img)
{
	for (size_t i = 0; i < img->m->narch; i++) {
		struct section *sec = mk_add_section(img, img->m->arch_sections[i],
						     SHT_PROGBITS, SHF_ALLOC, 8, 0);

		mk_buf_add(&sec->data, NULL, 16);
	}
}

/* struct kernel_symbol with relative references, as all but old kernels have it. */
static void export(struct image *img, const struct function *fn, struct place f)
{
	struct section *ksymtab = mk_find_section(img, "__ksymtab");
	struct section *strings = mk_find_section(img, "__ksymtab_strings");
	struct place entry = { ksymtab, mk_buf_add(&ksymtab->data, NULL, 12), NULL };
	struct place name = { strings, mk_buf_str(&strings->data, fn->name), NULL };
	struct place ns = { strings, mk_buf_add(&strings->data, NULL, 1), NULL };
	const struct {
		const char *prefix;
		struct place place;
	} symbols[] = {
		{ "__kstrtab_", name },
		{ "__kstrtabns_", ns },
		{ "__ksymtab_", entry },
	};
	char *s;

	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		s = mk_join(symbols[i].prefix, fn->name);
		mk_defined(img, STB_LOCAL, STT_NOTYPE, s, symbols[i].place.section,
			   symbols[i].place.offset, 0);
		free(s);
	}
	s = mk_join("__crc_", fn->name);
	mk_absolute(img, STB_GLOBAL, STT_NOTYPE, s, fn->crc);
	free(s);
	mk_add_reloc(img, mk_rela_of(ksymtab), entry.offset, img->arch->rel32, f.symbol,
		     0);
	mk_relocate(img, ksymtab, entry.offset + 4, img->arch->rel32, name, 0);
	mk_relocate(img, ksymtab, entry.offset + 8, img->arch->rel32, ns, 0);
}

static int by_name(const void *a, const void *b)
{
	const struct function *const *f = a, *const *g = b;

	return strcmp((*f)->name, (*g)->name);
}

/* Exports come sorted: the kernel looks for them with bsearch. */
static void functions(struct image *img)
{
	const struct function **exports = NULL;
	size_t n = 0;

	for (size_t i = 0; i < img->m->nfunctions; i++) {
		const struct function *fn = &img->m->functions[i];
		struct place f;

		if (fn->exported) {
			APPEND(exports, n, fn);
			continue;
		}
		f = mk_begin_function(img, ".text", STB_LOCAL, fn->name);
		if (fn->traceable)
			traceable(img, f);
		mk_end_function(img, f);
	}
	if (n)
		qsort(exports, n, sizeof(*exports), by_name);
	for (size_t i = 0; i < n; i++)
		export(img, exports[i], mk_function(img, STB_GLOBAL, exports[i]->name));
	free(exports);
}

/*
 * A static variable of zeros. gcc gives them the alignment of a cache line's half on
 * x86_64; with -fdata-sections each has a section of its own.
 */
struct place mk_variable(struct image *img, const char *in, const char *name, size_t size)
{
	const struct options *opt = &img->m->opt;
	struct section *sec = mk_find_section(img, in);
	unsigned char bind = opt->symbols == GLOBAL ? STB_GLOBAL : STB_LOCAL;
	struct place p;

	if (opt->split) {
		char *dot = mk_join(in, "."), *own = mk_join(dot, name);

		sec = mk_add_section(img, own, sec->type, sec->flags, 1, 0);
		free(own);
		free(dot);
	}
	if (sec->align < opt->align)
		sec->align = opt->align;
	mk_buf_align(&sec->data, opt->align);
	p.section = sec;
	p.offset = mk_buf_add(&sec->data, NULL, size);
	p.symbol = NULL;
	if (opt->symbols != STRIPPED)
		p.symbol = mk_defined(img, bind, STT_OBJECT, name, sec, p.offset, size);
	return p;
}

struct place mk_this_module(struct image *img)
{
	return mk_symbol_place(mk_find_symbol(img, "__this_module"));
}

/* Like a file_operations: owner, llseek, read. */
static void decoy(struct image *img)
{
	struct place fops = mk_variable(img, ".data", "decoy_fops", 256);

	mk_pointer(img, fops, 0, mk_this_module(img));
	mk_pointer(img, fops, 8, mk_function(img, STB_LOCAL, "decoy_llseek"));
	mk_pointer(img, fops, 16, mk_function(img, STB_LOCAL, "decoy_read"));
}
static struct place data(struct image *img)
{
	struct section *sec = mk_find_section(img, ".data");
	size_t at = mk_buf_add(&sec->data, NULL, img->m->opt.padding);

	if (img->m->opt.padding)
		memset(sec->data.data + at, 0xa5, img->m->opt.padding);
	if (img->m->opt.decoy)
		decoy(img);
	if (img->m->opt.empty) {
		mk_klp_build_section(img, "objects");
		mk_klp_build_section(img, "funcs");
	}
	switch (img->m->kind) {
	case KLP_PATCH:
		return mk_klp_patch(img);
	case KPATCH:
		return mk_kpatch(img);
	case KLP_BUILD:
		return mk_klp_build(img);
	default:
		return nowhere;
	}
}

/* movb $0x0,0x18(%rax) and movb $0x1,0x18(%rdi), as kpatch's hook and klp-build's init.c have
 * them for the field replace of what they have allocated. */
static const struct piece store_zero = { "\xc6\x40\x18\x00", 4, { { 0 } } };
static const struct piece store_one = { "\xc6\x47\x18\x01", 4, { { 0 } } };

static void init_module(struct image *img, struct place patch)
{
	struct place f = mk_begin_function(img, ".init.text", STB_GLOBAL, "init_module");

	if (img->m->kind == KLP_PATCH && img->m->replace == REPLACE_INIT)
		mk_code(img, f.section, &img->arch->set, patch, PATCH_REPLACE);
	if (patch.section || patch.symbol)
		mk_code(img, f.section, &img->arch->load, patch, 0);
	if ((img->m->kind == KPATCH || img->m->kind == KLP_BUILD) && img->m->says_replace &&
	    img->arch == &mk_arches[0])
		mk_code(img, f.section,
			img->m->replace == REPLACE_YES ? &store_one : &store_zero, nowhere, 0);
	if (img->m->kind != NO_LIVEPATCH)
		mk_code(img, f.section, &img->arch->call,
			mk_symbol_place(mk_foreign(img, "klp_enable_patch", SHN_UNDEF)),
			0);
	mk_end_function(img, f);
	mk_pointer(img, (struct place){ .section = mk_this_module(img).symbol->section },
		   MODULE_INIT, mk_symbol_place(f.symbol));
}

static void cleanup_module(struct image *img)
{
	struct place f = mk_begin_function(img, ".exit.text", STB_GLOBAL,
					   "cleanup_module");

	mk_end_function(img, f);
	mk_pointer(img, (struct place){ .section = mk_this_module(img).symbol->section },
		   MODULE_EXIT, mk_symbol_place(f.symbol));
}

static void struct_module(struct image *img)
{
	struct section *sec = mk_find_section(img, ".gnu.linkonce.this_module");
	size_t at = mk_buf_add(&sec->data, NULL, MODULE_SIZE);
	size_t len = strlen(img->m->name);

	if (len > MODULE_NAME_LEN)
		len = MODULE_NAME_LEN;
	memcpy(sec->data.data + at + MODULE_NAME, img->m->name, len);
	mk_defined(img, STB_GLOBAL, STT_OBJECT, "__this_module", sec, at, MODULE_SIZE);
}

/* The sections in the order of a real module; those that stay empty are left out. */
static void standard_sections(struct image *img)
{
	enum { A = SHF_ALLOC, AX = A | SHF_EXECINSTR, WA = A | SHF_WRITE,
	       AMS = A | SHF_MERGE | SHF_STRINGS };
	static const struct {
		const char *name;
		uint64_t flags, align, entsize;
		bool nobits, keep;
	} table[] = {
		{ ".text", AX, 16, 0, false, true },
		{ ".init.text", AX, 16, 0, false, false },
		{ ".exit.text", AX, 16, 0, false, false },
		{ "__ksymtab", A, 4, 0, false, false },
		{ "__ksymtab_strings", AMS, 1, 1, false, false },
		{ ".rodata.str1.1", AMS, 1, 1, false, false },
		{ ".modinfo", A, 1, 0, false, false },
		{ "__versions", A, 32, 0, false, false },
		{ "__mcount_loc", A, 8, 0, false, false },
		{ "__patchable_function_entries", WA, 8, 0, false, false },
		{ ".data", WA, 1, 0, false, true },
		{ ".gnu.linkonce.this_module", WA, 64, 0, false, false },
		{ ".bss", WA, 1, 0, true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		mk_add_section(img, table[i].name,
			       table[i].nobits ? SHT_NOBITS : SHT_PROGBITS,
			       table[i].flags, table[i].align, table[i].entsize)
			->keep = table[i].keep;
}

/* As ld --build-id writes it. */
static void build_id(struct image *img)
{
	const struct mkmodule *m = img->m;
	bool big = img->arch->big;
	struct section *sec;
	size_t at;

	if (!m->build_id_len)
		return;
	sec = mk_add_section(img, ".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, 4, 0);
	at = mk_buf_add(&sec->data, NULL, sizeof(Elf64_Nhdr));
	mk_store(sec->data.data + at, big, 4, sizeof(ELF_NOTE_GNU));
	mk_store(sec->data.data + at + 4, big, 4, m->build_id_len);
	mk_store(sec->data.data + at + 8, big, 4, NT_GNU_BUILD_ID);
	mk_buf_add(&sec->data, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU));
	mk_buf_add(&sec->data, m->build_id, m->build_id_len);
}

void mk_fill(struct image *img)
{
	mk_absolute(img, STB_LOCAL, STT_FILE, "module.c", 0);
	standard_sections(img);
	build_id(img);
	struct_module(img);
	modinfo(img);
	versions(img);
	foreign_calls(img);
	arch_sections(img);
	functions(img);
	init_module(img, data(img));
	cleanup_module(img);
}

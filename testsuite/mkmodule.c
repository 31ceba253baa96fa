// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Kernel modules for the tests, out of a description: see mkmodule.h.
 *
 * Three layers: bytes (growable buffers, byte order); an image of sections, symbols and
 * relocations that point to one another and get their numbers when the file is laid out;
 * and one function for each thing that stands in a module.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkmodule.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Not in every <elf.h>. */
#ifndef R_LARCH_B26
#define R_LARCH_B26 66
#define R_LARCH_PCALA_HI20 71
#define R_LARCH_PCALA_LO12 72
#endif
#ifndef R_LARCH_32_PCREL
#define R_LARCH_32_PCREL 99
#endif

#define SHF_RELA_LIVEPATCH 0x00100000
#define SHN_LIVEPATCH 0xff20

enum { MODULE_NAME_LEN = 56, PAGE = 4096 };

/* struct module as x86_64 6.1 has it. */
enum { MODULE_NAME = 24, MODULE_INIT = 0x138, MODULE_EXIT = 0x390, MODULE_SIZE = 0x400 };

/* Offsets in the livepatch structures: the same in every kernel. */
enum { PATCH_MOD = 0, PATCH_OBJS = 8, PATCH_REPLACE = 24, PATCH_MIN = 32 };
enum { OBJECT_NAME = 0, OBJECT_FUNCS = 8, OBJECT_CALLBACKS = 16, OBJECT_MIN = 56 };
enum { FUNC_OLD_NAME = 0, FUNC_NEW_FUNC = 8, FUNC_OLD_SYMPOS = 16, FUNC_MIN = 24 };

/* ---- bytes ---- */

static void *check(void *p)
{
	if (!p)
		abort();
	return p;
}

static char *copy(const char *s)
{
	return s ? check(strdup(s)) : NULL;
}

/* Makes room for element n of an array that has n; room doubles at powers of two. */
static void *grow(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return check(realloc(array, (n ? 2 * n : 1) * size));
}

#define APPEND(array, n, ...)                                                            \
	((array) = grow((array), (n), sizeof(*(array))), (array)[(n)++] = __VA_ARGS__)

struct buf {
	unsigned char *data;
	size_t len, cap;
};

/* Appends len bytes, zeros where data is NULL; where they stand. */
static size_t buf_add(struct buf *b, const void *data, size_t len)
{
	size_t at = b->len;

	if (b->cap - at < len) {
		b->cap = (at + len) * 2;
		b->data = check(realloc(b->data, b->cap));
	}
	if (data && len)
		memcpy(b->data + at, data, len);
	else if (len)
		memset(b->data + at, 0, len);
	b->len += len;
	return at;
}

static size_t buf_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s) + 1);
}

static void buf_align(struct buf *b, size_t align)
{
	buf_add(b, NULL, -b->len & (align - 1));
}

static void store(unsigned char *p, bool big, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		p[big ? width - 1 - i : i] = (unsigned char)(value >> 8 * i);
}

static uint64_t load(const unsigned char *p, bool big, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)p[big ? width - 1 - i : i] << 8 * i;
	return value;
}

static char *join(const char *a, const char *b)
{
	size_t len = strlen(a);
	char *s = check(malloc(len + strlen(b) + 1));

	memcpy(s, a, len);
	strcpy(s + len, b);
	return s;
}

/* ---- architectures ---- */

/*
 * A piece of code, as gcc makes it for a module, with the relocations in it. Those that
 * have the label flag refer not to the symbol but to the instruction of the first one:
 * that is how RISC-V pairs its two halves of an address.
 */
struct fixup {
	unsigned char at;
	bool label;
	uint16_t type;
	int8_t addend;
};

struct piece {
	const char *code;
	size_t size;
	struct fixup fixups[2];
};

#define CODE(s, ...) { s, sizeof(s) - 1, { __VA_ARGS__ } }

struct arch {
	const char *name;
	bool big;
	uint16_t machine;
	uint32_t flags;
	uint16_t abs64, rel32;
	const char *ftrace; /* the section with the places that ftrace can use */
	struct piece load;  /* first argument = &symbol */
	struct piece call;  /* symbol() */
	struct piece set;   /* *(char *)symbol = 1 */
	struct piece ret;
	struct piece nop;   /* the place for ftrace, at the start of each function */
};

static const struct arch arches[] = {
	{
		.name = "x86_64", .machine = EM_X86_64,
		.abs64 = R_X86_64_64, .rel32 = R_X86_64_PC32,
		.ftrace = "__mcount_loc",
		.load = CODE("\x48\xc7\xc7\0\0\0\0", { 3, 0, R_X86_64_32S, 0 }),
		.call = CODE("\xe8\0\0\0\0", { 1, 0, R_X86_64_PLT32, -4 }),
		.set = CODE("\xc6\x05\0\0\0\0\x01", { 2, 0, R_X86_64_PC32, -5 }),
		.ret = CODE("\xc3", { 0 }),
		.nop = CODE("\x0f\x1f\x44\0\0", { 0 }),
	}, {
		.name = "aarch64", .machine = EM_AARCH64,
		.abs64 = R_AARCH64_ABS64, .rel32 = R_AARCH64_PREL32,
		.ftrace = "__patchable_function_entries",
		.load = CODE("\0\0\0\x90\0\0\0\x91", /* adrp x0; add x0, x0 */
			     { 0, 0, R_AARCH64_ADR_PREL_PG_HI21, 0 },
			     { 4, 0, R_AARCH64_ADD_ABS_LO12_NC, 0 }),
		.call = CODE("\0\0\0\x94", { 0, 0, R_AARCH64_CALL26, 0 }),
		.set = CODE("\x22\0\x80\x52\x01\0\0\x90\x22\0\0\x39", /* ...; strb */
			    { 4, 0, R_AARCH64_ADR_PREL_PG_HI21, 0 },
			    { 8, 0, R_AARCH64_LDST8_ABS_LO12_NC, 0 }),
		.ret = CODE("\xc0\x03\x5f\xd6", { 0 }),
		.nop = CODE("\x1f\x20\x03\xd5\x1f\x20\x03\xd5", { 0 }),
	}, {
		.name = "ppc64le", .machine = EM_PPC64, .flags = 2 /* ELFv2 */,
		.abs64 = R_PPC64_ADDR64, .rel32 = R_PPC64_REL32,
		.ftrace = "__mcount_loc",
		.load = CODE("\0\0\x62\x3c\0\0\x63\x38", /* addis r3, r2; addi r3, r3 */
			     { 0, 0, R_PPC64_TOC16_HA, 0 },
			     { 4, 0, R_PPC64_TOC16_LO, 0 }),
		.call = CODE("\x01\0\0\x48\0\0\0\x60", { 0, 0, R_PPC64_REL24, 0 }),
		.set = CODE("\x01\0\x80\x38\0\0\xa2\x3c\0\0\x85\x98", /* li; addis; stb */
			    { 4, 0, R_PPC64_TOC16_HA, 0 },
			    { 8, 0, R_PPC64_TOC16_LO, 0 }),
		.ret = CODE("\x20\0\x80\x4e", { 0 }),
		.nop = CODE("\0\0\0\x60", { 0 }),
	}, {
		.name = "s390x", .big = true, .machine = EM_S390,
		.abs64 = R_390_64, .rel32 = R_390_PC32,
		.ftrace = "__mcount_loc",
		.load = CODE("\xc0\x20\0\0\0\0", { 2, 0, R_390_PC32DBL, 2 }),
		.call = CODE("\xc0\xe5\0\0\0\0", { 2, 0, R_390_PLT32DBL, 2 }),
		.set = CODE("\xc0\x10\0\0\0\0\x92\x01\x10\0", /* larl; mvi */
			    { 2, 0, R_390_PC32DBL, 2 }),
		.ret = CODE("\x07\xfe", { 0 }),
		.nop = CODE("\xc0\x04\0\0\0\0", { 0 }),
	}, {
		.name = "loongarch64", .machine = EM_LOONGARCH, .flags = 0x41,
		.abs64 = R_LARCH_64, .rel32 = R_LARCH_32_PCREL,
		.ftrace = "__patchable_function_entries",
		.load = CODE("\x04\0\0\x1a\x84\0\xc0\x02", /* pcalau12i $a0; addi.d */
			     { 0, 0, R_LARCH_PCALA_HI20, 0 },
			     { 4, 0, R_LARCH_PCALA_LO12, 0 }),
		.call = CODE("\0\0\0\x54", { 0, 0, R_LARCH_B26, 0 }),
		.set = CODE("\x0c\x04\x80\x03\x0d\0\0\x1a\xac\x01\0\x29", /* ...; st.b */
			    { 4, 0, R_LARCH_PCALA_HI20, 0 },
			    { 8, 0, R_LARCH_PCALA_LO12, 0 }),
		.ret = CODE("\x20\0\0\x4c", { 0 }),
		.nop = CODE("\0\0\x40\x03\0\0\x40\x03", { 0 }),
	}, {
		.name = "riscv64", .machine = EM_RISCV, .flags = EF_RISCV_RVC,
		.abs64 = R_RISCV_64, .rel32 = R_RISCV_32_PCREL,
		.ftrace = "__patchable_function_entries",
		.load = CODE("\x17\x05\0\0\x13\x05\x05\0", /* auipc a0; addi a0, a0 */
			     { 0, 0, R_RISCV_PCREL_HI20, 0 },
			     { 4, 1, R_RISCV_PCREL_LO12_I, 0 }),
		.call = CODE("\x97\0\0\0\xe7\x80\0\0", { 0, 0, R_RISCV_CALL_PLT, 0 }),
		.set = CODE("\x93\x02\x10\0\x17\x03\0\0\x23\0\x53\0", /* li; auipc; sb */
			    { 4, 0, R_RISCV_PCREL_HI20, 0 },
			    { 8, 1, R_RISCV_PCREL_LO12_S, 0 }),
		.ret = CODE("\x67\x80\0\0", { 0 }),
		.nop = CODE("\x13\0\0\0\x13\0\0\0", { 0 }),
	},
};

/* ---- the description ---- */

enum kind { NO_LIVEPATCH, KLP_PATCH, KLP_RELA, NONE_EVIDENCE };
enum symbols { SECTION, NAMED, GLOBAL, STRIPPED };
enum replace { REPLACE_NO, REPLACE_YES, REPLACE_INIT };
enum { PATCH_FIRST, PATCH_LAST };

/* The words of each list stand in the order of its enum. */
static const char *const kinds[] = { "", "klp-patch", "klp-rela", "none-evidence", NULL };
static const char *const replaces[] = { "no", "yes", "init", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const orders[] = { "patch-first", "patch-last", NULL };
static const char *const symbol_words[] = {
	"section", "named", "global", "stripped", NULL
};
static const char *const callbacks[] = {
	"pre_patch", "post_patch", "pre_unpatch", "post_unpatch", NULL
};

struct function {
	char *name;
	uint32_t crc;
	bool exported, traceable;
};

struct import {
	char *name;
	uint32_t crc;
};

struct klp_func {
	char *old_name;
	uint64_t sympos;
};

struct klp_object {
	char *name;
	struct klp_func *funcs;
	size_t nfuncs;
	bool callbacks[4];
	bool emptyfuncs, samefuncs;
};

struct klp_reloc {
	char *section; /* .klp.rela.OBJECT..text */
	char *symbol;  /* .klp.sym.OBJECT.NAME,SYMPOS */
};

/* Values of the option lines, named as there. */
struct options {
	unsigned long patchsize, objsize, funcsize, align, padding;
	unsigned long split, order, symbols, decoy, signature;
};

struct mkmodule {
	char *name;
	const struct arch *arch;
	enum kind kind;
	enum replace replace;
	struct options opt;
	char **modinfo;
	struct import *imports;
	struct function *functions;
	struct klp_object *objects;
	struct klp_reloc *relocs;
	size_t nmodinfo, nimports, nfunctions, nobjects, nrelocs;
};

struct mkmodule *mkmodule_new(const char *name)
{
	struct mkmodule *m = check(calloc(1, sizeof(*m)));

	m->name = copy(name);
	m->arch = &arches[0];
	m->opt.patchsize = 200;
	m->opt.objsize = 168;
	m->opt.funcsize = 152;
	m->opt.align = 32;
	return m;
}

void mkmodule_free(struct mkmodule *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->nmodinfo; i++)
		free(m->modinfo[i]);
	for (size_t i = 0; i < m->nimports; i++)
		free(m->imports[i].name);
	for (size_t i = 0; i < m->nfunctions; i++)
		free(m->functions[i].name);
	for (size_t i = 0; i < m->nobjects; i++) {
		for (size_t j = 0; j < m->objects[i].nfuncs; j++)
			free(m->objects[i].funcs[j].old_name);
		free(m->objects[i].funcs);
		free(m->objects[i].name);
	}
	for (size_t i = 0; i < m->nrelocs; i++) {
		free(m->relocs[i].section);
		free(m->relocs[i].symbol);
	}
	free(m->modinfo);
	free(m->imports);
	free(m->functions);
	free(m->objects);
	free(m->relocs);
	free(m->name);
	free(m);
}

/* The index of a word in a list, or -EINVAL. */
static int lookup(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -EINVAL;
}

int mkmodule_set_name(struct mkmodule *m, const char *name)
{
	free(m->name);
	m->name = copy(name);
	return 0;
}

int mkmodule_set_arch(struct mkmodule *m, const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++) {
		if (!strcmp(arches[i].name, arch)) {
			m->arch = &arches[i];
			return 0;
		}
	}
	return -EINVAL;
}

int mkmodule_add_modinfo(struct mkmodule *m, const char *key_value)
{
	APPEND(m->modinfo, m->nmodinfo, copy(key_value));
	return 0;
}

uint32_t mkmodule_crc(const char *symbol)
{
	uint32_t crc = ~0U;

	for (; *symbol; symbol++) {
		crc ^= (unsigned char)*symbol;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

int mkmodule_add_import(struct mkmodule *m, const char *symbol, uint32_t crc)
{
	APPEND(m->imports, m->nimports,
	       (struct import){ copy(symbol), crc ? crc : mkmodule_crc(symbol) });
	return 0;
}

int mkmodule_add_export(struct mkmodule *m, const char *symbol, uint32_t crc)
{
	APPEND(m->functions, m->nfunctions,
	       (struct function){ .name = copy(symbol),
				  .crc = crc ? crc : mkmodule_crc(symbol),
				  .exported = true,
				  .traceable = true });
	return 0;
}

int mkmodule_add_local(struct mkmodule *m, const char *symbol, int traceable)
{
	APPEND(m->functions, m->nfunctions,
	       (struct function){ .name = copy(symbol), .traceable = traceable != 0 });
	return 0;
}

int mkmodule_set_livepatch(struct mkmodule *m, const char *kind)
{
	int i = lookup(kinds, kind);

	if (i <= NO_LIVEPATCH)
		return -EINVAL;
	m->kind = (enum kind)i;
	return 0;
}

int mkmodule_add_object(struct mkmodule *m, const char *name)
{
	APPEND(m->objects, m->nobjects, (struct klp_object){ .name = copy(name) });
	return 0;
}

static struct klp_object *last_object(struct mkmodule *m)
{
	return m->nobjects ? &m->objects[m->nobjects - 1] : NULL;
}

int mkmodule_add_func(struct mkmodule *m, const char *old_name, uint64_t sympos)
{
	struct klp_object *obj = last_object(m);

	if (!obj || obj->samefuncs)
		return -EINVAL;
	APPEND(obj->funcs, obj->nfuncs, (struct klp_func){ copy(old_name), sympos });
	return 0;
}

int mkmodule_add_callback(struct mkmodule *m, const char *which)
{
	struct klp_object *obj = last_object(m);
	int i = lookup(callbacks, which);

	if (!obj || i < 0)
		return -EINVAL;
	obj->callbacks[i] = true;
	return 0;
}

int mkmodule_set_emptyfuncs(struct mkmodule *m)
{
	struct klp_object *obj = last_object(m);

	if (!obj)
		return -EINVAL;
	obj->emptyfuncs = true;
	return 0;
}

int mkmodule_set_samefuncs(struct mkmodule *m)
{
	if (m->nobjects < 2 || last_object(m)->nfuncs)
		return -EINVAL;
	last_object(m)->samefuncs = true;
	return 0;
}

int mkmodule_add_reloc(struct mkmodule *m, const char *secobj, const char *symobj,
		       const char *symbol, const char *sympos)
{
	size_t len = strlen(secobj) + strlen(symobj) + strlen(symbol) + strlen(sympos) +
		     sizeof(".klp.rela...text");
	struct klp_reloc r = { check(malloc(len)), check(malloc(len)) };

	snprintf(r.section, len, ".klp.rela.%s..text", secobj);
	snprintf(r.symbol, len, ".klp.sym.%s.%s,%s", symobj, symbol, sympos);
	APPEND(m->relocs, m->nrelocs, r);
	return 0;
}

int mkmodule_set_replace(struct mkmodule *m, const char *replace)
{
	int i = lookup(replaces, replace);

	if (i < 0)
		return -EINVAL;
	m->replace = (enum replace)i;
	return 0;
}

static int number(const char *s, unsigned long min, unsigned long max, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(s, &end, 0);
	return errno || end == s || *end || *n < min || *n > max ? -EINVAL : 0;
}

int mkmodule_set_option(struct mkmodule *m, const char *key, const char *value)
{
	const struct {
		const char *key;
		unsigned long *to;
		const char *const *words; /* or a number: */
		unsigned long min, max;
	} table[] = {
		{ "patchsize", &m->opt.patchsize, NULL, PATCH_MIN, PAGE },
		{ "objsize", &m->opt.objsize, NULL, OBJECT_MIN, PAGE },
		{ "funcsize", &m->opt.funcsize, NULL, FUNC_MIN, PAGE },
		{ "align", &m->opt.align, NULL, 1, PAGE },
		{ "padding", &m->opt.padding, NULL, 0, 1UL << 30 },
		{ "split", &m->opt.split, no_yes, 0, 0 },
		{ "order", &m->opt.order, orders, 0, 0 },
		{ "symbols", &m->opt.symbols, symbol_words, 0, 0 },
		{ "decoy", &m->opt.decoy, no_yes, 0, 0 },
		{ "signature", &m->opt.signature, no_yes, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		unsigned long n = 0;
		int err;

		if (strcmp(table[i].key, key))
			continue;
		if (table[i].words) {
			err = lookup(table[i].words, value);
			n = (unsigned long)err;
		} else {
			err = number(value, table[i].min, table[i].max, &n);
			if (table[i].to == &m->opt.align && (n & (n - 1)))
				err = -EINVAL;
		}
		if (err < 0)
			return err;
		*table[i].to = n;
		return 0;
	}
	return -EINVAL;
}

/* ---- lines ---- */

static const char blanks[] = " \t\r\v\f";

/* Cuts the first word off a line. */
static char *word(char **line)
{
	char *w = *line + strspn(*line, blanks);
	char *end = w + strcspn(w, blanks);

	*line = end + strspn(end, blanks);
	*end = '\0';
	return w;
}

/* Cuts the last word off; what is left may be empty. */
static char *last_word(char *line)
{
	char *w = line + strlen(line);

	while (w > line && !strchr(blanks, w[-1]))
		w--;
	if (w > line) {
		char *end = w;

		while (end > line && strchr(blanks, end[-1]))
			end--;
		*end = '\0';
	}
	return w;
}

static int line_name(struct mkmodule *m, char *rest)
{
	return mkmodule_set_name(m, rest);
}

static int line_arch(struct mkmodule *m, char *rest)
{
	return mkmodule_set_arch(m, rest);
}

static int line_modinfo(struct mkmodule *m, char *rest)
{
	return strchr(rest, '=') ? mkmodule_add_modinfo(m, rest) : -EINVAL;
}

static int symbol_crc(struct mkmodule *m, char *rest,
		      int (*add)(struct mkmodule *, const char *, uint32_t))
{
	char *symbol = word(&rest);
	unsigned long crc = 0;

	if (!*symbol || (*rest && number(rest, 0, UINT32_MAX, &crc)))
		return -EINVAL;
	return add(m, symbol, (uint32_t)crc);
}

static int line_import(struct mkmodule *m, char *rest)
{
	return symbol_crc(m, rest, mkmodule_add_import);
}

static int line_export(struct mkmodule *m, char *rest)
{
	return symbol_crc(m, rest, mkmodule_add_export);
}

static int line_local(struct mkmodule *m, char *rest)
{
	return mkmodule_add_local(m, rest, true);
}

static int line_notrace(struct mkmodule *m, char *rest)
{
	return mkmodule_add_local(m, rest, false);
}

static int line_livepatch(struct mkmodule *m, char *rest)
{
	return mkmodule_set_livepatch(m, rest);
}

static int line_object(struct mkmodule *m, char *rest)
{
	return mkmodule_add_object(m, strcmp(rest, "vmlinux") ? rest : NULL);
}

static int line_func(struct mkmodule *m, char *rest)
{
	char *sympos = last_word(rest);
	unsigned long n;

	if (number(sympos, 0, ~0UL, &n))
		return -EINVAL;
	return mkmodule_add_func(m, sympos == rest ? "" : rest, n);
}

static int line_callback(struct mkmodule *m, char *rest)
{
	return mkmodule_add_callback(m, rest);
}

static int line_emptyfuncs(struct mkmodule *m, char *rest)
{
	return *rest ? -EINVAL : mkmodule_set_emptyfuncs(m);
}

static int line_samefuncs(struct mkmodule *m, char *rest)
{
	return *rest ? -EINVAL : mkmodule_set_samefuncs(m);
}

static int line_reloc(struct mkmodule *m, char *rest)
{
	const char *secobj = word(&rest), *symobj = word(&rest);
	const char *symbol = word(&rest), *sympos = word(&rest);

	if (!*sympos || *rest)
		return -EINVAL;
	return mkmodule_add_reloc(m, secobj, symobj, symbol, sympos);
}

static int line_replace(struct mkmodule *m, char *rest)
{
	return mkmodule_set_replace(m, rest);
}

static int line_option(struct mkmodule *m, char *rest)
{
	char *value = strchr(rest, '=');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	return mkmodule_set_option(m, rest, value);
}

static const struct {
	const char *word;
	int (*line)(struct mkmodule *m, char *rest);
} statements[] = {
	{ "name", line_name },
	{ "arch", line_arch },
	{ "modinfo", line_modinfo },
	{ "import", line_import },
	{ "export", line_export },
	{ "local", line_local },
	{ "notrace", line_notrace },
	{ "livepatch", line_livepatch },
	{ "object", line_object },
	{ "func", line_func },
	{ "callback", line_callback },
	{ "emptyfuncs", line_emptyfuncs },
	{ "samefuncs", line_samefuncs },
	{ "reloc", line_reloc },
	{ "replace", line_replace },
	{ "option", line_option },
};

static int statement(struct mkmodule *m, char *line)
{
	size_t len = strlen(line);
	char *first;

	while (len && strchr(blanks, line[len - 1]))
		line[--len] = '\0';
	first = word(&line);
	if (!*first || *first == '#')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++)
		if (!strcmp(statements[i].word, first))
			return statements[i].line(m, line);
	return -EINVAL;
}

int mkmodule_line(struct mkmodule *m, const char *line)
{
	char *text = check(strndup(line, strcspn(line, "\n")));
	int err = statement(m, text);

	free(text);
	return err;
}

int mkmodule_parse(const char *text, struct mkmodule **out)
{
	struct mkmodule *m = mkmodule_new(NULL);

	for (int nr = 1; *text; nr++) {
		if (mkmodule_line(m, text)) {
			mkmodule_free(m);
			return nr;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	*out = m;
	return 0;
}

/* ---- the image: sections, symbols, relocations ---- */

struct section {
	char *name;
	uint32_t type;
	uint64_t flags, align, entsize;
	struct buf data; /* of SHT_NOBITS: only its length counts */
	struct section *rela, *target;
	struct symbol *symbol; /* the section's own */
	uint32_t index, link, info;
	size_t name_at, offset;
	bool keep; /* though it is empty */
};

struct symbol {
	char *name;
	unsigned char bind, type;
	struct section *section;
	uint16_t shndx; /* where there is no section */
	uint64_t value, size;
	uint32_t index;
};

struct reloc {
	struct section *rela;
	uint64_t offset, addend;
	uint32_t type;
	struct symbol *symbol;
};

struct image {
	const struct mkmodule *m;
	const struct arch *arch;
	struct section **sections, **layout;
	struct symbol **symbols;
	struct reloc *relocs;
	size_t nsections, nlayout, nsymbols, nrelocs;
};

/* A place in a section; symbol, if not NULL, is one that stands there. */
struct place {
	struct section *section;
	uint64_t offset;
	struct symbol *symbol;
};

static struct symbol *add_symbol(struct image *img, struct symbol symbol)
{
	struct symbol *s = check(malloc(sizeof(*s)));

	*s = symbol;
	s->name = copy(symbol.name);
	APPEND(img->symbols, img->nsymbols, s);
	return s;
}

static struct symbol *find_symbol(struct image *img, const char *name)
{
	for (size_t i = 0; i < img->nsymbols; i++)
		if (!strcmp(img->symbols[i]->name, name))
			return img->symbols[i];
	return NULL;
}

static struct symbol *absolute(struct image *img, unsigned char bind, unsigned char type,
			       const char *name, uint64_t value)
{
	return add_symbol(img, (struct symbol){ .name = (char *)name,
						.bind = bind,
						.type = type,
						.shndx = SHN_ABS,
						.value = value });
}

/* A symbol that is defined elsewhere: shndx is SHN_UNDEF or SHN_LIVEPATCH. */
static struct symbol *foreign(struct image *img, const char *name, uint16_t shndx)
{
	struct symbol *s = find_symbol(img, name);

	if (s)
		return s;
	return add_symbol(img, (struct symbol){ .name = (char *)name,
						.bind = STB_GLOBAL,
						.shndx = shndx });
}

static struct symbol *defined(struct image *img, unsigned char bind, unsigned char type,
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
	struct section *s = check(calloc(1, sizeof(*s)));

	s->name = copy(name);
	s->type = type;
	s->flags = flags;
	s->align = align;
	s->entsize = entsize;
	return s;
}

static struct section *add_section(struct image *img, const char *name, uint32_t type,
				   uint64_t flags, uint64_t align, uint64_t entsize)
{
	struct section *s = new_section(name, type, flags, align, entsize);

	APPEND(img->sections, img->nsections, s);
	if (type != SHT_RELA)
		s->symbol = defined(img, STB_LOCAL, STT_SECTION, "", s, 0, 0);
	return s;
}

static struct section *find_section(struct image *img, const char *name)
{
	for (size_t i = 0; i < img->nsections; i++)
		if (!strcmp(img->sections[i]->name, name))
			return img->sections[i];
	return NULL;
}

static void add_reloc(struct image *img, struct section *rela, uint64_t offset,
		      uint32_t type, struct symbol *symbol, int64_t addend)
{
	APPEND(img->relocs, img->nrelocs,
	       (struct reloc){ rela, offset, (uint64_t)addend, type, symbol });
}

static struct section *rela_of(struct section *at)
{
	if (!at->rela) {
		char *name = join(".rela", at->name);

		at->rela = new_section(name, SHT_RELA, SHF_INFO_LINK, 8,
				       sizeof(Elf64_Rela));
		at->rela->target = at;
		free(name);
	}
	return at->rela;
}

/* A relocation to a place, by its own symbol or by the section's, as the options say. */
static void relocate(struct image *img, struct section *at, uint64_t offset,
		     uint32_t type, struct place to, int64_t addend)
{
	bool named = img->m->opt.symbols == NAMED || img->m->opt.symbols == GLOBAL;

	if (!to.section || (to.symbol && named))
		add_reloc(img, rela_of(at), offset, type, to.symbol, addend);
	else
		add_reloc(img, rela_of(at), offset, type, to.section->symbol,
			  (int64_t)to.offset + addend);
}

static void pointer(struct image *img, struct place at, uint64_t offset, struct place to)
{
	relocate(img, at.section, at.offset + offset, img->arch->abs64, to, 0);
}

static struct place symbol_place(struct symbol *symbol)
{
	return (struct place){ NULL, 0, symbol };
}

/* ---- what stands in a module ---- */

static struct place string(struct image *img, const char *s)
{
	struct section *sec = find_section(img, ".rodata.str1.1");
	char label[32];
	unsigned int nr = 0;

	for (size_t at = 0; at < sec->data.len; nr++) {
		const char *have = (const char *)sec->data.data + at;

		if (!strcmp(have, s)) {
			snprintf(label, sizeof(label), ".LC%u", nr);
			return (struct place){ sec, at, find_symbol(img, label) };
		}
		at += strlen(have) + 1;
	}

	struct place p = { sec, buf_str(&sec->data, s), NULL };

	if (img->m->opt.symbols == NAMED || img->m->opt.symbols == GLOBAL) {
		snprintf(label, sizeof(label), ".LC%u", nr);
		p.symbol = defined(img, STB_LOCAL, STT_NOTYPE, label, sec, p.offset, 0);
	}
	return p;
}

static void code(struct image *img, struct section *sec, const struct piece *piece,
		 struct place to, int64_t addend)
{
	size_t at = buf_add(&sec->data, piece->code, piece->size);

	for (size_t i = 0; i < ARRAY_SIZE(piece->fixups); i++) {
		const struct fixup *f = &piece->fixups[i];

		if (!f->type)
			continue;
		if (f->label)
			add_reloc(img, rela_of(sec), at + f->at, f->type,
				  defined(img, STB_LOCAL, STT_NOTYPE, ".L0 ", sec,
					  at + piece->fixups[0].at, 0),
				  0);
		else
			relocate(img, sec, at + f->at, f->type, to, addend + f->addend);
	}
}

static const struct place nowhere;

static struct place begin_function(struct image *img, const char *in, unsigned char bind,
				   const char *name)
{
	struct section *sec = find_section(img, in);
	struct place p = { .section = sec };

	buf_align(&sec->data, 16);
	p.offset = sec->data.len;
	p.symbol = defined(img, bind, STT_FUNC, name, sec, p.offset, 0);
	return p;
}

static void end_function(struct image *img, struct place f)
{
	code(img, f.section, &img->arch->ret, nowhere, 0);
	f.symbol->size = f.section->data.len - f.offset;
}

/* Tells ftrace about a function that begins here, and makes room for its call. */
static void traceable(struct image *img, struct place f)
{
	struct section *sec = find_section(img, img->arch->ftrace);
	struct place entry = { sec, buf_add(&sec->data, NULL, 8), NULL };

	pointer(img, entry, 0, (struct place){ f.section, f.offset, NULL });
	code(img, f.section, &img->arch->nop, nowhere, 0);
}

static struct place function(struct image *img, unsigned char bind, const char *name)
{
	struct place f = begin_function(img, ".text", bind, name);

	traceable(img, f);
	end_function(img, f);
	return f;
}

static void modinfo_default(struct image *img, const char *key, const char *value)
{
	struct buf *b = &find_section(img, ".modinfo")->data;
	size_t len = strlen(key);

	for (size_t i = 0; i < img->m->nmodinfo; i++) {
		const char *given = img->m->modinfo[i];

		if (!strncmp(given, key, len) && given[len] == '=')
			return;
	}
	buf_add(b, key, len);
	buf_add(b, "=", 1);
	buf_str(b, value);
}

static void modinfo(struct image *img)
{
	for (size_t i = 0; i < img->m->nmodinfo; i++)
		buf_str(&find_section(img, ".modinfo")->data, img->m->modinfo[i]);
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
	struct buf *b = &find_section(img, "__versions")->data;
	size_t len = strlen(symbol), at;

	if (len >= MODULE_NAME_LEN)
		return;
	at = buf_add(b, NULL, 64);
	store(b->data + at, img->arch->big, 8, crc);
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
	struct place f;

	if (!img->m->nimports && !img->m->nrelocs)
		return;
	f = begin_function(img, ".text", STB_LOCAL, "foreign_calls");
	traceable(img, f);
	for (size_t i = 0; i < img->m->nimports; i++) {
		struct symbol *s = foreign(img, img->m->imports[i].name, SHN_UNDEF);

		code(img, f.section, &img->arch->call, symbol_place(s), 0);
	}
	for (size_t i = 0; i < img->m->nrelocs; i++) {
		const struct klp_reloc *r = &img->m->relocs[i];
		const struct piece *call = &img->arch->call;
		struct section *rela = find_section(img, r->section);
		size_t at = buf_add(&f.section->data, call->code, call->size);

		if (!rela) {
			rela = add_section(img, r->section, SHT_RELA,
					   SHF_ALLOC | SHF_INFO_LINK | SHF_RELA_LIVEPATCH,
					   8, sizeof(Elf64_Rela));
			rela->target = f.section;
		}
		add_reloc(img, rela, at + call->fixups[0].at, call->fixups[0].type,
			  foreign(img, r->symbol, SHN_LIVEPATCH), call->fixups[0].addend);
	}
	end_function(img, f);
}

/* struct kernel_symbol with relative references, as all but old kernels have it. */
static void export(struct image *img, const struct function *fn, struct place f)
{
	struct section *ksymtab = find_section(img, "__ksymtab");
	struct section *strings = find_section(img, "__ksymtab_strings");
	struct place entry = { ksymtab, buf_add(&ksymtab->data, NULL, 12), NULL };
	struct place name = { strings, buf_str(&strings->data, fn->name), NULL };
	struct place ns = { strings, buf_add(&strings->data, NULL, 1), NULL };
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
		s = join(symbols[i].prefix, fn->name);
		defined(img, STB_LOCAL, STT_NOTYPE, s, symbols[i].place.section,
			symbols[i].place.offset, 0);
		free(s);
	}
	s = join("__crc_", fn->name);
	absolute(img, STB_GLOBAL, STT_NOTYPE, s, fn->crc);
	free(s);
	add_reloc(img, rela_of(ksymtab), entry.offset, img->arch->rel32, f.symbol, 0);
	relocate(img, ksymtab, entry.offset + 4, img->arch->rel32, name, 0);
	relocate(img, ksymtab, entry.offset + 8, img->arch->rel32, ns, 0);
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
		f = begin_function(img, ".text", STB_LOCAL, fn->name);
		if (fn->traceable)
			traceable(img, f);
		end_function(img, f);
	}
	if (n)
		qsort(exports, n, sizeof(*exports), by_name);
	for (size_t i = 0; i < n; i++)
		export(img, exports[i], function(img, STB_GLOBAL, exports[i]->name));
	free(exports);
}

/*
 * A static variable of zeros. gcc gives them the alignment of a cache line's half on
 * x86_64; with -fdata-sections each has a section of its own.
 */
static struct place variable(struct image *img, const char *in, const char *name,
			     size_t size)
{
	const struct options *opt = &img->m->opt;
	struct section *sec = find_section(img, in);
	unsigned char bind = opt->symbols == GLOBAL ? STB_GLOBAL : STB_LOCAL;
	struct place p;

	if (opt->split) {
		char *dot = join(in, "."), *own = join(dot, name);

		sec = add_section(img, own, sec->type, sec->flags, 1, 0);
		free(own);
		free(dot);
	}
	if (sec->align < opt->align)
		sec->align = opt->align;
	buf_align(&sec->data, opt->align);
	p.section = sec;
	p.offset = buf_add(&sec->data, NULL, size);
	p.symbol = NULL;
	if (opt->symbols != STRIPPED)
		p.symbol = defined(img, bind, STT_OBJECT, name, sec, p.offset, size);
	return p;
}

static struct place this_module(struct image *img)
{
	return symbol_place(find_symbol(img, "__this_module"));
}

/* Like a file_operations: owner, llseek, read. */
static void decoy(struct image *img)
{
	struct place fops = variable(img, ".data", "decoy_fops", 256);

	pointer(img, fops, 0, this_module(img));
	pointer(img, fops, 8, function(img, STB_LOCAL, "decoy_llseek"));
	pointer(img, fops, 16, function(img, STB_LOCAL, "decoy_read"));
}

static struct place callback(struct image *img, const char *which)
{
	char *name = join(which, "_callback");
	struct symbol *s = find_symbol(img, name);
	struct place f;

	if (s)
		f = (struct place){ s->section, s->value, s };
	else
		f = function(img, STB_LOCAL, name);
	free(name);
	return f;
}

static void fill_funcs(struct image *img, const struct klp_object *obj,
		       struct place array)
{
	for (size_t i = 0; i < obj->nfuncs; i++) {
		const struct klp_func *fn = &obj->funcs[i];
		uint64_t at = i * img->m->opt.funcsize;
		char *new_name = join("livepatch_", fn->old_name);

		pointer(img, array, at + FUNC_OLD_NAME, string(img, fn->old_name));
		pointer(img, array, at + FUNC_NEW_FUNC,
			function(img, STB_LOCAL, new_name));
		store(array.section->data.data + array.offset + at + FUNC_OLD_SYMPOS,
		      img->arch->big, 8, fn->sympos);
		free(new_name);
	}
}

static void fill_object(struct image *img, const struct klp_object *obj,
			struct place array, uint64_t at, struct place funcs)
{
	if (obj->name)
		pointer(img, array, at + OBJECT_NAME, string(img, obj->name));
	if (funcs.section)
		pointer(img, array, at + OBJECT_FUNCS, funcs);
	for (size_t i = 0; i < ARRAY_SIZE(obj->callbacks); i++)
		if (obj->callbacks[i])
			pointer(img, array, at + OBJECT_CALLBACKS + 8 * i,
				callback(img, callbacks[i]));
}

/* Gives an object its array of functions, which ends with an empty one. */
static struct place funcs_variable(struct image *img, size_t nr)
{
	const struct klp_object *obj = &img->m->objects[nr];
	size_t size = (obj->nfuncs + 1) * img->m->opt.funcsize;
	char name[32];

	snprintf(name, sizeof(name), nr ? "funcs.%zu" : "funcs", nr);
	if (obj->nfuncs)
		return variable(img, ".data", name, size);
	if (obj->emptyfuncs)
		return variable(img, ".bss", name, size);
	return nowhere;
}

/*
 * All of struct klp_patch, and what it leads to. First everything gets its place, in the
 * order wanted, then it is filled. Returns the klp_patch.
 */
static struct place klp_patch(struct image *img)
{
	const struct mkmodule *m = img->m;
	size_t objs_size = (m->nobjects + 1) * m->opt.objsize;
	struct place *funcs = check(calloc(m->nobjects + 1, sizeof(*funcs)));
	struct place patch = { 0 }, objs = { 0 };

	if (m->opt.order == PATCH_FIRST) {
		patch = variable(img, ".data", "patch", m->opt.patchsize);
		objs = variable(img, ".data", "objs", objs_size);
	}
	for (size_t i = 0; i < m->nobjects; i++)
		if (!m->objects[i].samefuncs)
			funcs[i] = funcs_variable(img, i);
		else if (i)
			funcs[i] = funcs[i - 1];
	if (m->opt.order == PATCH_LAST) {
		objs = variable(img, ".data", "objs", objs_size);
		patch = variable(img, ".data", "patch", m->opt.patchsize);
	}

	for (size_t i = 0; i < m->nobjects; i++) {
		if (!m->objects[i].samefuncs)
			fill_funcs(img, &m->objects[i], funcs[i]);
		fill_object(img, &m->objects[i], objs, i * m->opt.objsize, funcs[i]);
	}
	pointer(img, patch, PATCH_MOD, this_module(img));
	pointer(img, patch, PATCH_OBJS, objs);
	if (m->replace == REPLACE_YES)
		patch.section->data.data[patch.offset + PATCH_REPLACE] = 1;
	free(funcs);
	return patch;
}

static struct place data(struct image *img)
{
	struct section *sec = find_section(img, ".data");
	size_t at = buf_add(&sec->data, NULL, img->m->opt.padding);

	if (img->m->opt.padding)
		memset(sec->data.data + at, 0xa5, img->m->opt.padding);
	if (img->m->opt.decoy)
		decoy(img);
	return img->m->kind == KLP_PATCH ? klp_patch(img) : nowhere;
}

static void init_module(struct image *img, struct place patch)
{
	struct place f = begin_function(img, ".init.text", STB_GLOBAL, "init_module");

	if (patch.section && img->m->replace == REPLACE_INIT)
		code(img, f.section, &img->arch->set, patch, PATCH_REPLACE);
	if (patch.section)
		code(img, f.section, &img->arch->load, patch, 0);
	if (img->m->kind != NO_LIVEPATCH)
		code(img, f.section, &img->arch->call,
		     symbol_place(foreign(img, "klp_enable_patch", SHN_UNDEF)), 0);
	end_function(img, f);
	pointer(img, (struct place){ .section = this_module(img).symbol->section },
		MODULE_INIT, symbol_place(f.symbol));
}

static void cleanup_module(struct image *img)
{
	struct place f = begin_function(img, ".exit.text", STB_GLOBAL, "cleanup_module");

	end_function(img, f);
	pointer(img, (struct place){ .section = this_module(img).symbol->section },
		MODULE_EXIT, symbol_place(f.symbol));
}

static void struct_module(struct image *img)
{
	struct section *sec = find_section(img, ".gnu.linkonce.this_module");
	size_t at = buf_add(&sec->data, NULL, MODULE_SIZE);
	size_t len = strlen(img->m->name);

	if (len > MODULE_NAME_LEN)
		len = MODULE_NAME_LEN;
	memcpy(sec->data.data + at + MODULE_NAME, img->m->name, len);
	defined(img, STB_GLOBAL, STT_OBJECT, "__this_module", sec, at, MODULE_SIZE);
}

/* ---- the file ---- */

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
		add_section(img, table[i].name,
			    table[i].nobits ? SHT_NOBITS : SHT_PROGBITS, table[i].flags,
			    table[i].align, table[i].entsize)->keep = table[i].keep;
}

static void fill(struct image *img)
{
	absolute(img, STB_LOCAL, STT_FILE, "module.c", 0);
	standard_sections(img);
	struct_module(img);
	modinfo(img);
	versions(img);
	foreign_calls(img);
	functions(img);
	init_module(img, data(img));
	cleanup_module(img);
}

static void put(struct image *img, struct buf *b, unsigned int width, uint64_t value)
{
	size_t at = buf_add(b, NULL, width);

	store(b->data + at, img->arch->big, width, value);
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

	buf_add(&symtab->data, NULL, sizeof(Elf64_Sym));
	buf_add(strtab, NULL, 1);
	for (int global = 0; global < 2; global++) {
		for (size_t i = 0; i < img->nsymbols; i++) {
			struct symbol *s = img->symbols[i];
			struct buf *b = &symtab->data;

			if ((s->bind != STB_LOCAL) != global)
				continue;
			if (s->section && !s->section->index)
				continue;
			s->index = n++;
			put(img, b, 4, *s->name ? buf_str(strtab, s->name) : 0);
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
	buf_add(out, NULL, sizeof(Elf64_Shdr));
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

	buf_add(b, ident, sizeof(ident));
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
	size_t len = 256, at = buf_add(out, NULL, len);

	memset(out->data + at, 0x5a, len);
	store(trailer + 8, true, 4, len);
	buf_add(out, trailer, sizeof(trailer));
	buf_add(out, magic, sizeof(magic) - 1);
}

static void write_image(struct image *img, struct buf *out)
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
	buf_add(&shstrtab->data, NULL, 1);
	for (size_t i = 0; i < img->nlayout; i++)
		img->layout[i]->name_at = buf_str(&shstrtab->data, img->layout[i]->name);

	buf_add(out, NULL, sizeof(Elf64_Ehdr));
	for (size_t i = 0; i < img->nlayout; i++) {
		struct section *s = img->layout[i];

		buf_align(out, s->align);
		s->offset = out->len;
		if (s->type != SHT_NOBITS)
			buf_add(out, s->data.data, s->data.len);
	}
	buf_align(out, 8);
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

static void free_image(struct image *img)
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

int mkmodule_build(const struct mkmodule *m, unsigned char **image, size_t *size)
{
	struct image img = { .m = m, .arch = m->arch };
	struct buf out = { 0 };

	if (!m->name || (m->nobjects && m->kind != KLP_PATCH) ||
	    (m->nrelocs && m->kind == NONE_EVIDENCE))
		return -EINVAL;
	fill(&img);
	write_image(&img, &out);
	free_image(&img);
	*image = out.data;
	*size = out.len;
	return 0;
}

int mkmodule_write(const struct mkmodule *m, const char *path)
{
	unsigned char *image;
	size_t size;
	FILE *out;
	int err = mkmodule_build(m, &image, &size);

	if (err)
		return err;
	out = path ? fopen(path, "w") : stdout;
	if (!out || fwrite(image, 1, size, out) != size || fflush(out))
		err = -errno;
	if (out && out != stdout && fclose(out) && !err)
		err = -errno;
	free(image);
	return err;
}

/* ---- helpers for damage ---- */

uint64_t mkmodule_get(const unsigned char *image, size_t offset, unsigned int width)
{
	return load(image + offset, image[EI_DATA] == ELFDATA2MSB, width);
}

void mkmodule_put(unsigned char *image, size_t offset, unsigned int width, uint64_t value)
{
	store(image + offset, image[EI_DATA] == ELFDATA2MSB, width, value);
}

static size_t shdr(const unsigned char *image, uint64_t index)
{
	return mkmodule_get(image, offsetof(Elf64_Ehdr, e_shoff), 8) +
	       index * sizeof(Elf64_Shdr);
}

static size_t contents(const unsigned char *image, size_t header)
{
	return mkmodule_get(image, header + offsetof(Elf64_Shdr, sh_offset), 8);
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

size_t mkmodule_symbol(const unsigned char *image, const char *symbol)
{
	size_t table = mkmodule_shdr(image, ".symtab");
	const char *names = (const char *)image + mkmodule_contents(image, ".strtab");
	size_t at = contents(image, table);
	size_t end = at + mkmodule_get(image, table + offsetof(Elf64_Shdr, sh_size), 8);

	for (at += sizeof(Elf64_Sym); at < end; at += sizeof(Elf64_Sym))
		if (!strcmp(names + mkmodule_get(image, at, 4), symbol))
			return at;
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The inside of mkmodule. From the bottom up:
 *
 *	mkmodule-arch.c		what differs between architectures
 *	buf.c			bytes
 *	mkmodule-elf.c		an image of sections, symbols and relocations that point
 *				to one another and get their numbers when the file is
 *				laid out; and the helpers for damage
 *	mkmodule-contents.c	what stands in any module
 *	mkmodule-klp.c		struct klp_patch; and what every livepatch has
 *	mkmodule-kpatch.c	what kpatch-build makes
 *	mkmodule-klp-build.c	what klp-build makes
 *	mkmodule.c		the description
 */
#ifndef MKMODULE_INTERNAL_H
#define MKMODULE_INTERNAL_H

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mkmodule.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define SHF_RELA_LIVEPATCH 0x00100000
#define SHN_LIVEPATCH 0xff20

enum { MODULE_NAME_LEN = 56, PAGE = 4096 };

/* Offsets in the livepatch structures: the same in every kernel. */
enum { PATCH_MOD = 0, PATCH_OBJS = 8, PATCH_STATES = 16, PATCH_REPLACE = 24,
       PATCH_MIN = 32 };
enum { OBJECT_NAME = 0, OBJECT_FUNCS = 8, OBJECT_CALLBACKS = 16, OBJECT_MIN = 56 };
enum { STATE_ID = 0, STATE_VERSION = 8, STATE_SIZE = 24 };
enum { FUNC_OLD_NAME = 0, FUNC_NEW_FUNC = 8, FUNC_OLD_SYMPOS = 16, FUNC_MIN = 24 };

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

/* The first is the default. */
extern const struct arch mk_arches[];
extern const size_t mk_n_arches;

/* ---- the description ---- */

enum kind { NO_LIVEPATCH, KLP_PATCH, KPATCH, KLP_BUILD, KLP_RELA, NONE_EVIDENCE };
enum symbols { SECTION, NAMED, GLOBAL, STRIPPED };
enum replace { REPLACE_NO, REPLACE_YES, REPLACE_INIT };
enum { PATCH_FIRST, PATCH_LAST };
enum { SECTIONS_INIT, SECTIONS_OLD };
enum { CALLBACKS = 4 };

extern const char *const mk_callbacks[];

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
	bool callbacks[CALLBACKS];
	bool emptyfuncs, samefuncs;
};

struct klp_state {
	uint64_t id;
	uint32_t version;
};

struct klp_reloc {
	char *section; /* .klp.rela.OBJECT..text */
	char *symbol;  /* .klp.sym.OBJECT.NAME,SYMPOS */
};

/* A symbol without a definition, and what its st_shndx is. */
struct extra_symbol {
	char *name;
	uint16_t shndx;
};

/* Values of the option lines, named as there. */
struct options {
	unsigned long patchsize, objsize, funcsize, room, align, padding;
	unsigned long split, order, symbols, decoy, signature;
	unsigned long record, interleave, prefix, force, sections, empty, unfinished;
};

struct mkmodule {
	char *name;
	const struct arch *arch;
	enum kind kind;
	enum replace replace;
	bool says_replace; /* there was such a line */
	struct options opt;
	char **modinfo;
	struct import *imports;
	struct function *functions;
	struct klp_object *objects;
	struct klp_reloc *relocs;
	struct extra_symbol *symbols;
	struct klp_state *states;
	unsigned char build_id[32];
	size_t build_id_len;
	char **arch_sections; /* .klp.arch.OBJECT.SECTION */
	size_t nmodinfo, nimports, nfunctions, nobjects, nrelocs, nsymbols, narch,
		nstates;
};

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

struct symbol *mk_find_symbol(struct image *img, const char *name);
struct symbol *mk_absolute(struct image *img, unsigned char bind, unsigned char type,
			   const char *name, uint64_t value);
/* A symbol that is defined elsewhere: shndx is SHN_UNDEF or SHN_LIVEPATCH. */
struct symbol *mk_foreign(struct image *img, const char *name, uint16_t shndx);
struct symbol *mk_defined(struct image *img, unsigned char bind, unsigned char type,
			  const char *name, struct section *section, uint64_t value,
			  uint64_t size);

struct section *mk_add_section(struct image *img, const char *name, uint32_t type,
			       uint64_t flags, uint64_t align, uint64_t entsize);
struct section *mk_find_section(struct image *img, const char *name);

void mk_add_reloc(struct image *img, struct section *rela, uint64_t offset,
		  uint32_t type, struct symbol *symbol, int64_t addend);
/* A section's own relocations. */
struct section *mk_rela_of(struct section *at);
/* A relocation to a place, by its own symbol or by the section's, as the options say. */
void mk_relocate(struct image *img, struct section *at, uint64_t offset, uint32_t type,
		 struct place to, int64_t addend);
void mk_pointer(struct image *img, struct place at, uint64_t offset, struct place to);
struct place mk_symbol_place(struct symbol *symbol);

/* Lays out and numbers everything, and writes the file's bytes. */
void mk_write_image(struct image *img, struct buf *out);
void mk_free_image(struct image *img);

/* ---- what stands in a module ---- */

/* A string in .rodata.str1.1; in another section, where it is new unless it stands at
 * from or behind it already. */
struct place mk_string(struct image *img, const char *s);
struct place mk_string_in(struct image *img, struct section *sec, size_t from,
			  const char *s);
void mk_code(struct image *img, struct section *sec, const struct piece *piece,
	     struct place to, int64_t addend);
struct place mk_begin_function(struct image *img, const char *in, unsigned char bind,
			       const char *name);
void mk_end_function(struct image *img, struct place f);
/* A whole function, with its place for ftrace. */
struct place mk_function(struct image *img, unsigned char bind, const char *name);
/* The same in a section of its own, behind the prefix that is an option. */
struct place mk_own_function(struct image *img, const char *name);
struct place mk_variable(struct image *img, const char *in, const char *name,
			 size_t size);
struct place mk_this_module(struct image *img);

void mk_fill(struct image *img);

/* ---- what stands in a livepatch ---- */

/* All of struct klp_patch, and what it leads to. Returns the klp_patch. */
struct place mk_klp_patch(struct image *img);
/* These return the mark that code begins at when the module is loaded. */
struct place mk_kpatch(struct image *img);
struct place mk_klp_build(struct image *img);

/* The function of that name that callbacks are, the same for all objects. */
struct place mk_callback(struct image *img, const char *which);
/* A pointer to a function, as these tools make it: by its symbol. */
void mk_function_pointer(struct image *img, struct place at, uint64_t offset,
			 struct place function);
/* Stores a number in a place. */
void mk_number(struct image *img, struct place at, uint64_t offset, unsigned int width,
	       uint64_t value);
/* The sections of klp-build's tools, by the options' names; empty so far. */
struct section *mk_klp_build_section(struct image *img, const char *what);

#endif

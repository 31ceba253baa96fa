/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mkmodule: builds kernel modules for the tests out of a description.
 *
 * What comes out is an ELF64 relocatable image as a kernel build makes it, without a
 * compiler, for every architecture that has livepatches. The same description always
 * gives the same bytes. Nothing is checked that only a kernel would check: tests want
 * modules that are wrong.
 *
 * A description is text, one statement a line; a line that begins with # is a comment:
 *
 *	name NAME		required
 *	arch ARCH		x86_64 (default), aarch64, ppc64le, s390x, loongarch64,
 *				riscv64
 *	modinfo KEY=VALUE	repeatable; license, depends, name, vermagic and for
 *				a livepatch livepatch=Y are added unless given
 *	import SYMBOL [CRC]	undefined symbol, called from .text, with a CRC
 *	export SYMBOL [CRC]	function that is exported; the default CRC is the same
 *				for the same name
 *	local SYMBOL		static function; may be repeated for the same name
 *	notrace SYMBOL		static function without an ftrace location
 *	livepatch KIND		klp-patch: struct klp_patch and what it leads to
 *				kpatch: as kpatch-build makes it
 *				klp-build: as objtool's klp-build makes it
 *				klp-rela: nothing but what the reloc lines make
 *				none-evidence: klp_enable_patch is called, no more
 *	object [NAME]		klp_object; vmlinux has a NULL name (in kpatch that
 *				name), and "vmlinux" in quotes has that name; no NAME:
 *				"". An object may come again: then there are two of
 *				that name
 *	func [NAME] SYMPOS	klp_func of the last object; no NAME: ""
 *	callback WHICH		of the last object: pre_patch, post_patch, pre_unpatch,
 *				post_unpatch
 *	emptyfuncs		the last object's funcs is an empty array in .bss
 *	samefuncs		the last object's funcs is that of the object before it;
 *				it has no func lines then
 *	reloc SECOBJ SYMOBJ SYMBOL SYMPOS
 *				an entry in .klp.rela.SECOBJ..text against
 *				.klp.sym.SYMOBJ.SYMBOL,SYMPOS
 *	archsection OBJECT SECTION	a section .klp.arch.OBJECT.SECTION
 *	symbol NAME SHNDX	a symbol that is called from .text; SHNDX is the number
 *				in its st_shndx, 0 for an undefined one
 *	replace yes|no|init	init: 0 in .data, set to 1 by code in .init.text, in
 *				klp-patch only. kpatch and klp-build have code that
 *				stores the constant, on x86_64, where there is such a
 *				line
 *	state ID VERSION	klp-patch: one more klp_state
 *	buildid HEX		a .note.gnu.build-id with these bytes
 *	option KEY=VALUE
 *
 * An object without func lines, emptyfuncs and samefuncs has NULL funcs; kpatch knows
 * neither of the two. Options:
 *
 *	patchsize=N objsize=N funcsize=N	structure sizes (200, 168, 152)
 *	room=N			arrays of klp_object and klp_func have room for N elements
 *				at least, the one that ends them among these
 *	align=N			alignment of the structures, a power of two (32)
 *	padding=N		bytes 0xa5 in front of the first structure; with align=8
 *				and N a multiple of 8 there are exactly N
 *	split=yes|no		every structure in a .data.NAME of its own
 *	order=patch-first|patch-last
 *	symbols=section		relocations against section symbol plus addend (default)
 *	symbols=named		against local symbols of their own, strings' .LC included
 *	symbols=global		the same, structures and functions being global
 *	symbols=stripped	as section, and no OBJECT symbols left for structures
 *	decoy=yes|no		a file_operations in front: owner THIS_MODULE, functions
 *	signature=yes|no	a signature, not a valid one, appended to the image
 *	record=N		kpatch: size of a function's record (56); from 72 on
 *				with openEuler's ref_name and ref_offset
 *	interleave=yes|no	kpatch: the objects' first functions, then the second...
 *	force=yes|no		kpatch: one entry in .kpatch.force
 *	unfinished=yes|no	kpatch: .kpatch.relocations is still there
 *	prefix=N		kpatch, klp-build: bytes in front of a function, in the
 *				section of its own that it has
 *	sections=init|old	klp-build: .init.klp_objects and .init.klp_funcs
 *				(default) or __klp_objects and __klp_funcs
 *	empty=yes|no		those two sections, empty, in a module of another kind
 */
#ifndef KLPDEP_MKMODULE_H
#define KLPDEP_MKMODULE_H

#include <stddef.h>
#include <stdint.h>

#define MKMODULE_VERMAGIC "6.1.0-klpdep SMP preempt mod_unload modversions "

struct mkmodule;

/*
 * name may be NULL, to be given later by a name line. Memory is never short: where it is,
 * the process aborts.
 */
struct mkmodule *mkmodule_new(const char *name);
void mkmodule_free(struct mkmodule *m);

/*
 * The statements, one function each. Strings are copied as they are. All return 0, or
 * -EINVAL for a word that is not in the lists above, for a size that cannot be, and for a
 * func, callback, emptyfuncs or samefuncs without an object to belong to.
 */
int mkmodule_set_name(struct mkmodule *m, const char *name);
int mkmodule_set_arch(struct mkmodule *m, const char *arch);
int mkmodule_add_modinfo(struct mkmodule *m, const char *key_value);
int mkmodule_add_import(struct mkmodule *m, const char *symbol, uint32_t crc);
int mkmodule_add_export(struct mkmodule *m, const char *symbol, uint32_t crc);
int mkmodule_add_local(struct mkmodule *m, const char *symbol, int traceable);
int mkmodule_set_livepatch(struct mkmodule *m, const char *kind);
int mkmodule_add_object(struct mkmodule *m, const char *name); /* NULL: vmlinux */
int mkmodule_add_func(struct mkmodule *m, const char *old_name, uint64_t sympos);
int mkmodule_add_callback(struct mkmodule *m, const char *which);
int mkmodule_set_emptyfuncs(struct mkmodule *m);
int mkmodule_set_samefuncs(struct mkmodule *m);
int mkmodule_add_reloc(struct mkmodule *m, const char *secobj, const char *symobj,
		       const char *symbol, const char *sympos);
int mkmodule_add_arch_section(struct mkmodule *m, const char *object,
			      const char *section);
int mkmodule_add_symbol(struct mkmodule *m, const char *name, uint16_t shndx);
int mkmodule_set_replace(struct mkmodule *m, const char *replace);
int mkmodule_add_state(struct mkmodule *m, uint64_t id, uint32_t version);
int mkmodule_set_build_id(struct mkmodule *m, const char *hex);
int mkmodule_set_option(struct mkmodule *m, const char *key, const char *value);

/* The CRC of a symbol for which none, or 0, was given. */
uint32_t mkmodule_crc(const char *symbol);

/* One line of a description, with or without a newline: 0 or -EINVAL. */
int mkmodule_line(struct mkmodule *m, const char *line);

/* A whole description: 0, or the number of the line that is wrong, counted from 1. */
int mkmodule_parse(const char *text, struct mkmodule **m);

/*
 * The image, to be freed by the caller. -EINVAL: there is no name; or there are objects,
 * or emptyfuncs or samefuncs, in a kind that has none. m stays usable: lines may be added
 * and it may be built again.
 */
int mkmodule_build(const struct mkmodule *m, unsigned char **image, size_t *size);

/* Builds into a file, NULL being standard output: 0, -EINVAL as above, or what failed. */
int mkmodule_write(const struct mkmodule *m, const char *path);

/*
 * For tests that damage an image. All offsets are file offsets, 0 meaning that there is
 * none; the image must still be sound where they look.
 */
size_t mkmodule_shdr(const unsigned char *image, const char *section);
size_t mkmodule_contents(const unsigned char *image, const char *section);
size_t mkmodule_symbol(const unsigned char *image, const char *symbol);
/*
 * The first relocation for an offset of a section, or, offset being ~0, the first of all.
 * The section is that which is relocated, or one of relocations itself.
 */
size_t mkmodule_reloc(const unsigned char *image, const char *section, uint64_t offset);

/* Reads or writes width (1, 2, 4, 8) bytes in the image's byte order. */
uint64_t mkmodule_get(const unsigned char *image, size_t offset, unsigned int width);
void mkmodule_put(unsigned char *image, size_t offset, unsigned int width,
		  uint64_t value);

#endif

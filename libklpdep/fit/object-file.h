/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What verify has to know of the objects themselves: the symbols of a module or of the
 * kernel, which of its functions can be traced, what it exports and what it was built
 * against.  Each image is read once, however many patches there are for it.
 */
#ifndef KLP_OBJECT_FILE_H
#define KLP_OBJECT_FILE_H

#include "libklpdep/image/elf.h"
#include "libklpdep/host/moddep.h"

struct klp_object_file_symbol {
	const char *name;
	uint32_t section;
	uint32_t number; /* its place among the object's symbols, as the kernel has them */
	uint64_t value;
	uint64_t size;
	bool stays; /* once the module's init is over, too */
	bool traceable;
	/* Set by klp_object_file_sort(): how many of that name stay up to this one; and, of the
	 * first, how many there are. */
	uint32_t n_staying, n_same;
};

struct klp_crc {
	const char *symbol;
	uint32_t crc;
};

struct klp_crcs {
	struct klp_crc *v; /* sorted by symbol */
	size_t n;
};

/* One object.  What it points to is its own. */
struct klp_object_file {
	const char *name; /* the module's, of a tree */
	int err;	  /* the image cannot be read: the error */
	char *why;	  /* and in words; never NULL then, but when there is no memory */
	bool has_symbols;
	bool has_locations; /* "traceable" was found out */
	bool has_versions;  /* it carries CRCs of what it imports, be it none */
	bool has_exports;   /* the CRCs of what it exports are known, be it none */
	char *vermagic;
	char *srcversion;
	char *build_id;				/* hexadecimal */
	struct klp_object_file_symbol *symbols; /* sorted by name, then by number */
	size_t n_symbols;
	struct klp_crcs imports;
	struct klp_crcs exports;
	void **blocks; /* what names point into */
	size_t n_blocks;
};

/* What klp_object_file_read() looks for. */
enum klp_object_file_what {
	KLP_OBJECT_FILE_SYMBOLS = 1 << 0, /* and exports, which are symbols */
};

/* The objects of one kernel's tree. */
struct klp_object_files;

/* Both stay the caller's, and must outlive what is made. */
int klp_object_files_new(struct klpdep_ctx *ctx, const char *kernel,
			 const struct klp_moddep *moddep, struct klp_object_files **files);
void klp_object_files_free(struct klp_object_files *files);

/* A module of the tree, or "vmlinux"; what was read before is not read again.
 * 0, whether it could be read or not: ->err says that; -ENOENT: there is none; -ENOMEM.
 */
int klp_object_files_get(struct klp_object_files *files, const char *object,
			 const struct klp_object_file **image);
/* Read those at once whose numbers in moddep are given, from so many threads (0: one for each
 * processor): later they are there.  0 or -ENOMEM. */
int klp_object_files_read(struct klp_object_files *files, const size_t *numbers, size_t n,
			  unsigned int threads);
/* A patch's own image, of which no symbols are read.  It is kept until the next is asked
 * for. */
int klp_object_files_get_patch(struct klp_object_files *files,
			       const struct klpdep_patch *patch,
			       const struct klp_object_file **image);
/* A module that is of the kernel's own build, as far as can be told: its vermagic is the
 * tree's.  NULL when the tree has no module that can be read. */
int klp_object_files_get_model(struct klp_object_files *files,
			       const struct klp_object_file **image);

/* How many symbols of that name an image has; @live: once its init is over. */
size_t klp_object_file_count(const struct klp_object_file *image, const char *name,
			     bool live);
/* The symbol of that name at a position, from 1.  NULL: there is none. */
const struct klp_object_file_symbol *klp_object_file_symbol(
	const struct klp_object_file *image, const char *name, uint64_t position, bool live);
/* The name of a symbol that the compiler made of @name, "foo.isra.0" of "foo"; or NULL.
 */
const char *klp_object_file_variant(const struct klp_object_file *image, const char *name);

const struct klp_crc *klp_crc_find(const struct klp_crcs *crcs, const char *symbol);

/* ---- reading: object-file-*.c ----------------------------------------------------- */

/* A module's image.  0 or -ENOMEM; ->err says how it went. */
int klp_object_file_read(const char *path, unsigned int what, struct klp_object_file *image);
/* The same of one that is open.  On an error, the file says what is wrong. */
int klp_object_file_read_file(struct klp_file *file, unsigned int what,
			      struct klp_object_file *image);
/* The kernel itself, out of whatever there is of it. */
int klp_object_file_read_vmlinux(struct klpdep_ctx *ctx, const char *kernel,
				 struct klp_object_file *image);
/* The files that this may come from. */
int klp_object_file_vmlinux_places(struct klpdep_ctx *ctx, const char *kernel,
				   struct klp_strv *places);
void klp_object_file_clear(struct klp_object_file *image);

/* Where ftrace can hook in. */
struct klp_location {
	uint32_t section;
	uint64_t value;
};

/* Which symbols have one of @n locations, as ftrace_location() finds out. @in_front:
 * whether a location may stand in front of its function. Changes both orders. */
void klp_object_file_mark_traceable(struct klp_object_file *image,
				    struct klp_location *locations, size_t n, bool in_front);
bool klp_object_file_in_front(uint16_t machine);
/* The orders that struct klp_object_file wants. */
void klp_object_file_sort(struct klp_object_file *image);
void klp_crcs_sort(struct klp_crcs *crcs);
/* Keep a block of memory for as long as the image.  Frees it when there is none. */
int klp_object_file_keep(struct klp_object_file *image, void *block);
/* Names that mark places in the code, and are none that kallsyms knows. */
bool klp_object_file_is_mapping(const char *name);

#endif /* KLP_OBJECT_FILE_H */

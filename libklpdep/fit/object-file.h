/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The contents of an object that fit looks at: symbols of a module or of the kernel, with
 * functions that can be traced; exports; and what it was built against.  Each image is
 * read once, however many patches it has.
 */
#ifndef KLP_OBJECT_FILE_H
#define KLP_OBJECT_FILE_H

#include "libklpdep/livepatch/pointers.h"
#include "libklpdep/host/moddep.h"

struct klp_object_file_symbol {
	struct klp_place at; /* in the kernel itself: section 0, and the address */
	const char *name;
	uint32_t number; /* its position among the symbols, as in the kernel */
	uint64_t size;
	bool stays; /* it stays after the module's init */
	bool traceable;
	/* Set by klp_object_file_sort(): how many of that name, up to this one, stay after
	 * init; and in the first one, how many there are. */
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

/* One object.  It owns what it points to. */
struct klp_object_file {
	const char *name; /* of a module of a tree */
	int err;	  /* why the image cannot be read: the error */
	char *why;	  /* and its text; then never NULL, unless memory is short */
	bool has_symbols;
	bool has_locations; /* "traceable" is known */
	bool has_versions;  /* it has a list of CRCs of its imports, even if empty */
	bool has_exports;   /* the CRCs of its exports are known, even if there are none */
	char *vermagic;
	char *srcversion;
	char *build_id;				/* hexadecimal */
	struct klp_object_file_symbol *symbols; /* sorted by name, then by number */
	size_t n_symbols;
	struct klp_crcs imports;
	struct klp_crcs exports;
	void **blocks; /* names point into these */
	size_t n_blocks;
};

/* The objects of one kernel's tree. */
struct klp_object_files;

/* Both stay the caller's, and must outlive the result. */
int klp_object_files_new(struct klpdep_ctx *ctx, const char *kernel,
			 const struct klp_moddep *moddep, struct klp_object_files **files);
void klp_object_files_free(struct klp_object_files *files);

/* A module of the tree, or "vmlinux"; read once.  0, even if it cannot be read, which ->err
 * says; -ENOENT: there is none; -ENOMEM. */
int klp_object_files_get(struct klp_object_files *files, const char *object,
			 const struct klp_object_file **image);
/* Read @n different modules of the tree for later use, with @threads threads (0: one for
 * each processor).  0 or -ENOMEM. */
int klp_object_files_read(struct klp_object_files *files, const char *const *names, size_t n,
			  unsigned int threads);
/* A patch's own image, without its symbols.  Valid until the next call. */
int klp_object_files_get_patch(struct klp_object_files *files,
			       const struct klpdep_patch *patch,
			       const struct klp_object_file **image);
/* A module of the kernel's own build, as far as we can tell: its vermagic is the tree's.
 * NULL if the tree has no readable module. */
int klp_object_files_get_model(struct klp_object_files *files,
			       const struct klp_object_file **image);

/* How many symbols of that name an image has; @live: after its init. */
size_t klp_object_file_count(const struct klp_object_file *image, const char *name,
			     bool live);
/* The symbol of that name at a position, from 1, or NULL. */
const struct klp_object_file_symbol *klp_object_file_symbol(
	const struct klp_object_file *image, const char *name, uint64_t position, bool live);
/* The name of a symbol that the compiler derived from @name, like "foo.isra.0" from "foo";
 * or NULL. */
const char *klp_object_file_variant(const struct klp_object_file *image, const char *name);

const struct klp_crc *klp_crc_find(const struct klp_crcs *crcs, const char *symbol);

/* ---- reading: object-file-*.c ----------------------------------------------------- */

/* Read a module's image; symbols are also exports.  0 or -ENOMEM; ->err has other errors. */
int klp_object_file_read(const char *path, bool with_symbols, struct klp_object_file *image);
/* The same for an open file.  On an error, the file has the message. */
int klp_object_file_read_file(struct klp_file *file, bool with_symbols,
			      struct klp_object_file *image);
/* Read the kernel itself, from any file there is. */
int klp_object_file_read_vmlinux(struct klpdep_ctx *ctx, const char *kernel,
				 struct klp_object_file *image);
/* The possible files. */
int klp_object_file_vmlinux_places(struct klpdep_ctx *ctx, const char *kernel,
				   struct klp_strv *places);
void klp_object_file_clear(struct klp_object_file *image);

/* Find the symbols that have one of @n locations where ftrace can hook in, like
 * ftrace_location().  Reorders both arrays. */
void klp_object_file_mark_traceable(struct klp_object_file *image,
				    struct klp_place *locations, size_t n,
				    uint16_t machine);
/* Sort the arrays as struct klp_object_file says. */
void klp_object_file_sort(struct klp_object_file *image);
void klp_crcs_sort(struct klp_crcs *crcs);
/* Keep a block of memory as long as the image lives.  If that fails, free it. */
int klp_object_file_keep(struct klp_object_file *image, void *block);
/* Keep a copy of @size bytes, or of a section, with a NUL behind it. */
int klp_object_file_copy(struct klp_object_file *image, const void *data, size_t size,
			 char **out);
int klp_object_file_copy_section(struct klp_object_file *image, const struct klp_elf *elf,
				 uint32_t section, char **out);
/* Add a symbol, unless it has no name, or one that only marks a place in the code and is not
 * in kallsyms. */
int klp_object_file_add(struct klp_object_file *image,
			const struct klp_object_file_symbol *symbol);
int klp_crcs_add(struct klp_crcs *crcs, const char *symbol, uint32_t crc);

#endif /* KLP_OBJECT_FILE_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What verify has to know of the objects themselves: the symbols of a module or of the
 * kernel, which of its functions can be traced, what it exports and what it was built
 * against.  Each image is read once, however many patches there are for it.
 */
#ifndef KLP_TARGET_H
#define KLP_TARGET_H

#include "libklpdep/elf.h"
#include "libklpdep/moddep.h"

struct klp_target_symbol {
	const char *name;
	uint32_t section;
	uint32_t
		number; /* its place among the object's symbols, as the kernel has them */
	uint64_t value;
	uint64_t size;
	bool stays; /* once the module's init is over, too */
	bool traceable;
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
struct klp_target {
	const char *name; /* the module's, of a tree */
	int err;	  /* the image cannot be read: the error */
	char *why;	  /* and in words; never NULL then, but when there is no memory */
	bool has_symbols;
	bool has_locations; /* "traceable" was found out */
	bool has_versions;  /* it carries CRCs of what it imports, be it none */
	bool has_exports;   /* the CRCs of what it exports are known, be it none */
	char *vermagic;
	char *srcversion;
	struct klp_target_symbol *symbols; /* sorted by name, then by number */
	size_t n_symbols;
	struct klp_crcs imports;
	struct klp_crcs exports;
	void **blocks; /* what names point into */
	size_t n_blocks;
};

/* What klp_target_read() looks for. */
enum klp_target_what {
	KLP_TARGET_SYMBOLS = 1 << 0, /* and exports, which are symbols */
};

/* The objects of one kernel's tree. */
struct klp_targets;

/* Both stay the caller's, and must outlive what is made. */
int klp_targets_new(struct klpdep_ctx *ctx, const char *kernel,
		    const struct klp_moddep *moddep, struct klp_targets **targets);
void klp_targets_free(struct klp_targets *targets);

/* A module of the tree, or "vmlinux"; what was read before is not read again.
 * 0, whether it could be read or not: ->err says that; -ENOENT: there is none; -ENOMEM.
 */
int klp_targets_get(struct klp_targets *targets, const char *object,
		    const struct klp_target **target);
/* A patch's own image, of which no symbols are read.  It is kept until the next is asked
 * for. */
int klp_targets_get_patch(struct klp_targets *targets, const struct klpdep_patch *patch,
			  const struct klp_target **target);
/* A module that is of the kernel's own build, as far as can be told: its vermagic is the
 * tree's.  NULL when the tree has no module that can be read. */
int klp_targets_get_model(struct klp_targets *targets, const struct klp_target **target);

/* How many symbols of that name a target has; @live: once its init is over. */
size_t klp_target_count(const struct klp_target *target, const char *name, bool live);
/* The symbol of that name at a position, from 1.  NULL: there is none. */
const struct klp_target_symbol *klp_target_symbol(const struct klp_target *target,
						  const char *name,
						  uint64_t position, bool live);
/* The name of a symbol that the compiler made of @name, "foo.isra.0" of "foo"; or NULL.
 */
const char *klp_target_variant(const struct klp_target *target, const char *name);

const struct klp_crc *klp_crc_find(const struct klp_crcs *crcs, const char *symbol);

/* ---- reading: target-image.c, target-vmlinux.c ------------------------------------- */

/* A module's image.  0 or -ENOMEM; ->err says how it went. */
int klp_target_read(const char *path, unsigned int what, struct klp_target *target);
/* The same of one that is open.  On an error, the file says what is wrong. */
int klp_target_read_file(struct klp_file *file, unsigned int what,
			 struct klp_target *target);
/* The kernel itself, out of whatever there is of it. */
int klp_target_read_vmlinux(struct klpdep_ctx *ctx, const char *kernel,
			    struct klp_target *target);
void klp_target_clear(struct klp_target *target);

/* Where ftrace can hook in. */
struct klp_location {
	uint32_t section;
	uint64_t value;
};

/* Which symbols have one of @n locations, as ftrace_location() finds out. @in_front:
 * whether a location may stand in front of its function. Changes both orders. */
void klp_target_mark_traceable(struct klp_target *target, struct klp_location *locations,
			       size_t n, bool in_front);
bool klp_target_in_front(uint16_t machine);
/* The orders that struct klp_target wants. */
void klp_target_sort(struct klp_target *target);
void klp_crcs_sort(struct klp_crcs *crcs);
/* Keep a block of memory for as long as the target.  Frees it when there is none. */
int klp_target_keep(struct klp_target *target, void *block);
/* Names that mark places in the code, and are none that kallsyms knows. */
bool klp_target_is_mapping(const char *name);

#endif /* KLP_TARGET_H */

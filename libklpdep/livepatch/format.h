/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The representations of a livepatch's objects, with one reader each.
 *
 * To add one, write a file format-NAME.c with a reader, and a row in format.c.
 */
#ifndef KLP_FORMAT_H
#define KLP_FORMAT_H

#include "libklpdep/image/elf.h"
#include "libklpdep/livepatch/patch.h"
#include "libklpdep/livepatch/pointers.h"

struct klp_format {
	const char *name;
	/* Read the patch's objects from the image, which is loaded, and add them to the
	 * others.  0: found and read; 1: the module has nothing of this kind; negative:
	 * broken, and the file has the message. */
	int (*read)(const struct klp_elf *elf, struct klpdep_patch *patch);
};

extern const struct klp_format klp_format_klp_build;
extern const struct klp_format klp_format_klp_patch;
extern const struct klp_format klp_format_klp_rela;
extern const struct klp_format klp_format_kpatch;

/* Functions that the readers share.  @what names a structure in messages. */

/* Read the function of @record, with a pointer to its name and its sympos at these offsets,
 * and add it to the object that was added last. */
int klp_read_func(const struct klp_pointers *pointers, const char *what,
		  struct klp_place record, uint64_t name, uint64_t sympos,
		  struct klpdep_patch *patch);
/* Read name and callbacks of the object at a place.  klp_object and klp_object_ext begin with
 * the same members: name, functions, and four callbacks. */
int klp_read_object(const struct klp_pointers *pointers, const char *what,
		    struct klp_place at, struct klpdep_patch *patch,
		    struct klpdep_object **object);
enum { KLP_OBJECT_NAME = 0, KLP_OBJECT_FUNCS = 8, KLP_OBJECT_CALLBACKS = 16 };

/* The name of a format that was written to a file; "other" if we do not know it. */
const char *klp_format_name(const char *name);

/* Read a module: -ENODATA if it is no livepatch (then only its section table and .modinfo
 * have been read).  The patch's name is the one in its modinfo, or else the file's.
 * Threads may call this in parallel. */
int klp_format_read(struct klp_file *file, struct klpdep_patch **patch);

/* (klp-patch-replace.c) Find replace in the code of kpatch and klp-build.  0, or an errno
 * of reading. */
int klp_tool_replace(const struct klp_elf *elf, enum klpdep_replace *replace);

#endif /* KLP_FORMAT_H */

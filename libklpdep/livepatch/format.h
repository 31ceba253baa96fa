/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The representations that a livepatch's objects come in: one reader each.
 *
 * A new representation is a file format-NAME.c with a reader, and a row in format.c.
 */
#ifndef KLP_FORMAT_H
#define KLP_FORMAT_H

#include "libklpdep/image/elf.h"
#include "libklpdep/livepatch/patch.h"

struct klp_format {
	const char *name;
	/* Read the patch's objects from the image, which is loaded, and add them to those
	 * that are there.  0: found and read; 1: the module has nothing of this kind;
	 * negative: broken, the file says how. */
	int (*read)(const struct klp_elf *elf, struct klpdep_patch *patch);
};

extern const struct klp_format klp_format_klp_build;
extern const struct klp_format klp_format_klp_patch;
extern const struct klp_format klp_format_klp_rela;
extern const struct klp_format klp_format_kpatch;

/* The name of a format, for one that is written somewhere; "other" where it is none that
 * is known. */
const char *klp_format_name(const char *name);

/* Read a module: -ENODATA when it is no livepatch (nothing but its section table and
 * .modinfo has then been looked at).  The patch's name is that of its modinfo, or its
 * file's.  Safe to call from several threads. */
int klp_format_read(struct klp_file *file, struct klpdep_patch **patch);

/* (klp-patch-replace.c) What kpatch's and klp-build's code says of replace.  0, or an errno of
 * reading. */
int klp_tool_replace(const struct klp_elf *elf, enum klpdep_replace *replace);

#endif /* KLP_FORMAT_H */

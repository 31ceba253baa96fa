/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the corpus's patch patches, the same in each representation:
 *
 *	vmlinux	two functions
 *	ext4	five functions, two of one name, one whose name has dots; a callback
 *	jbd2	no function, three callbacks
 *
 * and the code for it, which uses symbols of all three that only the livepatch core can
 * resolve.  The functions of ext4 and the rest are in two halves, for a patch that comes
 * from two source files (PART is 1 or 2; both in one where it is not defined).
 *
 * FUNC(new function, old name, sympos), CALLBACK(kind, function)
 */
#ifndef CONTENTS_H
#define CONTENTS_H

#include "kernel.h"

#define VMLINUX_FUNCS(FUNC) \
	FUNC(patched_cmdline_proc_show, "cmdline_proc_show", 0) \
	FUNC(patched_show_smap, "show_smap", 1)

#define EXT4_FUNCS_1(FUNC) \
	FUNC(patched_ext4_rename, "ext4_rename", 0) \
	FUNC(patched_dx_probe, "dx_probe.constprop.0", 0) \
	FUNC(patched_check_1, "ext4_check", 1)

#define EXT4_FUNCS_2(FUNC) \
	FUNC(patched_readdir, "ext4_readdir", 0) \
	FUNC(patched_check_2, "ext4_check", 2)

#define EXT4_CALLBACKS(CALLBACK) \
	CALLBACK(post_patch, ext4_post_patch)

#define JBD2_CALLBACKS(CALLBACK) \
	CALLBACK(pre_patch, jbd2_pre_patch) \
	CALLBACK(post_patch, jbd2_post_patch) \
	CALLBACK(post_unpatch, jbd2_post_unpatch)

/* ---- what it needs of the objects ------------------------------------------------ */

struct file;

/* What the module loader resolves.  Every section that has klp relocations has one to
 * these, too (ppc64's .toc, to the variable): strip of binutils updates the former only
 * where there are any of the latter. */
long capable(long capability);
extern long jiffies;

long cmdline_length(struct file *file)
	KLP_SYMBOL("vmlinux", "vmlinux", "cmdline_length.isra.0", 3);
long ext4_mark_dirty(struct file *file)
	KLP_SYMBOL("ext4", "ext4", "ext4_mark_dirty", 0);
/* ext4 depends on jbd2, so this one is there when ext4 is. */
long journal_start(struct file *file)
	KLP_SYMBOL("ext4", "jbd2", "jbd2__journal_start", 0);
extern long ext4_lazyinit[] KLP_SYMBOL("ext4", "ext4", "ext4_lazyinit", 2);
extern long ext4_stats[] KLP_SYMBOL("ext4", "ext4", "ext4_stats", 1);
extern long jbd2_debug KLP_SYMBOL("jbd2", "jbd2", "jbd2_debug", 1);

/* ---- code: first half ------------------------------------------------------------ */

#define NEW __used noinline LOCAL

#if !defined(PART) || PART == 1
NEW long patched_cmdline_proc_show(struct file *file)
{
	return cmdline_length(file) + capable(1);
}

NEW long patched_show_smap(struct file *file)
{
	return capable(2) ? cmdline_length(file) : cmdline_length(NULL) - 2;
}

/* A pointer in data that the livepatch core fills in. */
LOCAL void *ext4_tables[] __used = { &ext4_stats[0], &ext4_stats[3], &capable };

NEW long patched_ext4_rename(struct file *file)
{
	return ext4_mark_dirty(file) + *(long *)ext4_tables[capable(3) != 0];
}

NEW long patched_dx_probe(struct file *file)
{
	return journal_start(file) + ext4_mark_dirty(file) + capable(4);
}

NEW long patched_check_1(struct file *file)
{
	(void)file;
	return ext4_lazyinit[capable(5) != 0] + jiffies;
}
#endif

/* ---- code: second half ----------------------------------------------------------- */

#if !defined(PART) || PART == 2
NEW long patched_readdir(struct file *file)
{
	return ext4_mark_dirty(file) - capable(6);
}

NEW long patched_check_2(struct file *file)
{
	return ext4_lazyinit[1] + journal_start(file) + capable(7);
}

NEW void ext4_post_patch(struct klp_object *obj)
{
	(void)obj;
}

NEW int jbd2_pre_patch(struct klp_object *obj)
{
	return obj && jbd2_debug && capable(8);
}

NEW void jbd2_post_patch(struct klp_object *obj)
{
	(void)obj;
	jbd2_debug = capable(9);
}

NEW void jbd2_post_unpatch(struct klp_object *obj)
{
	(void)obj;
	jbd2_debug = -capable(9);
}
#endif

#endif /* CONTENTS_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-rela: everything is filled in by init code, from what is no structure of anybody's.
 * Only the klp relocations tell what the patch is for.
 */
#include "contents.h"

static struct klp_patch patch;
static struct klp_object objects[4];
static struct klp_func vmlinux_funcs[3], ext4_funcs[6], no_funcs[1];

static noinline void add(struct klp_func *funcs, const char *name, void *function,
			 unsigned long sympos)
{
	while (funcs->old_name)
		funcs++;
	funcs->old_name = name;
	funcs->new_func = function;
	funcs->old_sympos = sympos;
}

#define VMLINUX_FUNC(function, name, sympos) add(vmlinux_funcs, name, function, sympos);
#define EXT4_FUNC(function, name, sympos) add(ext4_funcs, name, function, sympos);

static int __init patch_init(void)
{
	VMLINUX_FUNCS(VMLINUX_FUNC)
	EXT4_FUNCS_1(EXT4_FUNC)
	EXT4_FUNCS_2(EXT4_FUNC)
	objects[0].funcs = vmlinux_funcs;
	objects[1].name = "ext4";
	objects[1].funcs = ext4_funcs;
	objects[1].callbacks.post_patch = ext4_post_patch;
	objects[2].name = "jbd2";
	objects[2].funcs = no_funcs;
	objects[2].callbacks.pre_patch = jbd2_pre_patch;
	objects[2].callbacks.post_patch = jbd2_post_patch;
	objects[2].callbacks.post_unpatch = jbd2_post_unpatch;
	patch.mod = THIS_MODULE;
	patch.objs = objects;
	patch.replace = true;
	return klp_enable_patch(&patch);
}

static void __exit patch_exit(void)
{
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_INFO(license, "GPL");

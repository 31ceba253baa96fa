/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-patch: the structures initialised in the data sections, as source-built livepatches
 * have them; and structures of other kinds that point to __this_module as well.
 *
 *	VMLINUX_AT	1, 2 or 3: where in the array vmlinux stands
 */
#include "contents.h"

#ifndef VMLINUX_AT
#define VMLINUX_AT 1
#endif

#define FUNC(function, name, sympos) \
	{ .old_name = (name), .new_func = (function), .old_sympos = (sympos) },
#define CALLBACK(kind, function) .kind = (function),

LOCAL struct klp_func vmlinux_funcs[] = { VMLINUX_FUNCS(FUNC) { 0 } };

LOCAL struct klp_func ext4_funcs[] = {
	EXT4_FUNCS_1(FUNC)
	EXT4_FUNCS_2(FUNC)
	{ 0 }
};

/* The kernel wants an array, and there is nothing in it. */
LOCAL struct klp_func no_funcs[] = { { 0 } };

#define VMLINUX { .name = NULL, .funcs = vmlinux_funcs },

LOCAL struct klp_object objects[] = {
#if VMLINUX_AT == 1
	VMLINUX
#endif
	{
		.name = "ext4",
		.funcs = ext4_funcs,
		.callbacks = { EXT4_CALLBACKS(CALLBACK) },
	},
#if VMLINUX_AT == 2
	VMLINUX
#endif
	{
		.name = "jbd2",
		.funcs = no_funcs,
		.callbacks = { JBD2_CALLBACKS(CALLBACK) },
	},
#if VMLINUX_AT == 3
	VMLINUX
#endif
	{ 0 }
};

LOCAL struct klp_state states[] = { { .id = 7, .version = 2 }, { 0 } };

/* ---- not a klp_patch ------------------------------------------------------------- */

struct file_operations {
	struct module *owner;
	long (*llseek)(struct file *file);
	long (*read)(struct file *file);
	void *rest[30];
};

LOCAL struct file_operations decoy_fops = {
	.owner = THIS_MODULE,
	.llseek = patched_readdir,
	.read = patched_check_1,
};

/* Pointers to arrays in writable data, one of them like an object's. */
struct configfs_item_operations {
	long (*release)(struct file *file);
	long (*allow_link)(struct file *file);
};

struct config_item_type {
	struct module *ct_owner;
	struct configfs_item_operations *ct_item_ops;
	void *ct_group_ops, *ct_attrs, *ct_bin_attrs;
};

struct config_item {
	const char *name;
	struct config_item_type *type;
};

LOCAL struct configfs_item_operations decoy_item_ops = {
	.release = patched_readdir,
	.allow_link = patched_dx_probe,
};

LOCAL struct config_item_type decoy_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &decoy_item_ops,
};

LOCAL struct config_item decoy_item = { .name = "decoy", .type = &decoy_type };

/* ---- the patch ------------------------------------------------------------------- */

LOCAL struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
	.states = states,
	.replace = true,
};

static int __init patch_init(void)
{
	if (register_chrdev("decoy", &decoy_fops) ||
	    configfs_register_subsystem(&decoy_item))
		return -1;
	return klp_enable_patch(&patch);
}

static void __exit patch_exit(void)
{
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_INFO(license, "GPL");

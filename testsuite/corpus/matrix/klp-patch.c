/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-patch: the structures initialised in the data sections, as source-built livepatches
 * have them; and structures of other kinds that point to __this_module as well.
 *
 *	VMLINUX_AT	1, 2 or 3: where in the array vmlinux stands
 *	ONE_OBJECT	only vmlinux, and one function of it
 *	CALLBACKS_ONLY	only jbd2, which has no functions
 *	REPLACE		whether the patch replaces others: true, false
 *	INIT_REPLACE	that is set by init code
 *	UNAME		init code copies into a tag beside the klp_patch, as SUSE's does
 *	TABLES		around the functions, tables of names and functions of other kinds
 *	LOOKALIKE	one more structure that points to __this_module, and to what could
 *			well be objects; 2: init code passes it to some function
 */
#include "contents.h"

#ifndef VMLINUX_AT
#define VMLINUX_AT 1
#endif
#ifndef REPLACE
#define REPLACE true
#endif

#define FUNC(function, name, sympos) \
	{ .old_name = (name), .new_func = (function), .old_sympos = (sympos) },
#define CALLBACK(kind, function) .kind = (function),

#ifdef TABLES
struct command {
	const char *name;
	long (*function)(struct file *file);
	long rest[8];
};

LOCAL struct command commands_1[] = {
	{ "probe", patched_dx_probe, { 0 } },
	{ "check", patched_check_1, { 0 } },
	{ "read", patched_readdir, { 0 } },
};
#endif

LOCAL struct klp_func vmlinux_funcs[] __attribute__((__unused__)) = {
#ifdef ONE_OBJECT
	FUNC(patched_show_smap, "show_smap", 1)
#else
	VMLINUX_FUNCS(FUNC)
#endif
	{ 0 }
};

#ifdef TABLES
LOCAL struct command commands_2[] = {
	{ "probe", patched_dx_probe, { 0 } },
	{ "check", patched_check_1, { 0 } },
	{ "read", patched_readdir, { 0 } },
};

static noinline long run_commands(struct command *commands, const char *name)
{
	while (strcmp(commands->name, name) != 0)
		commands++;
	return commands->function(NULL);
}
#endif

#if !defined(ONE_OBJECT) && !defined(CALLBACKS_ONLY)
LOCAL struct klp_func ext4_funcs[] = {
	EXT4_FUNCS_1(FUNC)
	EXT4_FUNCS_2(FUNC)
	{ 0 }
};
#endif

/* The kernel wants an array, and there is nothing in it. */
LOCAL struct klp_func no_funcs[] __attribute__((__unused__)) = { { 0 } };

#define VMLINUX { .name = NULL, .funcs = vmlinux_funcs },
#define EXT4 { \
	.name = "ext4", \
	.funcs = ext4_funcs, \
	.callbacks = { EXT4_CALLBACKS(CALLBACK) }, \
},
#define JBD2 { \
	.name = "jbd2", \
	.funcs = no_funcs, \
	.callbacks = { JBD2_CALLBACKS(CALLBACK) }, \
},

LOCAL struct klp_object objects[] = {
#if defined(ONE_OBJECT)
	VMLINUX
#elif defined(CALLBACKS_ONLY)
	JBD2
#elif VMLINUX_AT == 1
	VMLINUX EXT4 JBD2
#elif VMLINUX_AT == 2
	EXT4 VMLINUX JBD2
#else
	EXT4 JBD2 VMLINUX
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

#ifdef LOOKALIKE
struct option {
	const char *name;
	int *value;
	int least, most;
};

struct driver {
	struct module *owner;
	struct option *options;
	void *private;
};

LOCAL int decoy_values[] = { 4, 5 };

LOCAL struct option decoy_options[] = {
	{ "depth", &decoy_values[0], 1, 9 },
	{ "width", &decoy_values[1], 1, 9 },
	{ 0 }
};

LOCAL struct driver decoy_driver __used = {
	.owner = THIS_MODULE,
	.options = decoy_options,
};
#endif

/* ---- the patch ------------------------------------------------------------------- */

LOCAL struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
	.states = states,
#ifndef INIT_REPLACE
	.replace = REPLACE,
#endif
};

#ifdef UNAME
LOCAL char uname_tag[64] = "livepatch";

static noinline int __init uname_init(const char *tag)
{
	memcpy(uname_tag, tag, capable(10));
	return uname_tag[0];
}
#endif

static int __init patch_init(void)
{
	if (register_chrdev("decoy", &decoy_fops) ||
	    configfs_register_subsystem(&decoy_item))
		return -1;
#ifdef INIT_REPLACE
	patch.replace = REPLACE;
#endif
#ifdef UNAME
	if (uname_init(uname_tag + 4))
		return -1;
#endif
#ifdef TABLES
	run_commands(commands_1, "probe");
	run_commands(commands_2, "check");
#endif
#if defined(LOOKALIKE) && LOOKALIKE == 2
	if (configfs_register_subsystem(&decoy_driver))
		return -1;
#endif
	return klp_enable_patch(&patch);
}

static void __exit patch_exit(void)
{
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_INFO(license, "GPL");

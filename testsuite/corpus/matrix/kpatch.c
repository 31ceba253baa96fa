/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kpatch: records in sections of their own, from which init code makes the structures.
 * An object's records do not stand together, nor does an object's string come once.
 *
 *	LARGE_RECORDS	72 bytes instead of 56
 */
#include "contents.h"

struct kpatch_func {
	void *new_addr;
	u64 new_size, old_addr, old_size, sympos;
	const char *name, *objname;
#ifdef LARGE_RECORDS
	const char *ref_name;
	u64 ref_offset;
#endif
};

struct kpatch_callback {
	void *function;
	const char *objname;
};

#define STRING(label, text) \
	static const char label[] __used __section(".kpatch.strings") \
		__attribute__((__aligned__(1))) = text;

/* Names of symbols that it uses are there as well. */
STRING(string_used, "jbd2__journal_start")
STRING(string_vmlinux, "vmlinux")
STRING(string_ext4, "ext4")
STRING(string_ext4_again, "ext4")
STRING(string_jbd2, "jbd2")

#define FUNC_STRING(function, name, sympos) STRING(string_##function, name)
VMLINUX_FUNCS(FUNC_STRING)
EXT4_FUNCS_1(FUNC_STRING)
EXT4_FUNCS_2(FUNC_STRING)

#ifdef LARGE_RECORDS
#define REFERENCE , string_used, 16
#else
#define REFERENCE
#endif

#define RECORD(function, position, object) \
	{ (function), 0x40, 0, 0x80, (position), string_##function, (object) REFERENCE },
#define VMLINUX_RECORD(function, name, sympos) RECORD(function, sympos, string_vmlinux)
#define EXT4_RECORD(function, name, sympos) RECORD(function, sympos, string_ext4)
#define EXT4_OTHER(function, name, sympos) RECORD(function, sympos, string_ext4_again)

#define RECORDS(section) __used __section(section) __attribute__((__aligned__(8)))

LOCAL const struct kpatch_func records[] RECORDS(".kpatch.funcs") = {
	EXT4_FUNCS_1(EXT4_RECORD)
	VMLINUX_FUNCS(VMLINUX_RECORD)
	EXT4_FUNCS_2(EXT4_OTHER)
};

/* The linker script adds what is empty, and a zero behind each. */
LOCAL const struct kpatch_callback pre_patch[]
	RECORDS(".kpatch.callbacks.pre_patch") = {
	{ jbd2_pre_patch, string_jbd2 },
};

LOCAL const struct kpatch_callback post_patch[]
	RECORDS(".kpatch.callbacks.post_patch") = {
	{ ext4_post_patch, string_ext4_again },
	{ jbd2_post_patch, string_jbd2 },
};

LOCAL const struct kpatch_callback post_unpatch[]
	RECORDS(".kpatch.callbacks.post_unpatch") = {
	{ jbd2_post_unpatch, string_jbd2 },
};

/* ---- what makes a klp_patch of them ---------------------------------------------- */

extern const struct kpatch_func __kpatch_funcs[], __kpatch_funcs_end[];
extern const struct kpatch_callback __kpatch_callbacks_post_patch[],
	__kpatch_callbacks_post_patch_end[];

static struct klp_patch *patch;

static struct klp_object *find_object(const char *name)
{
	struct klp_object *obj = patch->objs;

	while (obj->name && strcmp(obj->name, name) != 0)
		obj++;
	obj->name = name;
	return obj;
}

static int __init patch_init(void)
{
	patch = kzalloc(sizeof(*patch));
	patch->mod = THIS_MODULE;
	patch->objs = kzalloc(8 * sizeof(*patch->objs));
	patch->replace = true;
	for (const struct kpatch_func *f = __kpatch_funcs; f < __kpatch_funcs_end; f++) {
		struct klp_func *func = kzalloc(sizeof(*func));

		func->old_name = f->name;
		func->new_func = f->new_addr;
		func->old_sympos = f->sympos;
		find_object(f->objname)->funcs = func;
	}
	for (const struct kpatch_callback *c = __kpatch_callbacks_post_patch;
	     c < __kpatch_callbacks_post_patch_end; c++)
		find_object(c->objname)->callbacks.post_patch = c->function;
	return klp_enable_patch(patch);
}

static void __exit patch_exit(void)
{
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_INFO(license, "GPL");

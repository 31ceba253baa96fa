/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klp-build: arrays of include/linux/livepatch_external.h, one for each source file, that
 * the linker puts one behind the other.  ext4 is in both files.
 *
 *	PART		which of the two files this is
 *	OLD_SECTIONS	named as the first kernels with klp-build had them
 */
#include "contents.h"

#ifdef OLD_SECTIONS
#define OBJECTS_SECTION "__klp_objects"
#define FUNCS_SECTION "__klp_funcs"
#else
#define OBJECTS_SECTION ".init.klp_objects"
#define FUNCS_SECTION ".init.klp_funcs"
#endif

struct klp_func_ext {
	const char *old_name;
	void *new_func;
	unsigned long sympos;
};

struct klp_object_ext {
	const char *name;
	struct klp_func_ext *funcs;
	struct klp_callbacks callbacks;
	unsigned int nr_funcs;
};

_Static_assert(sizeof(struct klp_func_ext) == 24, "struct klp_func_ext");
_Static_assert(sizeof(struct klp_object_ext) == 64, "struct klp_object_ext");

#define RECORDS(section) __used __section(section) __attribute__((__aligned__(8)))

/* objtool makes a section for the strings that a linker may merge: no C can say that. */
#define STRING(label, text) \
	extern const char label[] __attribute__((__visibility__("hidden"))); \
	__asm__(".pushsection .rodata.klp.str1.1,\"aMS\",@progbits,1\n" \
		#label ": .asciz \"" text "\"\n" \
		".popsection");

#define FUNC_STRING(function, name, sympos) STRING(string_##function, name)
#define FUNC(function, name, position) { string_##function, (function), (position) },
#define CALLBACK(kind, function) .kind = (function),

#if PART == 1
STRING(string_ext4_1, "ext4")
VMLINUX_FUNCS(FUNC_STRING)
EXT4_FUNCS_1(FUNC_STRING)

LOCAL struct klp_func_ext part_1_funcs[] RECORDS(FUNCS_SECTION) = {
	VMLINUX_FUNCS(FUNC)
	EXT4_FUNCS_1(FUNC)
};

LOCAL struct klp_object_ext part_1_objects[] RECORDS(OBJECTS_SECTION) = {
	{ .name = NULL, .funcs = part_1_funcs, .nr_funcs = 2 },
	{ .name = string_ext4_1, .funcs = part_1_funcs + 2, .nr_funcs = 3 },
};
#else
STRING(string_ext4_2, "ext4")
STRING(string_jbd2, "jbd2")
EXT4_FUNCS_2(FUNC_STRING)

LOCAL struct klp_func_ext part_2_funcs[] RECORDS(FUNCS_SECTION) = {
	EXT4_FUNCS_2(FUNC)
};

LOCAL struct klp_object_ext part_2_objects[] RECORDS(OBJECTS_SECTION) = {
	{
		.name = string_jbd2,
		.callbacks = { JBD2_CALLBACKS(CALLBACK) },
	},
	{
		.name = string_ext4_2,
		.funcs = part_2_funcs,
		.callbacks = { EXT4_CALLBACKS(CALLBACK) },
		.nr_funcs = ARRAY_SIZE(part_2_funcs),
	},
};

/* ---- what makes a klp_patch of them ---------------------------------------------- */

extern struct klp_object_ext __start_klp_objects[], __stop_klp_objects[];

static struct klp_patch *patch;

static int __init patch_init(void)
{
	struct klp_object *obj;

	patch = kzalloc(sizeof(*patch));
	obj = kzalloc(8 * sizeof(*obj));
	patch->mod = THIS_MODULE;
	patch->objs = obj;
	patch->replace = true;
	for (struct klp_object_ext *ext = __start_klp_objects; ext < __stop_klp_objects;
	     ext++, obj++) {
		struct klp_func *func = kzalloc((ext->nr_funcs + 1) * sizeof(*func));

		obj->name = ext->name;
		obj->funcs = func;
		obj->callbacks = ext->callbacks;
		for (unsigned int i = 0; i < ext->nr_funcs; i++, func++) {
			func->old_name = ext->funcs[i].old_name;
			func->new_func = ext->funcs[i].new_func;
			func->old_sympos = ext->funcs[i].sympos;
		}
	}
	return klp_enable_patch(patch);
}

static void __exit patch_exit(void)
{
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_INFO(livepatch, "Y");
MODULE_INFO(license, "GPL");
#endif

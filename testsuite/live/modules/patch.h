/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of a livepatch, as samples/livepatch in the kernel has it.
 *
 * KLPTEST_PATCH_FUNCTION(object, old, new) makes a patch of one function.
 * KLPTEST_PATCH_TARGET(name) makes the patch of a target of target.h, after which the
 * target answers "patched".
 *
 * The replacements use exported symbols only, but for those that KLP_SYMBOL declares.
 */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/string.h>

#define KLPTEST_ANSWER_SIZE 32

/*
 * A symbol that klp-convert makes a klp relocation of: in a section for SECTION's object,
 * to a symbol of OBJECT's.  Weak, since modpost complains of others that are nowhere.
 */
#define KLP_SYMBOL(declaration, section, object, name, sympos)			\
	extern declaration __asm__("klp.sym.rela." section "." object "." name	\
				   "." #sympos) __attribute__((weak))

#define KLPTEST_PATCH_OBJECTS(objects)						\
static struct klp_patch patch = {						\
	.mod = THIS_MODULE,							\
	.objs = objects,							\
};										\
										\
static int __init klptest_patch_init(void)					\
{										\
	return klp_enable_patch(&patch);					\
}										\
module_init(klptest_patch_init);						\
										\
static void __exit klptest_patch_exit(void)					\
{										\
}										\
module_exit(klptest_patch_exit);						\
										\
KLPTEST_PATCH_MODINFO

#define KLPTEST_PATCH_MODINFO							\
MODULE_DESCRIPTION("livepatch of a klpdep test");				\
MODULE_LICENSE("GPL");								\
MODULE_INFO(livepatch, "Y")

#define KLPTEST_PATCH_FUNCTION(object, old, new)				\
static struct klp_func funcs[] = {						\
	{ .old_name = old, .new_func = new },					\
	{ }									\
};										\
										\
static struct klp_object objs[] = {						\
	{ .name = object, .funcs = funcs },					\
	{ }									\
};										\
										\
KLPTEST_PATCH_OBJECTS(objs)

#define KLPTEST_PATCHED_ANSWER(name)						\
static void name##_patched_answer(char *answer)				\
{										\
	strscpy(answer, "patched", KLPTEST_ANSWER_SIZE);			\
}

#define KLPTEST_PATCH_TARGET(name)						\
KLPTEST_PATCHED_ANSWER(name)							\
KLPTEST_PATCH_FUNCTION(#name, #name "_answer", name##_patched_answer)

// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch that replaces all others, as the kernel knows it. */
#include "patch.h"

KLPTEST_PATCHED_ANSWER(klptest_replacing)

static struct klp_func funcs[] = {
	{
		.old_name = "klptest_replacing_answer",
		.new_func = klptest_replacing_patched_answer,
	},
	{ }
};

static struct klp_object objs[] = {
	{ .name = "klptest_replacing", .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
	.replace = true,
};

static int __init klp_replacing_init(void)
{
	return klp_enable_patch(&patch);
}
module_init(klp_replacing_init);

static void __exit klp_replacing_exit(void)
{
}
module_exit(klp_replacing_exit);

KLPTEST_PATCH_MODINFO;

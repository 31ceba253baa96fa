// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch that is right in everything, but whose init fails before it is enabled. */
#include "patch.h"

KLPTEST_PATCHED_ANSWER(klptest_badinit)

static struct klp_func funcs[] = {
	{
		.old_name = "klptest_badinit_answer",
		.new_func = klptest_badinit_patched_answer,
	},
	{ }
};

static struct klp_object objs[] = {
	{ .name = "klptest_badinit", .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

/* Never set; without a call of klp_enable_patch() the module would hold no patch. */
static bool enable;
module_param(enable, bool, 0);

static int __init klp_badinit_init(void)
{
	return enable ? klp_enable_patch(&patch) : -ENOTNAM;
}
module_init(klp_badinit_init);

static void __exit klp_badinit_exit(void)
{
}
module_exit(klp_badinit_exit);

KLPTEST_PATCH_MODINFO;

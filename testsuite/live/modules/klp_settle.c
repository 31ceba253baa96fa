// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A patch of klptest_settle whose transition klptest_task holds up, so that a task that
 * has not switched is there when the target is loaded.
 */
#include "patch.h"

KLPTEST_PATCHED_ANSWER(klptest_settle)

static void patched_hold(void)
{
}

static struct klp_func settle_funcs[] = {
	{
		.old_name = "klptest_settle_answer",
		.new_func = klptest_settle_patched_answer,
	},
	{ }
};

static struct klp_func task_funcs[] = {
	{ .old_name = "klptest_task_hold", .new_func = patched_hold },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "klptest_settle", .funcs = settle_funcs },
	{ .name = "klptest_task", .funcs = task_funcs },
	{ }
};

KLPTEST_PATCH_OBJECTS(objs);

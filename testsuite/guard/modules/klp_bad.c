// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch that takes the machine down before it is enabled. */
#include <linux/seq_file.h>
#include "patch.h"

static int say_bad(struct seq_file *m, void *v)
{
	seq_puts(m, "bad\n");
	return 0;
}

static int pre_patch(struct klp_object *obj)
{
	panic("klp_bad was let in");
}

static struct klp_func funcs[] = {
	{ .old_name = "version_proc_show", .new_func = say_bad },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = funcs, .callbacks = { .pre_patch = pre_patch } },
	{ }
};

KLPTEST_PATCH_OBJECTS(objs);

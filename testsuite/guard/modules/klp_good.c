// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch with nothing wrong: /proc/loadavg says so. */
#include <linux/seq_file.h>
#include "patch.h"

static int say_good(struct seq_file *m, void *v)
{
	seq_puts(m, "good\n");
	return 0;
}

static struct klp_func funcs[] = {
	{ .old_name = "loadavg_proc_show", .new_func = say_good },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = funcs },
	{ }
};

KLPTEST_PATCH_OBJECTS(objs);

// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the two functions level() in vmlinux, this is the first. */
#include <linux/module.h>
#include "klptest.h"

static WHOLE int level(int x)
{
	return x ? klptest_two(x - 1) : 1;
}

int klptest_one(int x)
{
	return level(x);
}

/* objtool takes an object without .modinfo for none of the kernel's. */
MODULE_LICENSE("GPL");

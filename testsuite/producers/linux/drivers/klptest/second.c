// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/module.h>
#include "klptest.h"

static int sum;

static WHOLE int total(int x)
{
	sum += x;
	return sum;
}

static int set_sum(const char *value, const struct kernel_param *kp)
{
	sum = klptest_first(total(1));
	return 0;
}
module_param_call(sum, set_sum, NULL, NULL, 0200);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("klpdep test: of two source files");

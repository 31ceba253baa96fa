// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/module.h>
#include "klptest.h"

static WHOLE int level(int x)
{
	return x ? klptest_one(x - 1) : 2;
}

int klptest_two(int x)
{
	return level(x);
}

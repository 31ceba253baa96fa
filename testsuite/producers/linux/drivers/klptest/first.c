// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the two functions total() in this module, this is the first. */
#include <linux/module.h>
#include "klptest.h"

static WHOLE int total(int x)
{
	return klptest_rate(x) + 1;
}

int klptest_first(int x)
{
	return total(x);
}

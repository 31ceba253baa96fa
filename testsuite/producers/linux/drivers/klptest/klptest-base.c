// SPDX-License-Identifier: GPL-2.0-or-later
/* Exports what the other module uses. */
#include <linux/module.h>
#include "klptest.h"

WHOLE int klptest_rate(int x)
{
	return x * 2;
}
EXPORT_SYMBOL_GPL(klptest_rate);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("klpdep test: exports a function");

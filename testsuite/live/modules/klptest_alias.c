// SPDX-License-Identifier: GPL-2.0-or-later
/* A target with an alias. */
#include "target.h"

KLPTEST_TARGET(klptest_alias, KLPTEST_NO_EXPORT);
MODULE_ALIAS("klptest:v0001d*");

// SPDX-License-Identifier: GPL-2.0-or-later
/* A target whose patch uses a symbol of it. */
#include "target.h"

extern const char klptest_after_word[];
const char klptest_after_word[] = "patched";
EXPORT_SYMBOL_GPL(klptest_after_word);

KLPTEST_TARGET(klptest_after, KLPTEST_NO_EXPORT);

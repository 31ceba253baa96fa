// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A target with softdeps of its own, to modules that nothing else loads: kmod ignores
 * an install rule for it.
 */
#include "target.h"

KLPTEST_TARGET(klptest_soft, KLPTEST_NO_EXPORT);
MODULE_SOFTDEP("pre: klptest_softpre post: klptest_softpost");

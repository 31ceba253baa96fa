// SPDX-License-Identifier: GPL-2.0-or-later
/* A target whose function klptest_task calls. */
#include "target.h"

KLPTEST_TARGET(klptest_settle, EXPORT_SYMBOL_GPL);

// SPDX-License-Identifier: GPL-2.0-or-later
#define KLPTEST_MANY(X) X(21) X(22) X(23) X(24) X(25) X(26)
#include "many.h"

// SPDX-License-Identifier: GPL-2.0-or-later
#define KLPTEST_MANY(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)
#include "many.h"

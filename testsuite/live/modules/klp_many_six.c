// SPDX-License-Identifier: GPL-2.0-or-later
#define KLPTEST_MANY(X) X(11) X(12) X(13) X(14) X(15) X(16)
#include "many.h"

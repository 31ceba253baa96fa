// SPDX-License-Identifier: GPL-2.0-or-later
#define KLPTEST_MANY(X) X(11) X(12) X(13) X(14) X(15) \
	X(16) X(17) X(18) X(19) X(20)
#include "many.h"

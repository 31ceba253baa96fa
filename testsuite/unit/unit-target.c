// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"
#include "libklpdep/target.h"
#include "testsuite/unit/fixture.h"
START_TEST(x) {} END_TEST
UNIT_MAIN("target", x)

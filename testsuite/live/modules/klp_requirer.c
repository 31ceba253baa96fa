// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch that says which other it is not to be without. */
#include "patch.h"

KLPTEST_PATCH_TARGET(klptest_requirer);
MODULE_INFO(klp_requires, "klp_required");

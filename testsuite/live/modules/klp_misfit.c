// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A patch of a function that its target does not have.  It loads as long as the target
 * is not there; the kernel then refuses the target.
 */
#include "patch.h"

KLPTEST_PATCHED_ANSWER(klptest_misfit)
KLPTEST_PATCH_FUNCTION("klptest_misfit", "klptest_misfit_no_such_function",
		       klptest_misfit_patched_answer);

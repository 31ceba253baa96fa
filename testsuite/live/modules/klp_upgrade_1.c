// SPDX-License-Identifier: GPL-2.0-or-later
/* Release 1 of a patch of klptest_upgrade, which then answers "release 1". */
#include "patch.h"

static void release_1(char *answer)
{
	strscpy(answer, "release 1", KLPTEST_ANSWER_SIZE);
}

KLPTEST_PATCH_FUNCTION("klptest_upgrade", "klptest_upgrade_answer", release_1);

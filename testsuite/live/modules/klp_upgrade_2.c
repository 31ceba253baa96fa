// SPDX-License-Identifier: GPL-2.0-or-later
/* Release 2 of a patch of klptest_upgrade, which then answers "release 2" and no longer
 * "release 1". */
#include "patch.h"

static void release_2(char *answer)
{
	strscpy(answer, "release 2", KLPTEST_ANSWER_SIZE);
}

KLPTEST_PATCH_FUNCTION("klptest_upgrade", "klptest_upgrade_answer", release_2);
MODULE_INFO(klp_supersedes, "klp_upgrade_1");

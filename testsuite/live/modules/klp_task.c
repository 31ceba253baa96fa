// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch whose transition klptest_task holds up; it patches nothing else. */
#include "patch.h"

static void patched_hold(void)
{
}

KLPTEST_PATCH_FUNCTION("klptest_task", "klptest_task_hold", patched_hold);

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A patch whose disabling klptest_task holds up: the thread stays inside the replacement
 * for as long as `hold` reads Y.
 */
#include <linux/kthread.h>
#include <linux/sched.h>
#include "patch.h"

static bool hold = true;
module_param(hold, bool, 0644);

static void forced_hold(void)
{
	while (READ_ONCE(hold) && !kthread_should_stop())
		schedule_timeout_interruptible(msecs_to_jiffies(20));
}

KLPTEST_PATCH_FUNCTION("klptest_task", "klptest_task_hold", forced_hold);

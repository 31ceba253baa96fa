// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Four kernel threads, of which number N holds up the transition of klp_heldN: while
 * parameter holdN is Y, it stays inside klptest_holdN(), which that patch changes.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>

#define N_HOLDS 4

static void nap(void)
{
	schedule_timeout_interruptible(msecs_to_jiffies(20));
}

#define HOLD(n)									\
static bool hold##n = true;							\
module_param(hold##n, bool, 0644);						\
void klptest_hold##n(void);							\
__attribute__((noipa)) void klptest_hold##n(void)				\
{										\
	while (READ_ONCE(hold##n) && !kthread_should_stop())			\
		nap();								\
}

HOLD(1)
HOLD(2)
HOLD(3)
HOLD(4)

static int run(void *function)
{
	void (*hold)(void) = function;

	while (!kthread_should_stop()) {
		hold();
		nap();
	}
	return 0;
}

static struct task_struct *tasks[N_HOLDS];

static void stop_tasks(void)
{
	int i;

	for (i = 0; i < N_HOLDS; i++)
		if (tasks[i])
			kthread_stop(tasks[i]);
}

static int __init klptest_holds_init(void)
{
	static void (*const holds[N_HOLDS])(void) = {
		klptest_hold1, klptest_hold2, klptest_hold3, klptest_hold4,
	};
	int i;

	for (i = 0; i < N_HOLDS; i++) {
		struct task_struct *task = kthread_run(run, holds[i], "klptest_hold%d", i + 1);

		if (IS_ERR(task)) {
			stop_tasks();
			return PTR_ERR(task);
		}
		tasks[i] = task;
	}
	return 0;
}
module_init(klptest_holds_init);

static void __exit klptest_holds_exit(void)
{
	stop_tasks();
}
module_exit(klptest_holds_exit);

MODULE_DESCRIPTION("holds up transitions");
MODULE_LICENSE("GPL");

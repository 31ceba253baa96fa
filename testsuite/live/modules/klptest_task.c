// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel thread that holds up a transition for as long as it is told to, and that
 * calls a function of a target as soon as the target is there.
 *
 * While /sys/module/klptest_task/parameters/hold reads Y, the thread stays inside
 * klptest_task_hold().  A patch that changes that function cannot switch the thread,
 * and so cannot finish its transition.  The kernel wakes the thread after 15 s to help
 * it on; it then stays where it is.
 *
 * All the while, in there or not, the thread looks for klptest_settle_answer(), calls
 * it once when it is there, and keeps the answer for the parameter `seen`.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/string.h>

#define ANSWER_SIZE 32

static bool hold = true;
module_param(hold, bool, 0644);

static char seen[ANSWER_SIZE] = "nothing";
module_param_string(seen, seen, sizeof(seen), 0644);

static struct task_struct *task;

/* Resolved by name at run time: this module must not depend on the target. */
static void look(void)
{
	void (*answer)(char *);

	if (strncmp(seen, "nothing", 7) != 0)
		return;
	answer = (void (*)(char *))__symbol_get("klptest_settle_answer");
	if (!answer)
		return;
	answer(seen);
	pr_info("klptest_task: saw %s\n", seen);
	__symbol_put("klptest_settle_answer");
}

static void nap(void)
{
	schedule_timeout_interruptible(msecs_to_jiffies(20));
}

void klptest_task_hold(void);
__attribute__((noipa)) void klptest_task_hold(void)
{
	while (READ_ONCE(hold) && !kthread_should_stop()) {
		look();
		nap();
	}
}

static int run(void *unused)
{
	while (!kthread_should_stop()) {
		klptest_task_hold();
		look();
		nap();
	}
	return 0;
}

static int __init klptest_task_init(void)
{
	task = kthread_run(run, NULL, "klptest_task");
	return PTR_ERR_OR_ZERO(task);
}
module_init(klptest_task_init);

static void __exit klptest_task_exit(void)
{
	kthread_stop(task);
}
module_exit(klptest_task_exit);

MODULE_DESCRIPTION("holds up a transition");
MODULE_LICENSE("GPL");

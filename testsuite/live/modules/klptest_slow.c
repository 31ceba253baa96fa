// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A target whose init goes on until /sys/module/klptest_slow/parameters/hold reads N.
 * Its function is called once on the way there, and the answer is kept for `init_says`;
 * `says` shows what it answers now.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/string.h>

#define ANSWER_SIZE 32

static bool hold = true;
module_param(hold, bool, 0644);

static char init_says[ANSWER_SIZE] = "not run";
module_param_string(init_says, init_says, sizeof(init_says), 0444);

void klptest_slow_answer(char *answer);
__attribute__((noipa)) void klptest_slow_answer(char *answer)
{
	strscpy(answer, "original", ANSWER_SIZE);
}

static int says_get(char *buffer, const struct kernel_param *kp)
{
	char answer[ANSWER_SIZE];

	klptest_slow_answer(answer);
	return scnprintf(buffer, PAGE_SIZE, "%s\n", answer);
}

static const struct kernel_param_ops says_ops = { .get = says_get };
module_param_cb(says, &says_ops, NULL, 0444);

static int __init klptest_slow_init(void)
{
	klptest_slow_answer(init_says);
	while (READ_ONCE(hold))
		msleep(20);
	return 0;
}
module_init(klptest_slow_init);

static void __exit klptest_slow_exit(void)
{
}
module_exit(klptest_slow_exit);

MODULE_DESCRIPTION("a target whose init lasts");
MODULE_LICENSE("GPL");

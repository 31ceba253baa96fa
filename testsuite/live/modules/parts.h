/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target with two functions, NAME_one() and NAME_two(), so that patches can change some of
 * it.  /sys/module/NAME/parameters/says shows what the two answer now, and init_says what they
 * answered while the module's init ran: "0 0" where nothing is patched.
 */
#include <linux/module.h>
#include <linux/string.h>

#define KLPTEST_ANSWER_SIZE 32

/* noipa: the compiler must neither inline nor specialise what is to be patched. */
#define KLPTEST_PART(function)							\
void function(char *answer);							\
__attribute__((noipa)) void function(char *answer)				\
{										\
	strscpy(answer, "0", KLPTEST_ANSWER_SIZE);				\
}

#define KLPTEST_PARTS(target)							\
KLPTEST_PART(target##_one)							\
KLPTEST_PART(target##_two)							\
										\
static int say(char *buffer, size_t size)					\
{										\
	char one[KLPTEST_ANSWER_SIZE], two[KLPTEST_ANSWER_SIZE];		\
										\
	target##_one(one);							\
	target##_two(two);							\
	return scnprintf(buffer, size, "%s %s", one, two);			\
}										\
										\
static int says_get(char *buffer, const struct kernel_param *kp)		\
{										\
	return say(buffer, PAGE_SIZE);						\
}										\
										\
static const struct kernel_param_ops says_ops = { .get = says_get };		\
module_param_cb(says, &says_ops, NULL, 0444);					\
										\
static char init_says[2 * KLPTEST_ANSWER_SIZE];					\
module_param_string(init_says, init_says, sizeof(init_says), 0444);		\
										\
static int __init target##_init(void)						\
{										\
	say(init_says, sizeof(init_says));					\
	return 0;								\
}										\
module_init(target##_init);							\
										\
static void __exit target##_exit(void)						\
{										\
}										\
module_exit(target##_exit);							\
										\
MODULE_DESCRIPTION("target of a klpdep test");					\
MODULE_LICENSE("GPL")

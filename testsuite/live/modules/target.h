/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A module that says whether one of its functions is patched.
 *
 * klptest_NAME has a function klptest_NAME_answer(), which answers "original".
 * /sys/module/klptest_NAME/parameters/ shows what it answers: `init_says` what it
 * answered while the module's init ran, `says` what it answers to the reader now.
 * `arg` shows what the module was given as that option.
 */
#include <linux/module.h>
#include <linux/string.h>

#define KLPTEST_ANSWER_SIZE 32

/*
 * noipa: the compiler must neither inline nor specialise what is to be patched.
 * EXPORT is a macro such as EXPORT_SYMBOL_GPL, or KLPTEST_NO_EXPORT.
 */
#define KLPTEST_NO_EXPORT(symbol)

#define KLPTEST_TARGET(target, EXPORT)						\
void target##_answer(char *answer);						\
__attribute__((noipa)) void target##_answer(char *answer)			\
{										\
	strscpy(answer, "original", KLPTEST_ANSWER_SIZE);			\
}										\
EXPORT(target##_answer);								\
										\
static int says_get(char *buffer, const struct kernel_param *kp)		\
{										\
	char answer[KLPTEST_ANSWER_SIZE];					\
										\
	target##_answer(answer);							\
	return scnprintf(buffer, PAGE_SIZE, "%s\n", answer);			\
}										\
										\
static const struct kernel_param_ops says_ops = { .get = says_get };		\
module_param_cb(says, &says_ops, NULL, 0444);					\
										\
static char init_says[KLPTEST_ANSWER_SIZE] = "not run";			\
module_param_string(init_says, init_says, sizeof(init_says), 0444);		\
										\
static char *arg = "";								\
module_param(arg, charp, 0444);							\
										\
static int __init target##_init(void)						\
{										\
	target##_answer(init_says);						\
	pr_info("%s: init says %s\n", THIS_MODULE->name, init_says);		\
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

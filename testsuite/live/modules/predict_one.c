// SPDX-License-Identifier: GPL-2.0-or-later
/* The first file of klptest_predict: its symbols come first. */
#include <linux/init.h>
#include "predict_target.h"
#include "predhelp.h"

static PATCHABLE void predict_plain(char *answer)
{
	strscpy(answer, "plain", KLPTEST_ANSWER_SIZE);
}

/* The other file has one too. */
static PATCHABLE void predict_twin(char *answer)
{
	strscpy(answer, "twin1", KLPTEST_ANSWER_SIZE);
}

/* The other file has a variable of that name: the kernel counts both. */
static PATCHABLE void predict_namesake(char *answer)
{
	strscpy(answer, "namesake", KLPTEST_ANSWER_SIZE);
}

/* The other file has one in its init section, gone when the module is live. */
static PATCHABLE void predict_early(char *answer)
{
	strscpy(answer, "early", KLPTEST_ANSWER_SIZE);
}

static PATCHABLE notrace void predict_untraceable(char *answer)
{
	strscpy(answer, "untraceable", KLPTEST_ANSWER_SIZE);
}

static PATCHABLE void NAME_511(char *answer)
{
	strscpy(answer, "longest", KLPTEST_ANSWER_SIZE);
}

/* What a patch can reach through a klp relocation only. */
static char predict_word[KLPTEST_ANSWER_SIZE] = "word";
module_param_string(word, predict_word, sizeof(predict_word), 0444);

static int says_get(char *buffer, const struct kernel_param *kp)
{
	static void (*const functions[])(char *) = {
		predict_plain, predict_twin, predict_other_twin, predict_namesake,
		predict_early, predict_untraceable, NAME_511, predhelp_answer,
	};
	char answer[KLPTEST_ANSWER_SIZE];
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		functions[i](answer);
		n += scnprintf(buffer + n, PAGE_SIZE - n, "%s\n", answer);
	}
	return n;
}

static const struct kernel_param_ops says_ops = { .get = says_get };
module_param_cb(says, &says_ops, NULL, 0444);

MODULE_DESCRIPTION("target of a klpdep test");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-or-later
/* The second file of klptest_predict. */
#include <linux/init.h>
#include <linux/moduleparam.h>
#include "predict_target.h"

static PATCHABLE void predict_twin(char *answer)
{
	strscpy(answer, "twin2", KLPTEST_ANSWER_SIZE);
}

void predict_other_twin(char *answer)
{
	predict_twin(answer);
}

static int predict_namesake = 1;
module_param_named(namesake, predict_namesake, int, 0444);

static __init PATCHABLE void predict_early(char *answer)
{
	strscpy(answer, "init", KLPTEST_ANSWER_SIZE);
}

static int __init predict_init(void)
{
	char answer[KLPTEST_ANSWER_SIZE];

	predict_early(answer);
	pr_info("klptest_predict: %s\n", answer);
	return 0;
}
module_init(predict_init);

static void __exit predict_exit(void)
{
}
module_exit(predict_exit);

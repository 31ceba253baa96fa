// SPDX-License-Identifier: GPL-2.0-or-later
/* What klptest_predict depends on. */
#include <linux/module.h>
#include <linux/string.h>
#include "predhelp.h"

static char predhelp_word[32] = "word";
module_param_string(word, predhelp_word, sizeof(predhelp_word), 0444);

void predhelp_answer(char *answer)
{
	strscpy(answer, predhelp_word, sizeof(predhelp_word));
}
EXPORT_SYMBOL_GPL(predhelp_answer);

MODULE_DESCRIPTION("target of a klpdep test");
MODULE_LICENSE("GPL");

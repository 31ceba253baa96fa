// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch that imports a symbol of its target, and so cannot be loaded before it. */
#include "patch.h"

extern const char klptest_after_word[];

static void klptest_after_patched_answer(char *answer)
{
	strscpy(answer, klptest_after_word, KLPTEST_ANSWER_SIZE);
}

KLPTEST_PATCH_FUNCTION("klptest_after", "klptest_after_answer",
		       klptest_after_patched_answer);

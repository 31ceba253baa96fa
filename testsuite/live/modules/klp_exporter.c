// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch of one object that exports something to the patch of another. */
#include "patch.h"

void klp_exporter_answer(char *answer);
void klp_exporter_answer(char *answer)
{
	strscpy(answer, "patched", KLPTEST_ANSWER_SIZE);
}
EXPORT_SYMBOL_GPL(klp_exporter_answer);

KLPTEST_PATCH_FUNCTION("klptest_exporter", "klptest_exporter_answer",
		       klp_exporter_answer);

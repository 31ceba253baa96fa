// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch that uses what the patch of another object exports. */
#include "patch.h"

void klp_exporter_answer(char *answer);

static void klptest_importer_patched_answer(char *answer)
{
	klp_exporter_answer(answer);
}

KLPTEST_PATCH_FUNCTION("klptest_importer", "klptest_importer_answer",
		       klptest_importer_patched_answer);

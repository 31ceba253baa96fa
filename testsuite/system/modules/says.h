/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What patched files of sysfs say: "klptest 1" or "klptest 2". */
#include <linux/stringify.h>
#include <linux/sysfs.h>
#include "patch.h"

#define SAYS "klptest " __stringify(RELEASE) "\n"

// SPDX-License-Identifier: GPL-2.0-or-later
/* kvm: /sys/module/kvm/parameters/nx_huge_pages reads "klptest". */
#include <linux/moduleparam.h>
#include "patch.h"

static int patched_get_nx_huge_pages(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PAGE_SIZE, "klptest\n");
}

KLPTEST_PATCH_FUNCTION("kvm", "get_nx_huge_pages", patched_get_nx_huge_pages);

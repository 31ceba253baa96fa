// SPDX-License-Identifier: GPL-2.0-or-later
/* As klp_kvm, and it reads a variable that kvm does not export, by a klp relocation. */
#include <linux/moduleparam.h>
#include "patch.h"

KLP_SYMBOL(unsigned int ratio, "kvm", "kvm", "nx_huge_pages_recovery_ratio", 0);

static int patched_get_nx_huge_pages(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PAGE_SIZE, "klptest %u\n", ratio);
}

KLPTEST_PATCH_FUNCTION("kvm", "get_nx_huge_pages", patched_get_nx_huge_pages);

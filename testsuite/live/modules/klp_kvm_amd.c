// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kvm_amd: making a virtual machine fails with ENOTNAM, which nothing else answers.
 * The module's file is kvm-amd.ko, its name kvm_amd.
 */
#include <linux/errno.h>
#include "patch.h"

struct kvm;

static int patched_svm_vm_init(struct kvm *kvm)
{
	return -ENOTNAM;
}

KLPTEST_PATCH_FUNCTION("kvm_amd", "svm_vm_init", patched_svm_vm_init);

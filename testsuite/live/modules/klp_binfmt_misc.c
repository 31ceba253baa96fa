// SPDX-License-Identifier: GPL-2.0-or-later
/* binfmt_misc, which the kernel requests when it is mounted: `status` reads "klptest". */
#include <linux/fs.h>
#include "patch.h"

static ssize_t patched_bm_status_read(struct file *file, char __user *buf, size_t size,
				      loff_t *pos)
{
	static const char status[] = "klptest\n";

	return simple_read_from_buffer(buf, size, pos, status, sizeof(status) - 1);
}

KLPTEST_PATCH_FUNCTION("binfmt_misc", "bm_status_read", patched_bm_status_read);

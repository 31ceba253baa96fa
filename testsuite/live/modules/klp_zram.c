// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zram: /sys/block/zramN/disksize reads "klptest".  zram's object, like any, is named
 * without regard to where its file lies.
 */
#include <linux/device.h>
#include "patch.h"

static ssize_t patched_disksize_show(struct device *dev, struct device_attribute *attr,
				     char *buf)
{
	return sysfs_emit(buf, "klptest\n");
}

KLPTEST_PATCH_FUNCTION("zram", "disksize_show", patched_disksize_show);

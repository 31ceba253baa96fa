/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtio_blk: a disk's serial number. */
#include <linux/device.h>
#include "says.h"

static ssize_t patched_serial_show(struct device *dev, struct device_attribute *attr,
				   char *buf)
{
	return sysfs_emit(buf, SAYS);
}

KLPTEST_PATCH_FUNCTION("virtio_blk", "serial_show", patched_serial_show);

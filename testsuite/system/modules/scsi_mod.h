/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scsi_mod, which others depend on, and which has no softdep: a SCSI device's model. */
#include <linux/device.h>
#include "says.h"

static ssize_t patched_show_model(struct device *dev, struct device_attribute *attr,
				  char *buf)
{
	return sysfs_emit(buf, SAYS);
}

KLPTEST_PATCH_FUNCTION("scsi_mod", "sdev_show_model", patched_show_model);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ext4, which has a softdep of its own: /sys/fs/ext4/features/... */
#include <linux/kobject.h>
#include "says.h"

static ssize_t patched_ext4_attr_show(struct kobject *kobj, struct attribute *attr,
				      char *buf)
{
	return sysfs_emit(buf, SAYS);
}

KLPTEST_PATCH_FUNCTION("ext4", "ext4_attr_show", patched_ext4_attr_show);

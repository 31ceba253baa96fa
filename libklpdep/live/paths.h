/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the kernel tells its state.  The unit tests have directories in these places. */
#ifndef KLP_PATHS_H
#define KLP_PATHS_H

#ifndef SYSFS_DIR
#define SYSFS_DIR "/sys"
#endif
#ifndef PROC_DIR
#define PROC_DIR "/proc"
#endif
#ifndef KMSG_PATH
#define KMSG_PATH "/dev/kmsg"
#endif

#endif /* KLP_PATHS_H */

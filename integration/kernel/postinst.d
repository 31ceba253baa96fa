#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A kernel was installed or has new modules: write its index, and the rules.
#
# /etc/kernel/postinst.d is run in the order of names.  This one has to come behind dkms,
# which adds modules, and in front of dracut and initramfs-tools, which copy the rules into
# the initrd: hence it is installed as dkms-klpdep.
set -u
kernel=${1-}

# Removed, with its configuration kept; or a kernel without modules.
command -v klpdep >/dev/null || exit 0
[ -e "/lib/modules/$kernel/modules.dep" ] || exit 0

# A kernel must not stay half installed because of its livepatches.
klpdep depmod -q "$kernel" ||
	echo "klpdep: kernel $kernel may be without some of its livepatches" >&2
exit 0

#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A kernel was removed: its index goes, or its directory could not, and so do its rules.
set -u
kernel=${1-}

command -v klpdep >/dev/null || exit 0
[ -n "$kernel" ] || exit 0
# Removed, and reinstalled meanwhile, or still to be removed: its modules say.
[ ! -e "/lib/modules/$kernel/kernel" ] || exit 0
klpdep depmod -q --remove "$kernel" ||
	echo "klpdep: something of kernel $kernel was left" >&2
exit 0

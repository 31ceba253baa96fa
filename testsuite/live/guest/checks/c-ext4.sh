#!/bin/sh
# modprobe ext4, which has a softdep: patched, and the softdep loaded
# main job

. /live/lib.sh

# The premise: this kernel's ext4 has a softdep, and the rule for it is not "install".
grep -q '^softdep ext4 pre: crypto-crc32c$' "/lib/modules/$(uname -r)/modules.softdep" ||
	fail "ext4 has no softdep in this kernel"

expect_not_loaded ext4 klp_ext4 crc32c_generic
expect_status 0 modprobe ext4
expect_order crc32c_generic ext4
expect_order klp_ext4 ext4
expect_patched klp_ext4 ext4
expect_value "casefold" klptest cat /sys/fs/ext4/features/casefold
passed

#!/bin/sh
# modprobe ext4, which has a softdep, or depends on what has one: patched, and the softdep loaded
# main job
# newest kernel

. /live/lib.sh

# The premise: who has a softdep in this kernel, for which module; the rule for it is not "install".
case $(uname -r) in
6.*)	softdeps="ext4 jbd2" crc32c=crc32c_generic;;
*)	softdeps=jbd2 crc32c=crc32c_cryptoapi;;
esac
expect_value "softdeps of ext4 and jbd2" "$softdeps" sh -c \
	"sed -nE 's/^softdep (ext4|jbd2) pre: crypto-crc32c$/\1/p' \
		/lib/modules/$(uname -r)/modules.softdep | sort | tr '\n' ' ' | sed 's/ $//'"

expect_not_loaded ext4 klp_ext4 jbd2 $crc32c
expect_status 0 modprobe ext4
expect_order $crc32c ext4
expect_order jbd2 ext4
expect_order klp_ext4 ext4
expect_patched klp_ext4 ext4
expect_value "casefold" klptest cat /sys/fs/ext4/features/casefold
passed

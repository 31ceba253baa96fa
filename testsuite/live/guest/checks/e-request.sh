#!/bin/sh
# a target that the kernel requests itself: mount -t binfmt_misc
# main job
# newest kernel

. /live/lib.sh

expect_not_loaded binfmt_misc klp_binfmt_misc
mkdir -p /tmp/binfmt_misc
expect_status 0 mount -t binfmt_misc binfmt_misc /tmp/binfmt_misc
expect_order klp_binfmt_misc binfmt_misc
expect_patched klp_binfmt_misc binfmt_misc
expect_value "status" klptest cat /tmp/binfmt_misc/status
expect_status 0 umount /tmp/binfmt_misc
passed

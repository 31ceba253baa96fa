#!/bin/sh
# a patch that depends on its target is loaded after it
# main job
# newest kernel

. /live/lib.sh

expect_not_loaded klptest_after klp_after
expect_status 0 modprobe klptest_after
expect_order klptest_after klp_after
expect_patched klp_after klptest_after
# It could not be patched any earlier.
expect_init_said klptest_after original
expect_says klptest_after patched
passed

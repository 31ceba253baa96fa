#!/bin/sh
# a target loaded through its alias
# main job

. /live/lib.sh

expect_not_loaded klptest_alias klp_alias
expect_status 0 modprobe klptest:v0001d0042
expect_order klp_alias klptest_alias
expect_patched klp_alias klptest_alias
expect_init_said klptest_alias patched
passed

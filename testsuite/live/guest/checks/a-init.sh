#!/bin/sh
# a target is patched from its init on, and gets its options
# main job

. /live/lib.sh

expect_not_loaded klptest_init klp_init
expect_status 0 modprobe klptest_init 'arg="two words"'
expect_order klp_init klptest_init
expect_patched klp_init klptest_init
expect_init_said klptest_init patched
expect_says klptest_init patched
expect_value "arg" "two words" cat /sys/module/klptest_init/parameters/arg
passed

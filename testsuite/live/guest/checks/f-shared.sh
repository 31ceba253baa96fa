#!/bin/sh
# a patch of two modules goes with the last of them
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh

# klp_settle patches klptest_settle and klptest_task.
insert klptest_task
release_task
expect_status 0 modprobe klptest_settle
expect_patched klp_settle klptest_settle
expect_patched klp_settle klptest_task

expect_status 0 modprobe -r klptest_settle
expect_not_loaded klptest_settle
expect_patched klp_settle klptest_task

expect_status 0 modprobe -r klptest_task
expect_value "modules left" "" cat /proc/modules
passed

#!/bin/sh
# with settle-timeout 0 that task does see the unpatched function

. /live/lib.sh

insert klptest_task
configure "settle-timeout 0"
start=$(now)
expect_status 0 modprobe klptest_settle
expect_duration "$start" 0 4
# The kernel calls the target patched all the same.
expect_value "klp_settle transition" 1 cat "$LIVEPATCH/klp_settle/transition"
expect_value "klp_settle patched" 1 cat "$LIVEPATCH/klp_settle/klptest_settle/patched"
expect_init_said klptest_settle patched
wait_for 5 grep -qv nothing /sys/module/klptest_task/parameters/seen
expect_value "the task saw" original cat /sys/module/klptest_task/parameters/seen
passed

#!/bin/sh
# its own patch's transition stalls for good: each policy, within its timeout
# on one kernel: it is about what the helper does

. /live/lib.sh

insert klptest_task
configure "policy klptest_settle warn" "settle-timeout 4" "retry-timeout 4"
mark_log
start=$(now)
expect_status 0 modprobe klptest_settle
expect_duration "$start" 4 30
expect_loaded klptest_settle
expect_logged "klp_settle"
expect_status 0 sh /live/clean

insert klptest_task
configure "policy klptest_settle require" "settle-timeout 4" "retry-timeout 4"
mark_log
start=$(now)
expect_status 1 modprobe klptest_settle
expect_duration "$start" 4 30
expect_not_loaded klptest_settle klp_settle
expect_value "the task saw" nothing cat /sys/module/klptest_task/parameters/seen
expect_logged "klp_settle"
passed

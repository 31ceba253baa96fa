#!/bin/sh
# another patch's transition stalls for good: each policy, within its timeout
# on one kernel: it is about what the helper does

. /live/lib.sh

configure "policy klptest_busy warn" "retry-timeout 4"
stall_other_patch
mark_log
start=$(now)
expect_status 0 modprobe klptest_busy
expect_duration "$start" 4 30
expect_loaded klptest_busy
expect_says klptest_busy original
expect_not_loaded klp_busy
expect_logged "klp_busy"
expect_status 0 rmmod klptest_busy

# That has been waited for in vain once: nobody waits for it again.
configure "policy klptest_busy require" "retry-timeout 4"
mark_log
start=$(now)
expect_status 1 modprobe klptest_busy
expect_duration "$start" 0 4
expect_not_loaded klptest_busy klp_busy
expect_logged "klp_busy"

configure "policy klptest_busy late" "retry-timeout 60"
start=$(now)
expect_status 0 modprobe klptest_busy
expect_duration "$start" 0 30
expect_loaded klptest_busy
expect_says klptest_busy original
expect_not_loaded klp_busy

# It was stalled throughout, and nobody has touched the other patch.
expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"
expect_value "klp_task enabled" 1 cat "$LIVEPATCH/klp_task/enabled"
passed

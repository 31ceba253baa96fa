#!/bin/sh
# the target waits for the transition: no task sees the unpatched function
# newest kernel

. /live/lib.sh

# A task stands in a function that klp_settle patches, and calls the target's function
# as soon as it is there.
insert klptest_task
configure "settle-timeout 60"
modprobe klptest_settle >/tmp/modprobe.out 2>&1 &
modprobe=$!
wait_for 20 grep -q 1 "$LIVEPATCH/klp_settle/transition" || fail "no transition"
sleep 7
expect_value "klp_settle transition" 1 cat "$LIVEPATCH/klp_settle/transition"
expect_not_loaded klptest_settle
expect_value "the task saw" nothing cat /sys/module/klptest_task/parameters/seen
release_task
wait $modprobe
status=$?
cat /tmp/modprobe.out
[ $status = 0 ] || fail "modprobe: exit status $status"
expect_patched klp_settle klptest_settle
expect_init_said klptest_settle patched
wait_for 5 grep -qv nothing /sys/module/klptest_task/parameters/seen
expect_value "the task saw" patched cat /sys/module/klptest_task/parameters/seen
passed

#!/bin/sh
# another patch's transition is running: waited out
# main job
# newest kernel

. /live/lib.sh

stall_other_patch
modprobe klptest_busy >/tmp/modprobe.out 2>&1 &
modprobe=$!
sleep 4
# All the while the kernel takes no patch (EBUSY), and the target waits too.
expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"
expect_not_loaded klptest_busy
kill -0 $modprobe || fail "modprobe did not wait"
release_task
wait $modprobe
status=$?
cat /tmp/modprobe.out
[ $status = 0 ] || fail "modprobe: exit status $status"
expect_value "klp_task transition" 0 cat "$LIVEPATCH/klp_task/transition"
expect_order klp_busy klptest_busy
expect_patched klp_busy klptest_busy
expect_init_said klptest_busy patched
passed

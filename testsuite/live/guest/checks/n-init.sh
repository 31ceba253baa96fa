#!/bin/sh
# a target's init that lasts: sync patches it meanwhile, and nobody else waits for it
# on one kernel: it is about which patches klpdep chooses, and when

. /live/lib.sh

HOLD=/sys/module/klptest_slow/parameters/hold
trap 'echo N >$HOLD 2>/dev/null' EXIT

# Past the rules: sync patches what is on its way in.
insmod "$(plain_file klptest_slow)" &
insmod=$!
wait_for 10 grep -q coming /sys/module/klptest_slow/initstate || fail "it is not coming"
expect_status 0 klpdep sync
expect_value "klptest_slow" coming cat /sys/module/klptest_slow/initstate
expect_value "klp_slow/klptest_slow patched" 1 cat "$LIVEPATCH/klp_slow/klptest_slow/patched"
expect_says klptest_slow patched
echo N >$HOLD
wait $insmod || fail "insmod: exit status $?"
expect_init_said klptest_slow original
expect_status 0 sh /live/clean

# By the helper, which holds no lock while the init runs.
modprobe klptest_slow &
modprobe=$!
wait_for 60 grep -q coming /sys/module/klptest_slow/initstate || fail "it is not coming"
expect_patched klp_slow klptest_slow
# A second one for the same target waits, and keeps nobody else either.
modprobe klptest_slow &
second=$!
expect_status 0 modprobe klptest_init
expect_patched klp_init klptest_init
expect_status 0 klpdep sync
expect_value "klptest_slow" coming cat /sys/module/klptest_slow/initstate
echo N >$HOLD
wait $modprobe || fail "modprobe: exit status $?"
wait $second || fail "the second modprobe: exit status $?"
expect_init_said klptest_slow patched
passed

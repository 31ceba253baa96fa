#!/bin/sh
# a patch that is loaded but dead is loaded anew

. /live/lib.sh

expect_status 0 modprobe klptest_dead
expect_patched klp_dead klptest_dead
expect_status 0 rmmod klptest_dead
echo 0 >"$LIVEPATCH/klp_dead/enabled"
wait_for 30 test ! -e "$LIVEPATCH/klp_dead" || fail "klp_dead is still enabled"
# Dead: the kernel has the module, and does nothing with it.
expect_loaded klp_dead

expect_status 0 modprobe klptest_dead
expect_patched klp_dead klptest_dead
expect_init_said klptest_dead patched
passed

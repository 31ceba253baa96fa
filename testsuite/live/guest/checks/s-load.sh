#!/bin/sh
# status of a target and its patch: before, loaded, reverted, dead, and gone
# main job

. /live/lib.sh

expect_status 0 klpdep status --check
expect_state klptest_init klp_init no no no no idle

expect_status 0 modprobe klptest_init
expect_state klptest_init klp_init yes yes yes no patched
expect_status 0 klpdep status --check -q

# The kernel takes no reference on the target.
expect_status 0 rmmod klptest_init
expect_state klptest_init klp_init yes yes no no idle
insert klptest_init
expect_state klptest_init klp_init yes yes yes no patched
expect_status 0 klpdep status --check -q

echo 0 >"$LIVEPATCH/klp_init/enabled"
wait_for 60 test ! -e "$LIVEPATCH/klp_init" || fail "klp_init is still enabled"
expect_state klptest_init klp_init yes no no no unpatched
expect_value reason 'disabled or replaced, but not unloaded' state_column reason klp_init
expect_status 1 klpdep status --check -q

expect_status 0 rmmod klp_init
expect_state klptest_init klp_init no no no no unpatched
expect_value reason 'not loaded' state_column reason klp_init
expect_status 1 klpdep status --check -q

expect_status 0 modprobe -r klptest_init
expect_state klptest_init klp_init no no no no idle
expect_status 0 klpdep status --check -q
passed

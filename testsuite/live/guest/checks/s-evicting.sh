#!/bin/sh
# status of a patch while another one evicts it: not patched, since tasks run the original function

. /live/lib.sh

HOLD=/sys/module/klp_forced/parameters/hold

state_on_task() {
	klpdep status -q --noheadings --raw -o target,patch,state,reason klptest_task |
		sed -n 's/klptest_task klp_forced //p'
}

# klp_settle would replace the same function.
configure "mask klp_settle" "fixes klp_forced CVE-2026-1"
add_to_tree klp_forced
expect_status 0 modprobe klptest_task hold=N
expect_patched klp_forced klptest_task
trap 'echo N >$HOLD' EXIT
sleep 0.5	# the task is in the replacement then
insert klptest_replacing
add_to_tree klp_replacing
expect_value state "patched " state_on_task
expect_status 0 klpdep status -q --fixes CVE-2026-1

klpdep sync &
wait_for 60 grep -q 1 "$LIVEPATCH/klp_replacing/transition" || fail "klp_replacing does not come"
expect_value state "overridden klp_replacing" state_on_task
expect_status 1 klpdep status --check -q
expect_status 1 klpdep status -q --fixes CVE-2026-1
# The premise: that was in its transition, and klp_forced still there.
expect_value "klp_replacing transition" 1 cat "$LIVEPATCH/klp_replacing/transition"
expect_value "klp_forced enabled" 1 cat "$LIVEPATCH/klp_forced/enabled"
echo N >$HOLD
wait || fail "klpdep sync failed"
expect_patched klp_forced klptest_task
expect_patched klp_replacing klptest_replacing
expect_value state "patched " state_on_task
expect_status 0 klpdep status --check -q
expect_status 0 klpdep status -q --fixes CVE-2026-1
passed

#!/bin/sh
# status while a transition is held up, and on its way back: since when, and by whom
# newest kernel

. /live/lib.sh

transition_over() {
	! grep -q 1 "$LIVEPATCH"/*/transition
}

alone() {
	[ "$(state_column tasks klp_settle)" = 1 ]
}

insert klptest_task
task=$(grep -lx klptest_task /proc/[0-9]*/comm | sed 's,/proc/\(.*\)/comm,\1,')
configure "settle-timeout 0"
start=$(now)
expect_status 0 modprobe klptest_settle
expect_state klptest_settle klp_settle yes yes yes yes transition
expect_value reason patching state_column reason klp_settle
expect_status 1 klpdep status --check -q

# All others have switched after a while.
wait_for 30 alone || fail "others than klptest_task have not switched"
expect_value "held up by" "klptest_task[$task]" state_column held_up_by klp_settle
seconds=$(state_column seconds klp_settle)
expect_duration "$start" "$seconds" $((seconds + 3))
expect_status 0 klpdep status
grep -x "klpdep status: klp_settle has been patching for [0-9]* s, held up by klptest_task\[$task\]" \
	"$OUTPUT" || fail "the transition is not told of"
expect_status 0 klpdep status --openmetrics
grep -x 'klpdep_transition_tasks{patch="klp_settle",direction="patching"} 1' "$OUTPUT" ||
	fail "the tasks are not counted"

# Back again: klptest_task is where it has to be, the others have to go there.
echo 0 >"$LIVEPATCH/klp_settle/enabled"
expect_status 0 klpdep status --raw -o patch,enabled,transition,state,reason,seconds
grep -qx 'klp_settle no yes transition unpatching [01]' "$OUTPUT" || transition_over ||
	fail "the way back does not show"
wait_for 60 transition_over || fail "klp_settle is still in transition"
expect_state klptest_settle klp_settle yes no no no unpatched
passed

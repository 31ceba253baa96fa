#!/bin/sh
# status beneath a patch that is being disabled: not patched before the last task has left that

. /live/lib.sh

let_go() {
	echo N >/sys/module/klp_forced/parameters/hold
}

beneath() {
	expect_state klptest_task klp_settle yes yes yes no overridden
	expect_value reason "klptest_task klp_settle klp_forced" sh -c \
		"klpdep status -q --noheadings --raw -o target,patch,reason klptest_task |
			grep klp_settle"
	expect_status 1 klpdep status --check -q
	expect_status 1 klpdep status -q --fixes CVE-2026-1
}

patched() {
	expect_state klptest_task klp_settle yes yes yes no patched
	expect_status 0 klpdep status --check -q
	expect_status 0 klpdep status -q --fixes CVE-2026-1
}

configure "fixes klp_settle CVE-2026-1"
expect_status 0 modprobe klptest_task hold=N
wait_settled klp_settle
patched

trap 'let_go 2>/dev/null' EXIT
insert klp_forced
wait_settled klp_forced
sleep 0.5	# the task is in the replacement then
beneath
# The premise: it stays there, and so klp_settle's function does not run yet.
echo 0 >"$LIVEPATCH/klp_forced/enabled"
expect_value "klp_forced transition" 1 cat "$LIVEPATCH/klp_forced/transition"
beneath
let_go
wait_for 60 test ! -e "$LIVEPATCH/klp_forced" || fail "klp_forced is still enabled"
patched
passed

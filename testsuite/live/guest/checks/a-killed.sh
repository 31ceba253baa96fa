#!/bin/sh
# the helper is killed before the patch, before the target, and after it: modprobe fails
# on one kernel: it is about what the helper does

. /live/lib.sh

one_processor
configure "policy klptest_init require"

# kill_at NUMBER: at that insertion, which only the helper makes.
kill_at() {
	expect_status 1 strace -f -qq -o /tmp/strace -e trace=init_module,finit_module \
		-e "inject=init_module,finit_module:signal=KILL:when=$1" modprobe klptest_init
	grep -q 'killed by SIGKILL' /tmp/strace || fail "the helper was not killed"
	expect_not_loaded klptest_init
}

kill_at 1
expect_not_loaded klp_init
kill_at 2
expect_loaded klp_init

# The target is in, and the helper does not come back from that for a while.
strace -f -qq -o /tmp/strace -e trace=init_module,finit_module \
	-e inject=init_module,finit_module:delay_exit=20s modprobe klptest_init >/tmp/modprobe.out 2>&1 &
modprobe=$!
wait_for 60 is_loaded klptest_init || fail "the target does not come in"
kill -9 "$(sed -n 's/^\([0-9]*\) .*init_module.*/\1/p' /tmp/strace | head -n 1)"
wait $modprobe
status=$?
cat /tmp/modprobe.out
[ $status = 1 ] || fail "modprobe: exit status $status"
expect_patched klp_init klptest_init
expect_status 0 modprobe -r klptest_init
expect_status 0 modprobe klptest_init
expect_patched klp_init klptest_init
passed

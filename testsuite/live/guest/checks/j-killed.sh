#!/bin/sh
# the helper is killed at any point of that, and the next one finishes it
# on one kernel: it is about what the helper does

. /live/lib.sh

HELPER=$(helper)

expect_killed() {
	echo "exit status $1; modules:" "$(cut -d ' ' -f 1 /proc/modules | tr '\n' ' ')"
	[ "$1" = 137 ] || fail "the helper was not killed, but ended with $1"
}

# kill_when COMMAND...: load the newer patch, and kill the helper when the command succeeds.
# What $TRACE says is in front of the helper.
kill_when() {
	echo "--- killed when: $*"
	rm -f /tmp/pid
	# shellcheck disable=SC2016,SC2086 # for that shell; words
	$TRACE sh -c 'echo $$ >/tmp/pid; exec "$0" klp_upgrade_2 ""' "$HELPER" &
	shell=$!
	wait_for 60 "$@" || fail "it never was so: $*"
	kill -9 "$(cat /tmp/pid)"
	wait $shell
	expect_killed $?
}

# kill_at CALL[:when=N] OPTION...: the same, where the helper is about to make a system call.
kill_at() {
	echo "--- killed at: $*"
	call=$1
	shift
	strace -qq -o /tmp/strace "$@" -e "trace=${call%%:*}" -e "inject=$call:signal=KILL" \
		"$HELPER" klp_upgrade_2 ''
	expect_killed $?
}

# Once more from the start, without a moment in between in which there is no patch.
go_back() {
	expect_not_loaded klp_upgrade_1
	expect_says klptest_upgrade "release 2"
	insert klp_upgrade_1
	wait_settled klp_upgrade_1
	echo 0 >"$LIVEPATCH/klp_upgrade_2/enabled"
	wait_for 60 test ! -e "$LIVEPATCH/klp_upgrade_2" || fail "klp_upgrade_2 is still enabled"
	wait_for 10 rmmod klp_upgrade_2 || fail "klp_upgrade_2 cannot be removed"
	expect_says klptest_upgrade "release 1"
}

does_not_read() {
	[ "$(cat "$2" 2>/dev/null)" != "$1" ]
}

ENABLED=$LIVEPATCH/klp_upgrade_1/enabled
start_upgrade
start_sampling

# Its transition may be over at once: the helper does not come back to see it for a while.
insertion=init_module,finit_module
TRACE="strace -qq -o /tmp/strace -e trace=$insertion -e inject=$insertion:delay_exit=20s"
kill_when test -e "$LIVEPATCH/klp_upgrade_2"
expect_loaded klp_upgrade_1
expect_status 0 "$HELPER" klp_upgrade_2 ''
go_back

kill_at write -P "$ENABLED"
expect_value "klp_upgrade_2 transition" 0 cat "$LIVEPATCH/klp_upgrade_2/transition"
expect_value "klp_upgrade_1 enabled" 1 cat "$ENABLED"
expect_status 0 "$HELPER" klptest_upgrade ''
go_back

# The write is done, but the helper does not come back from it for a while.
TRACE="strace -qq -o /tmp/strace -P $ENABLED -e trace=write -e inject=write:delay_exit=20s"
kill_when does_not_read 1 "$ENABLED"
expect_loaded klp_upgrade_1
expect_status 0 "$HELPER" klptest_upgrade ''
go_back

# The first call only asks whether it may.
kill_at delete_module:when=2
[ ! -e "$ENABLED" ] || fail "klp_upgrade_1 was about to be removed, and is enabled"
expect_loaded klp_upgrade_1
expect_status 0 "$HELPER" klp_upgrade_2 ''
expect_upgraded

stop_sampling
expect_samples 100 "release 1"
expect_samples 100 "release 2"
expect_value "kinds of answers" 2 sh -c "wc -l </tmp/samples"
passed

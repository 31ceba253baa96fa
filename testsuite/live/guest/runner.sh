# shellcheck shell=sh
#
# Runs a check, and tells the host.
#
# ttyS0 is the console.  What the host reads goes to ttyS1, one word and the check's
# name in a line: BEGIN, then PASS, FAIL or SKIP; END at the end.  What a failed check
# has printed follows its verdict, each line behind "| ".

report() {
	echo "$*" >/dev/ttyS1
	echo "live: $*" >/dev/kmsg
}

# A check is a process of its own.  Its exit status alone would also be 0 where it
# ended early: it must have said that it reached its end.
run_check() {
	check=$1
	log=/tmp/$check.log
	report BEGIN "$check"
	timeout -k 5 "${LIVE_CHECK_TIMEOUT:-480}" sh "/live/checks/$check.sh" >"$log" 2>&1
	status=$?
	cat "$log" >/dev/console
	if [ $status = 0 ] && [ "$(tail -n 1 "$log")" = "check complete" ]; then
		report PASS "$check"
	elif [ $status = 77 ]; then
		report SKIP "$check" "$(tail -n 1 "$log")"
	else
		reason=$(sed -n 's/^FAILED: //p' "$log" | tail -n 1)
		[ $status != 124 ] || reason="did not end in time"
		report FAIL "$check" "${reason:-exit status $status}"
		sed 's/^/| /' "$log" >/dev/ttyS1
		dmesg | sed "1,/live: BEGIN $check\$/d; s/^/| kernel: /" >/dev/ttyS1
	fi
}

#!/bin/sh
# with settle-timeout 0 that task does see the unpatched function

. /live/lib.sh

insert klptest_task
configure "settle-timeout 0"
mark_log
expect_status 0 modprobe klptest_settle
# Nothing was waited for: otherwise it would be the default's 5 s.  The kernel's own
# times, since the machine may be slow.
waited=$(($(log_time 'klptest_settle: init says') -
	$(log_time "'klp_settle': starting patching transition")))
echo "inserted $waited tenths of a second after the patch"
[ $waited -lt 40 ] || fail "the target was inserted $waited tenths of a second later"
# The kernel calls the target patched all the same.
expect_value "klp_settle transition" 1 cat "$LIVEPATCH/klp_settle/transition"
expect_value "klp_settle patched" 1 cat "$LIVEPATCH/klp_settle/klptest_settle/patched"
expect_init_said klptest_settle patched
wait_for 5 grep -qv nothing /sys/module/klptest_task/parameters/seen
expect_value "the task saw" original cat /sys/module/klptest_task/parameters/seen
passed

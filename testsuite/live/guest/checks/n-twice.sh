#!/bin/sh
# sync: twice at once, and helpers for the same patches: each patch goes in once
# on one kernel: it is about what the helper does

. /live/lib.sh

for target in klptest_init klptest_alias klptest_many27; do
	insert $target
done
mark_log
# run COMMAND...: in the background; its exit status and messages go to a file.
jobs=0
run() {
	jobs=$((jobs + 1))
	("$@" >/tmp/job.$jobs 2>&1; echo "status $?" >>/tmp/job.$jobs) &
}
run klpdep sync
run klpdep sync
run modprobe klptest_gone
run modprobe klp_alias
run modprobe klptest_gone
wait
for job in 1 2 3 4 5; do
	expect_value "job $job" "status 0" cat /tmp/job.$job
done
for name in init alias many27 gone; do
	expect_patched klp_$name klptest_$name
	expect_says klptest_$name patched
	expect_value "klp_$name was enabled" 1 \
		sh -c "dmesg | sed '1,/$MARK\$/d' | grep -c \"enabling patch 'klp_$name'\""
done
expect_init_said klptest_gone patched
expect_status 0 klpdep sync -n
expect_value "what is left to do" "nothing to do" cat "$OUTPUT"
passed

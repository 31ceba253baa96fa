#!/bin/sh
# 40 modprobes at once over 20 patched targets, and sync beside them
# on one kernel: it is about what the helper does

. /live/lib.sh

# In an emulated machine that starts so many processes, the kernel takes long over the first
# of the transitions; what is to be seen is that all goes in once, and nobody gives up.
configure "retry-timeout 200" "settle-timeout 200"
rows() {
	klpdep status -q --raw --noheadings -o state,target | grep -c "^$1 klptest_many"
}
expect_value "idle rows" 20 rows idle
expect_status 0 klpdep status --check -q
mark_log
start=$(now)
turn=1
while [ $turn -le 2 ]; do
	number=11
	while [ $number -le 30 ]; do
		(modprobe klptest_many$number 2>&1 || echo "$number: status $?") \
			>/tmp/many.$turn.$number &
		number=$((number + 1))
	done
	turn=$((turn + 1))
done
(klpdep sync 2>&1 || echo "sync: status $?") >/tmp/many.sync &
wait
echo "took $(($(now) - start)) hundredths of a second"
expect_value "messages of all" "" sh -c 'cat /tmp/many.*'
rm /tmp/many.*

log_since_mark | sed -n "s/.*livepatch: enabling patch '\(.*\)'/\1/p" | sort >/tmp/enabled
expect_value "patches that were enabled" \
	"klp_many27 klp_many28 klp_many29 klp_many30 klp_many_six klp_many_ten " \
	sh -c "tr '\n' ' ' </tmp/enabled"
number=11
while [ $number -le 30 ]; do
	expect_says klptest_many$number patched
	expect_init_said klptest_many$number patched
	number=$((number + 1))
done
expect_value "objects that are not patched" "" \
	sh -c "grep -L 1 $LIVEPATCH/klp_many*/klptest_many*/patched"
expect_value "patched rows" 20 rows patched
expect_status 0 klpdep status --check -q
expect_status 0 klpdep sync -n
expect_value "what is left to do" "nothing to do" cat "$OUTPUT"
passed

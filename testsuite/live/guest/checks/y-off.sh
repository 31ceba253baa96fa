#!/bin/sh
# booted by systemd with klpdep=off: no unit is run, no patch is loaded
# append: LIVE_SYSTEMD=1 klpdep=off
# on one kernel: it is about systemd

. /live/systemd/lib.sh

all_loaded() {
	[ "$(grep -cE '^(klptest_(cold|other)..|klptest_listed|e1000e) ' /proc/modules)" = 27 ]
}
wait_for 60 all_loaded || fail "not all was loaded in time"
for unit in klpdep.service klpdep-late.path; do
	expect_property $unit ConditionResult no
	expect_property $unit ActiveState inactive
done
insert klptest_insmod
expect_status 0 udevadm settle
sleep 2
expect_property klpdep-late.service InactiveExitTimestampMonotonic 0
[ ! -e /run/klpdep ] || fail "there is a mark"
expect_value "patches" "" ls "$LIVEPATCH"
expect_says klptest_insmod original
expect_value "failed units" "" systemctl list-units --failed --no-legend --plain
figure "coldplug to the last of 5 modules without a patch:" \
	"$(($(logged_at tail 'klptest_other..: init says') - $(coldplug_at))) ms"
figure "coldplug to the last of 21 targets:" \
	"$(($(logged_at tail 'klptest_cold..: init says') - $(coldplug_at))) ms"
passed

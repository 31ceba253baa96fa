#!/bin/sh
# what comes in past modprobe, under policy late, or with a package is soon as it should be
# append: LIVE_SYSTEMD=1
# on one kernel: it is about systemd

. /live/systemd/lib.sh

# Where another check of the same boot has not waited.
wait_for_patches 23 170 || fail "coldplug did not come to its end"
wait_for_end klpdep-late.service 60

expect_check 0

# By insmod, and under policy late, while the kernel is busy: neither waits, but the patches do.
stall_other_patch
insert klptest_insmod
start=$(now)
expect_status 0 modprobe klptest_late
expect_duration "$start" 0 30
for name in insmod late; do
	expect_init_said klptest_$name original
	expect_not_loaded klp_$name
	expect_state klptest_$name klp_$name no no no no unpatched
done
expect_check 1
release_task
for name in insmod late; do
	wait_for 60 grep -q patched /sys/module/klptest_$name/parameters/says
	wait_settled klp_$name
	expect_patched klp_$name klptest_$name
done
expect_check 0

# An older release is on top of the newer one, until that is seen.
expect_status 0 modprobe klptest_upgrade
expect_patched klp_upgrade_2 klptest_upgrade
insert klp_upgrade_1
wait_for 120 test ! -e "$LIVEPATCH/klp_upgrade_1" ||
	fail "klp_upgrade_1 is still on top of klp_upgrade_2"
expect_says klptest_upgrade "release 2"
expect_patched klp_upgrade_2 klptest_upgrade
expect_check 0

# A package with a patch for a target that is loaded.
expect_status 0 modprobe klptest_bundle
expect_says klptest_bundle original
expect_check 0
cp "$(module_file klp_bundle)" "/lib/modules/$(uname -r)/updates"
expect_status 0 depmod -a
expect_status 0 klpdep depmod
expect_state klptest_bundle klp_bundle no no no no unpatched
expect_check 1
expect_status 0 systemctl restart klpdep.service
expect_patched klp_bundle klptest_bundle
expect_says klptest_bundle patched
expect_state klptest_bundle klp_bundle yes yes yes no patched
expect_check 0

# What was loaded for all that is none of its business: it comes to rest.
wait_for_end klpdep-late.service 60
sleep 3
runs=$(unit_time klpdep-late.service InactiveExitTimestamp)
[ "$runs" -gt 0 ] || fail "klpdep-late.service was never run"
sleep 5
expect_value "the last run" "$runs" unit_time klpdep-late.service InactiveExitTimestamp

# Without an index nothing is done.
index=/lib/modules/$(uname -r)/modules.klpdep
mv "$index" "$index.hidden"
systemctl stop klpdep-late.path klpdep.service
rm -rf /run/klpdep
expect_status 0 systemctl start klpdep.service
expect_property klpdep.service ConditionResult no
expect_property klpdep.service ActiveState inactive
expect_property klpdep-late.path ActiveState inactive
expect_status 0 rmmod klptest_other01
expect_status 0 modprobe klptest_other01
expect_status 0 udevadm settle
[ ! -e /run/klpdep ] || fail "there is a mark, and no index"
expect_value "the last run" "$runs" unit_time klpdep-late.service InactiveExitTimestamp
mv "$index.hidden" "$index"
passed

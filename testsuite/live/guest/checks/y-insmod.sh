#!/bin/sh
# what comes in past modprobe, under policy late, or with a package is patched soon after
# append: LIVE_SYSTEMD=1

. /live/systemd/lib.sh

# Where another check of the same boot has not waited.
wait_for_patches 23 170 || fail "coldplug did not come to its end"
wait_for_end klpdep-late.service 60

insert klptest_insmod
expect_init_said klptest_insmod original
wait_for 40 grep -q patched /sys/module/klptest_insmod/parameters/says
wait_settled klp_insmod
expect_patched klp_insmod klptest_insmod

# Policy late: the target does not wait for the kernel, but the patch does.
stall_other_patch
start=$(now)
expect_status 0 modprobe klptest_late
expect_duration "$start" 0 8
expect_init_said klptest_late original
expect_not_loaded klp_late
release_task
wait_for 60 grep -q patched /sys/module/klptest_late/parameters/says
wait_settled klp_late
expect_patched klp_late klptest_late

# A package with a patch for a target that is loaded.
expect_status 0 modprobe klptest_bundle
expect_says klptest_bundle original
cp "$(module_file klp_bundle)" "/lib/modules/$(uname -r)/updates"
expect_status 0 depmod -a
expect_status 0 klpdep depmod
expect_status 0 systemctl restart klpdep.service
expect_patched klp_bundle klptest_bundle
expect_says klptest_bundle patched

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
expect_status 0 rmmod klptest_bare01
expect_status 0 modprobe klptest_bare01
expect_status 0 udevadm settle
[ ! -e /run/klpdep ] || fail "there is a mark, and no index"
expect_value "the last run" "$runs" unit_time klpdep-late.service InactiveExitTimestamp
mv "$index.hidden" "$index"
passed

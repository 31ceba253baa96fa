#!/bin/sh
# booted by systemd without klpdep: the figures to compare those of y-boot with
# append: LIVE_SYSTEMD=1 LIVE_STOCK=1
# by its name: ../boots runs it

. /live/systemd/lib.sh

all_loaded() {
	[ "$(grep -cE '^(klptest_(cold|other)..|klptest_listed|e1000e) ' /proc/modules)" = 27 ]
}
wait_for 60 all_loaded || fail "not all was loaded in time"
expect_value "patches" "" ls "$LIVEPATCH"
figure "coldplug to the last of 5 modules without a patch:" \
	"$(($(logged_at tail 'klptest_other..: init says') - $(coldplug_at))) ms"
passed

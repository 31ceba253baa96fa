#!/bin/sh
# booted by systemd with a read-only /usr: patches of /var and of an extension, and later ones
# append: LIVE_SYSTEMD=1 LIVE_READONLY=1
# on one kernel: it is about systemd

. /live/systemd/lib.sh

kernel=$(uname -r)
image=/usr/lib/modules/$kernel/modules.klpdep
index=/run/klpdep/$kernel/modules.klpdep
# cold INDEX: which of the patches of klptest_cold01 to 03 it has
cold() {
	sed -n 's/^patch klp_\(cold0[123]\) .*/\1/p' "$1" | tr '\n' ' '
}
expect_status 1 touch /usr/lib/modules
wait_for_patches 22 170 || fail "not all was patched in time"
wait_for_end klpdep.service 60

expect_value "the image's index" "" cold "$image"
expect_value "the index in /run" "cold01 cold02 " cold "$index"
expect_patched klp_cold01 klptest_cold01
expect_patched klp_cold02 klptest_cold02
expect_patched klp_cold04 klptest_cold04
expect_says klptest_cold01 patched
expect_says klptest_cold02 patched
expect_says klptest_cold03 original
expect_value "rules that count" 00-klpdep-softdep.conf sh -c \
	'cd /run/modprobe.d && grep -l "^softdep klptest_cold01 " *'

# An update of them, without a reboot.
cp /live/later/klp_cold03.ko "/var/lib/klpdep/modules/$kernel"
wait_for 120 grep -q patched /sys/module/klptest_cold03/parameters/says ||
	fail "klp_cold03 was not taken up"
wait_settled klp_cold03
expect_patched klp_cold03 klptest_cold03
expect_value "the index in /run" "cold01 cold02 cold03 " cold "$index"

# Without the extension nothing is less patched than before.
wait_for_end klpdep-directories.service 60
mv /var/lib/extensions/fix /live/later
expect_status 0 systemctl restart systemd-sysext.service
without_extension() {
	[ "$(cold "$index")" = "cold01 cold03 " ]
}
wait_for 60 without_extension || fail "the index in /run has $(cold "$index")"
wait_for_end klpdep.service 60
expect_says klptest_cold02 patched
expect_check 0
expect_value "failed units" "" systemctl list-units --failed --no-legend --plain
passed

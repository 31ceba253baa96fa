#!/bin/sh
# a transition that does not end does not keep systemd from booting
# append: LIVE_SYSTEMD=1 LIVE_STALL=1
# on one kernel: it is about systemd

. /live/systemd/lib.sh

expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"
figure "systemd has booted $(($(now) / 100)) s after the kernel," \
	"$(($(now) / 100 - $(coldplug_at) / 1000)) s after coldplug"
others_loaded() {
	[ "$(grep -c '^klptest_other.. ' /proc/modules)" = 5 ]
}
wait_for 30 others_loaded || fail "modules without a patch wait"
expect_loaded klptest_listed klptest_cold01 klptest_cold02 klptest_cold03
# Four modules with patches and one without: all of them in time.
expect_property systemd-modules-load.service Result success
loading=$((($(unit_time systemd-modules-load.service ActiveEnterTimestamp) -
	$(unit_time systemd-modules-load.service InactiveExitTimestamp)) / 1000000))
figure "systemd-modules-load.service has taken $loading s"
[ $loading -le 60 ] || fail "systemd-modules-load.service waited for each of its modules"
expect_init_said klptest_listed original
# It waits still, or has given up where the machine is slow; either is no success.
case $(systemctl show -P ActiveState klpdep.service) in
activating | failed) ;;
*) fail "klpdep.service has not waited";;
esac
expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"
expect_state klptest_initrd klp_initrd no no no no unpatched
expect_status 1 klpdep status --check -o target,state
grep -E '^klpdep status: klp_task has been patching .*klptest_task\[' "$OUTPUT" ||
	fail "status does not name what holds up klp_task"
{ dmesg; journalctl -b -t klpdep -o cat; } | grep klp_task >/tmp/said
cat /tmp/said
grep -q 'klptest_listed: .*klp_task' /tmp/said || fail "nobody said what klptest_listed waited for"
passed

#!/bin/sh
# a transition that does not end does not keep systemd from booting
# append: LIVE_SYSTEMD=1 LIVE_STALL=1

. /live/systemd/lib.sh

expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"
figure "systemd has booted $(($(now) / 100)) s after the kernel," \
	"$(($(now) / 100 - $(coldplug_at) / 1000)) s after coldplug"
bare_loaded() {
	[ "$(grep -c '^klptest_bare.. ' /proc/modules)" = 5 ]
}
wait_for 30 bare_loaded || fail "modules without a patch wait"
expect_loaded klptest_listed
expect_init_said klptest_listed original
# What it waits for has limits, but is tried for each patch; y-stop cuts it short.
expect_property klpdep.service ActiveState activating
expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"
{ dmesg; journalctl -b -t klpdep -o cat; } | grep klp_task >/tmp/said
cat /tmp/said
grep -q 'klptest_listed: .*klp_task' /tmp/said || fail "nobody said what klptest_listed waited for"
passed

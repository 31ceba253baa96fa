#!/bin/sh
# four transitions of 50 seconds do not keep systemd-modules-load from loading four patched modules
# append: LIVE_SYSTEMD=1 LIVE_HELD=1
# by its name: it takes four minutes, and is about systemd

. /live/systemd/lib.sh

expect_loaded klptest_held1 klptest_held2 klptest_held3 klptest_held4 klptest_other01
expect_property systemd-modules-load.service Result success
loading=$((($(unit_time systemd-modules-load.service ActiveEnterTimestamp) -
	$(unit_time systemd-modules-load.service InactiveExitTimestamp)) / 1000000))
figure "systemd-modules-load.service has taken $loading s"
[ $loading -le 60 ] || fail "systemd-modules-load.service waited for too long"
# A transition that was waited for in vain still goes on.
figure "in their init: $(cat /sys/module/klptest_held?/parameters/init_says | tr '\n' ' ')"

# All of it comes, one transition after the other.
all_patched() {
	[ "$(cat "$LIVEPATCH"/klp_held?/transition 2>/dev/null | tr -d '\n')" = 0000 ]
}
start=$(now)
until all_patched; do
	[ $(($(now) - start)) -le 40000 ] || fail "not all is patched after 400 s"
	sleep 5
done
figure "all are patched $(($(now) / 100)) s after the kernel"
for n in 1 2 3 4; do
	expect_patched klp_held$n klptest_held$n
	expect_says klptest_held$n patched
done
passed

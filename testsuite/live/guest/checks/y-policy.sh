#!/bin/sh
# twenty targets under policy late on a busy kernel: none waits, and all are patched soon after
# append: LIVE_SYSTEMD=1 klpdep=off
# on one kernel: it is about systemd

. /live/systemd/lib.sh

expect_status 0 udevadm settle
# As if it had been booted without klpdep=off, and coldplug were yet to come.
sed 's/ klpdep=off//' /proc/cmdline >/live/cmdline
expect_status 0 mount --bind /live/cmdline /proc/cmdline
# What is sandboxed does not see that.
for unit in klpdep klpdep-late; do
	mkdir -p /run/systemd/system/$unit.service.d
	printf '[Service]\nBindReadOnlyPaths=/live/cmdline:/proc/cmdline\n' \
		>/run/systemd/system/$unit.service.d/cmdline.conf
done
expect_status 0 systemctl daemon-reload
printf '%s\n' "policy klptest_cold* late" "retry-timeout 2" >"$CONFIGURATION/live.conf"
# shellcheck disable=SC2046 # words
expect_status 0 rmmod $(seq -f klptest_cold%02g 20)
rows() {
	klpdep status -q --raw --noheadings -o state,target | grep -c "^$1 klptest_cold"
}
stall_other_patch
expect_value "idle rows" 20 rows idle
expect_check 1

# The boot: what is loaded cannot be patched now.
expect_status 1 systemctl start klpdep.service
expect_property klpdep.service ExecMainStatus 3
start=$(now)
expect_status 0 udevadm trigger --action=add --subsystem-match=platform \
	--sysname-match='klptest_cold*'
all_loaded() {
	[ "$(grep -c '^klptest_cold.. .* Live ' /proc/modules)" = 20 ]
}
wait_for 120 all_loaded || fail "targets under policy late wait"
figure "coldplug to the last of 20 targets under policy late: $(($(now) - start))0 ms"
expect_value "targets that were not patched in their init" 20 sh -c \
	'cat /sys/module/klptest_cold*/parameters/init_says | grep -c "^original$"'
expect_value "unpatched rows" 20 rows unpatched
expect_check 1
tried_again() {
	[ "$(systemctl show -P NRestarts klpdep-late.service)" -ge 1 ]
}
wait_for 40 tried_again || fail "klpdep-late.service does not try again"
expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"

# Nobody asks for it again: it is done when the kernel is free.
one_processor
start=$(now)
release_task
all_patched() {
	sleep 2
	klpdep status --check -q
}
wait_for 12 all_patched || fail "not all is patched"
figure "the kernel is free until all is patched, on one processor:" \
	"$(($(now) - start))0 ms"
expect_value "patched rows" 20 rows patched
expect_value "targets that are patched" 20 sh -c \
	'cat /sys/module/klptest_cold*/parameters/says | grep -c "^patched$"'
wait_for_end klpdep-late.service 30
expect_property klpdep-late.service Result success
passed

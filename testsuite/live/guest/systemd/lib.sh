# shellcheck shell=sh
#
# What the checks of the guests with systemd share, on top of ../lib.sh.

. /live/lib.sh

# expect_property UNIT PROPERTY VALUE
expect_property() {
	expect_value "$1 $2" "$3" systemctl show -P "$2" "$1"
}

# A time that systemd has kept of a unit, in microseconds since boot.
unit_time() {
	systemctl show -P "$2Monotonic" "$1"
}

# wait_for_patches N SECONDS: until so many patches are loaded and settled.  Looks seldom and
# starts few processes: a busy emulated machine keeps transitions from ending.
wait_for_patches() {
	seconds=0
	until [ "$(cat "$LIVEPATCH"/*/transition 2>/dev/null | tr -d '\n')" = \
			"$(printf "%0$1d" 0)" ]; do
		[ $seconds -le "$2" ] || return 1
		sleep 3
		seconds=$((seconds + 3))
	done
}

# wait_for_end UNIT SECONDS: until it is not being started any more; as seldom.
wait_for_end() {
	end=$(($(now) + $2 * 100))
	while [ "$(systemctl is-active "$1")" = activating ]; do
		[ "$(now)" -lt $end ] || fail "$1 does not come to its end"
		sleep 2
	done
}

# When the first or last line of the kernel's log ($1: head or tail) that matches $2 was
# logged since coldplug, in milliseconds since boot.
logged_at() {
	dmesg | sed '1,/live: coldplug$/d' | grep -E "$2" | $1 -n 1 |
		sed -nE 's/^\[ *([0-9]+)\.([0-9]{3}).*/\1\2/p'
}

coldplug_at() {
	dmesg | sed -nE 's/^\[ *([0-9]+)\.([0-9]{3})[0-9]*\] live: coldplug$/\1\2/p'
}

# expect_check STATUS: what klpdep status --check says of the whole.
expect_check() {
	expect_status "$1" klpdep status -q --check --noheadings
}

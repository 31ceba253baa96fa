#!/bin/sh
# sixty opens of devices whose modules wait for a stalled transition hold up no other module
# on one kernel: it is about what the helper does

. /live/lib.sh

# device NAME MINOR MODULE: its open has the kernel ask for the module.
device() {
	mknod "/tmp/$1" c 240 "$2" || fail "no device"
	echo "alias char-major-240-$2 $3" >>/etc/modprobe.d/live.conf
}
open_device() {
	(: <"/tmp/$1") 2>/dev/null
}
waiting() {
	cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^klpdep-modprobe'
}

mkdir -p /etc/modprobe.d
mark_log
trap 'rm -f /etc/modprobe.d/live.conf' EXIT
device busy 1 klptest_busy
device gone 2 klptest_gone
device before 3 klptest_softpre
device meanwhile 4 klptest_softpost
configure "policy klptest_gone require"

start=$(now)
open_device before
before=$(($(now) - start))
expect_loaded klptest_softpre

stall_other_patch
opened=$(now)
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
	open_device busy &
	sleep 0.5
	open_device gone &
	# Later, the first ones have waited long enough, and nobody waits any more.
	[ $i != 8 ] || {
		start=$(now)
		open_device meanwhile
		meanwhile=$(($(now) - start))
		helpers=$(waiting)
	}
	sleep 0.5
done
figure "60 opens in $((($(now) - opened) / 100)) s; a module without a patch took $before" \
	"hundredths of a second before, $meanwhile meanwhile, with $helpers helpers at work"
expect_loaded klptest_softpost klptest_busy
expect_not_loaded klp_busy klp_gone klptest_gone
[ "$meanwhile" -le $((before + 300)) ] || fail "a module without a patch had to wait"
# Eight wait, and one may be about to go.
[ "$helpers" -le 10 ] || fail "too many helpers wait"
[ "$helpers" -ge 4 ] || fail "next to nobody has waited"

# The budgets end, and who comes then does not wait.
start=$(now)
wait_for 40 sh -c '! grep -q "^klpdep-modprobe" /proc/[0-9]*/comm 2>/dev/null' ||
	fail "helpers wait still"
start=$(now)
open_device gone
expect_duration "$start" 0 4
expect_logged "klptest_busy: patch klp_busy was not loaded: .*; it is left to klpdep sync"
! log_since_mark | grep "kmod busy\|reached with module" || fail "the kernel had no slot left"

release_task
wait_settled klp_task
expect_status 0 klpdep sync
expect_patched klp_busy klptest_busy
open_device gone
expect_patched klp_gone klptest_gone
passed

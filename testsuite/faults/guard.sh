# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir, work and all are run's
#
# guard of klpdep.d(5): klpdep sync is killed at each call that the fake kernel sees, while it inserts
# a patch that is unproven, and while that is proven.  One boot's mark quarantines nothing, and what is
# proven has none.  Without guard, nothing of it is looked at.

guard_kernel=6.1.0-1

guard_root() {
	local root=$1

	cp -a "$work/base" "$root"
	fakeroot_tree "$root" "$guard_kernel"
	make_modules "$root" "$guard_kernel" <<-'EOT'
	kernel/aa.ko:
	updates/klp_aa.ko: klp aa; modinfo srcversion=A1; modinfo fk_transition_ms=5
	updates/klp_vm.ko: klp vmlinux; modinfo srcversion=A2; modinfo fk_transition_ms=5
	EOT
	depmod -b "$root" "$guard_kernel"
	"$builddir/tools/klpdep" depmod -b "$root" "$guard_kernel"
	echo "$guard_kernel" >"$root/fake/release"
	echo m1 >"$root/etc/machine-id"
	fakeroot_copy "$root" "$(type -P strace)" /usr/bin/strace
	mkdir -p "$root"/{etc/klpdep.d,proc/sys/kernel/random,run/systemd/system,var/lib/klpdep/guard}
}

# What is run in the fake root, after a line that sets n, the call at which klpdep dies; it prints
# what is wrong.
# shellcheck disable=SC2016 # all of it is for the shell in there
guard_check='
say() { echo "call $n: $*"; }
kernel=/var/lib/klpdep/guard/*
boot() {
	for p in klp_aa klp_vm; do
		[ ! -e /sys/kernel/livepatch/$p ] || echo 0 >/sys/kernel/livepatch/$p/enabled
		until [ ! -e /sys/module/$p ] || rmmod $p 2>/dev/null; do sleep 0.01; done
	done
	[ ! -e /sys/module/aa ] || rmmod aa
	rm -rf /run/klpdep
	mkdir -p /run/klpdep
	: >/run/klpdep/guarded
	echo $1 >/proc/sys/kernel/random/boot_id
	insmod /lib/modules/*/kernel/aa.ko
}
there() { [ "$(cat /sys/kernel/livepatch/$1/enabled 2>/dev/null)" = 1 ]; }
both() { there klp_aa && there klp_vm || say "$*: not inserted"; }
boots() { sed "s/.* //" $kernel/$1 2>/dev/null | tr "\n" " "; }
killed() {
	FK_KILL=klpdep:$n klpdep sync "$@" 2>/dev/null
	[ -e /fake/killed ] || { echo over; exit; }
}
whole() {
	for f in $kernel/klp_* /lib/modules/*/klpdep.proven /var/lib/klpdep/guard/lasting; do
		# The next writer removes it, and nobody reads it.
		case $f in *.tmp??????) continue ;; esac
		[ ! -e "$f" ] || [ -z "$(tail -c 1 "$f")" ] && [ -s "$f" -o ! -e "$f" ] || say "$f is damaged"
	done
}
proven() {
	[ "$(grep -c ^klp_ /lib/modules/*/klpdep.proven)" = 2 ] || say "not proven: $*"
	[ -z "$(boots klp_aa)$(boots klp_vm)" ] || say "proven, and a mark is left: $*"
	[ -z "$(find /var/lib/klpdep /run/klpdep /lib/modules -name "*.tmp*")" ] ||
		say "left lying about: $*"
}
printf "%s\n" "guard yes" "guard-time 0" >/etc/klpdep.d/guard.conf
boot b0
klpdep sync >/dev/null 2>&1
rm -rf $kernel/ /run/klpdep
boot b1
'

# The next sync of the same boot.
# shellcheck disable=SC2016
guard_insert=$guard_check'
killed
whole
klpdep sync 2>/dev/null || say "the next sync fails"
both "the next sync"
[ "$(boots klp_aa)$(boots klp_vm)" = "b1 b1 " ] || say "marks: $(boots klp_aa), $(boots klp_vm)"
klpdep sync --late 2>/dev/null
proven'

# The next boot: what has a mark is late, and goes in.
# shellcheck disable=SC2016
guard_reboot=$guard_check'
killed
whole
boot b2
klpdep sync --late >/fake/said 2>&1 || say "the next boot: $(cat /fake/said)"
both "the next boot"
proven'

# shellcheck disable=SC2016
guard_prove=$guard_check'
klpdep sync
killed --late
whole
klpdep sync --late
both "sync --late"
proven'

# shellcheck disable=SC2016
guard_prove_reboot=$guard_check'
klpdep sync
killed --late
boot b2
whole
klpdep sync --late
both "sync --late"
klpdep sync --shutdown
proven'

# guard_try WHAT SCRIPT STEP
guard_try() {
	local what=$1 script=$2 step=$3 n=1 tried=0 root=$work/guard out

	: >"$work/guard.complaints"
	while :; do
		fresh_root "$root" "$work/guard-base"
		out=$(fakeroot_sh "$root" "n=$n; $script" 2>&1)
		[ $? -lt 124 ] || out="call $n: hangs $out"
		case $out in *over) break ;; esac
		[ -z "$out" ] || echo "$out" >>"$work/guard.complaints"
		tried=$((tried + 1))
		n=$((n + step))
	done
	verdict "guard $what: $tried times" "$work/guard.complaints"
}

# What the guard reads and writes, of a sync and of a helper: none of it without guard.
# shellcheck disable=SC2016
guard_calls='
mkdir -p /run/klpdep
: >/run/klpdep/guarded
strace -f -o /trace sh -c "klpdep sync; modprobe aa; klpdep sync; modprobe -r aa"
[ -e /sys/kernel/livepatch/klp_vm ] || echo "nothing is inserted"
grep -E "guard|proven|machine-id|pstore|boot_id" /trace | cut -d " " -f 2- | sort -u'

guard_is_free() {
	local root=$work/guard

	fresh_root "$root" "$work/guard-base"
	fakeroot_sh "$root" "$guard_calls" >"$work/guard.complaints" 2>&1
	verdict 'guard no: nothing of it is looked at' "$work/guard.complaints"
	fresh_root "$root" "$work/guard-base"
	echo 'guard yes' >"$root/etc/klpdep.d/x.conf"
	fakeroot_sh "$root" "$guard_calls" >"$work/guard.seen" 2>&1
	: >"$work/guard.complaints"
	grep -q machine-id "$work/guard.seen" && grep -q 'guard/' "$work/guard.seen" ||
		echo 'with guard there is nothing to be seen of it' >"$work/guard.complaints"
	verdict 'guard yes: that is seen' "$work/guard.complaints"
}

part_guard() {
	local step=151

	if [ -n "$sanitized" ]; then
		skip guard 'with sanitizers, see README.md'
		return
	fi
	[ -z "$all" ] || step=1
	guard_root "$work/guard-base"
	if strace -o /dev/null true 2>/dev/null; then
		guard_is_free
	else
		skip 'guard no' 'there is no strace, or it may not trace'
	fi
	guard_try 'and sync is killed' "$guard_insert" $step
	guard_try 'and sync is killed, and the machine starts again' "$guard_reboot" $step
	guard_try 'and sync is killed while it proves' "$guard_prove" $step
	guard_try 'and sync is killed while it proves, and the machine starts again' \
		"$guard_prove_reboot" $step
}

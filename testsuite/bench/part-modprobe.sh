# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What modprobe takes with klpdep's rules, and the start of the programs.  Used by run.
# shellcheck disable=SC2154 # build, smoke, top, work are run's

# reset_command ROOT: nothing is loaded in that root's fake kernel.
reset_command() {
	cat >"$1.reset" <<-EOT
	#!/bin/sh
	rm -rf $1/fake/state $1/fake/journal $1/dev/kmsg $1/proc/modules $1/sys/*
	exec chroot $1 /usr/bin/true
	EOT
	chmod +x "$1.reset"
}

# A root with one target and its patch, whose transition is over at once.
small_root() {
	local root=$1 dir=$1/lib/modules/$kernel mkmodule=$build/testsuite/mkmodule

	fakeroot_clone "$work/base" "$root" && fakeroot_tree "$root" "$kernel" || return
	echo "$kernel" >"$root/fake/release"
	fakeroot_module "$mkmodule" "$dir" 'kernel/target.ko:' || return
	fakeroot_module "$mkmodule" "$dir" \
		'updates/klp_target.ko: klp target; modinfo fk_transition_ms=0' || return
	fakeroot_sh "$root" "depmod $kernel && klpdep depmod $kernel" || return
	echo 'modprobe target' >"$root/rule"
	echo 'modprobe klp_target && modprobe -i target' >"$root/by-hand"
	: >"$root/nothing"
	reset_command "$root"
}

# check_loads ROOT SCRIPT: that it has both in the kernel.
check_loads() {
	"$1.reset" && chroot "$1" /usr/bin/dash "/$2" &&
		chroot "$1" grep -q '^klp_target ' /proc/modules &&
		chroot "$1" grep -q '^target ' /proc/modules && return
	echo "run: /$2 does not load the target and its patch" >&2
	return 1
}

target_with_patch() {
	local root=$work/small what
	local kernel=6.1.0-1

	small_root "$root" || return
	check_loads "$root" rule && check_loads "$root" by-hand || return
	for what in rule by-hand nothing; do
		watch "modprobe.$what" "$root.reset" "chroot $root /usr/bin/dash /$what"
	done
	measure 10 || return
	show 'modprobe of a target, by a shell' modprobe.rule modprobe.by-hand \
		modprobe.nothing
	row 'modprobe T by its rule, against modprobe P; modprobe -i T' \
		"$(number $((wall[modprobe.rule] - wall[modprobe.nothing])) \
			$((wall[modprobe.by-hand] - wall[modprobe.nothing])) 2)" 1.5 \
		"$(number $((cpu[modprobe.rule] - cpu[modprobe.nothing])) \
			$((cpu[modprobe.by-hand] - cpu[modprobe.nothing])) 2)"
}

# system_calls ROOT: those of modprobe plain, without those about files of rules and about
# memory.  Of a string, where it is a path, is told which.
system_calls() {
	"$1.reset" || return
	strace -f -o "$work/strace" chroot "$1" /usr/sbin/modprobe plain || return
	sed "s|\"$1\"|ROOT|; s/^[0-9]* *//; s|/proc/[0-9]*|/proc/PID|" "$work/strace" | awk '
		/^(brk|munmap|mremap)\(/ || /MAP_ANONYMOUS/ { next }
		/klpdep(-softdep)?\.conf"/ { if (/^open/) rules[$NF] = 1; next }
		match($0, /^[a-z0-9_]+\(([0-9]+)/) {
			fd = substr($0, 1, RLENGTH)
			sub(/.*\(/, "", fd)
			if (fd in rules) {
				if (/^close/)
					delete rules[fd]
				next
			}
		}
		{
			path = match($0, /"\/[^"]*"/) ? substr($0, RSTART, RLENGTH) : ""
			sub(/\(.*/, "")
			print $0, path
		}'
}

target_without() {
	local root=$work/large kernel=6.1.0-1 n=300

	[ -z "$smoke" ] || n=10
	fakeroot_clone "$work/base" "$root" || return
	rmdir "$root/lib/modules"
	"$top/testsuite/bench/many" -b "$build" -n "$n" -t "$n" -m "$root" releases ||
		return
	fakeroot_module "$build/testsuite/mkmodule" "$root/lib/modules/$kernel" \
		'kernel/plain.ko:' || return
	echo "$kernel" >"$root/fake/release"
	fakeroot_sh "$root" "depmod $kernel && klpdep depmod $kernel" || return
	fakeroot_clone "$root" "$root-no-rules" || return
	rm "$root-no-rules"/lib/modprobe.d/*klpdep*.conf || return
	reset_command "$root"
	reset_command "$root-no-rules"

	watch modprobe.rules "$root.reset" "chroot $root /usr/sbin/modprobe plain"
	watch 'modprobe.no rules' "$root-no-rules.reset" \
		"chroot $root-no-rules /usr/sbin/modprobe plain"
	measure 20 || return
	show "modprobe of a module without a patch, rules for $n" modprobe.rules \
		'modprobe.no rules'
	row "modprobe of a module without a patch: rules for $n targets, ms more" \
		"$(number $((wall[modprobe.rules] - wall['modprobe.no rules'])) 1000 2)" 1 \
		"$(number $((cpu[modprobe.rules] - cpu['modprobe.no rules'])) 1000 2)"
	system_calls "$root" >"$work/calls" || return
	system_calls "$root-no-rules" >"$work/calls-no-rules" || return
	row 'the same: system calls that differ, but for the rule files' \
		"$(diff "$work/calls" "$work/calls-no-rules" | grep -c '^[<>]')" 0
}

part_modprobe() {
	local why

	if ! why=$(fakeroot_possible "$build" && fakeroot_standard_paths "$build"); then
		row_missing 'modprobe' "$why"
		return
	fi
	quiet fakeroot_base "$build" "$work/base" || return
	target_with_patch && target_without || return
	! fakeroot_reports "$work/small" | grep . >&2
}

# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir, work and all are run's
#
# klpdep-modprobe is killed at each call that the fake kernel sees, under the real modprobe.
# modprobe never reports a module loaded that is not; under policy require the module is
# never loaded without its patch; and the next modprobe loads it, patched.

helper_kernel=6.1.0-1

helper_root() {
	local root=$1

	cp -a "$work/base" "$root"
	fakeroot_tree "$root" "$helper_kernel"
	make_modules "$root" "$helper_kernel" <<-'EOT'
	kernel/warn.ko:
	kernel/require.ko:
	kernel/soft.ko: modinfo softdep=pre: first
	kernel/first.ko:
	updates/klp_base.ko: klp vmlinux; modinfo fk_transition_ms=5
	updates/klp_warn.ko: klp warn; modinfo klp_requires=klp_base; modinfo fk_transition_ms=5
	updates/klp_require.ko: klp require; modinfo fk_transition_ms=5
	updates/klp_soft.ko: klp soft; modinfo fk_transition_ms=5
	EOT
	mkdir -p "$root/etc/klpdep.d"
	echo 'policy require require' >"$root/etc/klpdep.d/site.conf"
	depmod -b "$root" "$helper_kernel"
	"$builddir/tools/klpdep" depmod -b "$root" "$helper_kernel"
	echo "$helper_kernel" >"$root/fake/release"
}

# What is run in the fake root, after a line that sets t, the module, and n, the call at
# which the helper dies; it prints what is wrong.
# shellcheck disable=SC2016 # all of it is for the shell in there
helper_check='
say() { echo "$t, killed at call $n: $*"; }
there() { grep -q "^$1 " /proc/modules; }
patched() { [ "$(cat /sys/kernel/livepatch/klp_$t/$t/patched 2>/dev/null)" = 1 ]; }
patch_is_good() {
	[ "$(cat /sys/kernel/livepatch/klp_$t/enabled 2>/dev/null)" = 1 ] && patched
}
loaded_again() {
	modprobe "$t" 2>/dev/null || say "the next modprobe fails: $?"
	there "$t" || say "the next modprobe does not load it"
	[ "$t" = soft ] || patch_is_good || say "the next modprobe leaves it unpatched"
}'

# shellcheck disable=SC2016
helper_load='
FK_KILL=klpdep-modprobe:$n modprobe "$t" 2>/dev/null
status=$?
[ -e /fake/killed ] || { echo over; exit; }
[ "$status" != 0 ] || there "$t" || say "reported loaded, and is not"
# what a rule for the module itself cannot hide
[ "$status" != 0 ] || [ "$t" = soft ] || say "reported loaded"
[ "$t" != require ] || ! there "$t" || patch_is_good || say "is loaded without its patch"
! there "$t" || modprobe -r "$t" 2>/dev/null || say "cannot be removed"
loaded_again'

# shellcheck disable=SC2016
helper_remove='
modprobe "$t"
FK_KILL=klpdep-modprobe:$n modprobe -r "$t" 2>/dev/null
status=$?
[ -e /fake/killed ] || { echo over; exit; }
[ "$status" != 0 ] || ! there "$t" || say "reported removed, and is not"
modprobe -r "$t" 2>/dev/null || say "the next modprobe -r fails: $?"
! there "$t" || say "the next modprobe -r does not remove it"
loaded_again'

# helper_kill WHAT MODULE SCRIPT: at each call, or a sample of them.
helper_kill() {
	local what=$1 t=$2 script=$3 n=1 tried=0 root=$work/helper out

	: >"$work/helper.complaints"
	while :; do
		fresh_root "$root" "$work/helper-base"
		out=$(fakeroot_sh "$root" "t=$t n=$n; $helper_check $script" 2>&1)
		case $out in *over) break ;; esac
		[ -z "$out" ] || echo "$out" >>"$work/helper.complaints"
		tried=$((tried + 1))
		n=$((n + helper_step))
	done
	verdict "helper $what: killed at $tried calls" "$work/helper.complaints"
}

part_helper() {
	helper_root "$work/helper-base"
	helper_step=1
	[ -n "$all" ] || helper_step=24
	helper_kill 'of a target' warn "$helper_load"
	helper_kill 'of a target with policy require' require "$helper_load"
	helper_kill 'of a patch in a softdep' soft "$helper_load"
	helper_kill 'that removes' require "$helper_remove"
}

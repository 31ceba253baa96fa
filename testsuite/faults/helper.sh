# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir, work and all are run's
#
# klpdep-modprobe is killed at each call that the fake kernel sees, or just then somebody else
# takes a module out or puts it in, or one of its allocations fails, under the real modprobe.
# modprobe never reports a module loaded that is not; under policy require the module is never
# loaded without its patch; what is loaded unpatched is said, or left to klpdep sync; and the next
# modprobe loads it, patched.

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
	# flip MODULE: takes it out, or puts it in where it is not; what was there before is in
	# /flipped then
	cat >"$root/flip" <<-'EOT'
	cut -d ' ' -f 1 /proc/modules >/flipped
	if grep -qx "$1" /flipped; then
		enabled=/sys/kernel/livepatch/$1/enabled
		i=0
		[ ! -e $enabled ] || echo 0 >$enabled
		until rmmod "$1" || [ $((i += 1)) = 20 ]; do sleep 0.01; done
	else
		insmod /lib/modules/*/*/$1.ko
	fi
	EOT
}

# What is run in the fake root, after a line that sets t, the module, and n, the call at
# which the helper dies; it prints what is wrong.
# shellcheck disable=SC2016 # all of it is for the shell in there
helper_check='
say() { echo "$t, fault $n: $*"; }
there() { grep -q "^$1 " /proc/modules; }
patched() { [ "$(cat /sys/kernel/livepatch/klp_$t/$t/patched 2>/dev/null)" = 1 ]; }
patch_is_good() {
	[ "$(cat /sys/kernel/livepatch/klp_$t/enabled 2>/dev/null)" = 1 ] && patched
}
left_to_sync() { [ -e "/run/klpdep/left/$t" ]; }
loaded_again() {
	modprobe "$t" 2>/dev/null || say "the next modprobe fails: $?"
	there "$t" || say "the next modprobe does not load it"
	[ "$t" = soft ] || patch_is_good || say "the next modprobe leaves it unpatched"
}
removed_again() {
	modprobe -r "$t" 2>/dev/null || say "the next modprobe -r fails: $?"
	! there "$t" || say "the next modprobe -r does not remove it"
	loaded_again
}'

# shellcheck disable=SC2016
helper_load='
FK_KILL=klpdep-modprobe:$n modprobe "$t" 2>/dev/null
status=$?
[ -e /fake/killed ] || { echo over; exit; }
[ "$status" != 0 ] || there "$t" || say "reported loaded, and is not"
# what a rule for the module itself cannot hide, and a hook has nothing to say to
[ "$status" != 0 ] || [ "$t" != require ] || say "reported loaded"
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
removed_again'

# With a call before which somebody else takes $m out, or puts it in.  What comes of that is
# his where the target was there already, and the helper's where it was not.
# shellcheck disable=SC2016
helper_flip='
flip() {
	echo "klpdep-modprobe $n * sh /flip $m 2>/dev/null" >/fake/meanwhile
	modprobe "$@" 2>/fake/stderr
	status=$?
	rm /fake/meanwhile
	[ -e /flipped ] || { echo over; exit; }
	[ "$status" -le 1 ] || say "$m: exit status $status"
}
before() { grep -qx "$1" /flipped; }'

# shellcheck disable=SC2016
helper_flip_load=$helper_flip'
flip "$t"
if ! before "$t"; then
	[ "$status" != 0 ] || there "$t" || say "$m: reported loaded, and is not"
	[ "$status" = 0 ] || [ "$t" = require ] || say "$m: is not loaded: $status"
	[ "$t" != require ] || ! there "$t" || patch_is_good ||
		say "$m: is loaded without its patch"
	! there "$t" || patch_is_good || grep -q ^klpdep: /fake/stderr || left_to_sync ||
		say "$m: is loaded unpatched, without a word"
fi
! there "$t" || modprobe -r "$t" 2>/dev/null || say "$m: cannot be removed"
loaded_again'

# shellcheck disable=SC2016
helper_flip_remove=$helper_flip'
modprobe "$t"
flip -r "$t"
[ "$status" = 0 ] || say "$m: is not removed: $status"
! there "$t" || ! before "$t" || say "$m: reported removed, and is not"
removed_again'

# With one allocation that fails: no crash, and nothing is left to be freed that is not
# always.  What comes of a failure that is libkmod's is for kmod to mend; not so what modprobe
# reports.
# shellcheck disable=SC2016
helper_starve='
insist() { echo "$t, fault $n: $*"; }
starve() { FAULT_ALLOC=klpdep-modprobe:$n:/fake/alloc modprobe "$@" 2>/fake/stderr; }
judge() {
	status=$?
	read -r seen live whose crashed </fake/alloc
	[ "$whose" != none ] || { echo over; exit; }
	[ "$whose" = klpdep ] || [ "$crashed" = klpdep ] || say() { echo "# $t, $whose fails: $*"; }
	[ "$crashed" = - ] || say "crashes in $crashed"
	[ "$crashed" != - ] || [ "$live" -le "$(cat /live)" ] || say "leaks: $live"
}'

# shellcheck disable=SC2016
helper_starve_load=$helper_starve'
starve "$t"
judge
[ "$status" != 0 ] || there "$t" || [ "$t" = soft ] ||
	insist "reported loaded, and is not"
[ "$status" = 0 ] || [ -s /fake/stderr ] || say "fails without a word"
[ "$t" = soft ] || [ "$status" != 0 ] || patch_is_good || grep -q ^klpdep: /fake/stderr ||
	left_to_sync || say "is loaded unpatched, without a word"
[ "$t" != require ] || ! there "$t" || patch_is_good ||
	insist "is loaded without its patch"
! there "$t" || modprobe -r "$t" 2>/dev/null || say "cannot be removed"
loaded_again'

# shellcheck disable=SC2016
helper_starve_remove=$helper_starve'
modprobe "$t"
starve -r "$t"
judge
[ "$status" != 0 ] || ! there "$t" || insist "reported removed, and is not"
removed_again'

# helper_try WHAT MODULE SCRIPT STEP [OTHER]: a fault at each STEPth place, which may be
# about another module.
helper_try() {
	local what=$1 t=$2 script=$3 step=$4 m=${5:-} n=1 tried=0 root=$work/helper out

	: >"$work/helper.seen"
	while :; do
		fresh_root "$root" "$work/helper-base"
		out=$(fakeroot_sh "$root" "t=$t n=$n m=$m; $helper_check $script" 2>&1)
		[ $? -lt 124 ] || out="$t, fault $n: hangs $out"
		case $out in *over) break ;; esac
		[ -z "$out" ] || echo "$out" >>"$work/helper.seen"
		tried=$((tried + 1))
		n=$((n + step))
	done
	grep -v '^#' "$work/helper.seen" >"$work/helper.complaints"
	verdict "helper $what: $tried times" "$work/helper.complaints"
	[ -z "$all" ] || grep '^#' "$work/helper.seen"
}

# What is not freed without any failure, to /live: what the C library keeps, of times.
helper_usual() {
	fresh_root "$work/helper" "$work/helper-base"
	fakeroot_sh "$work/helper" "t=warn n=0; $helper_check $helper_starve_load" >/dev/null 2>&1
	cut -d ' ' -f 2 "$work/helper/fake/alloc" >"$work/helper-base/live"
}

part_helper() {
	local kill=24 flip=71 starve=61

	if [ -n "$sanitized" ]; then
		skip helper 'with sanitizers, see README.md'
		return
	fi
	helper_root "$work/helper-base"
	[ -z "$all" ] || kill=1 flip=1 starve=1
	helper_try 'of a target is killed' warn "$helper_load" $kill
	helper_try 'of a target with policy require is killed' require "$helper_load" $kill
	helper_try 'of a patch in a softdep is killed' soft "$helper_load" $kill
	helper_try 'that removes is killed' require "$helper_remove" $kill
	helper_try 'of a target, and its patch comes or goes' warn \
		"$helper_flip_load" $flip klp_warn
	helper_try 'of a target, and what its patch requires comes or goes' warn \
		"$helper_flip_load" $flip klp_base
	helper_try 'with policy require, and the patch comes or goes' require \
		"$helper_flip_load" $flip klp_require
	helper_try 'with policy require, and the target comes or goes' require \
		"$helper_flip_load" $flip require
	helper_try 'that removes, and the patch comes or goes' require \
		"$helper_flip_remove" $flip klp_require
	helper_try 'that removes, and the target comes or goes' require \
		"$helper_flip_remove" $flip require
	# the library that tells where a call comes from is loaded at run time
	fakeroot_copy "$work/helper-base" "$builddir/testsuite/faults/.libs/nomem.so" /nomem.so
	fakeroot_copy "$work/helper-base" "$(gcc -print-file-name=libgcc_s.so.1)" \
		/lib/libgcc_s.so.1
	ldconfig -r "$work/helper-base"
	echo /nomem.so >>"$work/helper-base/etc/ld.so.preload"
	helper_usual
	helper_try 'of a target has no memory' warn "$helper_starve_load" $starve
	helper_try 'with policy require has no memory' require "$helper_starve_load" $starve
	helper_try 'of a patch in a softdep has no memory' soft "$helper_starve_load" $starve
	helper_try 'that removes has no memory' require "$helper_starve_remove" $starve
}

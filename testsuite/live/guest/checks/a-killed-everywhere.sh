#!/bin/sh
# the helper is killed at any of its system calls: the target comes in, or modprobe fails; the next one does it all
# on one kernel: it is about what the helper does

. /live/lib.sh

# A sample of the calls, or, with run -a, each of them.
STEP=${LIVE_ALL:+1}
STEP=${STEP:-127}
HELPER=$(helper)

one_processor
mv "$HELPER" "$HELPER.real"
cp /live/kill-at "$HELPER"
trap 'mv "$HELPER.real" "$HELPER"; echo 1 >"$PROCESSOR"' EXIT

# ---- without other programs, of which there would be hundreds

# Sets $left: which of the two is there.
look() {
	left=
	while read -r module rest; do
		case $module in "$target" | "$patch") left="$module $left" ;; esac
	done </proc/modules
	left=${left% }
}

target_is_there() {
	case $left in *"$target"*) ;; *) false ;; esac
}

# reads FILE VALUE
reads() {
	read -r value <"$1" && [ "$value" = "$2" ]
}

# Both are there, and nothing is left to wait for.
all_is_well() {
	look
	[ "$left" = "$patch $target" ] && reads "$LIVEPATCH/$patch/enabled" 1 &&
		reads "$LIVEPATCH/$patch/transition" 0 &&
		reads "$LIVEPATCH/$patch/$target/patched" 1 &&
		reads "/sys/module/$target/parameters/init_says" patched
}

# ---- a round

# dies STATUS COMMAND...: the helper does, at its call $place, and the command comes to
# this exit status.  False where it has fewer calls.
dies() {
	wanted=$1
	shift
	rm -f /tmp/killed
	KILL_AT=$place "$@" >"$OUTPUT" 2>&1
	status=$?
	[ -e /tmp/killed ] || return
	look
	read -r call </tmp/killed
	echo "$place: killed at system call $call: exit status $status, left: $left"
	echo "$left" >>/tmp/left
	[ $status = "$wanted" ] || fail "killed: exit status $status instead of $wanted"
}

loads() {
	modprobe "$target" || fail "modprobe $target: exit status $?"
	all_is_well || fail "modprobe $target: not patched"
}

goes() {
	modprobe -r "$target" || fail "modprobe -r $target: exit status $?"
	look
	! target_is_there || fail "modprobe -r $target: it is still there"
}

# Loading: modprobe fails, and what is there all the same is patched.  Where nothing is, it
# is as it was before.
load() {
	dies 1 modprobe "$target" || return
	[ "$left$again" ] || return 0
	again=
	if target_is_there; then
		all_is_well || fail "killed: it is there unpatched"
		goes
	fi
	loads
	goes
	[ ! "$left" ] || fail "modprobe -r $target: $left is still there"
}

# As a hook: modprobe takes no notice of how that ends.
load_hooked() {
	dies 0 modprobe "$target" || return
	target_is_there || fail "killed: reported loaded, and is not"
	goes
	[ "$left$again" ] || return 0
	again=
	loads
	goes
	[ ! "$left" ] || fail "modprobe -r $target: $left is still there"
}

# Removal by a hook: modprobe -r has done its part by then.
remove_hooked() {
	dies 0 modprobe -r "$target" || return
	! target_is_there || fail "killed: the target is still there"
	loads
}

# Removal: modprobe -r fails, and what is there all the same is patched.
remove() {
	dies 1 modprobe -r "$target" || return
	if target_is_there; then
		all_is_well || fail "killed: it is there unpatched"
		[ "$again" ] || return 0
		again=
		goes
	fi
	loads
}

# at_calls WHAT FIRST TARGET PATCH ROUND: one at each STEPth call, of a sample from the
# FIRST on; each ends as it began.  The first goes on also from where nothing has changed.
at_calls() {
	what=$1 place=$2 target=$3 patch=$4 rounds=0 start=$(now) again=yes
	[ "$STEP" != 1 ] || place=1
	: >/tmp/left
	while $5; do
		rounds=$((rounds + 1))
		place=$((place + STEP))
	done
	[ $rounds -gt 0 ] || fail "$what: the helper was never killed"
	took=$(($(now) - start))
	figure "$what: killed $rounds times in $((took / 100)) s; left in the kernel:" \
		"$(awk '{ n[$0 == "" ? "nothing" : $0]++ }
			END { for (left in n) {
				printf "%s%s: %d", sep, left, n[left]
				sep = "; "
			} }' /tmp/left)"
}

at_calls "hook" 1 klptest_init klp_init load_hooked
loads
at_calls "removal by a hook" 63 klptest_init klp_init remove_hooked
goes
configure "policy klptest_init require"
at_calls "policy require" 32 klptest_init klp_init load
at_calls "removal" 63 klptest_init klp_init remove
at_calls "softdep" 95 klptest_soft klp_soft load_hooked
passed

#!/bin/sh
# modprobe -r of each of these targets: all gone, exit status 0
# main job

. /live/lib.sh

# What stays of a target's dependencies where there are no rules: kmod goes through them once.
left_by_stock() {
	modprobe -C /dev/null "$1" && modprobe -C /dev/null -r "$1"
	cut -d " " -f 1 /proc/modules | sort
	sh /live/clean >/dev/null
}

# load_and_remove TARGET PATCH...
load_and_remove() {
	target=$1
	shift
	left=$(left_by_stock "$target" | grep -v "^round ")
	expect_status 0 modprobe "$target"
	expect_loaded "$target" "$@"
	expect_status 0 modprobe -r "$target"
	expect_not_loaded "$target" "$@"
	# Nothing was loaded before, and nothing else that came in with the target stays.
	cut -d " " -f 1 /proc/modules | grep -vxF "$left" >/tmp/left
	expect_value "modules left, but for $left" "" cat /tmp/left
	# Of a module that is not loaded: success, as without klpdep.
	expect_status 0 modprobe -r "$target"
	expect_status 0 sh /live/clean
}

load_and_remove zram klp_zram
load_and_remove klptest_init klp_init
load_and_remove kvm_amd klp_kvm_amd klp_kvm
load_and_remove ext4 klp_ext4
load_and_remove klptest_soft klp_soft
load_and_remove klptest_after klp_after
load_and_remove klptest_alias klp_alias
load_and_remove binfmt_misc klp_binfmt_misc
# once more, now that it has been there; r-again does that a hundred times
load_and_remove zram klp_zram
passed

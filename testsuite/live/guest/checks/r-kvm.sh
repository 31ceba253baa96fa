#!/bin/sh
# kvm_amd and kvm removed and loaded again, with a patch of kvm that has klp relocations

. /live/lib.sh

one_processor
add_to_tree klp_kvm_rela
configure "mask klp_kvm"

loads_patched() {
	expect_status 0 modprobe kvm_amd
	expect_patched klp_kvm_rela kvm
	expect_patched klp_kvm_amd kvm_amd
	ratio=$(cat /sys/module/kvm/parameters/nx_huge_pages_recovery_ratio)
	expect_value "nx_huge_pages" "klptest $ratio" cat /sys/module/kvm/parameters/nx_huge_pages
	expect_value "a new machine" ENOTNAM /live/kvm-create-vm
}

loads_patched
# kvm goes as an unused dependency, for which kmod runs no hook; by its name; and past all hooks.
for removal in "modprobe -r kvm_amd" "modprobe -r kvm_amd kvm" "rmmod kvm_amd kvm"; do
	# shellcheck disable=SC2086 # words
	expect_status 0 $removal
	expect_not_loaded kvm_amd kvm
	loads_patched
done
passed

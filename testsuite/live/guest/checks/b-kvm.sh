#!/bin/sh
# modprobe kvm_amd: kvm comes in as a dependency, each with its patch
# main job
# newest kernel

. /live/lib.sh

expect_not_loaded kvm kvm_amd klp_kvm klp_kvm_amd
expect_status 0 modprobe kvm_amd
expect_order klp_kvm kvm
expect_order kvm kvm_amd
expect_order klp_kvm_amd kvm_amd
expect_patched klp_kvm kvm
expect_patched klp_kvm_amd kvm_amd
expect_value "nx_huge_pages" klptest cat /sys/module/kvm/parameters/nx_huge_pages
expect_value "a new machine" ENOTNAM /live/kvm-create-vm
passed

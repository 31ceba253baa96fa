#!/bin/sh
# removal: a target in use, a patch by name, dependencies that became unused
# main job

. /live/lib.sh

one_processor
expect_status 0 modprobe kvm_amd
expect_patched klp_kvm_amd kvm_amd
expect_patched klp_kvm kvm

# In use: nothing is unloaded.
mark_log
expect_status 1 modprobe -r kvm
expect_patched klp_kvm kvm
expect_patched klp_kvm_amd kvm_amd

# A patch by name, with its target loaded: it stays.
expect_status 1 modprobe -r klp_kvm_amd
expect_patched klp_kvm_amd kvm_amd

# By the file system that is mounted.
expect_status 0 modprobe binfmt_misc
expect_status 0 mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
expect_status 1 modprobe -r binfmt_misc
expect_patched klp_binfmt_misc binfmt_misc
expect_status 0 umount /proc/sys/fs/binfmt_misc
expect_status 0 modprobe -r binfmt_misc
expect_not_loaded binfmt_misc klp_binfmt_misc

# The dependencies and their patches go with the last that uses them.
expect_status 0 modprobe -r kvm_amd
expect_not_loaded kvm_amd kvm klp_kvm_amd klp_kvm
expect_value "patches left" "" ls "$LIVEPATCH"
passed

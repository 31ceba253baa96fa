#!/bin/sh
# a patch that refuses a target is not taken from what else it serves

. /live/lib.sh
. /live/releases.sh

one_processor
own_tree
packages +klp_refuses
expect_status 0 klpdep sync
expect_status 0 modprobe klptest_red
expect_answers "vmlinux 1 0; red 1 0"
# The premise.
insert_fails klptest_gray

start_sampling /proc/version /sys/module/klptest_red/parameters/says
instance=$(stat -c %i "$LIVEPATCH/klp_refuses")
mark_log
expect_status 1 modprobe klptest_gray
expect_logged "klptest_gray.*klp_refuses"
expect_not_loaded klptest_gray
expect_value "instance" "$instance" stat -c %i "$LIVEPATCH/klp_refuses"
expect_patched klp_refuses klptest_red
expect_answers "vmlinux 1 0; red 1 0"
expect_status 0 klpdep sync
expect_nothing_to_do
expect_answers "vmlinux 1 0; red 1 0"
stop_sampling
expect_never_unpatched
passed

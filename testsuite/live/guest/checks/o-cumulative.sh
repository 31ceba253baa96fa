#!/bin/sh
# a cumulative patch: what it drops and evicts, a stranger, one by another loader

. /live/lib.sh
. /live/releases.sh

one_processor
own_tree
packages +klp_year_1 +klp_hotfix_gray
expect_status 0 modprobe -a klptest_red klptest_gray
expect_status 0 modprobe klptest_green
expect_order klp_year_1 klp_hotfix_gray
expect_value "answers in its init" "1 0" cat /sys/module/klptest_red/parameters/init_says
expect_answers "vmlinux 1 0; red 1 0; green 1 0; gray 7 0"
expect_nothing_to_do

start_sampling /proc/version /sys/module/klptest_red/parameters/says
# The next release has nothing for green.  It evicts the hotfix, which is put back.
packages +klp_year_5
expect_plan "insert klp_year_5 reload klp_hotfix_gray unload klp_year_1"
mark_log
expect_status 0 klpdep sync
expect_value "order" "+year_5 +hotfix_gray" transitions
expect_not_loaded klp_year_1
expect_answers "vmlinux 5 0; red 5 0; green 0 0; gray 7 0"
expect_nothing_to_do

# One that is no release of it, and would take all places.
packages +klp_stranger
expect_status 0 modprobe klptest_blue
expect_not_loaded klp_stranger
expect_value "state of klp_stranger" blocked state_column state klp_stranger
expect_value reason "klp_year_5 replaces all other patches, and is in effect" \
	state_column reason klp_stranger
expect_answers "vmlinux 5 0; red 5 0; green 0 0; blue 0 0; gray 7 0" 1
expect_plan "defer klp_stranger"
expect_status 0 klpdep sync
expect_not_loaded klp_stranger
packages -klp_stranger

# A later release comes by another loader.  Nobody goes back behind that.
by_hand klp_year_6
expect_answers "vmlinux 6 0; red 6 6; green 6 6; blue 6 0; gray 0 0" 1
expect_status 0 klpdep sync
expect_answers "vmlinux 6 0; red 6 6; green 6 6; blue 6 0; gray 7 0"
stop_sampling
expect_never_unpatched
expect_value "state of klp_year_5" blocked state_column state klp_year_5
expect_status 0 modprobe -r klptest_red
expect_status 0 modprobe klptest_red
expect_value "answers in its init" "6 6" cat /sys/module/klptest_red/parameters/init_says
expect_answers "vmlinux 6 0; red 6 6; green 6 6; blue 6 0; gray 7 0"
expect_plan "defer klp_year_5"

# The hotfix beside it is nothing that is wrong.
expect_findings 0 "note replace" "$RELEASES/klp_year_1.ko" "$RELEASES/klp_hotfix_gray.ko"
passed

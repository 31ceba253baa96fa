#!/bin/sh
# a vendor's year, from its reboot on: others' patches, and a release by another loader
# append: LIVE_BOOT=second

. /live/lib.sh
. /live/releases.sh

# The tree as o-year has left it; nothing was loaded in this boot.
[ ! -e /run/klpdep/inserted ] || fail "this is no new boot"
one_processor
own_tree
printf 'mask %s\n' klp_year_3 klp_year_4 >"$CONFIGURATION/masked.conf"
packages +klp_year_2 +klp_year_3 +klp_year_4 +klp_hotfix_gray
# As udev does; and then the service.
expect_status 0 modprobe klptest_gray
expect_status 0 modprobe -a klptest_red klptest_green klptest_blue
expect_status 0 klpdep sync
expect_answers "vmlinux 2 0; red 2 2; green 0 0; blue 0 0; gray 7 0"
expect_nothing_to_do
start_sampling /proc/version /sys/module/klptest_red/parameters/says

# Somebody tries a patch of theirs for a day.  The next release would evict it.
by_hand klp_foreign
packages +klp_year_5
mark_log
expect_status 0 klpdep sync
expect_logged "klp_year_5.*klp_foreign"
expect_answers "vmlinux 2 0; red 2 2; green 0 9; blue 0 0; gray 7 0" 1
expect_value "state of klp_year_5" blocked state_column state klp_year_5
take_out klp_foreign
expect_status 0 klpdep sync
expect_answers "vmlinux 5 0; red 5 0; green 0 0; blue 0 0; gray 7 0"
expect_not_loaded klp_year_2
stop_sampling
expect_never_unpatched

# Another loader has it now, and its file is gone; then comes the next release.
take_out klp_year_5
by_hand klp_year_5
start_sampling /proc/version /sys/module/klptest_red/parameters/says
packages +klp_year_6 -klp_year_5
expect_status 0 klpdep sync
expect_answers "vmlinux 6 0; red 6 6; green 6 6; blue 6 0; gray 7 0"
expect_nothing_to_do
stop_sampling
expect_never_unpatched
passed

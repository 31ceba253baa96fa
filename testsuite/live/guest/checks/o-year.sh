#!/bin/sh
# a vendor's year, to its reboot: releases, a hotfix, one masked, one rolled back
# main job

. /live/lib.sh
. /live/releases.sh

one_processor
own_tree
for color in red green gray; do
	insert klptest_$color
done
packages +klp_year_1
expect_status 0 klpdep sync
expect_answers "vmlinux 1 0; red 1 0; green 1 0; gray 0 0"
# From here on these are never unpatched.
start_sampling /proc/version /sys/module/klptest_red/parameters/says

# A hotfix for one object.
packages +klp_hotfix_gray
expect_status 0 klpdep sync
expect_answers "vmlinux 1 0; red 1 0; green 1 0; gray 7 0"

# Release 2 drops an object; the older one's file goes with the upgrade.
packages +klp_year_2 -klp_year_1
expect_status 0 klpdep sync
expect_answers "vmlinux 2 0; red 2 2; green 0 0; gray 7 0"
expect_value "patches" "klp_hotfix_gray klp_year_2 " sh -c "ls $LIVEPATCH | tr '\n' ' '"
expect_not_loaded klp_year_1

# Release 3 is masked before it comes.
expect_status 0 klpdep mask klp_year_3
packages +klp_year_3
insert klptest_blue
expect_status 0 klpdep sync
expect_answers "vmlinux 2 0; red 2 2; green 0 0; blue 0 0; gray 7 0"
expect_not_loaded klp_year_3

# Release 4 has more objects, and is rolled back.
packages +klp_year_4
expect_status 0 klpdep sync
expect_answers "vmlinux 4 4; red 4 0; green 4 0; blue 4 0; gray 7 0"
expect_status 0 klpdep mask klp_year_4
expect_answers "vmlinux 2 0; red 2 2; green 0 0; blue 0 0; gray 7 0"
expect_not_loaded klp_year_4
expect_nothing_to_do

stop_sampling
expect_never_unpatched
passed

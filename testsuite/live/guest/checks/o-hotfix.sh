#!/bin/sh
# hotfixes with numbers in their names: another fix is no later release; take-over
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh
. /live/releases.sh

one_processor
own_tree
packages +klp_hotfix_4711 +klp_hotfix_4712
# Somebody else has a patch of one of the functions.
by_hand klp_stated_1
expect_status 0 modprobe klptest_red
expect_answers "vmlinux 0 0; red 1 4712" 1
expect_value "state of klp_hotfix_4711" blocked state_column state klp_hotfix_4711
expect_plan "defer klp_hotfix_4711"
expect_status 0 klpdep sync --take-over
expect_answers "vmlinux 0 0; red 4711 4712"
expect_patched klp_stated_1 klptest_red
take_out klp_stated_1
expect_status 0 modprobe -r klptest_red
expect_not_loaded klp_hotfix_4711 klp_hotfix_4712

expect_status 0 modprobe klptest_red
expect_patched klp_hotfix_4711 klptest_red
expect_patched klp_hotfix_4712 klptest_red
expect_value "answers in its init" "4711 4712" \
	cat /sys/module/klptest_red/parameters/init_says
expect_answers "vmlinux 0 0; red 4711 4712"
expect_nothing_to_do

start_sampling /sys/module/klptest_red/parameters/says
# This one is a later release: it changes all that they do.
packages +klp_hotfix_4713
expect_plan "insert klp_hotfix_4713 unload klp_hotfix_4711 unload klp_hotfix_4712"
expect_status 0 klpdep sync
expect_not_loaded klp_hotfix_4711 klp_hotfix_4712
expect_answers "vmlinux 0 0; red 4713 4713"

# And back: both take its place.
expect_status 0 klpdep mask klp_hotfix_4713
expect_not_loaded klp_hotfix_4713
expect_answers "vmlinux 0 0; red 4711 4712"
stop_sampling
expect_never_unpatched

# That it might have been meant is said.
packages -klp_hotfix_4713
grep -q 'klp_hotfix_4712: does not change everything that klp_hotfix_4711 changes' "$OUTPUT" ||
	fail "klpdep depmod does not say it"
expect_findings 0 "warning uncovered"
passed

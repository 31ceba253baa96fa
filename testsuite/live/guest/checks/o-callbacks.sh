#!/bin/sh
# callbacks and klp_states: what a newer release has set stays, and no version goes down
# newest kernel

. /live/lib.sh
. /live/releases.sh

expect_set() {
	expect_value "what callbacks have set" "$1" cat /proc/sys/kernel/overflowuid
}

one_processor
own_tree
packages +klp_called_1
expect_status 0 modprobe klptest_red
expect_set 1

start_sampling /sys/module/klptest_red/parameters/says
# The older one would undo what the newer one sets: it stays beneath.
packages +klp_called_2
expect_plan "insert klp_called_2 keep klp_called_1"
expect_status 0 klpdep sync
expect_set 2
expect_loaded klp_called_1
expect_findings 0 "note unpatch-callbacks"
expect_answers "vmlinux 0 0; red 2 0"
expect_value "state of klp_called_1" superseded state_column state klp_called_1
expect_value reason "klp_called_2; stays beneath" state_column reason klp_called_1
expect_nothing_to_do

# Masked, it stays on top, since the other is there already; unless that is asked for.
mark_log
expect_status 1 klpdep mask klp_called_2
expect_logged "masked-stays: klp_called_2: .*unpatch callbacks"
expect_set 2
expect_value answers "vmlinux 0 0; red 2 0" answers
stop_sampling
expect_never_unpatched
expect_status 0 klpdep sync --reload
expect_not_loaded klp_called_2
expect_answers "vmlinux 0 0; red 1 0"
expect_status 0 klpdep unmask klp_called_2
expect_set 2
expect_answers "vmlinux 0 0; red 2 0"

# Both go with their target.
expect_status 0 modprobe -r klptest_red
expect_not_loaded klp_called_1 klp_called_2
expect_set 65534
packages -klp_called_1 -klp_called_2

# The kernel refuses a state of a lower version: of a later release,
packages +klp_stated_1 +klp_stated_2
expect_status 0 modprobe klptest_red
expect_not_loaded klp_stated_1
expect_answers "vmlinux 0 0; red 2 0"
packages +klp_stated_3
expect_status 1 insmod "$RELEASES/klp_stated_3.ko"
expect_status 0 klpdep sync
expect_answers "vmlinux 0 0; red 2 0" 1
expect_value "state of klp_stated_3" blocked state_column state klp_stated_3
expect_findings 1 "error state"
packages -klp_stated_3

# and of an older one, which is to come back.
mark_log
expect_status 1 klpdep mask klp_stated_2
expect_logged "klp_state"
expect_value answers "vmlinux 0 0; red 2 0" answers
expect_value "state of klp_stated_1" blocked state_column state klp_stated_1
expect_status 0 klpdep sync --reload
expect_not_loaded klp_stated_2
expect_answers "vmlinux 0 0; red 1 0"
passed

#!/bin/sh
# status of what klpdep leaves alone: foreign, masked and superseded patches
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh

one_processor
# klp_settle is for klptest_task as well.
configure "mask klp_dead" "mask klp_settle"

# One that is not in the tree.
insert klptest_task
release_task
insert klp_task
wait_settled klp_task
expect_state klptest_task klp_task yes yes yes no foreign
expect_status 0 klpdep status --check -q

insert klptest_dead
expect_state klptest_dead klp_dead no no no no masked
expect_status 0 klpdep status --check -q
insert klp_dead
wait_settled klp_dead
expect_state klptest_dead klp_dead yes yes yes no masked
expect_value reason "$CONFIGURATION/live.conf:1" state_column reason klp_dead

insert klp_upgrade_1
wait_settled klp_upgrade_1
insert klptest_upgrade
expect_state klptest_upgrade klp_upgrade_1 yes yes yes no superseded
expect_state klptest_upgrade klp_upgrade_2 no no no no unpatched
expect_status 1 klpdep status --check -q
expect_status 0 modprobe klp_upgrade_2
expect_state klptest_upgrade klp_upgrade_1 no no no no superseded
expect_state klptest_upgrade klp_upgrade_2 yes yes yes no patched
expect_status 0 klpdep status --check -q
passed

#!/bin/sh
# a newer patch comes in with its target, and takes an older one's place
# main job

. /live/lib.sh

start_upgrade
expect_status 0 rmmod klptest_upgrade
expect_status 0 modprobe klptest_upgrade
expect_order klp_upgrade_2 klptest_upgrade
expect_init_said klptest_upgrade "release 2"
expect_upgraded
passed

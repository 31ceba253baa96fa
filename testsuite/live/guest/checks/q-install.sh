#!/bin/sh
# modprobe's options and ways under policy require: the same but for what the manual names
# on one kernel: it is about modprobe

. /live/ways.sh

configure "policy zram require"
form install
ways zram
more_removals zram
all_the_same
# LIMITS: kmod does not look whether a module with a remove rule is there
expect_status 0 modprobe -r --first-time zram
passed

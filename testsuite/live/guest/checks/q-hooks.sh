#!/bin/sh
# modprobe's options and ways with hooks: the same as without klpdep's rules, but for the patches
# on one kernel: it is about modprobe

. /live/ways.sh

form hooks
ways zram
all_the_same
passed

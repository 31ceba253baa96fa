#!/bin/sh
# modprobe's options and ways, for a module that no patch is for: the same as without klpdep's rules
# on one kernel: it is about modprobe

. /live/ways.sh

form plain
ways 8021q
all_the_same
passed

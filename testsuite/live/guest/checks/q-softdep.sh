#!/bin/sh
# modprobe's options and ways for a target that has softdeps itself
# by its name: it takes two minutes

. /live/ways.sh

form softdep
ways klptest_soft
all_the_same
passed

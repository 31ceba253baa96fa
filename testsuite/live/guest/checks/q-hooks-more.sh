#!/bin/sh
# more of modprobe's options with hooks
# by its name: it takes three minutes

. /live/ways.sh

form hooks
more_ways zram
all_the_same
passed

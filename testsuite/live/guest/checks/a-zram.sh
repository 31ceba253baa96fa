#!/bin/sh
# modprobe zram: its patch is loaded first, its output is the patched one
# main job
# newest kernel

. /live/lib.sh

expect_not_loaded zram klp_zram
expect_status 0 modprobe zram
expect_order klp_zram zram
expect_patched klp_zram zram
expect_value "disksize" klptest cat /sys/block/zram0/disksize
# Other patches are there, for modules that are not: those stay out.
expect_value "livepatches" klp_zram ls "$LIVEPATCH"
passed

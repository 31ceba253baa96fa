#!/bin/sh
# a target with softdeps that nothing else loads: all loaded, in order, patched
# main job

. /live/lib.sh

expect_not_loaded klptest_soft klptest_softpre klptest_softpost klp_soft
expect_status 0 modprobe klptest_soft
expect_order klptest_softpre klptest_soft
expect_order klptest_soft klptest_softpost
expect_order klp_soft klptest_soft
expect_patched klp_soft klptest_soft
expect_init_said klptest_soft patched
expect_says klptest_soft patched
passed

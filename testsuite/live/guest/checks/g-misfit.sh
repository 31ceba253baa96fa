#!/bin/sh
# a patch that the kernel will not apply: policies warn and require
# main job

. /live/lib.sh

# The premise: with this patch enabled the kernel refuses the target.
insert klp_misfit
insert_fails klptest_misfit
expect_status 0 sh /live/clean

configure "policy klptest_misfit warn"
mark_log
expect_status 0 modprobe klptest_misfit
expect_loaded klptest_misfit
expect_says klptest_misfit original
expect_not_loaded klp_misfit
expect_logged "klp_misfit.*klptest_misfit|klptest_misfit.*klp_misfit"
expect_status 0 rmmod klptest_misfit

configure "policy klptest_misfit require"
mark_log
expect_status 1 modprobe klptest_misfit
expect_not_loaded klptest_misfit klp_misfit
expect_logged "klp_misfit.*klptest_misfit|klptest_misfit.*klp_misfit"
passed

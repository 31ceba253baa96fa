#!/bin/sh
# a patch that the kernel will not apply: known beforehand, or not; policies warn and require
# main job
# newest kernel

. /live/lib.sh

# The premise: with this patch enabled the kernel refuses the target.
insert klp_misfit
insert_fails klptest_misfit
expect_status 0 sh /live/clean

# klpdep depmod sees it, and so the patch is not loaded.
configure "policy klptest_misfit warn"
expect_status 0 modprobe klptest_misfit
expect_loaded klptest_misfit
expect_says klptest_misfit original
expect_not_loaded klp_misfit
expect_status 0 rmmod klptest_misfit

# It does not see it, say: modprobe fails, and sync loads the target that was asked for.
configure "policy klptest_misfit warn" "ignore klp_misfit no-symbol"
mark_log
expect_status 1 modprobe klptest_misfit
expect_not_loaded klptest_misfit
klpdep sync
expect_loaded klptest_misfit
expect_says klptest_misfit original
expect_not_loaded klp_misfit
expect_logged "klp_misfit.*klptest_misfit|klptest_misfit.*klp_misfit"
# From then on the patch goes in behind it.
expect_status 0 rmmod klptest_misfit
expect_status 0 modprobe klptest_misfit
expect_status 0 rmmod klptest_misfit

# Or the next modprobe does.
rm -r /run/klpdep/refused
expect_status 1 modprobe klptest_misfit
expect_status 0 modprobe klptest_misfit
expect_loaded klptest_misfit
expect_not_loaded klp_misfit
expect_status 0 rmmod klptest_misfit

# The helper is in charge of the target.
rm -r /run/klpdep/refused
configure "policy klptest_misfit require" "ignore klp_misfit no-symbol"
mark_log
expect_status 1 modprobe klptest_misfit
expect_not_loaded klptest_misfit klp_misfit
expect_logged "klp_misfit.*klptest_misfit|klptest_misfit.*klp_misfit"
passed

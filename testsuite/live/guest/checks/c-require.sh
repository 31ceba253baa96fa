#!/bin/sh
# a target with softdeps under policy require: with its patch or not at all
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh

configure "policy klptest_soft require"
expect_not_loaded klptest_soft klptest_softpre klptest_softpost klp_soft
expect_status 0 modprobe klptest_soft
expect_order klptest_softpre klptest_soft
expect_order klptest_soft klptest_softpost
expect_order klp_soft klptest_soft
expect_patched klp_soft klptest_soft
expect_init_said klptest_soft patched
expect_status 0 modprobe -r klptest_soft
expect_not_loaded klptest_soft klp_soft

# A softdep's failure is ignored by modprobe; the policy's must not be.
hide_module klp_soft
mark_log
expect_status 1 modprobe klptest_soft
expect_not_loaded klptest_soft klp_soft
expect_logged "klp_soft.*[Nn]o such file"
passed

#!/bin/sh
# a patch that declares that it requires another object's patch
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh

# By target.
expect_status 0 modprobe klptest_requirer
expect_order klp_required klp_requirer
expect_order klp_requirer klptest_requirer
expect_not_loaded klptest_required
expect_patched klp_requirer klptest_requirer
expect_value "klp_required enabled" 1 cat "$LIVEPATCH/klp_required/enabled"

# It stays while it is required.
expect_status 0 modprobe klptest_required
expect_patched klp_required klptest_required
expect_status 0 modprobe -r klptest_required
expect_loaded klp_required
expect_status 0 modprobe -r klptest_requirer
expect_not_loaded klptest_requirer klp_requirer
expect_status 0 sh /live/clean

# By name: modules.dep says nothing of it.
expect_status 0 modprobe klp_requirer
expect_order klp_required klp_requirer
expect_not_loaded klptest_required klptest_requirer
passed

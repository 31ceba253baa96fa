#!/bin/sh
# a patch whose init fails: policies warn and require
# on one kernel: it is about what the helper does

. /live/lib.sh

# The premise.
insert_fails klp_badinit

configure "policy klptest_badinit warn"
mark_log
expect_status 0 modprobe klptest_badinit
expect_loaded klptest_badinit
expect_says klptest_badinit original
expect_not_loaded klp_badinit
# The init's own error (ENOTNAM), not modprobe's "Invalid argument".
expect_logged "klp_badinit.*XENIX named type file"
expect_status 0 rmmod klptest_badinit

configure "policy klptest_badinit require"
mark_log
expect_status 1 modprobe klptest_badinit
expect_not_loaded klptest_badinit klp_badinit
expect_logged "klp_badinit.*XENIX named type file"
passed

#!/bin/sh
# a patch whose file has gone: policies warn and require
# on one kernel: it is about what the helper does

. /live/lib.sh

configure "policy klptest_gone warn"
hide_module klp_gone
mark_log
expect_status 0 modprobe klptest_gone
expect_loaded klptest_gone
expect_says klptest_gone original
expect_logged "klp_gone.*[Nn]o such file"
expect_status 0 rmmod klptest_gone

restore_modules
configure "policy klptest_gone require"
hide_module klp_gone
mark_log
expect_status 1 modprobe klptest_gone
expect_not_loaded klptest_gone
expect_logged "klp_gone.*[Nn]o such file"

# With the file back, the same policy lets the target in: it was the file.
restore_modules
expect_status 0 modprobe klptest_gone
expect_patched klp_gone klptest_gone
passed

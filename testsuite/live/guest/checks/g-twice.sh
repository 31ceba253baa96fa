#!/bin/sh
# a patch that has a function twice: not tried again, and it is said; the target comes
# newest kernel

. /live/lib.sh

# Its own init fails, with EEXIST, and in Linux 7 with EBUSY: as if another was in transition.
add_to_tree klp_predict_twice
mark_log
expect_status 0 modprobe klptest_predict
expect_loaded klptest_predict
expect_not_loaded klp_predict_twice
log_since_mark >/tmp/log
expect_value "tries" 1 grep -c \
	"sysfs: cannot create duplicate filename '/kernel/livepatch/klp_predict_twice/" /tmp/log
expect_logged "patch klp_predict_twice was not loaded: it has an object or a function twice"
passed

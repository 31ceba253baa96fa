#!/bin/sh
# unload: patches by name, known and foreign; not what is required
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh

expect_status 0 modprobe klptest_requirer
expect_status 1 klpdep unload klp_required
expect_value "messages" "klpdep unload: unload-failed: klp_required: could not be unloaded:\
 klp_requirer requires it" cat "$OUTPUT"
expect_patched klp_requirer klptest_requirer
mark_log
expect_status 0 klpdep unload klp_required klp_requirer
expect_not_loaded klp_required klp_requirer
expect_loaded klptest_requirer
expect_logged 'unloaded: klp_requirer: unloaded' 'unloaded: klp_required: unloaded'

# The kernel's log is all that other helpers' checks know of it.
insert klptest_task
insert klp_task
expect_value "klp_task transition" 1 cat "$LIVEPATCH/klp_task/transition"
expect_status 0 klpdep unload klp-task # one in transition is reversed
expect_not_loaded klp_task
expect_status 1 klpdep unload klp_task klptest_task
expect_value "messages" "klpdep unload: unload-failed: klp_task: could not be unloaded: it is\
 not loaded
klpdep unload: unload-failed: klptest_task: could not be unloaded: it is not a livepatch" \
	cat "$OUTPUT"
expect_loaded klptest_task
# It is a target of a patch in the tree as well.
release_task
expect_status 0 rmmod klptest_task

# What is unloaded comes back, unless it is masked.
expect_status 0 klpdep sync
expect_patched klp_requirer klptest_requirer
configure "mask klp_requirer"
expect_status 0 klpdep unload klp_requirer
expect_status 0 klpdep sync
expect_not_loaded klp_requirer
passed

#!/bin/sh
# disabling a patch stalls, and is forced: tasks are named, and nothing waits for it
# append: LIVE_BOOT=second

. /live/lib.sh

add_to_tree klp_forced
# klp_settle would replace the same function.
configure "retry-timeout 3" "mask klp_settle"
expect_status 0 modprobe klptest_task hold=N
expect_patched klp_forced klptest_task
sleep 0.5	# the task is in the replacement then

# Unloading waits for five seconds at least.
start=$(now)
mark_log
expect_status 1 klpdep unload klp_forced
expect_duration "$start" 5 40
expect_logged "unload-failed: klp_forced: .* does not finish, held up by klptest_task\["

mark_log
echo 1 >"$LIVEPATCH/klp_forced/force" || fail "the transition was over already"
echo klp_forced >/tmp/pinned
expect_status 1 klpdep unload klp_forced
forced="it was disabled by force"
expect_logged "unload-failed: klp_forced: could not be unloaded: $forced"
# The premise: it is the kernel that does not let it go.
expect_status 1 rmmod klp_forced

# Neither the target's removal nor its loading waits for it.
mark_log
start=$(now)
expect_status 0 modprobe -r klptest_task
expect_status 0 modprobe klptest_task hold=N
expect_logged "unload-failed: klp_forced: could not be unloaded: $forced" \
	"patch-failed: klptest_task: patch klp_forced was not loaded: $forced"
expect_status 0 modprobe -r klptest_task
configure "policy klptest_task require" "mask klp_settle"
expect_status 1 modprobe klptest_task hold=N
expect_duration "$start" 0 30	# ten seconds each, where it did wait
expect_not_loaded klptest_task
passed

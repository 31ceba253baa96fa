#!/bin/sh
# kernel.ftrace_enabled=0: no patch is tried, the target comes, and sync patches it afterwards
# on one kernel: the newest one cannot be told so any more ("no longer disables ftrace")

. /live/lib.sh
. /live/refusals.sh

SYSCTL=/proc/sys/kernel/ftrace_enabled
WHY="kernel.ftrace_enabled is 0, and so the kernel patches nothing"

configure "policy klptest_busy require"
trap 'echo 1 >$SYSCTL' EXIT
echo 0 >$SYSCTL || fail "ftrace cannot be switched off"

# The premise: the kernel takes the patch, and then refuses what it is for.
insert klp_dead
wait_settled klp_dead
insert_fails klptest_dead
expect_status 0 klpdep unload klp_dead

mark_log
expect_status 0 modprobe klptest_init
expect_not_loaded klp_init
expect_says klptest_init original
expect_value "tries" 0 tries klp_init
expect_line klptest_init "patch klp_init was not loaded: $WHY"
expect_refusal klptest_init klp_init ftrace "$WHY"
expect_status 1 klpdep status --check -q
expect_status 1 klpdep sync
expect_status 1 modprobe -q klptest_busy
expect_not_loaded klptest_busy klp_busy

echo 1 >$SYSCTL
expect_status 0 klpdep sync
expect_patched klp_init klptest_init
expect_no_refusal klp_init
expect_status 0 modprobe klptest_busy
expect_patched klp_busy klptest_busy
passed

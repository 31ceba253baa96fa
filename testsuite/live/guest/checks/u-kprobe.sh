#!/bin/sh
# somebody else has a function's ftrace entry: tried once, and the kernel's words for it
# newest kernel

. /live/lib.sh
. /live/refusals.sh

WHY="livepatch: failed to register ftrace handler for function 'klptest_init_answer' (-16)"
[ -e /sys/kernel/tracing/enabled_functions ] || mount -t tracefs tracefs /sys/kernel/tracing ||
	fail "no tracefs"
insert klptest_init

# A kprobe without a post handler is in nobody's way.
expect_status 0 insmod "$(plain_file klptest_kprobe)" symbol=klptest_init_answer
expect_status 0 klpdep verify -q klp_init
expect_status 0 klpdep sync
expect_patched klp_init klptest_init
expect_status 0 klpdep verify -q klp_init
expect_value "findings" "" klpdep verify --raw --noheadings -o code klp_init
expect_status 0 klpdep unload klp_init
expect_status 0 rmmod klptest_kprobe

expect_status 0 insmod "$(plain_file klptest_kprobe)" symbol=klptest_init_answer post=1
expect_value "findings" "warning ftrace-busy klptest_init klptest_init_answer" \
	klpdep verify --raw --noheadings -o severity,code,object,subject klp_init
mark_log
expect_status 1 klpdep sync
expect_not_loaded klp_init
expect_value "tries" 1 tries klp_init
expect_line klptest_init "patch klp_init was not loaded: $WHY"
expect_refusal klptest_init klp_init ftrace "$WHY"

# It has gone: so has the reason, once the patch is in.
expect_status 0 rmmod klptest_kprobe
expect_value "findings" "" klpdep verify --raw --noheadings -o code klp_init
expect_status 0 klpdep sync
expect_patched klp_init klptest_init
expect_no_refusal klp_init
expect_status 0 klpdep unload klp_init
expect_no_refusal klp_init
passed

#!/bin/sh
# klpdep=off: modules load as ever, without patches
# append: klpdep=off
# on one kernel: it is about what the helper does
# main job

. /live/lib.sh

# The premise: klpdep is there, and so are its rules.
grep -qw 'klpdep=off' /proc/cmdline || fail "klpdep=off is not on the command line"
[ -n "$(rules)" ] || fail "there are no rules"

expect_status 0 modprobe klptest_init 'arg="two words"'
expect_says klptest_init original
expect_value "arg" "two words" cat /sys/module/klptest_init/parameters/arg
# One of those that a softdep line is written for.
expect_status 0 modprobe klptest_soft
expect_loaded klptest_softpre klptest_softpost
expect_says klptest_soft original
expect_status 0 modprobe kvm_amd
expect_value "a new machine" created /live/kvm-create-vm
! grep ^klp_ /proc/modules || fail "a patch was loaded"
expect_status 0 modprobe -r kvm_amd
expect_not_loaded kvm_amd kvm
passed

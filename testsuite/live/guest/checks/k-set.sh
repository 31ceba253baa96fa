#!/bin/sh
# two releases of a set: the newer one takes a patch's place, where it has one
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh

states() {
	klpdep list --raw --noheadings -o patch,state | grep '^klp_fix' | sort
}

plan() {
	klpdep plan --raw --noheadings -o module klptest_setx
}

# The first release is all there is.
hide_module klp_fix2__setx
refresh_tree
expect_value "states" "klp_fix1__setx active
klp_fix1__sety active" states
expect_status 0 modprobe -a klptest_setx klptest_sety
expect_patched klp_fix1__setx klptest_setx
expect_patched klp_fix1__sety klptest_sety

# The second comes, with nothing for sety.
restore_modules
refresh_tree
expect_value "states" "klp_fix1__setx superseded
klp_fix1__sety active
klp_fix2__setx active" states
expect_value "plan" klp_fix2__setx plan

# What is loaded is left alone; what is loaded anew is of the second release.
expect_patched klp_fix1__setx klptest_setx
expect_status 0 modprobe -r klptest_setx
expect_not_loaded klp_fix1__setx klptest_setx
expect_value "plan" "klp_fix2__setx
klptest_setx" plan
expect_status 0 modprobe klptest_setx
expect_patched klp_fix2__setx klptest_setx
expect_init_said klptest_setx patched
expect_not_loaded klp_fix1__setx
expect_patched klp_fix1__sety klptest_sety
passed

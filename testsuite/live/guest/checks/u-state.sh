#!/bin/sh
# a klp_state of a patch that klpdep knows nothing of: the kernel's words for it
# newest kernel

. /live/lib.sh
. /live/releases.sh
. /live/refusals.sh

WHY="livepatch: Livepatch patch (klp_stated_1) is not compatible with the already installed \
livepatches."
own_tree
by_hand klp_stated_alien
packages +klp_stated_1
mark_log
expect_status 0 modprobe klptest_red
expect_not_loaded klp_stated_1
expect_line klptest_red "patch klp_stated_1 was not loaded: $WHY"
expect_refusal klptest_red klp_stated_1 state "$WHY"
take_out klp_stated_alien
expect_status 0 klpdep sync
expect_patched klp_stated_1 klptest_red
expect_no_refusal klp_stated_1
passed

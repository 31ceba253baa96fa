#!/bin/sh
# a newer patch, loaded by name, takes an older one's place: never unpatched meanwhile

. /live/lib.sh

start_upgrade
mark_log
start_sampling
sleep 1
expect_status 0 modprobe klp_upgrade_2
sleep 1
stop_sampling
expect_samples 100 "release 1"
expect_samples 100 "release 2"
expect_value "kinds of answers" 2 sh -c "wc -l </tmp/samples"
expect_upgraded
expect_logged "klp_upgrade_2: took the place of klp_upgrade_1, which was unloaded"

# The same by hand and the wrong way round: the sampler would have seen it.
start_sampling
echo 0 >"$LIVEPATCH/klp_upgrade_2/enabled"
wait_for 60 test ! -e "$LIVEPATCH/klp_upgrade_2" || fail "klp_upgrade_2 is still enabled"
sleep 1
stop_sampling
expect_samples 100 "original"
passed

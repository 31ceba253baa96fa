#!/bin/sh
# sync: patches that are installed while the machine runs, one of them for the kernel itself
# main job

. /live/lib.sh

hide_module klp_upgrade_2
refresh_tree
expect_status 0 modprobe klptest_upgrade
expect_patched klp_upgrade_1 klptest_upgrade
expect_says klptest_upgrade "release 1"
expect_status 0 modprobe klptest_init
expect_status 0 klpdep sync -n
expect_value "what is to be done" "nothing to do" cat "$OUTPUT"
version=$(cat /proc/version)

restore_modules
install_patch /live/predict/klp_predict_vmlinux.ko
refresh_tree
mark_log
start_sampling
expect_status 0 klpdep sync -n --raw --noheadings -o action,module
expect_value "what is to be done" \
	"insert klp_predict_vmlinux insert klp_upgrade_2 unload klp_upgrade_1 " \
	sh -c "tr '\n' ' ' <$OUTPUT"
expect_status 0 klpdep sync
stop_sampling
# never neither of the two releases
expect_value "kinds of answers" 2 sh -c "wc -l </tmp/samples"
expect_samples 1 "release 1"
expect_patched klp_upgrade_2 klptest_upgrade
expect_says klptest_upgrade "release 2"
expect_not_loaded klp_upgrade_1
expect_patched klp_init klptest_init
expect_value "klp_predict_vmlinux transition" 0 \
	cat "$LIVEPATCH/klp_predict_vmlinux/transition"
[ "$(cat /proc/version)" != "$version" ] || fail "the kernel itself is not patched"
expect_logged 'patch-loaded: klp_predict_vmlinux: loaded \(patch of vmlinux\)' \
	'patch-loaded: klp_upgrade_2: loaded \(patch of klptest_upgrade\)' \
	'replaced: klp_upgrade_2: took the place of klp_upgrade_1, which was unloaded'
expect_status 0 klpdep sync -n
expect_value "what is left to do" "nothing to do" cat "$OUTPUT"
passed

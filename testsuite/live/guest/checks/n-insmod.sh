#!/bin/sh
# sync: a target that came in by insmod is patched, and no target is loaded
# main job

. /live/lib.sh

insert klptest_init
expect_says klptest_init original
mark_log
expect_status 0 klpdep sync -n --raw --noheadings -o action,module,reason
expect_value "what sync would do" 'insert klp_init patch\x20of\x20klptest_init' cat "$OUTPUT"
expect_not_loaded klp_init
expect_status 0 klpdep sync
expect_value "what sync says" "" cat "$OUTPUT"
expect_patched klp_init klptest_init
expect_says klptest_init patched
expect_init_said klptest_init original
expect_logged 'patch-loaded: klp_init: loaded \(patch of klptest_init\)'
expect_value "modules" "klp_init klptest_init " \
	sh -c "cut -d ' ' -f 1 /proc/modules | grep klp | sort | tr '\n' ' '"

# And what is dead is loaded anew.
echo 0 >"$LIVEPATCH/klp_init/enabled"
wait_for 60 test ! -e "$LIVEPATCH/klp_init" || fail "klp_init is still enabled"
expect_says klptest_init original
expect_status 0 klpdep sync -n --raw --noheadings -o action,module
expect_value "what sync would do" "reload klp_init" cat "$OUTPUT"
expect_status 0 klpdep sync
expect_patched klp_init klptest_init
expect_says klptest_init patched
expect_status 0 klpdep sync -n
expect_value "what is left to do" "nothing to do" cat "$OUTPUT"
passed

#!/bin/sh
# another build under the same name: told by build-id, loaded when that is asked for
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh
. /live/releases.sh

FILE=/lib/modules/$(uname -r)/livepatch/klp_rebuilt.ko
INDEX=/lib/modules/$(uname -r)/modules.klpdep

# The premise: nothing but the build-id tells them apart.
for build in a b; do
	expect_value "srcversion of build $build" "" \
		modinfo -F srcversion "$RELEASES/klp_build_$build.ko"
done

one_processor
own_tree
echo "$FILE" >>/tmp/installed
cp "$RELEASES/klp_build_a.ko" "$FILE"
refresh_tree
expect_status 0 modprobe klptest_green
expect_patched klp_rebuilt klptest_green
expect_answers "vmlinux 0 0; green 1 0"

cp "$INDEX" /tmp/index
cp "$RELEASES/klp_build_b.ko" "$FILE"
refresh_tree
expect_status 1 cmp -s "$INDEX" /tmp/index
expect_state klptest_green klp_rebuilt yes yes yes no unpatched
expect_value reason "another build of it is loaded" state_column reason klp_rebuilt
mark_log
expect_status 1 klpdep sync
expect_logged "other-build: klp_rebuilt"
expect_answers "vmlinux 0 0; green 1 0" 1
expect_status 0 klpdep sync --reload
expect_patched klp_rebuilt klptest_green
expect_answers "vmlinux 0 0; green 2 0"
expect_nothing_to_do
passed

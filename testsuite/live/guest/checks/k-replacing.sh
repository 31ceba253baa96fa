#!/bin/sh
# replace: verify says what it does to the others, and the kernel does that
# newest kernel

. /live/lib.sh

replacing=$(module_file klp_replacing)
expect_status 0 klpdep verify --raw --noheadings -o severity,code,patch "$replacing"
grep -qx 'note replace klp_replacing' "$OUTPUT" || fail "verify does not say so"

expect_status 0 modprobe klptest_init
expect_patched klp_init klptest_init
insert klptest_replacing
insert klp_replacing
wait_for 60 test ! -e "$LIVEPATCH/klp_init" || fail "klp_init was not evicted"
wait_for 60 grep -qx 0 "$LIVEPATCH/klp_replacing/transition" || fail "still in transition"
expect_patched klp_replacing klptest_replacing
expect_says klptest_replacing patched
expect_says klptest_init original
passed

#!/bin/sh
# mask, unmask, and an older release that came after the newer one: never unpatched
# newest kernel

. /live/lib.sh

one_processor
start_upgrade
expect_status 0 modprobe klp_upgrade_2
expect_upgraded
start_sampling

# Rolled back.
expect_status 0 klpdep mask klp_upgrade_2
expect_patched klp_upgrade_1 klptest_upgrade
expect_says klptest_upgrade "release 1"
expect_not_loaded klp_upgrade_2
expect_state klptest_upgrade klp_upgrade_2 no no no no masked
expect_status 0 klpdep status --check -q

# And forth again.
expect_status 0 klpdep unmask klp_upgrade_2
expect_upgraded
expect_status 0 klpdep status --check -q

# The older release is enabled last, and so is in effect.
instance=$(stat -c %i "$LIVEPATCH/klp_upgrade_2")
insert klp_upgrade_1
wait_settled klp_upgrade_1
expect_says klptest_upgrade "release 1"
case $(uname -r) in
6.1.* | 6.12.*)
	expect_value stack_order "" find "$LIVEPATCH/klp_upgrade_1" -name stack_order;;
*)
	expect_value stack_order "3 2" sh -c \
		"cat $LIVEPATCH/klp_upgrade_[12]/stack_order | tr '\n' ' ' | sed 's/ $//'";;
esac
expect_state klptest_upgrade klp_upgrade_2 yes yes yes no overridden
expect_value reason klp_upgrade_1 state_column reason klp_upgrade_2
expect_status 1 klpdep status --check -q
expect_status 0 klpdep sync
expect_upgraded
expect_value "instance" "$instance" stat -c %i "$LIVEPATCH/klp_upgrade_2"
expect_status 0 klpdep status --check -q

stop_sampling
expect_samples 100 "release 1"
expect_samples 100 "release 2"
expect_value "kinds of answers" 2 sh -c "wc -l </tmp/samples"
passed

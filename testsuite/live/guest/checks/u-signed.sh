#!/bin/sh
# a kernel that takes signed modules only: verify says it, and then the kernel
# append: module.sig_enforce=1

. /live/lib.sh
. /live/refusals.sh

WHY="Loading of unsigned module is rejected"
expect_value "sig_enforce" Y cat /sys/module/module/parameters/sig_enforce
expect_status 1 klpdep verify --raw --noheadings -o severity,code,message klp_zram
expect_value "findings" "error unsigned it has no signature, and the running kernel takes only \
signed modules (module.sig_enforce): sign it" sh -c "sed 's/\\\\x20/ /g' $OUTPUT"
# The kernel's own modules are signed.
mark_log
expect_status 0 modprobe zram
expect_not_loaded klp_zram
expect_line zram "patch klp_zram was not loaded: $WHY"
expect_refusal zram klp_zram signature "$WHY"
passed

#!/bin/sh
# vermagic, a CRC, a stalled task, a file that has gone: what status, metrics and log say
# newest kernel

. /live/lib.sh
. /live/refusals.sh

# ---- vermagic, and the CRC of a symbol
install_patch "$(find /live/predict -name 'klp_predict_vermagic_flags.ko*')"
add_to_tree klp_predict_plain
kernel=$(modinfo -F vermagic "$(module_file klptest_init)")
patch=$(modinfo -F vermagic "$(find /live/predict -name 'klp_predict_vermagic_flags.ko*')")
mark_log
rm "/lib/modules/$(uname -r)/livepatch/klp_predict_plain.ko"
expect_status 0 modprobe klptest_predict
expect_refusal klptest_predict klp_predict_vermagic_flags vermagic \
	"klp_predict_vermagic_flags: version magic '$patch' should be '$kernel'"
expect_refusal klptest_predict klp_predict_plain missing \
	"/lib/modules/$(uname -r)/livepatch/klp_predict_plain.ko: No such file or directory"
log_since_mark | sed -n 's/^\[[^]]*\] //; s/^klpdep: patch-failed: //p' | sort >/tmp/log
expect_value "log" "klptest_predict: patch klp_predict_plain was not loaded: \
/lib/modules/$(uname -r)/livepatch/klp_predict_plain.ko: No such file or directory
klptest_predict: patch klp_predict_vermagic_flags was not loaded: \
klp_predict_vermagic_flags: version magic '$patch' should be '$kernel'" cat /tmp/log
expect_status 0 rmmod klptest_predict
expect_status 0 depmod

if [ -e /live/predict/klp_predict_crc_module.ko ]; then
	add_to_tree klp_predict_crc_module
	why="klp_predict_crc_module: disagrees about version of symbol predhelp_answer"
	expect_status 0 modprobe klptest_predict
	expect_refusal klptest_predict klp_predict_crc_module symbol "$why"
	expect_status 0 rmmod klptest_predict
fi

# ---- a task that holds up another patch's transition
configure "retry-timeout 4"
stall_other_patch
mark_log
expect_status 0 modprobe klptest_busy
task=$(grep -lx klptest_task /proc/[0-9]*/comm | cut -d / -f 3)
why="the transition of klp_task does not finish, held up by klptest_task[$task]"
expect_line klptest_busy "patch klp_busy was not loaded: $why; it is left to klpdep sync"
expect_refusal klptest_busy klp_busy busy "$why"
release_task
wait_settled klp_task
expect_status 0 klpdep sync
expect_patched klp_busy klptest_busy
expect_no_refusal klp_busy
passed

#!/bin/sh
# a target comes again while its patch, which has klp relocations, stays loaded
# newest kernel

. /live/lib.sh

one_processor
add_to_tree klp_predict_rela
configure "unload klptest_predict no"
expect_status 0 modprobe klptest_predict
expect_patched klp_predict_rela klptest_predict
expect_status 0 modprobe -r klptest_predict
expect_not_loaded klptest_predict
expect_loaded klp_predict_rela

# The premise: before Linux 6.3 the kernel refuses the target.
insert klptest_predhelp
case $(uname -r) in
6.1.*)	insert_fails klptest_predict; reloads=yes;;
*)	insert klptest_predict; expect_status 0 rmmod klptest_predict; reloads=no;;
esac
expect_status 0 rmmod klptest_predhelp

for policy in warn require; do
	configure "unload klptest_predict no" "policy klptest_predict $policy"
	mark_log
	expect_status 0 modprobe klptest_predict
	expect_patched klp_predict_rela klptest_predict
	expect_value "patched functions" 1 \
		grep -cx patched /sys/module/klptest_predict/parameters/says
	if [ $reloads = yes ]; then
		expect_logged "patch-reloaded: klptest_predict: .* klp_predict_rela"
	else
		expect_not_logged "patch-reloaded"
	fi
	expect_status 0 modprobe -r klptest_predict
	expect_loaded klp_predict_rela
done
passed

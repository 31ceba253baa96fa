#!/bin/sh
# verify and the kernel agree: names of objects and functions
# newest kernel

. /live/lib.sh
. /live/predict.sh

predict_begin
longest=klptest_this_module_has_the_longest_name_the_kernel_can
cp "$(plain_file $longest)" /tmp/$longest.ko
predict_for $longest \
	name55		-			works		works
predict name56		bad-name		EINVAL		EINVAL
predict noname		unreadable		EINVAL		EINVAL

predict func511		-			works		works
predict func512		bad-name,no-symbol	EINVAL		EINVAL
predict func0		unreadable		EINVAL		target:EINVAL

predict unknown		absent			unapplied	unapplied
predict dash		unknown-object		unapplied	unapplied
predict ending		unknown-object		unapplied	unapplied
predict path		unknown-object		unapplied	unapplied
predict builtin		builtin-object		unapplied	unapplied
# Not the kernel itself, but a module of that name.
predict named_vmlinux	unknown-object		unapplied	unapplied

# A function twice, and an object twice.
case $(uname -r) in
6.*)	error=EEXIST;;
*)	error=EBUSY;;
esac
predict twice		duplicate		$error		$error
predict objects		duplicate		$error		$error
predict_end
passed

#!/bin/sh
# verify and the kernel agree: vermagic and CRCs
# newest kernel

. /live/lib.sh
. /live/predict.sh

predict_begin
predict vermagic_flags		vermagic	ENOEXEC	ENOEXEC
predict import			-		works	works
if [ -e /live/predict/klp_predict_crc_module.ko ]; then
	# Where there are CRCs, the kernel does not compare the release, which is what matters
	# here.
	predict vermagic_release	release		works	works
	predict crc_module		crc		EINVAL	EINVAL
	# Each module has the CRC of module_layout, which is another in another kernel.
	predict crc_vmlinux		crc		ENOEXEC	ENOEXEC
else
	# Debian's 7.3 has none.
	predict vermagic_release	vermagic	ENOEXEC	ENOEXEC
fi
predict_end
passed

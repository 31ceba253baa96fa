#!/bin/sh
# verify and the kernel agree: vermagic and CRCs

. /live/lib.sh
. /live/predict.sh

predict_begin
# Where there are CRCs, the kernel does not compare the release, which is what matters here.
predict vermagic_release	release		works	works
predict vermagic_flags		vermagic	ENOEXEC	ENOEXEC

predict import			-		works	works
predict crc_module		crc		EINVAL	EINVAL
# Each module has the CRC of module_layout, which is another in another kernel.
predict crc_vmlinux		crc		ENOEXEC	ENOEXEC
predict_end
passed

#!/bin/sh
# verify and the kernel agree: klp relocations
# newest kernel

. /live/lib.sh
. /live/predict.sh

predict_begin
predict rela			-		works	works
predict rela_nosym		klp-symbol	EINVAL	target:EINVAL
predict rela_twin0		klp-symbol	EINVAL	target:EINVAL
predict rela_twin2		-		works	works
predict rela_twin3		klp-symbol	EINVAL	target:EINVAL

# Symbols of another module than the patched one, which depends on it, or does not.
predict rela_helper		-		works	works
predict rela_stranger		klp-symbol	EINVAL	target:EINVAL

# A section for vmlinux: relocated when the patch is loaded.
predict rela_vmlinux		-		works	works
predict rela_vmlinux_nosym	klp-symbol	EINVAL	EINVAL
predict rela_inside		klp-symbol	works	EINVAL
predict rela_misplaced		klp-symbol	EINVAL	target:EINVAL
predict_end
passed

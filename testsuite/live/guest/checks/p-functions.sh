#!/bin/sh
# verify and the kernel agree: functions, and which of one name
# newest kernel

. /live/lib.sh
. /live/predict.sh

predict_begin
predict plain		-			works	works

predict nosym		no-symbol		EINVAL	target:EINVAL
predict vmlinux		-			works	works
predict vmlinux_nosym	no-symbol		EINVAL	EINVAL
predict notrace		untraceable		EINVAL	target:EINVAL

predict plain1		-			works	works
predict plain2		ambiguous-symbol	EINVAL	target:EINVAL
predict twin0		ambiguous-symbol	EINVAL	target:EINVAL
predict twin1		-			works	works
predict twin2		-			works	works
predict twin3		ambiguous-symbol	EINVAL	target:EINVAL
# The kernel counts variables, and what is in init sections until these are gone.
predict namesake0	ambiguous-symbol	EINVAL	target:EINVAL
predict namesake1	-			works	works
predict early0		ambiguous-symbol	works	target:EINVAL
predict early1		-			works	works
predict_end
passed

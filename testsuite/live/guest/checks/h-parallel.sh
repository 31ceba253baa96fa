#!/bin/sh
# four patched modules at once: all loaded, all patched, none twice

. /live/lib.sh

# load TARGET: in the background; its exit status goes to a file.
load() {
	(
		modprobe "$1" >"/tmp/$1.out" 2>&1
		echo $? >"/tmp/$1.status"
	) &
}

load zram
load klptest_init
load klptest_alias
load klptest_soft
wait
for target in zram klptest_init klptest_alias klptest_soft; do
	cat "/tmp/$target.out"
	expect_value "$target: exit status" 0 cat "/tmp/$target.status"
	expect_value "$target: messages" "" cat "/tmp/$target.out"
	expect_order "klp_${target#klptest_}" "$target"
	expect_patched "klp_${target#klptest_}" "$target"
done
expect_init_said klptest_init patched
expect_init_said klptest_alias patched
expect_init_said klptest_soft patched
expect_order klptest_softpre klptest_soft
passed

#!/bin/sh
# a target loaded and removed up to a hundred times: patch and target come and go

. /live/lib.sh

# A hundred times where transitions are over at once; on 6.12 each takes a second all the
# same, and there are two a round.
one_processor
case $(uname -r) in
6.12.*)	rounds=10;;
*)	rounds=100;;
esac
helper=$(helper)
files() {
	find /run /etc /var /tmp -type f | sed 's,budget/.*,budget/N,' | sort | tr '\n' ' '
}

# What modprobe's rules run, to save time, and every tenth time modprobe itself.
load() {
	case $1 in
	*0)	modprobe klptest_init;;
	*)	"$helper" klptest_init "";;
	esac
}

remove() {
	case $1 in
	*0)	modprobe -r klptest_init;;
	*)	"$helper" --remove klptest_init;;
	esac
}

once() {
	load "$1" >"$OUTPUT" 2>&1 || fail "load $1: $(cat "$OUTPUT")"
	read -r patched <"$LIVEPATCH/klp_init/klptest_init/patched"
	read -r transition <"$LIVEPATCH/klp_init/transition"
	read -r said </sys/module/klptest_init/parameters/init_says
	[ "$patched $transition $said" = "1 0 patched" ] ||
		fail "load $1: $patched $transition $said"
	remove "$1" >"$OUTPUT" 2>&1 || fail "removal $1: $(cat "$OUTPUT")"
	for patch in "$LIVEPATCH"/*; do
		[ ! -e "$patch" ] || fail "removal $1 leaves $patch"
	done
	while read -r module _; do
		fail "removal $1 leaves $module"
	done </proc/modules
}

round=1
once 0
once $round
files=$(files)
while [ $round -lt $rounds ]; do
	round=$((round + 1))
	once $round
done
# Nothing grows.
expect_value "files" "$files" files
expect_value "size of the lock" 0 stat -c %s /run/klpdep.lock
passed

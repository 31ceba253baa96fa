#!/bin/sh
# an unpatched module: modprobe's system calls are those without klpdep
# on one kernel: it is about modprobe

. /live/lib.sh

RULES=$(rules)
[ -n "$RULES" ] || fail "there are no rules"

# A regular expression of the rule files' names: zz-klpdep\.conf|klpdep-softdep\.conf
NAMES=$(echo "$RULES" | sed 's/.*\///; s/\./\\./g' | tr '\n' '|' | sed 's/|$//')
READING='(openat|newfstatat|fstat|fcntl|read|close)\('

# The system calls of `modprobe $1`, without what differs from run to run.  Memory is
# left out: how much of it modprobe takes depends on how many rules it has read.
trace() {
	expect_status 0 strace -f -y -o /tmp/strace "$(command -v modprobe)" "$1"
	expect_loaded "$1"
	sed -E 's/^[0-9]+ +//; /^(brk|mmap|munmap|mremap)\(/d
		s/0x[0-9a-f]+/ADDRESS/g
		s/^(getrandom|set_tid_address|rseq)\(.*/\1/
		s/^getdents64\(([^,]*\/modprobe\.d>).*/getdents64(\1/
		/modprobe\.d/s/st_size=[0-9]+/st_size=SIZE/' /tmp/strace >"$2"
	grep -qE '^f?init_module\(' "$2" || fail "modprobe $1 loaded nothing"
	expect_status 0 sh /live/clean
}

with_rules() {
	trace "$1" /tmp/all
	for rule in $RULES; do
		grep -q "^openat.*/modprobe\.d/${rule##*/}\"" /tmp/all ||
			fail "modprobe did not read $rule"
	done
	# Reading is all that is done with them.
	grep -E "/modprobe\.d(/|>, \")($NAMES)" /tmp/all | grep -vE "^$READING" >/tmp/other
	[ ! -s /tmp/other ] || fail "more than read: $(cat /tmp/other)"
	grep -vE "/modprobe\.d(/|>, \")($NAMES)" /tmp/all >"$2"
}

without_rules() {
	for rule in $RULES; do
		mv "$rule" "/tmp/${rule##*/}"
	done
	trace "$1" "$2"
	! grep -qE "$NAMES" "$2" || fail "rules were still read"
	for rule in $RULES; do
		mv "/tmp/${rule##*/}" "$rule"
	done
}

# 8021q has dependencies, jbd2 a softdep.
for module in 8021q jbd2; do
	with_rules $module /tmp/with
	without_rules $module /tmp/without
	diff /tmp/without /tmp/with || fail "modprobe $module: other system calls"
	echo "modprobe $module: the same $(wc -l </tmp/with) system calls"
done
passed

# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What runners say of tests, and how they come to their end.  $kind is the tests' kind.
: "${kind:?}"

ok() { echo "ok $kind $1"; }
not_ok() { echo "not ok $kind $1"; }

# expect NAME: compare what standard input holds with $expected.
expect() {
	local name=$1 is
	is=$(cat)
	if [ "$is" = "${expected-}" ]; then
		ok "$name"
	else
		not_ok "$name"
		diff <(echo "${expected-}") <(echo "$is") | sed 's/^/#   /'
	fi
}

# nothing WHY: none of the tests can be run.
nothing() {
	echo "skipped $kind: $1"
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
}

# The end: count the lines of a file.
count_verdicts() {
	local passed failed skipped
	passed=$(grep -c '^ok ' "$1")
	failed=$(grep -c '^not ok ' "$1")
	skipped=$(grep -c '^skipped ' "$1")
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] || exit 1
	[ "$passed" != 0 ] || exit 77
	exit 0
}

# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir, work and all are run's
#
# What the parts share.

ok() { echo "ok $*"; passed=$((passed + 1)); }
skip() { echo "skipped $1: $2"; skipped=$((skipped + 1)); }

# not_ok WHAT [FILE]: the file says why.
not_ok() {
	echo "not ok $1"
	[ -z "${2:-}" ] || sed 's/^/  /' "$2"
	failed=$((failed + 1))
}

# add_up FILE: count the lines that those have printed.
add_up() {
	passed=$((passed + $(grep -c '^ok ' "$1")))
	failed=$((failed + $(grep -c '^not ok ' "$1")))
	skipped=$((skipped + $(grep -c '^skipped ' "$1")))
}

# Report a test whose failures have been collected in a file.
verdict() {
	local what=$1 complaints=$2

	if [ -s "$complaints" ]; then
		not_ok "$what" "$complaints"
	else
		ok "$what"
	fi
}

# make_modules ROOT VER: of the lines on standard input.
make_modules() {
	local line

	while read -r line; do
		fakeroot_module "$builddir/testsuite/mkmodule" "$1/lib/modules/$2" "$line" ||
			echo "no module: $line"
	done
}

# fresh_root ROOT FROM: a fake root with nothing loaded, hard links to those of FROM.
fresh_root() {
	rm -rf "$1"
	fakeroot_clone "$2" "$1"
	: >"$1/fake/journal"
}

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
	fakeroot_remove "$1"
	fakeroot_clone "$2" "$1"
	: >"$1/fake/journal"
}

# ---- two kernels' module trees, of which there is an old release and a new one ------------

tree_kernels='6.1.0-1 6.1.0-2'

# The old release: all patches but klp_c.  The new one: no klp_b, the softdep of ext4 is no longer
# ours to carry, as policy require takes an install rule, and klp_a_2 comes for klp_a.
#
# Names of two letters: the rule of a module of one has 100 bytes, and where there is no memory to
# make less of those, asprintf(3) of glibc 2.36 writes a byte behind them.
tree_make() {
	local root=$1 kernel

	for kernel in $tree_kernels; do
		fakeroot_tree "$root" "$kernel"
		make_modules "$root" "$kernel" <<-'EOT'
		kernel/aa.ko:
		kernel/bb.ko:
		kernel/cc.ko: needs aa
		kernel/ext4.ko: modinfo softdep=pre: crc32c
		kernel/crc32c.ko:
		kernel/other.ko:
		updates/klp_a.ko: klp aa vmlinux
		updates/klp_b.ko: klp bb
		updates/klp_ext4.ko: klp ext4
		EOT
	done
}

tree_new_release() {
	local root=$1 kernel

	for kernel in $tree_kernels; do
		rm "$root/lib/modules/$kernel/updates/klp_b.ko"
		make_modules "$root" "$kernel" <<-'EOT'
		updates/klp_a_2.ko: klp aa vmlinux
		updates/klp_c.ko: klp cc; modinfo klp_requires=klp_a_2
		EOT
	done
	mkdir -p "$root/etc/klpdep.d"
	echo 'policy ext4 require' >"$root/etc/klpdep.d/site.conf"
}

tree_depmod() {
	local kernel

	for kernel in $tree_kernels; do
		depmod -b "$1" "$kernel"
	done
}

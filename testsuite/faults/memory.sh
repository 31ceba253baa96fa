# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir, work and all are run's
#
# Each allocation of klpdep's commands fails once; memory.c says what has to come of it.

# memory_try NAME COMMAND...
memory_try() {
	local name=$1 log=$work/memory.log step=1
	shift

	[ -n "$all" ] || step=3
	if (cd "$work/memory" && "$builddir/testsuite/faults/memory" -s "$step" "$@") >"$log" 2>&1; then
		ok "memory $name: $(tail -n 1 "$log")"
	else
		not_ok "memory $name" "$log"
	fi
	[ -z "$all" ] || grep '^#' "$log"
}

part_memory() {
	local kernel=6.1.0-1 root=$work/memory
	local in="-b . -k $kernel"

	cp -a "$work/base" "$root"
	tree_make "$root"
	tree_new_release "$root"
	tree_depmod "$root"
	# shellcheck disable=SC2086 # lists of words
	"$builddir/tools/klpdep" depmod -b "$root" -j1 $tree_kernels || return
	xz -k "$root/lib/modules/$kernel/updates/klp_c.ko"
	zstd -q "$root/lib/modules/$kernel/updates/klp_c.ko"
	gzip -k "$root/lib/modules/$kernel/updates/klp_c.ko"
	memory_try info info "lib/modules/$kernel/updates/klp_a_2.ko" \
		"lib/modules/$kernel"/updates/klp_c.ko.{gz,xz,zst}
	# shellcheck disable=SC2086 # lists of words
	{
		memory_try list list $in
		memory_try deps deps $in c
		memory_try graph graph $in
		memory_try plan plan $in c
		memory_try 'plan --initrd' plan $in --initrd c ext4
		memory_try verify verify $in
		memory_try 'depmod -n' depmod -b . -j1 -n $kernel
	}
	memory_try 'depmod --no-cache' depmod -b . -j1 --no-cache "$kernel"
	memory_try status status
}

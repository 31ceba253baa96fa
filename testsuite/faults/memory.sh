# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir, work and all are run's
#
# Each allocation of klpdep's commands fails once; memory.c says what has to come of it.

# memory_try NAME COMMAND...: all allocations, or each that memory_step says.
memory_try() {
	local name=$1 log=$work/memory.log
	shift

	if (cd "$work/memory" && "${memory_under[@]}" "$builddir/testsuite/faults/memory" \
		-s "$memory_step" "$@") >"$log" 2>&1; then
		ok "memory$memory_how $name: $(tail -n 1 "$log")"
	else
		not_ok "memory$memory_how $name" "$log"
	fi
	[ -z "$all" ] || grep '^#' "$log"
}

memory_commands() {
	local kernel=6.1.0-1
	local in="-b . -k $kernel"

	# shellcheck disable=SC2086 # lists of words
	{
		memory_try plan plan $in cc
		memory_try 'depmod -n' depmod -b . -j1 -n $kernel
		[ -z "$memory_few" ] || return
		memory_try list list $in
		memory_try deps deps $in cc
		memory_try graph graph $in
		memory_try 'plan --initrd' plan $in --initrd cc ext4
	}
	memory_try info info "lib/modules/$kernel/updates/klp_a_2.ko" \
		"lib/modules/$kernel"/updates/klp_c.ko.{gz,xz,zst}
	memory_try 'depmod --no-cache' depmod -b . -j1 --no-cache "$kernel"
	memory_try status status
	# AddressSanitizer does not survive a thread for which there is no memory: without threads,
	# then, which is to say on one processor.
	[ -z "$memory_sanitized" ] ||
		memory_under=(taskset -c "$(taskset -pc $$ | sed 's/.*: //; s/[,-].*//')")
	# shellcheck disable=SC2086 # a list of words
	memory_try verify verify $in
}

# The same under valgrind, which is slow.
memory_valgrind() {
	memory_how=' under valgrind' memory_few=1 memory_step=60
	[ -z "$all" ] || memory_few='' memory_step=1
	if ! command -v valgrind >/dev/null; then
		skip "memory$memory_how" 'there is no valgrind'
		return
	fi
	# its own malloc() is behind ours, which counts what is not freed
	memory_under=(valgrind -q --error-exitcode=9
		--soname-synonyms=somalloc=nouserintercepts)
	memory_commands
}

part_memory() {
	local kernel=6.1.0-1 root=$work/memory
	local memory_under=() memory_how='' memory_few='' memory_step=3 memory_sanitized=''

	cp -a "$work/base" "$root"
	tree_make "$root"
	tree_new_release "$root"
	tree_depmod "$root"
	# shellcheck disable=SC2086 # lists of words
	"$builddir/tools/klpdep" depmod -b "$root" -j1 $tree_kernels || return
	xz -k "$root/lib/modules/$kernel/updates/klp_c.ko"
	zstd -q "$root/lib/modules/$kernel/updates/klp_c.ko"
	gzip -k "$root/lib/modules/$kernel/updates/klp_c.ko"
	if ldd "$builddir/testsuite/faults/memory" | grep -q libasan; then
		memory_how=' with sanitizers' memory_sanitized=1 memory_step=20
	fi
	[ -z "$all" ] || memory_step=1
	memory_commands
	[ -n "$memory_sanitized" ] || memory_valgrind
}

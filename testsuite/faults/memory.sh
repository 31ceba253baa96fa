# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir, work and all are run's
#
# Each allocation of klpdep's commands and of the helper fails once; memory.c says what has
# to come of it.

# memory_try NAME COMMAND...: all allocations, or each that memory_step says.
memory_try() {
	memory_run "$1" "$work/memory" memory "${@:2}"
}

# memory_run NAME DIR PROGRAM ARGUMENT...
memory_run() {
	local name=$1 dir=$2 program=$builddir/testsuite/faults/$3 log=$work/memory.log
	shift 3

	if (cd "$dir" && "${memory_under[@]}" "$program" -s "$memory_step" "$@") \
		>"$log" 2>&1; then
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
	memory_try info info "lib/modules/$kernel/updates/klp_a_2.ko" klp_c.ko.{gz,xz,zst}
	memory_try 'depmod --no-cache' depmod -b . -j1 --no-cache "$kernel"
	memory_try 'depmod --rules' depmod -b . -q --rules -o out
	memory_try status status
	# AddressSanitizer does not survive a thread for which there is no memory: without threads,
	# then, which is to say on one processor.
	[ -z "$sanitized" ] ||
		memory_under=(taskset -c "$(taskset -pc $$ | sed 's/.*: //; s/[,-].*//')")
	# shellcheck disable=SC2086 # a list of words
	memory_try verify verify $in
}

# Everything out of the fake kernel, whatever state it is in.
# shellcheck disable=SC2016 # for the shell in there
memory_clean='export LC_ALL=C PATH=/usr/sbin:/usr/bin; exec >/dev/null 2>&1
i=0
while [ -s /proc/modules ]; do
	[ $((i += 1)) -lt 200 ] || exit 1
	for enabled in /sys/kernel/livepatch/*/enabled; do
		[ ! -e "$enabled" ] || echo 0 >"$enabled"
	done
	cut -d " " -f 1 /proc/modules | while read -r module; do rmmod "$module"; done
	sleep 0.01
done
'

# memory_live NAME BEFORE PROGRAM ARGUMENT...: in a fake root, on its kernel, after BEFORE.
memory_live() {
	local name=$1 before=$2 program=$3 memory_step=$memory_step
	shift 3

	[ -n "$all" ] || memory_step=60 # what comes before takes its time
	# sanitizers would make /fake, for what they find, before there is one
	LD_PRELOAD=$builddir/testsuite/rootfs/.libs/fakekernel.so ASAN_OPTIONS=log_path=stderr \
		memory_run "$name" / "$program" -R "$work/memory-live" \
		-b "$memory_clean$before" "$@"
}

# What changes the kernel: what helper.sh loads, too.
memory_live_commands() {
	if [ ! -e "$work/memory-live" ]; then
		helper_root "$work/memory-live"
		[ -z "$sanitized" ] || mount --rbind /proc "$work/memory-live/fake/proc"
	fi
	memory_live 'of the helper' '' memory-helper require ''
	[ -z "$memory_few" ] || return
	memory_live 'of the helper, for a patch in a softdep' '' memory-helper klp_soft ''
	memory_live 'of the hook in front of a target' '' memory-helper -- --before warn
	memory_live 'of the hook behind one that is gone' 'modprobe warn; rmmod warn' \
		memory-helper -- --gone klpdep_before_warn
	memory_live 'of the helper that removes' 'modprobe warn' memory-helper -- --remove warn
	memory_live 'sync' 'insmod /lib/modules/*/kernel/warn.ko' memory sync
	memory_live 'unload' 'modprobe warn' memory unload klp_warn
	# since when changes each time
	memory_live 'status' 'modprobe warn' memory status -o target,patch,state,reason,loaded,patched,refusal,fixes
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
	memory_under=(valgrind -q --vgdb=no --error-exitcode=9
		--soname-synonyms=somalloc=nouserintercepts)
	memory_commands
	memory_live_commands
}

part_memory() {
	local kernel=6.1.0-1 root=$work/memory
	local memory_under=() memory_how='' memory_few='' memory_step=3

	cp -a "$work/base" "$root"
	tree_make "$root"
	tree_new_release "$root"
	tree_depmod "$root"
	# shellcheck disable=SC2086 # lists of words
	"$builddir/tools/klpdep" depmod -b "$root" -j1 $tree_kernels || return
	cp "$root/lib/modules/$kernel/updates/klp_c.ko" "$root"
	xz -k "$root/klp_c.ko"
	zstd -q "$root/klp_c.ko"
	gzip "$root/klp_c.ko"
	if [ -n "$sanitized" ]; then
		memory_how=' with sanitizers' memory_step=20
	fi
	[ -z "$all" ] || memory_step=1
	memory_commands
	memory_under=()
	memory_live_commands
	[ -n "$sanitized" ] || memory_valgrind
}

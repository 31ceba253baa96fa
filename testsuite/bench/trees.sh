# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The module trees that run measures on.  Used by run, which sets $top, $build and $work.
# A tree is a root directory with one kernel: $work/NAME, tree_kernel[NAME].

declare -A tree_kernel

# What live tests have fetched is used, and kept for them.
CACHE=${KLPDEP_LIVE_CACHE:-$build/testsuite/live/cache}
# shellcheck source=../live/lib/kernel.sh
. "$top/testsuite/live/lib/kernel.sh"

# new_tree NAME KERNEL
new_tree() {
	tree_kernel[$1]=$2
	mkdir -p "$work/$1/lib/modules"
}

# tree_dir NAME: where its modules are.
tree_dir() { echo "$work/$1/lib/modules/${tree_kernel[$1]}"; }

# kernel_tree NAME SERIES: the modules of Debian's newest kernel of a series.
kernel_tree() {
	local dir

	mkdir -p "$CACHE"
	if ! prepare_kernel "$2" >"$work/kernel.log" 2>&1; then
		tail -n 1 "$work/kernel.log"
		return 1
	fi
	new_tree "$1" "$KVER"
	dir=$(readlink -f "$KDIR/lib/modules/$KVER") || return
	# no hard links: whoever makes one to a file changes its ctime, and the scan
	# cache goes by that
	cp -a --reflink=auto "$dir" "$work/$1/lib/modules/" || return
	finish_tree "$1"
}

# small_tree NAME: twenty small modules, of which one is a livepatch; NAME "xz":
# compressed.
small_tree() {
	local i dir mkmodule=$build/testsuite/mkmodule

	new_tree "$1" 6.1.0-1
	dir=$(tree_dir "$1")
	mkdir -p "$dir/kernel"
	touch "$dir"/modules.{order,builtin,builtin.modinfo}
	for i in {1..20}; do
		"$mkmodule" -o "$dir/kernel/m$i.ko" - <<<"name m$i" || return
	done
	printf 'name klp\nlivepatch klp-patch\nobject m1\nfunc f 0\n' |
		"$mkmodule" -o "$dir/kernel/klp.ko" - || return
	# one that no buffer holds, compressed or not
	head -c 300000 /dev/urandom >>"$dir/kernel/m1.ko" || return
	[ "$1" != xz ] || each_file xz '*.ko' xz --check=crc32 || return
	finish_tree "$1"
}

# As depmod leaves it.
finish_tree() {
	rm -f "$(tree_dir "$1")/modules.klpdep"
	depmod -b "$work/$1" "${tree_kernel[$1]}"
}

# each_file NAME PATTERN COMMAND...: for the files of a tree, many at a time.
each_file() {
	local dir pattern=$2
	dir=$(tree_dir "$1")
	shift 2
	find "$dir" -name "$pattern" -print0 | xargs -0 -r -n 64 -P "$(nproc)" "$@"
}

# recompressed_trees FROM: that tree with zstd and gzip, as the kernel's make
# modules_install does it.
recompressed_trees() {
	plain_tree zstd "$1" && new_tree gzip "${tree_kernel[$1]}" || return
	cp -al "$(tree_dir zstd)" "$work/gzip/lib/modules/" || return
	each_file gzip '*.ko' gzip -n -f || return
	each_file zstd '*.ko' zstd -q --rm -f || return
	finish_tree zstd || return
	# kmod may be unable to read gzip; modules.dep says of these what it says of those
	sed 's/\.ko\.zst/.ko.gz/g' "$(tree_dir zstd)/modules.dep" >"$work/modules.dep" &&
		mv "$work/modules.dep" "$(tree_dir gzip)/modules.dep"
}

# plain_tree NAME FROM: a tree without compression.
plain_tree() {
	new_tree "$1" "${tree_kernel[$2]}"
	cp -a "$(tree_dir "$2")" "$work/$1/lib/modules/" || return
	each_file "$1" '*.ko.xz' xz -d || return
	finish_tree "$1"
}

# copied_tree NAME FROM N COMPRESSION: the modules of a plain tree N times; see copies.
copied_tree() {
	new_tree "$1" "${tree_kernel[$2]}"
	"$top/testsuite/bench/copies" "$(tree_dir "$2")" "$(tree_dir "$1")" "$3" || return
	if [ "$4" = xz ]; then
		# the fastest; the kernel's build would take half an hour
		each_file "$1" '*.ko' xz -0 --check=crc32 || return
		sed -i 's/\.ko\>/.ko.xz/g' "$(tree_dir "$1")/modules.dep"
	fi
	# What is still being written would be measured.
	sync
}

# module_files NAME: its modules' files.
module_files() {
	sed "s|^\\([^:]*\\):.*|$(tree_dir "$1")/\\1|" "$(tree_dir "$1")/modules.dep"
}

remove_tree() {
	rm -rf "${work:?}/$1"
}

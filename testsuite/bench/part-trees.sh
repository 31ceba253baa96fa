# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What klpdep depmod takes on module trees.  Used by run.
# shellcheck disable=SC2154 # build, klpdep, least, rounds, smoke, top, work are run's

declare -A peaks

# Add a module to a tree, and keep the scan cache that it had before.
add_one() {
	local name=$1 dir file added root=$work/$1 cache=$2

	dir=$(tree_dir "$name")
	"$klpdep" depmod -b "$root" "${tree_kernel[$name]}" || return
	cp "$cache" "$work/$name.scan" || return
	# the one in the middle by size
	file=$(module_files "$name" | xargs stat -c '%s %n' | sort -n |
		awk '{ v[NR] = $2 } END { print v[int((NR + 1) / 2)] }')
	added=kernel/klpbench-$name.ko${file#*.ko}
	cp "$file" "$dir/$added" || return
	echo "$dir/$added" >"$work/$name.one"
	echo "$added:" | cat "$dir/modules.dep" - >"$work/modules.dep" &&
		mv "$work/modules.dep" "$dir/modules.dep"
}

# Take it out again, for other parts to find the tree as it was.
drop_one() {
	rm "$(cat "$work/$1.one")" && sed -i '$d' "$(tree_dir "$1")/modules.dep"
}

# least_command NAME: "least" reads its list from standard input.
least_command() {
	"$least" -e <"$1" >"$1.list" || return
	printf '#!/bin/sh\nexec %s <%s\n' "$least" "$1.list" >"$1.least"
	chmod +x "$1.least"
}

# measure_tree NAME TITLE TIMES: depmod, klpdep with no cache and with one, least.
measure_tree() {
	local name=$1 title=$2 times=$3 kernel=${tree_kernel[$1]} root=$work/$1
	local cache=$root/var/cache/klpdep/$kernel.scan

	add_one "$name" "$cache" || return
	module_files "$name" >"$work/$name.files"
	least_command "$work/$name.files" && least_command "$work/$name.one" || return
	[ "$name" = gzip ] || watch "$name.depmod" '' "depmod -b $root $kernel"
	watch "$name.klpdep, no cache" "rm -f $cache" "$klpdep depmod -b $root $kernel"
	watch "$name.least work" '' "$work/$name.files.least"
	measure "$times" || return

	# These are short.
	watch "$name.klpdep, cache" '' "$klpdep depmod -b $root $kernel"
	watch "$name.klpdep, one added" "cp $work/$name.scan $cache" \
		"$klpdep depmod -b $root $kernel"
	watch "$name.least work of that one" '' "$work/$name.one.least"
	measure 10 || return
	show "$title: $(wc -l <"$work/$name.files") modules" "$name.depmod" \
		"$name.klpdep, no cache" "$name.least work" "$name.klpdep, cache" \
		"$name.klpdep, one added" "$name.least work of that one"
	drop_one "$name"
}

# bars_of NAME NO-CACHE CACHE: rows for a tree; what it may take of depmod's time.
bars_of() {
	local name=$1 depmod=$1.depmod least="$1.least work" added=-

	if [ "$name" != gzip ]; then
		row_ratio "$name: klpdep depmod, no scan cache, against depmod" \
			"$name.klpdep, no cache" "$depmod" "$2" 3
		row_ratio "$name: with scan cache, nothing changed" \
			"$name.klpdep, cache" "$depmod" "$3" 4
		[ "$3" = - ] || added=$(awk -v "bar=$3" \
			-v "one=${wall["$least of that one"]}" -v "all=${wall[$depmod]}" \
			'BEGIN { printf "%.4f", bar + one / all }')
		row_ratio "$name: with scan cache, one module added" \
			"$name.klpdep, one added" "$depmod" "$added" 4
	fi
	row_ratio "$name: no scan cache, against the least work" \
		"$name.klpdep, no cache" "$least" 1.5 2
	peaks[$name]=${memory["$name.klpdep, no cache"]}
}

# open_tree NAME SERIES: a kernel's tree, or a tiny one.
open_tree() {
	if [ -n "$smoke" ]; then
		small_tree "$1"
	else
		kernel_tree "$1" "$2"
	fi
}

part_trees() {
	if ! open_tree uncompressed 6.1 >"$work/why"; then
		row_missing 'uncompressed' "$(cat "$work/why")"
		return
	fi
	measure_tree uncompressed "Linux ${tree_kernel[uncompressed]}" 2 || return
	bars_of uncompressed 0.10 0.04

	if ! open_tree xz 6.12 >"$work/why"; then
		row_missing 'xz, zstd, gzip' "$(cat "$work/why")"
		return
	fi
	measure_tree xz "Linux ${tree_kernel[xz]}, xz" 1 || return
	bars_of xz 0.25 0.005
	recompressed_trees xz || return
	measure_tree zstd "the same, zstd" 2 || return
	bars_of zstd 0.25 -
	remove_tree zstd
	measure_tree gzip "the same, gzip" 2 || return
	bars_of gzip - -
	remove_tree gzip
}

# tenfold NAME COMPRESSION TIMES: ten times as many modules, and how much longer they
# take; a fifth more than they are more is the bar.
tenfold() {
	local name=$1 one=$1-once ten=$1-tenfold kernel=${tree_kernel[$1]} cache bar what

	copied_tree "$one" "$name" 1 "$2" && copied_tree "$ten" "$name" 10 "$2" || return
	cache=var/cache/klpdep/$kernel.scan
	bar=$(number $((12 * $(module_files "$ten" | wc -l))) \
		$((10 * $(module_files "$one" | wc -l))) 1)
	for what in "$one" "$ten"; do
		watch "$what.klpdep, no cache" "rm -f $work/$what/$cache" \
			"$klpdep depmod -b $work/$what $kernel"
	done
	measure "$3" || return
	for what in "$one" "$ten"; do
		watch "$what.klpdep, cache" '' "$klpdep depmod -b $work/$what $kernel"
	done
	measure 5 || return
	for what in "$one" "$ten"; do
		show "$2: $(module_files "$what" | wc -l) modules" \
			"$what.klpdep, no cache" "$what.klpdep, cache"
	done
	for what in 'no cache' cache; do
		row_ratio "$2: ten times as many modules, $what, times" \
			"$ten.klpdep, $what" "$one.klpdep, $what" "$bar" 2
	done
	remove_tree "$one"
	remove_tree "$ten"
	peaks[$ten]=${memory["$ten.klpdep, no cache"]}
}

part_tenfold() {
	local free
	free=$(df --output=avail -BM "$work" | tail -n 1 | tr -dc 0-9)

	if [ -z "$smoke" ] && [ "$free" -lt 8192 ]; then
		row_missing 'ten times as many modules' "less than 8 GiB are free"
		return
	fi
	[ -n "${tree_kernel[uncompressed]-}" ] || open_tree uncompressed 6.1 || return
	tenfold uncompressed uncompressed 2 || return
	[ -n "${tree_kernel[xz]-}" ] || open_tree xz 6.12 || return
	plain_tree plain xz || return
	tenfold plain xz 1 && remove_tree plain
}

# The row about memory, of all trees that were read.
most_memory() {
	local name most=

	for name in "${!peaks[@]}"; do
		if [ -z "$most" ] || [ "${peaks[$name]}" -gt "${peaks[$most]}" ]; then
			most=$name
		fi
	done
	[ -z "$most" ] || row "most memory on any tree, MiB ($most)" \
		"$(number "${peaks[$most]}" 1024 1)" 64
}

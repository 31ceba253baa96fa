# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a thousand patches take, counted in instructions; the start of the programs.  Used
# by run.
# shellcheck disable=SC2154 # build, smoke, top, work are run's

# instructions NAME COMMAND...: counts[NAME], of a command.
declare -A counts
instructions() {
	local name=$1
	shift
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
		sed -n 's/^==.* Collected : //p' >"$work/collected"
	counts[$name]=$(cat "$work/collected")
	if [ -z "${counts[$name]}" ]; then
		echo "run: not counted: $*" >&2
		return 1
	fi
}

# patches VARIANT FEW MANY: klpdep's commands for as many patches of ten targets, of a
# variant of "many".
patches() {
	local variant=$1 few=$2 many=$3 n root kernel=6.1.0-1 name

	for n in 0 "$few" "$many"; do
		root=$work/$variant-$n
		"$top/testsuite/bench/many" -b "$build" -n "$n" -t 10 -m "$root" \
			"$variant" || return
		instructions "depmod.$n" "$klpdep" depmod -b "$root" -j 1 --no-cache \
			"$kernel" || return
		instructions "list.$n" "$klpdep" list -b "$root" -k "$kernel" || return
		instructions "plan.$n" "$klpdep" plan -b "$root" -k "$kernel" t9 || return
		rm -rf "$root"
	done
	for name in depmod list plan; do
		row "klpdep $name, $variant: $many patches against $few, times" \
			"$(number $((counts[$name.$many] - counts[$name.0])) \
				$((counts[$name.$few] - counts[$name.0])) 1)" \
			"$(number $((many * 12)) $((few * 10)) 1)"
	done
}

part_patches() {
	local many=1000

	[ -z "$smoke" ] || many=20
	patches fixes 10 $many && patches chain 10 $many || return
	mkdir -p "$work/lookup/lib/modules"
	instructions lookup --toggle-collect=path_index_lookup \
		"$build/testsuite/bench/paths" "$work/lookup" || return
	row 'index lookup, a thousand patches, instructions' "${counts[lookup]}" 100000
}

# How often ld.so is said to have done something, when a program starts.
relocations() {
	LD_DEBUG=statistics "$@" 2>&1 |
		sed -n 's/.* number of relocations: *//p' | head -n 1
}

part_start() {
	local helper=$build/tools/klpdep-modprobe program libraries

	watch start.klpdep '' "$klpdep --version"
	watch start.klpdep-modprobe '' "$helper --version"
	watch start.modprobe '' "modprobe --version"
	measure 20 || return
	show 'start (--version)' start.klpdep start.klpdep-modprobe start.modprobe
	for program in "$klpdep" "$helper" modprobe; do
		instructions start "$program" --version || return
		libraries=$(ldd "$(type -P "$program")" | grep -c '=> /')
		printf '%-26s %3d libraries, %5d relocations, %9d instructions\n' \
			"${program##*/}" "$libraries" "$(relocations "$program" --version)" "${counts[start]}"
	done
}

# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir, work and all are run's
#
# klpdep depmod is killed, or fails, at each of its system calls.  There are two trees, of
# kernels that it writes both indexes for; the modules are of the new release, what had been
# written is of the old one.  Afterwards each file is the old one or the new one, every
# module loads, and the next klpdep depmod leaves what one without a fault writes.

crash_files='usr/lib/modules/6.1.0-1/modules.klpdep usr/lib/modules/6.1.0-2/modules.klpdep
	usr/lib/modprobe.d/zz-klpdep.conf usr/lib/modprobe.d/00-klpdep-softdep.conf
	var/cache/klpdep/6.1.0-1.scan var/cache/klpdep/6.1.0-2.scan'
crash_modules='aa bb cc ext4 other'

# The command that all of this is about; -j1: threads would make the calls differ.
crash_command() {
	# shellcheck disable=SC2086 # a list of words
	"$@" "$builddir/tools/klpdep" depmod -b "$work/crash" -j1 $tree_kernels
}

# What was written, to DIR.
crash_save() {
	# shellcheck disable=SC2086 # a list of words
	(cd "$work/crash" && mkdir -p "$1" && cp -a --parents $crash_files "$1" 2>/dev/null)
}

# Back to the old release's files.
crash_reset() {
	(
		cd "$work/crash" || exit
		rm -rf lib/modules/*/modules.klpdep* lib/modprobe.d/* var/cache
		cp -a "$work/crash-$crash_from/." .
	)
}

declare -A crash_sums crash_loads crash_repairs
# A letter for each file: o and n for old and new, b where both are the same, ?, and - where
# there is none.
crash_look() {
	local dir=$1 sum file
	local -A seen=()

	# shellcheck disable=SC2086 # a list of words
	while read -r sum file; do
		seen[$file]=$sum
	done < <(cd "$dir" && md5sum $crash_files 2>/dev/null)
	crash_state=
	for file in $crash_files; do
		sum=${seen[$file]:--}
		case $sum in
		"${crash_sums[new $file]:-}") crash_state+=n ;;
		"${crash_sums[old $file]:-}") crash_state+=o ;;
		-) crash_state+=- ;;
		*) crash_state+='?' ;;
		esac
	done
	crash_left=
	for file in "$work/crash"/usr/lib/modules/*/*.tmp* "$work/crash"/usr/lib/modprobe.d/*.tmp* \
		"$work/crash"/var/cache/klpdep/*.tmp*; do
		[ ! -e "$file" ] || crash_left+=" ${file##*/}"
	done
	crash_left=${crash_left//.tmp??????/.tmp}
}

crash_remember() {
	local which=$1 dir=$2 file

	for file in $crash_files; do
		if [ -e "$dir/$file" ]; then
			crash_sums[$which $file]=$(md5sum <"$dir/$file" | sed 's/ .*//')
		else
			crash_sums[$which $file]=-
		fi
	done
}

# Whether every module loads in the state that was met, in either kernel.
crash_check_loads() {
	local root=$work/crash-loads kernel module file

	[ -z "${crash_loads[$crash_state]:-}" ] || return
	crash_loads[$crash_state]=1
	for kernel in $tree_kernels; do
		fresh_root "$root" "$work/crash-base"
		for file in $crash_files; do
			rm -f "${root:?}/$file"
			[ ! -e "$work/crash/$file" ] ||
				cp -a "$work/crash/$file" "$root/$file"
		done
		echo "$kernel" >"$root/fake/release"
		for module in $crash_modules; do
			# shellcheck disable=SC2016 # for the shell in there
			fakeroot_sh "$root" 'm='"$module"'; modprobe -q "$m" ||
				echo "modprobe $m: exit status $?"
				grep -q "^$m " /proc/modules || echo "$m is not loaded"' 2>/dev/null
		done | sed "s/^/$crash_state: $kernel: /"
	done
}

# Whether the next run makes everything new, and leaves nothing lying about.
crash_check_repair() {
	local state=$crash_state left=$crash_left

	[ -z "${crash_repairs[$state$left]:-}" ] || return
	crash_repairs[$state$left]=1
	crash_command >"$work/crash.repair" 2>&1 ||
		echo "$state $left: the next run fails: $(cat "$work/crash.repair")"
	crash_look "$work/crash"
	[ "$crash_state" = "$crash_goal" ] || echo "$state: the next run leaves $crash_state"
	[ -z "$crash_left" ] || echo "$state: left lying about: $crash_left"
}

# The system calls of a run without faults, as they come: NAME NUMBER FILE, the number among
# those of the name; a line "main" where ld.so has done.
crash_calls() {
	crash_reset
	crash_command strace -y -o "$work/crash.trace" >/dev/null 2>&1
	# execve is strace's own
	awk -F'(' '/^[a-z0-9_]+\(/ && $1 != "execve" {
		file = $0
		# a descriptor and its file, or a name in quotes
		if (!sub(/^[a-z0-9_]+\([0-9]+</, "", file))
			sub(/^[^"]*"/, "", file)
		sub(/[>"].*/, "", file)
		if ($1 == "uname" && !main++)
			print "main"
		print $1, ++n[$1], file
	}' "$work/crash.trace"
}

# Those that can change a file: a sample has each of them.
crash_changes=' write pwrite64 fsync rename renameat renameat2 unlink unlinkat fchmod ftruncate
flock exit_group '

# crash_try FAULT CALLS: the fault at each call; complaints to standard output, outcomes are
# counted.
crash_try() {
	local fault=$1 name number file status main='' i=0 wanted

	while read -r name number file; do
		[ "$name" != main ] || { main=1; continue; }
		# before main, a fault is ld.so's
		[ -n "$main" ] || [ "$fault" = signal=KILL ] || continue
		i=$((i + 1))
		case $crash_changes in
		*" $name "*) wanted=1 ;;
		*) wanted=$all; [ $((i % crash_sample)) != 0 ] || wanted=1 ;;
		esac
		[ -n "$wanted" ] || continue
		crash_reset
		crash_command strace -o /dev/null -e "trace=$name" \
			-e "inject=$name:$fault:when=$number" 2>"$work/crash.stderr" >&2
		status=$?
		# mkostemp(3) asks for random bytes a second time in some runs, not in all
		[ "$fault $name $status" != 'signal=KILL getrandom 0' ] || continue
		crash_look "$work/crash"
		crash_judge "$name $number ($file):" "$fault" "$status"
		crash_check_loads
		crash_check_repair
	done <"$2"
}

# libkmod says nothing of errors in reading its configuration, as modprobe does not.
crash_is_kmods() {
	case $1 in
	*/modules.softdep\):* | */modprobe.d*\):* | *\(/proc/cmdline\):*) return 0 ;;
	esac
	return 1
}

# Files that are neither old nor new are in order only where an error is reported that is
# not about them: a module, say, that could not be read.
crash_judge() {
	local where=$1 fault=$2 status=$3 index_and_rules=${crash_state:0:4}

	n_tried=$((n_tried + 1))
	case $crash_state in
	"$crash_goal") n_new=$((n_new + 1)) ;;
	"$crash_start") n_old=$((n_old + 1)) ;;
	*) n_between=$((n_between + 1)) ;;
	esac
	if [ "$fault" = signal=KILL ]; then
		[ "$status" = 137 ] || echo "$where exit status $status"
		[ "${crash_state//\?/}" = "$crash_state" ] || echo "$where leaves $crash_state"
		return
	fi
	case $status in
	0)
		[ "$index_and_rules" = "${crash_goal:0:4}" ] || crash_is_kmods "$where" ||
			echo "$where success is claimed, and $crash_state is left"
		;;
	1)
		[ -s "$work/crash.stderr" ] || echo "$where fails without a word"
		;;
	*)
		echo "$where exit status $status: $(cat "$work/crash.stderr")" ;;
	esac
}

crash_faults() {
	local fault=$1

	n_tried=0 n_old=0 n_new=0 n_between=0
	crash_try "$fault" "$work/crash.calls" >"$work/crash.complaints"
	verdict "crash $crash_from to $crash_to, $fault: $n_tried calls; all old $n_old, all new \
$n_new, some of each $n_between" "$work/crash.complaints"
}

# Every read and write is a short one.
crash_short() {
	local complaints=$work/crash.complaints

	crash_reset
	crash_command env LD_PRELOAD="$builddir/testsuite/faults/.libs/short.so" \
		>"$complaints" 2>&1 || echo "exit status $?" >>"$complaints"
	crash_look "$work/crash"
	[ "$crash_state" = "$crash_goal" ] || echo "leaves $crash_state" >>"$complaints"
	verdict "crash $crash_from to $crash_to: reads and writes of 7 bytes at most" "$complaints"
}

# crash_way FROM TO: what was written, and is to be.
crash_way() {
	local fault

	crash_from=$1 crash_to=$2
	crash_loads=() crash_repairs=()
	crash_remember old "$work/crash-$crash_from"
	crash_remember new "$work/crash-$crash_to"
	crash_look "$work/crash-$crash_from"
	crash_start=$crash_state
	crash_look "$work/crash-$crash_to"
	crash_goal=$crash_state
	crash_short
	crash_calls >"$work/crash.calls"
	crash_sample=6
	crash_faults signal=KILL
	crash_sample=40
	for fault in EIO ENOSPC EROFS EINTR; do
		crash_faults "error=$fault"
	done
}

part_crash() {
	if [ -n "$sanitized" ]; then
		skip crash 'with sanitizers, see README.md'
		return
	fi
	if ! strace -o /dev/null true 2>/dev/null; then
		skip crash 'there is no strace, or it may not trace'
		return
	fi
	cp -a "$work/base" "$work/crash"
	mkdir "$work/crash-none"
	tree_make "$work/crash"
	tree_depmod "$work/crash"
	crash_command || return
	crash_save "$work/crash-old"
	tree_new_release "$work/crash"
	tree_depmod "$work/crash"
	crash_command || return
	crash_save "$work/crash-new"
	# hard links change what the cache goes by
	cp -a "$work/crash" "$work/crash-base"
	crash_way old new
	[ -z "$all" ] || crash_way none new
}

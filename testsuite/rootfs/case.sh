# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shellcheck disable=SC2154 # builddir is run's
#
# Reading a case and carrying it out, section by section; see README.md.

# A step is compared when the next begins: what follows it says what is expected.
step_begin() {
	step_end
	step="$*"
	expected_exit=0
	expected_stdout=
	expected_stderr=
	expected_journal=
	expected_log=
	want_log=
	how_journal=
}

text() {
	local label=$1 body=$2

	[ -z "$body" ] || printf '%s:\n%s\n' "$label" "$body"
}

transcript() {
	printf '$ %s\nexit %s\n' "$step" "$1"
	text stdout "$2"
	text stderr "$3"
	text journal "$4"
	text log "$5"
}

step_end() {
	local journal log=''

	[ -n "$step" ] || return 0
	fakeroot_settle "$root"
	journal=$(<"$root/fake/journal")
	[ "$how_journal" = callbacks ] || journal=$(grep -v '^callback ' <<<"$journal")
	case $how_journal in
	sorted)
		journal=$(LC_ALL=C sort <<<"$journal")
		expected_journal=$(LC_ALL=C sort <<<"$expected_journal") ;;
	patient)
		journal=$(grep -v -e "= -EBUSY\$" <<<"$journal")
		;;
	any)
		journal='' expected_journal='' ;;
	esac
	# the log without the kernel's own lines, priorities and times
	if [ -n "$want_log" ]; then
		log=$(tail -c "+$log_from" "$root/dev/kmsg" |
			sed 's/^[^;]*;//; /^livepatch: /d')
	fi
	transcript "$expected_exit" "$expected_stdout" "$expected_stderr" \
		"$expected_journal" "$expected_log" >>"$work/$name.expected"
	transcript "$seen_exit" "$seen_stdout" "$seen_stderr" \
		"$journal" "$log" >>"$work/$name.seen"
	step=
}

step_run() {
	step_begin "$1"
	: >"$root/fake/journal"
	log_from=$(($(stat -c %s "$root/dev/kmsg" 2>/dev/null || echo 0) + 1))
	fakeroot_sh "$root" "$1" >"$work/$name.stdout" 2>"$work/$name.stderr"
	seen_exit=$?
	[ "$seen_exit" != 124 ] || seen_exit='124 (timed out)'
	seen_stdout=$(<"$work/$name.stdout")
	seen_stderr=$(<"$work/$name.stderr")
}

# Something that must go well and is not what the case is about.
step_quiet() {
	local out

	step_end
	out=$(fakeroot_sh "$root" "$1" 2>&1) || {
		printf 'setup failed (%s):\n%s\n%s\n' $? "$1" "$out" >>"$work/$name.seen"
		echo 'setup succeeds' >>"$work/$name.expected"
	}
	fakeroot_settle "$root"
}

use_kernel() {
	kernel=$1
	[ -s "$root/fake/release" ] || echo "$1" >"$root/fake/release"
	[ -d "$root/lib/modules/$1" ] || fakeroot_tree "$root" "$1"
}

make_modules() {
	local line dir

	[ -n "$kernel" ] || use_kernel 6.1.0-1
	while read -r line; do
		case $line in
		'' | '#'*) continue ;;
		/*) dir=$root ;;
		*) dir=$root/lib/modules/$kernel ;;
		esac
		fakeroot_module "$mkmodule" "$dir" "$line" \
			>>"$work/$name.seen" 2>&1 || echo "no module: $line" >>"$work/$name.seen"
	done <<<"$1"
}

put_file() {
	local path=$1 mode=$2 body=$3

	mkdir -p "$root$(dirname "$path")"
	rm -f "$root$path"
	printf '%s\n' "$body" >"$root$path"
	[ -z "$mode" ] || chmod "$mode" "$root$path"
}

# A file system of its own that cannot be written; of another case's files, too, that are the same
# by hard links.
make_readonly() {
	mount --bind "$root$1" "$root$1" && mount -o remount,ro,bind "$root$1" && readonly+=("$1")
}

make_writable() {
	local path
	for path in "${readonly[@]}"; do
		umount "$root$path"
	done
	readonly=()
}

# What depends on how klpdep was configured, and the rules in full.  $weakdep is a command of
# sed for the lines that are there with a libkmod that has weak dependencies.
expand() {
	# shellcheck disable=SC2016 # the $ are the rule's
	sed -e 's,@INSTALL \([a-z0-9_]*\)@,install \1 if [ -x @H@ ]; then @H@ \1'\
'; else (exit 127); fi; case $? in 0) exit 0;; 12[67]) '\
'@MODPROBE@ --ignore-install \1 \&\& exit 0;; esac; exit 1,' \
		-e 's,@BEFORE \([a-z0-9_]*\)@,install klpdep_before_\1 if [ ! -e /sys/module/\1 '\
'] \&\& [ -x @H@ ]; then @H@ --before \1; fi; exit 0,' \
		-e 's,@AFTER \([a-z0-9_]*\)@,install klpdep_after_\1 if [ -e /run/klpdep/coming/\1 '\
'] \&\& [ -x @H@ ]; then @H@ --after \1; fi; exit 0,' \
		-e 's,@GONE@,remove klpdep_before_* if [ -x @H@ ]; then @H@ --gone '\
'"$MODPROBE_MODULE"; fi; exit 0,' \
		-e 's,@GOING@,remove klpdep_after_* if [ -x @H@ ]; then @H@ --going '\
'"$MODPROBE_MODULE"; fi; exit 0,' \
		-e 's,@REMOVE \([a-z0-9_]*\)@,remove \1 if [ -x @H@ ]; then @H@ --remove \1'\
'; else (exit 127); fi; case $? in 0) exit 0;; 12[67]) '\
'@MODPROBE@ -r --ignore-remove \1 \&\& exit 0;; esac; exit 1,' \
		-e "$weakdep" -e "s,@H@,$helper,g; s,@LIBDIR@,$libdir,g; s,@MODPROBE@,$modprobe,g"
}

# section "WORD ARGUMENTS" BODY
section() {
	local word arg more body=$2

	read -r word arg more <<<"$1"
	case $body in *@*) body=$(expand <<<"$body") ;; esac
	arg=${arg//@H@/$helper}
	case $word in
	shells) ;;
	kernel) step_end; use_kernel "$arg" ;;
	boot) step_end; echo "$arg" >"$root/fake/release" ;;
	modules) step_end; make_modules "$body" ;;
	use) read_sections "$cases/common/$arg" ;;
	file) step_end; put_file "$arg" "$more" "$body" ;;
	depmod)
		# shellcheck disable=SC2016 # for the shell in there
		step_quiet 'for v in $(ls /lib/modules); do depmod "$v" || exit; done
			klpdep depmod $(ls /lib/modules)'
		;;
	setup) step_quiet "$body" ;;
	readonly)
		step_end
		make_readonly "$arg" 2>>"$work/$name.seen" || echo "no mounts" >>"$work/$name.seen"
		;;
	writable) step_end; make_writable ;;
	run) step_run "$body" ;;
	exit) expected_exit=$arg ;;
	stdout) expected_stdout=$body ;;
	stderr) expected_stderr=$body ;;
	journal)
		expected_journal=$body
		how_journal=$arg ;;
	log) want_log=1 expected_log=$body ;;
	*) echo "unknown section $word" >>"$work/$name.seen" ;;
	esac
}

# A section is a line "== WORD ARGUMENTS" and the lines to the next one, without empty
# lines at its end.  What stands before the first is for the reader.
read_sections() {
	local line head='' body=''

	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'== '*)
			[ -z "$head" ] || section "$head" "${body%"${body##*[!$'\n']}"}"
			head=${line#== } body= ;;
		*)
			body+=$line$'\n' ;;
		esac
	done <"$1"
	[ -z "$head" ] || section "$head" "${body%"${body##*[!$'\n']}"}"
}

# run_case NAME SHELL FILE WORK: leaves NAME.result and NAME.diff in WORK.
run_case() {
	local name=$1 sh=$2 file=$3 work=$4
	local cases root=$4/$1.root kernel='' step='' mkmodule=$builddir/testsuite/mkmodule

	cases=$(dirname "$file")
	: >"$work/$name.expected"
	: >"$work/$name.seen"
	if ! [ -x "$work/base/usr/bin/$sh" ]; then
		echo "skipped no $sh" >"$work/$name.result"
		return
	fi
	fakeroot_clone "$work/base" "$root"
	ln -sf "$sh" "$root/usr/bin/sh"
	: >"$root/fake/journal"
	readonly=()
	read_sections "$file"
	step_end
	make_writable
	text sanitizers "$(fakeroot_reports "$root")" >>"$work/$name.seen"
	if diff -U 3 --label expected --label seen "$work/$name.expected" \
		"$work/$name.seen" >"$work/$name.diff"; then
		echo passed >"$work/$name.result.tmp"
	else
		echo failed >"$work/$name.result.tmp"
	fi
	mv "$work/$name.result.tmp" "$work/$name.result"
}

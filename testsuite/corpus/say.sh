# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What klpdep says about a module of the corpus, in the form of the .expected files.

columns=patch,format,object,replace,funcs,callbacks,relocs

# One view: its heading and standard output.  Standard error and the exit status go to
# files of the module; all views have to come to the same.
view() {
	local name=$1 heading=$2 base=$work/$1 status
	shift 2
	"$klpdep" info --noheadings --raw "$@" "$made/$name.ko" \
		>"$base.$heading" 2>>"$base.messages"
	status=$?
	[ ! -s "$base.$heading" ] || echo "== $heading"
	cat "$base.$heading"
	echo "$status" >>"$base.status"
}

# The edges: the records that "klpdep depmod" makes of a tree with this module, and those
# beside it, alone.  Functions are left out, as they have just been shown.
edges() {
	local name=$1 root=$work/$1.tree tree=$work/$1.tree/lib/modules/1 patch file
	read -r patch _ <"$work/$name.objects" || return
	ln "$made/$name.ko" "$tree/$patch.ko" || return
	for file in "$tree"/*.ko; do
		echo "${file##*/}:"
	done >"$tree/modules.dep"
	echo '== edges'
	"$klpdep" depmod -b "$root" -n 1 2>/dev/null |
		sed -n -e 's/ vermagic=[^ ]*//' -e '/^\(patch\|object\|requires\|supersedes\) /p'
}

say() {
	local name=$1 base=$work/$1
	# nothing here takes long, and nothing may
	ulimit -t 60
	view "$name" objects -o "$columns"
	case $name in
	good-*)
		view "$name" functions --funcs
		view "$name" relocations --relocs
		edges "$name" ;;
	esac
	if [ -s "$base.messages" ]; then
		echo '== messages'
		# the file's path without the directories, which depend on the machine
		sed "s,$made/,," "$base.messages" | sort -u
	fi
	echo "== status $(sort -u "$base.status" | paste -s -d ' ')"
}

# What has to be so whatever NAME.expected says.
fits_its_kind() {
	local name=$1 lines
	mapfile -t lines <"$2"
	case $name:${lines[-1]} in
	good-*:'== status 0') ;;
	good-*:'== status 1')
		# an ordinary module has no other answer
		if [ ${#lines[@]} != 3 ] ||
			[ "${lines[1]}" != "klpdep info: $name.ko: not a livepatch" ]; then
			echo 'a good module was not read'
			return 1
		fi ;;
	good-*:* | *:'== status 0')
		echo "${lines[-1]#== }"
		return 1 ;;
	*:'== status 1')
		if [ "${lines[0]}" != '== messages' ] || [ ${#lines[@]} != 3 ]; then
			echo 'it is not one message, and nothing on standard output'
			return 1
		elif [[ ${lines[1]} != "klpdep info: $name.ko: "* ]]; then
			echo 'the message does not name the file'
			return 1
		fi ;;
	*)
		echo "${lines[-1]#== }"
		return 1 ;;
	esac
}

# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The fake root directory: what is in it, and running something there.  Used by run
# and demo.

# What a fake root takes from the machine; the optional ones to be /bin/sh.
fakeroot_programs='kmod cat chmod cksum cmp cp cut dash false find grep head ln ls
	mkdir mount mkfifo mv rm sed sleep sort tail timeout touch tr true truncate umount uname
	uniq wc'
fakeroot_optional='bash busybox'

# fakeroot_namespace PROGRAM [ARGUMENT...]: run it anew where it may chroot and mount, with a
# namespace that what is mounted goes with; return where it is in there, or cannot be.
fakeroot_namespace() {
	local how=-m

	[ -z "${FAKEROOT_INSIDE-}" ] || return
	# who is not root can be in a user namespace
	[ "$(id -u)" = 0 ] || how=-rm
	! unshare $how true 2>/dev/null || FAKEROOT_INSIDE=yes exec unshare $how "$@"
}

# fakeroot_sanitized BUILDDIR: whether it was configured with sanitizers.
fakeroot_sanitized() {
	grep -q '^S\["SANITIZERS_TRUE"\]=""$' "$1/config.status"
}

# fakeroot_possible BUILDDIR: say why a fake root is not, and fail; or succeed.
fakeroot_possible() {
	local p

	[ -e /proc/self/fd ] || { echo 'there is no /proc'; return 1; }
	for p in $fakeroot_programs ldd; do
		PATH=$PATH:/sbin:/usr/sbin type -P "$p" >/dev/null ||
			{ echo "no $p"; return 1; }
	done
	chroot / true 2>/dev/null || { echo 'chroot is not permitted'; return 1; }
	if fakeroot_sanitized "$1" && ! unshare -m true 2>/dev/null; then
		echo 'sanitizers need the real /proc, and nothing may be mounted'
		return 1
	fi
}

# fakeroot_var BUILDDIR NAME...: the values that configure gave to directories and such,
# one a line, expanded.
fakeroot_var() {
	local builddir=$1 v
	shift

	(
		cd "$builddir" || exit 1
		for v in prefix exec_prefix "$@"; do
			echo "$v=\"@$v@\""
		done | ./config.status -q --file=-:- | sed 's/^\(.*\)="@.*@"$/\1=""/'
		for v; do
			printf 'echo "$%s"\n' "$v"
		done
	) | sh
}

# fakeroot_standard_paths BUILDDIR: whether klpdep works on the files that kmod does.
fakeroot_standard_paths() {
	local builddir=$1 paths

	paths=$(fakeroot_var "$builddir" modulesdir rulesdir configdir cachedir modprobe)
	[ "${paths//$'\n'/ }" = \
		'/lib/modules /lib/modprobe.d /etc /var/cache/klpdep /sbin/modprobe' ] || {
		echo "configured for directories other than Debian's: ${paths//$'\n'/ }"
		return 1
	}
}

# fakeroot_copy ROOT FILE TO: a program, with the libraries that it needs.
fakeroot_copy() {
	install -D "$2" "$1$3"
	fakeroot_libraries "$1" "$2"
}

# A library that is part of what was installed below ROOT is there already.
fakeroot_libraries() {
	local root=$1 file=$2 lib

	LD_LIBRARY_PATH=${libdir:+$root$libdir} ldd "$file" |
	sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p' |
	while read -r lib; do
		case $lib in "$root"/*) continue ;; esac
		# /lib is a link to usr/lib in the fake root as well
		[ -e "$root$lib" ] || install -D "$lib" "$root$lib"
	done
}

# What fakeroot_base finds out, from configure.
bindir='' libdir='' helper='' modprobe='' weakdep='' sanitized=''

# fakeroot_base BUILDDIR ROOT: a fake root with klpdep installed in it, and no modules.
fakeroot_base() {
	local builddir=$1 root=$2 dir p name

	mkdir -p "$root"/{dev,etc/modprobe.d,fake,proc/sys/kernel,run,sys,tmp,usr,var} || return
	for dir in bin sbin lib lib64; do
		mkdir -p "$root/usr/$dir"
		ln -s "usr/$dir" "$root/$dir"
	done
	mkdir -p "$root/lib/modules" "$root/lib/modprobe.d"

	# without the flags of a make that this may be a test of
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
		make -s -C "$builddir" install DESTDIR="$root" || return
	# shellcheck disable=SC2034 # modprobe and weakdep are for case.sh
	{
		read -r bindir; read -r libdir; read -r libexecdir; read -r modprobe
	} < <(fakeroot_var "$builddir" bindir libdir libexecdir modprobe)
	helper=$libexecdir/klpdep-modprobe
	if grep -q '^#define HAVE_KMOD_MODULE_GET_WEAKDEPS 1' "$builddir/config.h"; then
		weakdep='s,^@WEAKDEP \(.*\)@$,\1,'
	else
		weakdep='/^@WEAKDEP /d'
	fi
	for p in "$root$bindir/klpdep" "$root$helper"; do
		fakeroot_libraries "$root" "$p"
	done

	for p in $fakeroot_programs $fakeroot_optional; do
		# not what the shell has built in
		p=$(PATH=$PATH:/sbin:/usr/sbin type -P "$p") || continue
		fakeroot_copy "$root" "$p" "/usr/bin/${p##*/}"
	done
	for name in modprobe depmod insmod rmmod lsmod modinfo; do
		ln -s ../bin/kmod "$root/usr/sbin/$name"
	done
	install "${BASH_SOURCE%/*}/stand-ins"/* "$root/usr/sbin" || return
	ln -s dash "$root/usr/bin/sh"

	fakeroot_copy "$root" "$builddir/testsuite/rootfs/.libs/fakekernel.so" \
		/fakekernel.so || return
	# not LD_PRELOAD, which a program may scrub from its environment
	echo /fakekernel.so >"$root/etc/ld.so.preload"
	echo "$libdir" >"$root/etc/ld.so.conf"
	ldconfig -r "$root" || return
	echo 'BOOT_IMAGE=/vmlinuz root=/dev/vda ro quiet' >"$root/proc/cmdline"
	if fakeroot_sanitized "$builddir"; then
		sanitized=1
		# fk-sanitizers.c tells what for
		mkdir "$root/fake/proc"
		ln -s /fake/proc/self "$root/proc/self"
	fi
}

# fakeroot_clone BASE ROOT: hard links, but for what cases want to change.
fakeroot_clone() {
	local base=$1 root=$2

	cp -alx "$base" "$root" || return
	# /dev/null: a device where that is allowed (and works, a file system may be mounted
	# without); else a plain file, which does as well
	mknod -m 666 "$root/dev/null" c 1 3 2>/dev/null
	true 2>/dev/null >"$root/dev/null" || rm -f "$root/dev/null"
	: >>"$root/dev/null"
	cp --remove-destination "$base$helper" "$root$helper"
	cp --remove-destination "$base/proc/cmdline" "$root/proc/cmdline"
	[ -z "$sanitized" ] || mount --rbind /proc "$root/fake/proc"
}

# fakeroot_remove DIR: a fake root, or the directory that some are in.
fakeroot_remove() {
	[ -z "$sanitized" ] || umount -R -l "$1/fake/proc" "$1"/*/fake/proc 2>/dev/null
	rm -rf --one-file-system "$1"
}

# fakeroot_reports ROOT: what sanitizers have found there since the last time.
fakeroot_reports() {
	[ -z "$sanitized" ] || find "$1/fake" -maxdepth 1 -name 'sanitizers.*' \
		-exec cat {} \; -delete
}

# fakeroot_sh ROOT COMMAND: run by dash, whatever /bin/sh is, in a clean environment.
fakeroot_sh() {
	timeout -k 1 "${step_timeout:-240}" env -i \
		PATH="$bindir:/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C \
		chroot "$1" /usr/bin/dash -c "$2" </dev/null
}

# fakeroot_settle ROOT: wait until nothing more happens by itself.  The state file
# begins with the moment of the next thing that does.
fakeroot_settle() {
	local i bytes IFS=''

	for ((i = 0; i < 200; i++)); do
		bytes=()
		# 0, in eight bytes, is eight empty strings
		mapfile -t -d '' -n 8 bytes 2>/dev/null <"$1/fake/state"
		[ -n "${bytes[*]}" ] || return 0
		fakeroot_sh "$1" 'sleep 0.02; : </proc/modules'
	done
}

# fakeroot_judge ROOT NAME: the runner's not_ok, where they have found something.
fakeroot_judge() {
	local reports

	reports=$(fakeroot_reports "$1")
	[ -z "$reports" ] || { not_ok "$2: sanitizers"; echo "$reports"; }
}

# fakeroot_tree ROOT VER: an empty module tree, as a kernel package has it.
fakeroot_tree() {
	local dir=$1/lib/modules/$2

	mkdir -p "$dir/kernel"
	: >"$dir/modules.order"
	: >"$dir/modules.builtin"
	: >"$dir/modules.builtin.modinfo"
}

# fakeroot_says ITEM...: what the statements of a module say to the fake kernel, in modinfo
# lines.  What is no plain name is left out.
fakeroot_says() {
	local item word arg more object='' objects='' funcs='' states=''

	for item; do
		read -r word arg more <<<"$item"
		case $word in
		klp)
			for object in $arg $more; do
				objects+=,$object funcs+="modinfo fk_func=$object ${object}_func 0"$'\n'
			done ;;
		object)
			object=$arg
			case $arg in *[!A-Za-z0-9_.-]*) object='' ;; esac
			objects+=${object:+,$object} ;;
		func)
			case $object,$arg,$more in
			,* | *,, | *,*[!A-Za-z0-9_.]*,* | *,*,*[!0-9]*) ;;
			*) funcs+="modinfo fk_func=$object $arg $more"$'\n' ;;
			esac ;;
		callback) funcs+=${object:+"modinfo fk_callback=$object $arg"$'\n'} ;;
		replace) [ "$arg" = no ] || echo modinfo fk_replace=1 ;;
		state) states+=,$arg:$more ;;
		esac
	done
	[ -z "$objects" ] || printf 'modinfo fk_objects=%s\n%s' "${objects#,}" "$funcs"
	[ -z "$states" ] || echo "modinfo fk_states=${states#,}"
}

# fakeroot_module MKMODULE DIR "FILE: STATEMENT; ...": make a module.  Statements are
# mkmodule's, and, for what most modules are made of:
#
#	klp OBJECT...	a livepatch of these objects, one function each
#	needs MODULE...	a dependency of these modules
#	xz, zstd, gzip	compressed with that
#
# Where no functions are given, there is the one that "klp NAME" patches.
fakeroot_module() {
	local mkmodule=$1 dir=$2 line=$3 file name item items compress='' functions='' o

	file=$dir/${line%%:*}
	name=${file##*/} name=${name%.ko} name=${name//-/_}
	IFS=';' read -r -a items <<<"${line#*:}"
	[ -d "${file%/*}" ] || mkdir -p "${file%/*}"
	for item in "${items[@]}"; do
		case ${item# } in
		xz | zstd | gzip) compress=${item# } ;;
		local\ * | notrace\ *) functions=1 ;;
		esac
	done
	{
		echo "name $name"
		# first: the items may say otherwise
		fakeroot_says "${items[@]}"
		# what others can depend on it by
		echo "export ${name}_symbol"
		[ -n "$functions" ] || echo "local ${name}_func"
		for item in "${items[@]}"; do
			item=${item#"${item%%[! ]*}"}
			case $item in
			'klp '*)
				echo 'livepatch klp-patch'
				for o in ${item#klp }; do
					echo "object $o"
					echo "func ${o}_func 0"
				done ;;
			'needs '*)
				for o in ${item#needs }; do
					echo "import ${o}_symbol"
				done
				o=${item#needs }
				echo "modinfo depends=${o// /,}" ;;
			'modinfo fk_once='*)
				echo "$item"
				o=${item#*=}
				echo "reloc $o $o ${o}_func 0" ;;
			xz | zstd | gzip) ;;
			*)
				echo "$item" ;;
			esac
		done
	} | ASAN_OPTIONS=detect_leaks=0 "$mkmodule" -o "$file" - || return
	case $compress in
	xz) xz -q --check=crc32 "$file" ;;
	zstd) zstd -q --rm "$file" -o "$file.zst" ;;
	gzip) gzip "$file" ;;
	esac
}

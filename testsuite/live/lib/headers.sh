# shellcheck shell=bash
#
# A root of another release of Debian, with a kernel's headers and what they are built with:
# a compiler of that release, and programs that take its libraries.  Kept beside the kernels.

make_headers_root() {
	local release=${BACKPORTS%-backports} new=$KROOT.new
	rm -rf "$new"
	mkdir -p "$new"/{mnt,proc}
	{
		debian_sources "$release"
		debian_sources "$BACKPORTS"
	} | mmdebstrap --quiet --variant=extract --include="linux-headers-$KVER" \
		--include=binutils,coreutils,dash,findutils,grep,make,mawk,sed \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		"${EXCLUDE[@]/#/--dpkgopt=path-exclude=}" "$release" - - |
		tar -x --no-same-owner --exclude='./dev/*' -C "$new" || return
	ln -s mawk "$new/usr/bin/awk"
	mv "$new" "$KROOT"
}

# Who is not root can mount in a user namespace.
MOUNTING=(-m)
[ "$(id -u)" = 0 ] || MOUNTING+=(-r)

prepare_headers() {
	[ -n "$KROOT" ] || return 0
	if ! unshare "${MOUNTING[@]}" true 2>/dev/null; then
		echo "nothing can be mounted here"
		return 1
	elif [ -e "$KROOT" ]; then
		return
	elif ! command -v mmdebstrap >/dev/null; then
		echo "mmdebstrap is not installed"
		return 1
	fi
	make_headers_root || { echo "no root of Debian's packages could be made"; return 1; }
}

# build_with_headers DIR ARGUMENT...: make the modules of a directory.
build_with_headers() {
	local dir=$1
	shift
	if [ -z "$KROOT" ]; then
		make -C "$KSRC" M="$dir" "$@" modules
		return
	fi
	# shellcheck disable=SC2016 # $... is for the shell there
	unshare "${MOUNTING[@]}" sh -ec 'root=$1 dir=$2
		shift 2
		mount --rbind /dev "$root/dev"
		mount --rbind /proc "$root/proc"
		mount --bind "$dir" "$root/mnt"
		exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin LC_ALL=C make "$@"' \
		sh "$KROOT" "$dir" -C "$KSRC" M=/mnt "$@" modules
}

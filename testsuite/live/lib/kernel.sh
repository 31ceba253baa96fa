# shellcheck shell=bash
#
# Debian's newest kernel of a series, fetched and unpacked but not installed.
#
# Sets for series $1:
#   KDIR     where the packages are unpacked
#   KVER     the kernel's version, as in /lib/modules/KVER
#   KSRC     its headers, ready for make -C

# The newest plain image of series $1: not -rt, not -cloud, not -unsigned.
newest_image() {
	apt-cache pkgnames "linux-image-$1." |
		grep -E "^linux-image-${1//./\\.}\.[0-9]+(-[0-9]+|\+[a-z0-9]+)?-amd64\$" |
		sort -rV |
		while read -r image; do
			if apt-cache show "$image" >/dev/null 2>&1; then
				echo "$image"
				break
			fi
		done
}

# The image's headers and the parts of kbuild that they refer to.
header_packages() {
	local headers=linux-headers-$1
	echo "$headers"
	apt-cache depends "$headers" |
		sed -nE 's/^ *Depends: (linux-(headers|kbuild)-.*)/\1/p'
}

# Fetch and unpack package $1 into directory $2.  The .deb stays beside it, so that
# unpacking can be done again without the network.
unpack_package() {
	local deb
	deb=$(compgen -G "$CACHE/debs/${1}_*.deb" | sort -V | tail -n 1)
	if [ -z "$deb" ]; then
		(cd "$CACHE/debs" && apt-get -qq -o APT::Sandbox::User=root download "$1") || return
		deb=$(compgen -G "$CACHE/debs/${1}_*.deb" | sort -V | tail -n 1)
	fi
	[ -n "$deb" ] && dpkg-deb -x "$deb" "$2"
}

# The headers name each other by their installed paths.
fix_header_paths() {
	local root=$1 file
	for file in "$root"/usr/src/linux-headers-*/Makefile; do
		sed -i "s|/usr/src/|$root/usr/src/|" "$file"
	done
}

# An index over the whole tree, from which the modules of the initramfs are picked.
index_modules() {
	local root=$1 ver=$2
	if [ -d "$root/usr/lib/modules" ] && [ ! -e "$root/lib" ]; then
		ln -s usr/lib "$root/lib"	# packages of a merged /usr
	fi
	depmod -b "$root" "$ver"
}

prepare_kernel() {
	local series=$1 image package
	image=$(newest_image "$series")
	# Without the package lists (no network), take what an earlier run has fetched.
	if [ -z "$image" ]; then
		image=$(cd "$CACHE" && compgen -G "linux-image-$series.*-amd64" | sort -V |
			tail -n 1)
	fi
	if [ -z "$image" ]; then
		echo "no linux-image package of series $series is known to apt"
		return 1
	fi
	KVER=${image#linux-image-}
	KDIR=$CACHE/$image
	# shellcheck disable=SC2034 # for build_modules
	KSRC=$KDIR/usr/src/linux-headers-$KVER
	[ -e "$KDIR/.complete" ] && return

	rm -rf "$KDIR"
	mkdir -p "$CACHE/debs" "$KDIR"
	for package in "$image" $(header_packages "$KVER"); do
		if ! unpack_package "$package" "$KDIR"; then
			echo "package $package could not be fetched or unpacked"
			return 1
		fi
	done
	fix_header_paths "$KDIR"
	index_modules "$KDIR" "$KVER" && : >"$KDIR/.complete"
}

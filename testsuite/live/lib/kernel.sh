# shellcheck shell=bash
#
# Debian's newest kernel of a series, fetched and unpacked but not installed.
#
# Sets for series $1:
#   KDIR     where the packages are unpacked
#   KVER     the kernel's version, as in /lib/modules/KVER
#   KIMAGE   what a boot loader loads
#   KSRC     its headers, ready for make -C; or for those of another release of Debian,
#   KROOT    the root that has them in /usr/src, with what they want to be built with:
#            prepare_headers() makes it

# shellcheck source=testsuite/live/lib/debian.sh
. "${BASH_SOURCE[0]%/*}/debian.sh"

# What this machine's release does not have may be here: Debian's newest kernels.
BACKPORTS=trixie-backports

# apt's options: none, or package lists that are not the machine's.
APT=()

# The newest plain image of series $1: not -rt, not -cloud, not -unsigned.
newest_image() {
	apt-cache "${APT[@]}" pkgnames "linux-image-$1." |
		grep -E "^linux-image-${1//./\\.}(\.[0-9]+)+(-[0-9]+|\+[a-z0-9]+)?-amd64\$" |
		sort -rV |
		while read -r image; do
			if apt-cache "${APT[@]}" show "$image" >/dev/null 2>&1; then
				echo "$image"
				break
			fi
		done
}

# Those of $2... that package $1 depends on.
depends() {
	apt-cache "${APT[@]}" depends "$1" | sed -nE "s/^ *Depends: ($2)\$/\1/p"
}

# The image, and what newer ones have in packages of their own: linux-modules and others.
image_packages() {
	local version=${1#linux-image-}
	echo "$1"
	depends "$1" "linux-[a-z]+-${version//+/\\+}"
}

# The image's headers and the parts of kbuild that they refer to.
header_packages() {
	echo "linux-headers-$1"
	depends "linux-headers-$1" 'linux-(headers|kbuild)-.*'
}

# Have apt's functions above and below read the lists of $BACKPORTS.
use_backports() {
	local lists=$CACHE/$BACKPORTS
	mkdir -p "$lists/lists/partial"
	debian_sources "$BACKPORTS" >"$lists/sources.list"
	APT=(-o Dir::Etc::SourceParts=/dev/null -o "Dir::Etc::SourceList=$lists/sources.list"
		-o "Dir::State::Lists=$lists/lists" -o "Dir::Cache=$lists")
	apt-get -qq -o APT::Sandbox::User=root "${APT[@]}" update
}

# Fetch and unpack package $1 into directory $2.  The .deb stays beside it, so that
# unpacking can be done again without the network.
unpack_package() {
	local deb
	deb=$(compgen -G "$CACHE/debs/${1}_*.deb" | sort -V | tail -n 1)
	if [ -z "$deb" ]; then
		(cd "$CACHE/debs" &&
			apt-get -qq -o APT::Sandbox::User=root "${APT[@]}" download "$1") || return
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

# Where the kernel of a package is, or will be.
set_kernel() {
	KVER=${1#linux-image-}
	KDIR=$CACHE/$1
	KIMAGE=$KDIR/boot/vmlinuz-$KVER
	[ -e "$KIMAGE" ] || KIMAGE=$KDIR/usr/lib/modules/$KVER/vmlinuz	# from 7.3 on
	KSRC=$KDIR/usr/src/linux-headers-$KVER
	KROOT=
	if [ ! -e "$KSRC" ]; then
		KROOT=$CACHE/linux-headers-$KVER.root
		KSRC=/usr/src/linux-headers-$KVER
	fi
}

# fetch_kernel IMAGE DIR: with its headers where this machine has what builds with them.
fetch_kernel() {
	local package
	for package in $(image_packages "$1") \
			$([ ${#APT[@]} != 0 ] || header_packages "${1#linux-image-}"); do
		if ! unpack_package "$package" "$2"; then
			echo "package $package could not be fetched or unpacked"
			return 1
		fi
	done
	[ ${#APT[@]} != 0 ] || fix_header_paths "$2"
	index_modules "$2" "${1#linux-image-}" && : >"$2/.complete"
}

prepare_kernel() {
	local series=$1 image
	APT=()
	image=$(newest_image "$series")
	if [ -z "$image" ] && use_backports; then
		image=$(newest_image "$series")
	fi
	# Without the package lists (no network), take what an earlier run has fetched.
	if [ -z "$image" ]; then
		image=$(cd "$CACHE" && compgen -G "linux-image-$series.*-amd64" | sort -V |
			tail -n 1)
	fi
	if [ -z "$image" ]; then
		echo "no linux-image package of series $series is known to apt"
		return 1
	fi
	if [ ! -e "$CACHE/$image/.complete" ]; then
		rm -rf "${CACHE:?}/$image"
		mkdir -p "$CACHE/debs" "$CACHE/$image"
		fetch_kernel "$image" "$CACHE/$image" || return
	fi
	set_kernel "$image"
}

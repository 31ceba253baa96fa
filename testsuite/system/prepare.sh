# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is there before anything is tested: the root of a Debian system, kept beside the
# kernels of the live tests, and packages to install: klpdep's, kernels, livepatches.

ROOT_PACKAGES=systemd-sysv,udev,kmod,initramfs-tools,linux-base,e2fsprogs,zstd
NOT_UNPACKED=(/usr/share/{doc,info,locale,man,zoneinfo}/'*')

# A system that has no kernel yet.  /dracut has dracut's packages, to be installed later.
make_system_root() {
	local archive=$1 codename=$2
	# shellcheck disable=SC2016 # $1 is for the hook
	debian_sources | mmdebstrap --quiet --variant=apt --include="$ROOT_PACKAGES" \
		--dpkgopt=force-unsafe-io "${NOT_UNPACKED[@]/#/--dpkgopt=path-exclude=}" \
		--customize-hook='mkdir -p "$1/dracut/partial"' \
		--customize-hook='chroot "$1" apt-get -qq -y --no-install-recommends \
			--download-only -o Dir::Cache::Archives=/dracut install dracut' \
		"$codename" "$archive.new.tar" - && mv "$archive.new.tar" "$archive"
}

unpack_system_root() {
	local codename archive
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	archive=$CACHE/system-$codename.tar
	if ! [ -e "$archive" ]; then
		if [ -z "$(debian_sources)" ]; then
			echo "apt knows of no Debian packages"
			return 1
		fi
		make_system_root "$archive" "$codename" || return
	fi
	tar -x -C "$root" -f "$archive"
}

# build_livepatches KERNEL-HEADERS KERNEL RELEASE...: a package for each release.
build_livepatches() {
	local headers=$1 kernel=$2 dir=$work/modules-$2 release
	shift 2
	mkdir -p "$dir"
	cp "$here"/modules/* "$here/../live/modules/patch.h" "$dir" &&
		make -s -C "$headers" M="$dir" RELEASES="$*" \
			CONFIG_DEBUG_INFO_BTF_MODULES= modules || return
	for release; do
		package_livepatches "$kernel" "$release" || return
	done
}

package_livepatches() {
	local tree=$work/livepatch-$1-$2 module
	mkdir -p "$tree/DEBIAN" "$tree/usr/lib/modules/$1/livepatch"
	for module in "$work/modules-$1"/klp_*_"$2".ko; do
		strip --strip-debug -o "$tree/usr/lib/modules/$1/livepatch/${module##*/}" \
			"$module" || return
	done
	printf '%s\n' "Package: livepatch-$1" "Version: $2" "Architecture: amd64" \
		"Maintainer: nobody <nobody@example.org>" "Description: livepatches" \
		>"$tree/DEBIAN/control"
	dpkg-deb -Z none --build --root-owner-group "$tree" "$work/packages" >/dev/null
}

# add_kernel SERIES: its package, and the headers to build livepatches with.
add_kernel() {
	prepare_kernel "$1" || return
	cp "$(compgen -G "$CACHE/debs/linux-image-${KVER}_*.deb" | sort -V | tail -n 1)" \
		"$work/packages"
}

prepare_kernels() {
	add_kernel 6.1 || return
	first=$KVER first_headers=$KSRC
	add_kernel 6.12 || return
	second=$KVER second_headers=$KSRC
}

# For the guest to put into the tree.
make_extra() {
	printf '%s\n' 'name klp_extra' 'livepatch klp-patch' 'object zram' 'func f 0' |
		"$builddir/testsuite/mkmodule" -o "$work/klp_extra.ko" -
}

prepare_packages() {
	make_extra && build_packages && cp "$PACKAGES"/klpdep_*.deb "$work/packages" &&
		build_livepatches "$first_headers" "$first" 1 2 &&
		build_livepatches "$second_headers" "$second" 2
}

# Without a kernel or a root to be had, it is not klpdep that has failed.
prepare() {
	local unpacking
	unpack_system_root >"$work/root.log" 2>&1 &
	unpacking=$!
	prepare_kernels >"$work/kernels.log" 2>&1 ||
		nothing "$(tail -n 1 "$work/kernels.log")"
	if ! prepare_packages >"$work/packages.log" 2>&1; then
		tail -n 20 "$work/packages.log" | sed 's/^/#   /'
		not_ok "the packages can be built" | tee "$work/verdicts"
		wait
		count_verdicts "$work/verdicts"
	fi
	wait $unpacking || nothing "no Debian root could be made: $(tail -n 1 "$work/root.log")"
}

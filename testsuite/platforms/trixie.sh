# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The next release of Debian, with a kmod of its own: what "make dist" ships is built and
# tested in a root of it, and so are its packages.
: "${builddir:?}" "${dir:?}" "${top:?}"

# A root where packages are installed: dpkg's tools look for who owns a file.
make_trixie_root() {
	local root=$dir/trixie.root lists
	[ ! -e "$root" ] || return 0
	rm -rf "$root.new"
	# rpm's are another platform's
	lists=$(sed 's/#.*//; /^rpm/d; /^createrepo-c/d; /^dnf/d; /^zypper/d' "$top/scripts/packages" \
		"$top/testsuite/rootfs/packages" "$top/testsuite/packages/packages" | tr '\n' ',')
	debian_sources trixie | mmdebstrap --quiet --variant=minbase --include="$lists" \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' trixie "$root.new" - &&
		mv "$root.new" "$root"
}

# in_trixie COMMAND...: with klpdep's sources in /klpdep, and /build to build in.
in_trixie() {
	chroot "$dir/trixie.root" /usr/bin/env -i -C /build \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"
}

mount_trixie() {
	local what
	# What gets a namespace of its own in there wants its root to be a mount.
	mount --bind "$dir/trixie.root" "$dir/trixie.root" || return
	for what in dev proc; do
		mkdir -p "$dir/trixie.root/$what"
		mount --rbind "/$what" "$dir/trixie.root/$what" || return
	done
}

build_in_trixie() {
	local root=$dir/trixie.root
	rm -rf "$root/klpdep" "$root/build"
	mkdir "$root/build"
	ln -sfn trixie.root/build "$dir/trixie"
	make -s -C "$builddir" --no-print-directory distdir distdir="$root/klpdep" &&
		chmod -R u+w "$root/klpdep" &&
		in_trixie /klpdep/scripts/build -d /build --enable-werror
}

trixie_rootfs() {
	local log=$dir/trixie.log
	if in_trixie /klpdep/testsuite/rootfs/run -b /build >"$log" 2>&1; then
		ok "trixie: rootfs tests with $(in_trixie kmod --version | head -n 1):" \
			"$(tail -n 1 "$log")"
	else
		grep -v '^ok ' "$log" | sed 's/^/#   /'
		not_ok "trixie: rootfs tests"
	fi
}

# Built, looked at by lintian, installed, upgraded and purged.
trixie_packages() {
	local log=$dir/trixie.log
	if in_trixie /klpdep/testsuite/packages/run -b /build deb >"$log" 2>&1 &&
		grep -q '^ok packages-deb-purge$' "$log"; then
		ok "trixie: packages: $(tail -n 1 "$log")"
	else
		grep -v '^ok ' "$log" | sed 's/^/#   /'
		not_ok "trixie: packages"
	fi
}

# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A root of Debian 13 in which the kernel's klp-build can be run, and the tree for it.
#
# Sets ROOT, TREE and KVER.
: "${builddir:?}" "${here:?}" "${dir:?}"

CACHE=${KLPDEP_LIVE_CACHE:-$builddir/testsuite/live/cache}
ROOT=$CACHE/klp-build
TREE=$dir/linux

# For klp-build, objtool, and modules; of trixie-backports: the newest kernel's source, its
# headers, and modules.
PACKAGES=(base-files bash coreutils dash diffutils findutils gawk gcc grep kmod libc-bin
	libc6-dev libelf-dev libxxhash-dev make patch patchutils perl sed util-linux
	linux-headers-amd64 linux-modules-amd64 linux-source)

# Of Debian's modules, those that patches are made for, and what these depend on.
MODULES=('drivers/block/zram/*' 'lib/*')

# What klp-build and objtool need of the source, and what is patched.
SOURCES=(scripts tools/{arch/x86,build,include,lib,objtool,scripts} drivers/block/zram
	fs/proc/{cmdline.c,internal.h})

# Trixie and its backports, from wherever the machine's apt gets its Debian.
trixie_sources() {
	local codename
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	debian_sources | sed -n "/ $codename /{s// trixie /p; s/ trixie / trixie-backports /p}" |
		sort -u
}

make_root() {
	local pin='Package: linux-*\nPin: release n=trixie-backports\nPin-Priority: 900\n'
	rm -rf "$ROOT" "$ROOT.new"
	trixie_sources | mmdebstrap --quiet --variant=extract --architectures=amd64 \
		--setup-hook="printf '$pin' >\"\$1/etc/apt/preferences.d/linux\"" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/lib/modules/*/kernel/*' \
		"${MODULES[@]/#/--dpkgopt=path-include=/usr/lib/modules/*/kernel/}" \
		--include="${PACKAGES[*]}" trixie "$ROOT.new" - || return
	# Nothing is configured; awk is what a package's script would have made.
	ln -s gawk "$ROOT.new/usr/bin/awk" && mkdir -p "$ROOT.new"/{dev,proc,linux} &&
		mv "$ROOT.new" "$ROOT"
}

# in_root COMMAND...: in the kernel's tree.
in_root() {
	chroot "$ROOT" /usr/bin/env -i -C /linux PATH=/usr/sbin:/usr/bin LC_ALL=C "$@"
}

mount_root() {
	mount --bind "$TREE" "$ROOT/linux" && mount --rbind /dev "$ROOT/dev" &&
		mount --rbind /proc "$ROOT/proc"
}

# The tree, with an objtool that knows klp: that of Debian's linux-kbuild does not.
make_tree() {
	local archive
	archive=$(echo "$ROOT"/usr/src/linux-source-*.tar.xz)
	rm -rf "$TREE"
	mkdir -p "$TREE"
	tar -x -C "$TREE" --strip-components=1 -f "$archive" \
		"${SOURCES[@]/#/$(basename "$archive" .tar.xz)/}" &&
		cp -r "$here"/linux/. "$TREE" &&
		cp "$ROOT/usr/src/linux-headers-$KVER/.config" "$TREE" &&
		ln -s "/usr/src/linux-headers-$KVER/include" "$TREE/include" &&
		mount_root && in_root make -s -C tools/objtool
}

# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A modprobe as it may be one day: an install rule counts for a module with a softdep, too.  The
# machine's own release of kmod is built from Debian's sources with that one change.
: "${builddir:?}" "${dir:?}" "${top:?}"

# Cases in which somebody else's install rule is not seen by today's modprobe, which warns of it.
INSTALL_WINS_CASES="admin-install-softdep block-lost verify-shadowed"

# Below it "../libkmod", as in Debian's build, since that is in messages; as is the line's number.
make_install_wins() {
	local source=$dir/kmod.sources/kmod
	[ ! -e "$dir/kmod.root/bin/modprobe" ] || return 0
	fetch_sources "$dir/kmod.sources" kmod || return
	grep -q 'mod->ignorecmd = (pre' "$source/libkmod/libkmod-module.c" || {
		echo "kmod: its source has another form"
		return 1
	}
	sed -i 's/^.*mod->ignorecmd = (pre.*$//' "$source/libkmod/libkmod-module.c"
	mkdir -p "$source/build"
	# as it is in git
	(cd "$source" && : >libkmod/docs/gtk-doc.make && autoreconf -fi && cd build &&
		../configure -q --prefix="$dir/kmod.root" --sysconfdir=/etc --enable-debug \
			--disable-manpages --disable-test-modules --with-zlib --with-xz \
			--with-zstd CFLAGS='-O1 -w' &&
		make -s -j"$(nproc)" install) &&
		ln -s kmod "$dir/kmod.root/bin/modprobe" &&
		rm -rf "$dir/kmod.sources"
}

install_wins_rootfs() {
	local log=$dir/install-wins.log failed
	PATH=$dir/kmod.root/bin:$PATH "$top/testsuite/rootfs/run" -b "$builddir" >"$log" 2>&1
	failed=$(sed -n 's/^not ok //p' "$log" | sort | tr '\n' ' ')
	if [ "$failed" = "$INSTALL_WINS_CASES " ]; then
		ok "install-wins: rootfs tests: $(tail -n 1 "$log"), which are blocks that hold now"
	else
		grep -v '^ok ' "$log" | sed 's/^/#   /'
		not_ok "install-wins: rootfs tests: '$failed' instead of '$INSTALL_WINS_CASES '"
	fi
}

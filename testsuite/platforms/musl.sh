# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Debian has musl, and no libraries that are built with it: those that klpdep needs are
# built here from Debian's sources, into $dir/musl.root.
: "${dir:?}" "${codename:?}"

# autoconf_source SOURCE ARGUMENT...: go there, and configure it.
autoconf_source() {
	cd "$dir/musl.sources/$1" || return
	shift
	./configure -q --prefix="$new" CC=musl-gcc CFLAGS='-O1 -w' CPPFLAGS="-I$new/include" "$@"
}

make_musl_libraries() {
	local new=$dir/musl.root.new make
	make=(make -s -j"$(nproc)")
	# The kernel's headers are the same for all libraries.
	mkdir -p "$new/include" &&
		ln -s /usr/include/{linux,asm-generic,x86_64-linux-gnu/asm} "$new/include" &&
		(cd "$dir/musl.sources/zlib" && CC=musl-gcc ./configure --prefix="$new" &&
			"${make[@]}" install) &&
		"${make[@]}" -C "$dir/musl.sources/libzstd/lib" CC=musl-gcc CFLAGS='-O1 -fPIC' \
			PREFIX="$new" install-pc install-includes install-shared &&
		(autoconf_source xz-utils --disable-doc --disable-nls &&
			"${make[@]}" -C src/liblzma install) &&
		(autoconf_source check --disable-subunit --disable-static &&
			"${make[@]}" -C lib && "${make[@]}" -C src install &&
			"${make[@]}" install-data-am) &&
		(autoconf_source util-linux --disable-all-programs --enable-libsmartcols &&
			"${make[@]}" install) &&
		# as it is in git
		(cd "$dir/musl.sources/kmod" && : >libkmod/docs/gtk-doc.make &&
			autoreconf -fi && autoconf_source kmod --disable-tools \
				--disable-manpages --disable-test-modules &&
			"${make[@]}" install)
}

make_musl_root() {
	[ ! -e "$dir/musl.root" ] || return 0
	rm -rf "$dir/musl.root.new"
	fetch_sources "$dir/musl.sources" check kmod libzstd util-linux xz-utils zlib &&
		make_musl_libraries || return
	find "$dir/musl.root.new" -name '*.la' -delete
	sed -i "s|musl\.root\.new|musl.root|g" "$dir"/musl.root.new/lib/pkgconfig/*.pc &&
		mv "$dir/musl.root.new" "$dir/musl.root" &&
		rm -rf "$dir/musl.sources"
}

# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Debian packages, from what "make dist" would ship.

# build_packages: they are in $PACKAGES then, a directory that is kept: where nothing has
# changed since they were built, they are not built again.
build_packages() {
	local work source sum
	PACKAGES=$builddir/testsuite/packages/built
	work=$PACKAGES.new source=$PACKAGES.new/klpdep
	rm -rf "$work"
	mkdir -p "$work"
	make -s -C "$builddir" --no-print-directory distdir distdir="$source" &&
		chmod -R u+w "$source" || return
	# The tests are in no package.
	sum=$(cd "$source" && find . -path ./testsuite -prune -o -type f -exec cksum {} + |
		sort | cksum)
	if [ "$sum" != "$(cat "$PACKAGES/sources" 2>/dev/null)" ]; then
		(cd "$source" && DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" \
			dpkg-buildpackage -b -us -uc) || return
		rm -rf "$source" "$PACKAGES"
		mv "$work" "$PACKAGES"
		echo "$sum" >"$PACKAGES/sources"
	fi
	rm -rf "$work"
}

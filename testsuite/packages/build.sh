# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The packages, from what "make dist" would ship.

build_deb() {
	cp -a "$1" . && cd "${1##*/}" &&
		DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" \
			dpkg-buildpackage -b -us -uc
}

# What systemd-rpm-macros has of this elsewhere is not there on Debian; nor are the
# packages that it wants to build with, by their names.
build_rpm() {
	local name
	name=$(sed -n 's/^Version: */klpdep-/p' "$1/integration/rpm/klpdep.spec")
	ln -s "$1" "$name" && XZ_OPT=-0 tar -chJf "$name.tar.xz" "$name" &&
		rpmbuild -tb --nodeps --nocheck -D "_topdir $PWD" -D "_rpmdir $PWD" \
			-D "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
			-D "_unitdir /usr/lib/systemd/system" \
			-D "_systemdgeneratordir /usr/lib/systemd/system-generators" \
			-D "_udevrulesdir /usr/lib/udev/rules.d" \
			-D "systemd_post() %{nil}" -D "systemd_preun() %{nil}" \
			-D "systemd_postun() %{nil}" \
			-D "_build_id_links none" -D "debug_package %{nil}" -D "optflags -O0" "$name.tar.xz" &&
		cp "$1/integration/rpm/klpdep.spec" . && rm -rf "$name" BUILD BUILDROOT
}

# build_packages [deb|rpm...]: they are in $PACKAGES, or $PACKAGES-rpm, then, directories
# that are kept: where nothing has changed since they were built, they are not built again.
build_packages() {
	local kind dir new source sum builds=()
	[ $# != 0 ] || set -- deb
	PACKAGES=$builddir/testsuite/packages/built
	new=$PACKAGES.new source=$PACKAGES.new/klpdep
	rm -rf "$new"
	mkdir -p "$new"
	make -s -C "$builddir" --no-print-directory distdir distdir="$source" &&
		chmod -R u+w "$source" || return
	# The tests are in no package.
	sum=$(cd "$source" && find . -path ./testsuite -prune -o -type f -exec cksum {} + |
		sort | cksum)
	for kind; do
		dir=$PACKAGES-$kind
		[ "$sum" != "$(cat "${dir%-deb}/sources" 2>/dev/null)" ] || continue
		rm -rf "${dir%-deb}"
		# Side by side: configure keeps one processor busy only.
		mkdir "$new/$kind"
		(cd "$new/$kind" && "build_$kind" "$source" && rm -rf "$new/$kind/klpdep" &&
			mv "$new/$kind" "${dir%-deb}" && echo "$sum" >"${dir%-deb}/sources") \
			>"$new/$kind.log" 2>&1 &
		builds+=($!)
	done
	# Not for what else the caller has in the background.
	[ ${#builds[@]} = 0 ] || wait "${builds[@]}"
	for kind; do
		dir=$PACKAGES-$kind
		[ -e "${dir%-deb}/sources" ] || {
			tail -n 40 "$new/$kind.log"
			return 1
		}
	done
	rm -rf "$new"
}

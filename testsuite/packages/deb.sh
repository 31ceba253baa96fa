# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Packages of Debian that are not klpdep's.

# package NAME VERSION: what is in pkg, which is then empty
package() {
	mkdir -p pkg/DEBIAN
	printf '%s\n' "Package: $1" "Version: $2" "Architecture: all" \
		"Maintainer: nobody <nobody@example.org>" "Description: a test" >pkg/DEBIAN/control
	dpkg-deb --build --root-owner-group pkg "$1_$2.deb" >/dev/null || exit 1
	rm -r pkg
}

# kernel_package NAME VERSION KERNEL: of what is in pkg; its scripts do what those of Debian's
# kernels do.
kernel_package() {
	mkdir -p pkg/DEBIAN pkg/boot
	touch "pkg/boot/vmlinuz-$3"
	cat >pkg/DEBIAN/postinst <<-EOT
		#!/bin/sh -e
		[ "\$1" = configure ] || exit 0
		depmod $3
		touch /boot/initrd.img-$3
		run-parts --exit-on-error --arg=$3 --arg=/boot/vmlinuz-$3 \
			/etc/kernel/postinst.d
	EOT
	cat >pkg/DEBIAN/postrm <<-EOT
		#!/bin/sh -e
		run-parts --exit-on-error --arg=$3 --arg=/boot/vmlinuz-$3 \
			/etc/kernel/postrm.d
		[ "\$1" = purge ] || exit 0
		rm -f /boot/initrd.img-$3
		for file in dep alias symbols softdep weakdep devname builtin.alias "*.bin"; do
			eval rm -f /lib/modules/$3/modules.\$file
		done
		rmdir /lib/modules/$3 || true
	EOT
	chmod 755 pkg/DEBIAN/p*
	package "$1" "$2"
}

# kernel KERNEL VERSION
kernel() {
	kernel_files "$1"
	kernel_package "kernel-$1" "$2" "$1"
}

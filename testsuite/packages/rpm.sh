# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Packages of rpm that are not klpdep's, and rpm itself.

# package NAME VERSION [SCRIPT [TAG]]: what is in pkg, which is then empty
package() {
	cat >"$1.spec" <<-EOT
		Name: $1
		Version: $2
		Release: 1
		Summary: a test
		License: none
		BuildArch: noarch
		AutoReqProv: no
		${4-}
		%description
		A test.
		%install
		cp -a $PWD/pkg/. %{buildroot}
		${3-}
		%files
		/*
	EOT
	rpmbuild -bb --quiet -D "_topdir $PWD/rpmbuild" -D "_rpmdir $PWD" \
		-D "_rpmfilename %%{NAME}-%%{VERSION}.rpm" -D "__os_install_post %{nil}" \
		"$1.spec" || exit 1
	rm -r pkg
}

# kernel_package NAME VERSION KERNEL: of what is in pkg; its scripts do what those of Fedora's
# kernels do, and kernel-install runs its plugins so.
kernel_package() {
	package "$1" "$2" "
%posttrans
for plugin in /usr/lib/kernel/install.d/*.install; do
	\$plugin add $3 /boot/entry /lib/modules/$3/vmlinuz || exit
done
%preun
for plugin in /usr/lib/kernel/install.d/*.install; do
	\$plugin remove $3 /boot/entry
done
:"
}

# kernel KERNEL
kernel() {
	kernel_files "$1"
	kernel_package "kernel-$1" 1 "$1"
}

# The plugins that Fedora's kernel-install has, as far as they matter.
kernel_install() {
	rm -rf /usr/lib/kernel
	mkdir -p /usr/lib/kernel/install.d
	cat >/usr/lib/kernel/install.d/50-depmod.install <<'EOT'
#!/bin/bash
case $1 in
add) depmod "$2" ;;
remove) cd "/lib/modules/$2" && rm -f ./*.bin modules.{alias,dep,devname,softdep,symbols,weakdep} ;;
esac
EOT
	cat >/usr/lib/kernel/install.d/50-dracut.install <<'EOT'
#!/bin/sh
[ "$1" = remove ] || dracut --quiet --force --kver "$2"
EOT
	chmod 755 /usr/lib/kernel/install.d/*
}

# Debian's rpm has to be told that it is wanted; what is installed is Debian's, not its
# own.
run_rpm() {
	rpm --force-debian --nodeps "$@"
}

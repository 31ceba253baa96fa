# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The system's root directory: what is done in it, and disks that are made of it.

: "${here:?}" "${work:?}" "${root:?}" "${first:?}"

in_root() {
	chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# deb NAME: the file of a package, as it is called in the root.
deb() {
	(cd "$work" && compgen -G "packages/${1}_*.deb" | sed 's|^|/|')
}

# apt install FILE-OR-PACKAGE...: what is said goes to apt.log.
apt() {
	in_root apt-get -qq -y --no-install-recommends "$@" >>"$work/apt.log" 2>&1
}

# /view is the root without what is mounted in it.
mount_root() {
	mkdir -p "$work/view" "$root"/{packages,dev,proc,sys}
	mount --bind "$root" "$work/view" &&
		mount --bind "$work/packages" "$root/packages" &&
		mount -t proc proc "$root/proc" &&
		mount --rbind /dev "$root/dev" &&
		mount --rbind /sys "$root/sys"
}

# A system that somebody has set up before klpdep came; and the tests' own service.
set_up() {
	local unit units=$root/etc/systemd/system
	echo system >"$root/etc/hostname"
	echo 00000000000000000000000000000001 >"$root/etc/machine-id"
	echo '/dev/sda / ext4 errors=remount-ro 0 0' >"$root/etc/fstab"
	printf '%s\n' COMPRESS=zstd COMPRESSLEVEL=1 \
		>"$root/etc/initramfs-tools/conf.d/system"
	# An emulated machine can take longer over a transition than the default.
	mkdir -p "$root/etc/klpdep.d"
	echo "settle-timeout 60" >"$root/etc/klpdep.d/system.conf"
	set_modules list
	# What takes time here, and is not looked at.
	for unit in getty.target systemd-timesyncd.service timers.target \
			systemd-logind.service systemd-update-utmp.service systemd-random-seed.service \
			systemd-journal-flush.service e2scrub_reap.service; do
		ln -sf /dev/null "$units/$unit"
	done
	cp -r "$here/guest" "$root/system" && chmod +x "$root/system/look" &&
		cp "$work/klp_extra.ko" "$work/packages/livepatch-${first}_2_amd64.deb" \
			"$root/system" &&
		ln -s /system/system.service "$units" &&
		ln -s ../system.service "$units/multi-user.target.wants"
}

# What an initrd of initramfs-tools has: "most", as it comes from Debian, takes ten times as
# long to make as what this machine needs.
set_modules() {
	sed -i "s/^MODULES=.*/MODULES=$1/" "$root/etc/initramfs-tools/initramfs.conf"
	printf '%s\n' ext4 virtio_scsi sd_mod virtio_pci virtio_blk \
		>"$root/etc/initramfs-tools/modules"
}

# make_disk NAME: with what the root holds now, and kernel and initrd beside it.
make_disk() {
	local name=$1 kernel=$2
	cp "$root/boot/vmlinuz-$kernel" "$work/$name.vmlinuz" &&
		cp "$root/boot/initrd.img-$kernel" "$work/$name.initrd" &&
		truncate -s 3G "$work/$name.disk" &&
		mke2fs -q -t ext4 -d "$work/view" "$work/$name.disk"
}

# Files that no package has, but for those of apt and dpkg themselves.
unowned() {
	comm -23 <(cd "$work/view" && find . -mindepth 1 \( -path ./proc -o -path ./sys \
			-o -path ./dev -o -path ./packages -o -path ./dracut \
			-o -path ./system -o -path ./var/lib/dpkg -o -path ./var/lib/apt \
			-o -path ./var/cache/apt -o -path ./var/log \) -prune -o -print | sed 's|^\.||' | sort) \
		<(sed -E 's!^/(bin|sbin|lib|lib64)(/|$)!/usr/\1\2!' \
			"$root"/var/lib/dpkg/info/*.list | sort -u)
}

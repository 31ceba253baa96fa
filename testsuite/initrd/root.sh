# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The root directory that images are made in, and looking into images.

# The modules that images are asked for.  Others depend on mbcache, scsi_mod and virtio, for
# which there will be rules; ext4 and jbd2 have softdeps of their own.
MODULES="ext4 sd_mod virtio_blk e1000"

# Unpack a package over links like /lib.
unpack_over() {
	local deb
	deb=$(compgen -G "$CACHE/debs/${1}_*.deb" | sort -V | tail -n 1)
	dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"
}

make_root() {
	local package dir
	root=$work/root tree=/lib/modules/$KVER beside=/var/lib/klpdep/modules/$KVER
	mkdir -p "$work/layer" "$root"
	mount -t tmpfs tmpfs "$work/layer" &&
		mkdir "$work/layer"/{upper,work,tree,tree-work,images} &&
		mount -t overlay overlay \
			-o "lowerdir=/,upperdir=$work/layer/upper,workdir=$work/layer/work" \
			"$root" || return
	for dir in proc dev sys; do
		mount --rbind "/$dir" "$root/$dir" || return
	done
	# Hooks and configuration of other packages that the machine has would take part;
	# kmod's hook brings modprobe, and busybox' what the probe calls.
	find "$root"/{etc,usr/share}/initramfs-tools ! -type d ! -path '*/hooks/kmod' \
		! -name '*busybox' -delete
	rm -rf "$root"/{etc,usr/lib}/dracut "$root"/etc/dracut.conf{,.d}
	for package in initramfs-tools-core klibc-utils libklibc dracut-core udev rear; do
		unpack_over "$package" || return
	done
	rm -rf "$root"/{etc,run,usr/local/lib,usr/lib}/{modprobe.d,klpdep.d}
	mkdir -p "$root$tree" "$root/boot" "$root/etc/modprobe.d" "$root/usr/lib/modprobe.d" \
		"$root/etc/klpdep.d"
	cp "$KDIR/boot/config-$KVER" "$root/boot" || return
	# The administrator's own files must count as ever.
	echo 'options e1000 copybreak=7' >"$root/etc/modprobe.d/site.conf"
	echo 'options e1000 debug=0' >"$root/usr/lib/modprobe.d/vendor.conf"
	printf '%s\n' 'MODULES=list' 'BUSYBOX=no' 'COMPRESS=gzip' \
		>"$root/etc/initramfs-tools/initramfs.conf"
	set_modules "$MODULES"
	mount -t overlay overlay -o "lowerdir=$KDIR/lib/modules/$KVER,\
upperdir=$work/layer/tree,workdir=$work/layer/tree-work" "$root$tree" || return
	in_root depmod "$KVER"
}

in_root() {
	chroot "$root" "$@"
}

set_modules() {
	# shellcheck disable=SC2086 # a list of words
	printf '%s\n' $1 >"$root/etc/initramfs-tools/modules"
}

# Take the hooks for initramfs-tools away, and put them back.
hooks_away() {
	mkdir -p "$work/layer/away"/{conf-hooks.d,hooks}
	mv "$root/usr/share/initramfs-tools/conf-hooks.d/klpdep" "$work/layer/away/conf-hooks.d"
	mv "$root/usr/share/initramfs-tools/hooks/klpdep" "$work/layer/away/hooks"
}

hooks_back() {
	cp -a "$work/layer/away/." "$root/usr/share/initramfs-tools"
}

# And the rules, which others copy, too.
rules_away() {
	mkdir -p "$work/layer/rules"
	mv "$root"/lib/modprobe.d/*klpdep*.conf "$work/layer/rules"
}

rules_back() {
	mv "$work/layer/rules"/* "$root/lib/modprobe.d"
}

install_klpdep() {
	make -C "$builddir" -s install DESTDIR="$root" >"$work/install.log" 2>&1
}

# patch NAME OBJECT FUNCTION [STATEMENT...]: a livepatch, which fits the kernel, in $in, or in the
# tree.
patch() {
	local name=$1 object=$2 function=$3 dir=$root${in:-$tree/updates}
	shift 3
	mkdir -p "$dir"
	printf '%s\n' "name $name" "modinfo vermagic=$vermagic" "export ${name}_symbol" \
		'livepatch klp-patch' "object $object" "func $function 0" "$@" |
		"$builddir/testsuite/mkmodule" -o "$dir/$name.ko" -
}

# Of every kind that counts: virtio has an install rule and others hooks, klp_e1000_2 supersedes
# klp_e1000_1 and requires klp_base, klp_virtio_blk is kept beside the tree, and klp_zram's target
# is not in images.
make_patches() {
	local object function
	rm -rf "$root$tree/updates" "$root$beside"
	vermagic=$(in_root modinfo -k "$KVER" -F vermagic e1000)
	while read -r object function; do
		patch "klp_$object" "$object" "$function" || return
	done <<-EOT
	ext4 ext4_file_getattr
	jbd2 jbd2_journal_start_commit
	mbcache mb_cache_create
	scsi_mod scsi_add_host_with_dma
	virtio register_virtio_driver
	zram backing_dev_show
	vmlinux cmdline_proc_show
	EOT
	patch klp_e1000_2 e1000 e1000_set_mac 'import klp_base_symbol' \
		'modinfo klp_supersedes=klp_e1000_1' &&
		patch klp_e1000_1 e1000 e1000_set_mac &&
		patch klp_base crc32_generic crc32_update &&
		in=$beside patch klp_virtio_blk virtio_blk virtblk_probe &&
		printf '%s\n' 'mask klp_not_there' 'policy virtio require' \
			>"$root/etc/klpdep.d/site.conf" &&
		ln -s /dev/null "$root/etc/klpdep.d/mask.conf" &&
		refresh
}

refresh() {
	in_root depmod "$KVER" && in_root klpdep depmod -q "$KVER"
}

# What hooks say of an image that has to do without rules.
# shellcheck disable=SC2034 # for the tests
WITHOUT=": the image has no livepatch rules: its modules load unpatched, and klpdep sync patches \
them after boot"

# klpdep does not start, as where a library is missing; and does again.
break_klpdep() {
	mv "$root/usr/bin/klpdep" "$work/layer"
	printf '%s\n' '#!/bin/sh' 'exit 127' >"$root/usr/bin/klpdep"
	chmod 755 "$root/usr/bin/klpdep"
}

repair_klpdep() {
	mv "$work/layer/klpdep" "$root/usr/bin"
}

# Neither trees nor rules can be written: what is in /run is put into images as if it were there.
make_readonly() {
	mount --bind "$root$tree" "$root$tree" && mount -o remount,ro,bind "$root$tree" &&
		mount --bind "$root/usr/lib/modprobe.d" "$root/usr/lib/modprobe.d" &&
		mount -o remount,ro,bind "$root/usr/lib/modprobe.d" &&
		in=$beside patch klp_sd_mod sd_mod sd_probe &&
		in_root klpdep depmod -q "$KVER"
}

make_writable() {
	umount "$root$tree" "$root/usr/lib/modprobe.d" && rm "$root$beside/klp_sd_mod.ko" &&
		in_root klpdep depmod -q "$KVER"
}

# What an image has of it: its index and its hook.
expect_readonly() {
	local what=$1 dir=$2
	expected=$(cat "$root/run/klpdep/$KVER/modules.klpdep" "$root/run/modprobe.d"/*klpdep*)
	cat "$dir$tree/modules.klpdep" "$dir"/lib/modprobe.d/*klpdep* |
		expect "$what: /usr is read-only: index and rules of /run"
	expected=klp_sd_mod
	modules_in "$dir" | grep klp_sd_mod | expect "$what: /usr is read-only: what came with them"
}

# Names of the modules in an unpacked image, the patches that are kept beside the tree among them.
modules_in() {
	find "$1/lib/modules/" "$1$beside/" -name '*.ko*' 2>/dev/null |
		sed 's|.*/||; s|\.ko.*||' | sort
}

# What is in an image because of klpdep.
brought_to() {
	(cd "$1" && find . -name '*klp*' ! -type d) | sed "s|$KVER|VER|; s|^\./usr/||" | sort
}

# What tells two unpacked images apart.
differences() {
	diff -r --no-dereference "$1" "$2" | sed "s|$1/|A/|g; s|$2/|B/|g; s|$KVER|VER|g"
	diff <(cd "$1" && find . ! -name '*klpdep*' -printf '%p %m %u %g %l\n' | sort) \
		<(cd "$2" && find . ! -name '*klpdep*' -printf '%p %m %u %g %l\n' | sort)
}

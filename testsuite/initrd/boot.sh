# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Images booted in QEMU, with real livepatches of the live tests: one of ext4, loaded by hooks, and
# one of zram, which policy require gives an install rule.  A script that runs when the root file
# system has been mounted prints what it finds.

# Livepatches that a compiler has made.
real_patches() {
	local name
	rm -rf "$root$tree/updates"
	mkdir -p "$root$tree/updates"
	for name in klp_ext4 klp_zram; do
		cp "$builddir/testsuite/live/6.1/modules/$name.ko" "$root$tree/updates" || return
	done
	echo 'policy zram require' >"$root/etc/klpdep.d/boot.conf"
	refresh
}

probe() {
	cat <<-'EOT'
	#!/bin/sh
	[ "$1" != prereqs ] || exit 0
	exec >/dev/console
	for p in klp_ext4/ext4 klp_zram/zram; do
		read -r patched </sys/kernel/livepatch/$p/patched
		read -r transition </sys/kernel/livepatch/${p%/*}/transition
		echo "probe: $p patched $patched transition $transition"
	done
	read -r feature </sys/fs/ext4/features/lazy_itable_init
	echo "probe: ext4 says $feature"
	dmesg | sed -n -e 's/^.*livepatch: .\(klp_[a-z0-9]*\).: \(patching complete\)/probe: \1 \2/p' \
		-e 's/^.*\(klpdep: loaded: .*\)/probe: \1/p' \
		-e 's/^.*\(EXT4-fs (vda): mounted\).*/probe: \1/p'
	echo o >/proc/sysrq-trigger
	sleep 60
	EOT
}

make_disk() {
	mkdir -p "$work/layer/disk/sbin" "$work/layer/disk"/{dev,proc,sys,run,etc,usr}
	cp /bin/true "$work/layer/disk/sbin/init"
	mke2fs -q -t ext4 -d "$work/layer/disk" "$work/layer/disk.img" 64M >/dev/null
}

# boot NAME IMAGE: what the probe says there goes to $images/NAME.probe.
boot() {
	local name=$1
	timeout 600 qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp 2 -m 1G \
		-no-reboot -nodefaults -no-user-config -display none \
		-kernel "$KDIR/boot/vmlinuz-$KVER" -initrd "$2" \
		-drive "file=$work/layer/disk.img,format=raw,if=virtio,snapshot=on" \
		-append "console=ttyS0 panic=-1 oops=panic root=/dev/vda rootfstype=ext4 ro" \
		-serial "file:$work/$name.console" </dev/null >"$work/$name.qemu" 2>&1
	tr -d '\r' <"$work/$name.console" | sed -n 's/^.*probe: //p' >"$images/$name.probe"
}

BOOTED="booted: patched before the root file system is mounted"

# Make the images, and boot them while other tests are run.
start_boots() {
	if ! [ -e "$builddir/testsuite/live/6.1/modules/klp_ext4.ko" ]; then
		echo "skipped initrd $BOOTED: the live tests' livepatches have not been built"
		return
	elif ! command -v qemu-system-x86_64 >/dev/null || ! command -v mke2fs >/dev/null; then
		echo "skipped initrd $BOOTED: there is no QEMU, or no mke2fs"
		return
	elif ! real_patches || ! make_disk; then
		not_ok "$BOOTED"
		return
	fi
	local script=/etc/initramfs-tools/scripts/local-bottom/probe
	set_modules "zram virtio_blk virtio_pci ext4"
	mkdir -p "$root${script%/*}"
	probe >"$root$script"
	chmod +x "$root$script"
	make_image it-boot
	boot it-boot "$images/it-boot.img" &
	make_dracut dr-boot "base kernel-modules rootfs-block klpdep" --force-drivers zram \
		--drivers "virtio_blk virtio_pci ext4" --include "$script" \
		/lib/dracut/hooks/pre-pivot/00-probe.sh
	mv "$root/tmp/image" "$images/dr-boot.img"
	boot dr-boot "$images/dr-boot.img" &
	rm "$root$script" "$root/etc/klpdep.d/boot.conf"
	set_modules "$MODULES"
}

finish_boots() {
	[ -e "$images/dr-boot.img" ] || return
	expected='klp_ext4/ext4 patched 1 transition 0
klp_zram/zram patched 1 transition 0
ext4 says klptest
klp_zram patching complete
klpdep: loaded: zram: loaded with klp_zram
klp_ext4 patching complete
EXT4-fs (vda): mounted'
	wait
	expect "mkinitramfs: $BOOTED" <"$images/it-boot.probe"
	# dracut mounts it twice: the first time to see how.
	uniq "$images/dr-boot.probe" | expect "dracut: $BOOTED"
}

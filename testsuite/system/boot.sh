# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The system booted in QEMU: the root on a SCSI disk, another disk of virtio_blk's, and a
# NIC of e1000e's.

: "${work:?}"

# no_timer_check: a kernel gives up on an emulated timer that comes late.
APPEND="console=ttyS0 panic=-1 oops=panic no_timer_check systemd.show_status=0 \
root=/dev/sda ro"

# boot STATE: what guest/look says goes to STATE.said.
# thread=single: with several threads QEMU makes a 6.12 kernel oops now and then.  A
# processor of few features, since udev loads modules for the others.
boot() {
	truncate -s 1M "$work/$1.second"
	timeout 900 qemu-system-x86_64 -accel tcg,thread=single -cpu qemu64,-svm -smp 2 \
		-m 1G -no-reboot -nodefaults -no-user-config -display none \
		-kernel "$work/$1.vmlinuz" -initrd "$work/$1.initrd" \
		-drive "file=$work/$1.disk,if=none,id=root,format=raw,snapshot=on" \
		-device virtio-scsi-pci -device scsi-hd,drive=root \
		-drive "file=$work/$1.second,if=none,id=second,format=raw" \
		-device virtio-blk-pci,drive=second,serial=original \
		-device e1000e,romfile= \
		-append "$APPEND system=$1" \
		-serial "file:$work/$1.console" -serial "file:$work/$1.serial" \
		</dev/null >"$work/$1.qemu" 2>&1
	tr -d '\r' <"$work/$1.serial" >"$work/$1.said"
	echo "$SECONDS s: $1 is off" >>"$work/times"
}

start_boot() {
	echo "$SECONDS s: $1 boots" >>"$work/times"
	boot "$1" &
}

# expect_boot STATE TITLE: all that is said is $expected.
expect_boot() {
	expect "$1: $2" <"$work/$1.said"
	if [ "$(tail -n 1 "$work/$1.said")" != end ]; then
		echo "#   the last of its console:"
		tail -n 40 "$work/$1.console" | tr -d '\r' | sed 's/^/#   /'
	fi
	rm -f "$work/$1.disk" "$work/$1.second"
}

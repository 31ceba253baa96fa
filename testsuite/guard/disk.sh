# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The disk and its guest, and what is expected of them.

: "${WORK:?}" "${here:?}" "${kind:?}"

# ---- the disk

make_patches() {
	mkdir -p "$WORK/modules"
	cp "$here"/modules/* "$SRCDIR/modules/patch.h" "$WORK/modules" &&
		build_with_headers "$WORK/modules" CONFIG_DEBUG_INFO= CONFIG_DEBUG_INFO_BTF_MODULES=
}

make_system() {
	local root=$WORK/root units=$WORK/root/etc/systemd/system unit dir
	mkdir -p "$root"
	(cd "$root" && cpio --quiet -idu <"$DEBIAN_ROOT" && cpio --quiet -idu <"$LIVEDIR/userland.cpio")
	mkdir -p "$root/guard" "$root/etc/klpdep.d" "$root/lib/modules/$KVER" "$units" \
		"$root/var/lib/klpdep"
	cp "$KDIR/lib/modules/$KVER"/modules.{order,builtin,builtin.modinfo} "$root/lib/modules/$KVER"
	cp "$WORK"/modules/klp_*.ko "$here"/guest/{say,act} "$root/guard"
	cp "$KIMAGE" "$root/guard/vmlinuz"
	cp "$WORK/initrd.cpio" "$root/guard/initrd"
	ROOT=$root add_program kexec || return
	cp "$here"/guest/*.service "$units"
	chmod +x "$root"/guard/{say,act}
	printf '%s\n' 'guard yes' 'guard-time 2' 'settle-timeout 60' >"$root/etc/klpdep.d/guard.conf"
	: >"$root/etc/fstab"
	echo guard >"$root/etc/hostname"
	echo 00000000000000000000000000000001 >"$root/etc/machine-id"
	for unit in getty.target systemd-update-utmp.service systemd-random-seed.service \
			systemd-update-utmp-runlevel.service systemd-logind.service \
			systemd-user-sessions.service systemd-timesyncd.service timers.target \
			systemd-journal-flush.service systemd-sysusers.service systemd-hwdb-update.service \
			systemd-udev-trigger.service apparmor.service remote-fs.target; do
		ln -sf /dev/null "$units/$unit"
	done
	ln -sf /usr/lib/systemd/system/multi-user.target "$units/default.target"
	dir=$(make_variable systemdsystemunitdir)
	mkdir -p "$units"/{sysinit,multi-user}.target.wants "$units/klpdep-guard.path.d"
	cp "$here/guest/guard-boot.conf" "$units/klpdep-guard.path.d"
	ln -s "$dir/klpdep.service" "$units/sysinit.target.wants"
	ln -s ../guard-say.service ../guard-act.service "$units/multi-user.target.wants"
	depmod -b "$root" "$KVER" && "$BUILDDIR/tools/klpdep" depmod -q -b "$root" "$KVER" &&
		truncate -s 2G "$WORK/plain.disk" && mke2fs -q -t ext4 -d "$root" "$WORK/plain.disk"
}

make_initrd() {
	local root=$WORK/initrd file
	cp -a "$LIVEDIR/userland" "$root"
	mkdir -p "$root/disk" "$root/modules"
	ROOT=$root add_program switch_root || return
	rm "$root/init"
	install -m 755 "$here/guest/init" "$root/init"
	# In the order in which they have to come.
	for file in $(modprobe -C /dev/null -d "$KDIR" -S "$KVER" -a --show-depends virtio_pci \
			virtio_blk crc32c_generic ext4 | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'); do
		cp "$file" "$root/modules" || return
		echo "${file##*/}" >>"$root/modules/order"
	done
	pack "$root" "$WORK/initrd.cpio"
}

make_disk() {
	build_userland && make_patches && make_initrd && make_system
}

# ---- the guest

# machine NAME DISK WORDS [QEMU-OPTION...]: a machine with a copy of that disk, which is kept as
# NAME.disk; what it says goes to NAME.said.  It starts again by itself.
machine() {
	local name=$1 disk=$2 words=$3
	shift 3
	[ "$disk" = "$name" ] || cp --sparse=always "$WORK/$disk.disk" "$WORK/$name.disk"
	timeout "${seconds:-900}" qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp 2 -m 1G \
		-nodefaults -no-user-config -display none "$@" \
		-kernel "$KIMAGE" -initrd "$WORK/initrd.cpio" \
		-drive "file=$WORK/$name.disk,if=virtio,format=raw" \
		-append "console=ttyS0 panic=1 no_timer_check quiet systemd.show_status=0 $words" \
		-serial "file:$WORK/$name.console" -serial "file:$WORK/$name.serial" \
		</dev/null >>"$WORK/$name.qemu" 2>&1
	tr -d '\r' <"$WORK/$name.serial" >"$WORK/$name.said"
}

late="late:_a_boot_with_it_did_not_come_to_its_end"
void="late:_no_earlier_boot_has_left_anything_in_/var/lib/klpdep/guard"

# said NAME TITLE: all that is said is $expected.
said() {
	expect "$2" <"$WORK/$1.said"
	[ "$(cat "$WORK/$1.said")" = "$expected" ] ||
		tail -n 30 "$WORK/$1.console" | tr -d '\r' | sed 's/^/#   /'
}

# ---- what happens

panics() {
	machine panics plain act=add
	expected="boot 1:
boot 2: klp_bad=blocked=$late klp_good=active
boot 3: klp_bad=quarantined=two_boots_with_it_did_not_come_to_their_end klp_good=active
boot 4: klp_bad=blocked=$late klp_good=active
boot 5: klp_bad=quarantined=two_boots_with_it_did_not_come_to_their_end klp_good=active" \
		said panics "a patch that panics: late, then quarantined; reset-failed starts anew"
	expected=4 expect "a patch that panics: four times in all" \
		< <(grep -c 'Kernel panic.*klp_bad was let in' "$WORK/panics.console")
}

# power_cut N: the machine is off after that many twentieths of what a boot has taken, and on again.
power_cut() {
	local name=cut$1
	seconds=$((took * $1 / 20)) machine "$name" first act=look
	cp "$WORK/$name.said" "$WORK/$name.before"
	machine "$name" "$name" act=look
	expected="in effect, up: good, marks: 0, proven: 1" \
		expect "power cut at $1/20 of a boot: not quarantined, and in effect after the next one" \
		< <(! grep -q quarantined "$WORK/$name".{before,said} &&
			echo "in effect, $(tail -n 1 "$WORK/$name.said")")
	rm "$WORK/$name.disk"
}

# once NAME WORDS TITLE
once() {
	machine "$1" first "$2"
	said "$1" "$3"
	rm "$WORK/$1.disk"
}

rest() {
	local moment took
	machine prepare plain act=prepare
	mv "$WORK/prepare.disk" "$WORK/first.disk"
	took=$SECONDS
	expected="boot 1: klp_good=active
up: good, marks: 0, proven: 1" once good act=look "a good patch: in effect early, and proven"
	took=$((SECONDS - took))
	for moment in "${moments[@]}"; do
		power_cut "$moment"
	done
	expected="boot 1: klp_good=blocked=$void
up: good, marks: 0, proven: 1" \
		once machine 'act=look guard=machine' "the image of another machine: late, and proven"
	expected="boot 1: klp_good=blocked=$void
up: good, marks: 0, proven: 1" once tmpfs 'act=look guard=tmpfs' "/var is a tmpfs: late, and proven"
	expected="boot 1: klp_good=blocked=$void
up: good, marks: 0, proven: 0" \
		once readonly 'act=look guard=readonly' "/var cannot be written: late, and in effect"
	machine forced first act=force -no-reboot
	machine forced forced act=look
	expected="boot 2: klp_good=blocked=$late
up: good, marks: 0, proven: 1" said forced "reboot -f: as a crash, so late"
	expected="boot 1: klp_good=active
boot 2: klp_good=active
up: good, marks: 0, proven: 1" once kexec act=kexec "systemctl kexec: in good order, so proven"
	expected="boot 1: klp_good=active
boot 2: klp_good=blocked=$late
up: good, marks: 0, proven: 1" once kexec-now act=kexec-now "kexec -e: as a crash, so late"
}

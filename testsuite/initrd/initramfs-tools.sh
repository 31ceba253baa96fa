# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Images by mkinitramfs.

# make_image NAME [OPTION...]: unpacked into $images/NAME.  Its exit status and what it says go
# to NAME.said.
make_image() {
	local dir=$images/$1 status=0
	shift
	in_root env SOURCE_DATE_EPOCH=1000000000 mkinitramfs -o /tmp/image "$@" "$KVER" \
		>"$dir.said" 2>&1 || status=$?
	echo "status $status" >>"$dir.said"
	cp "$root/tmp/image" "$dir.img" && mkdir -p "$dir" &&
		(cd "$dir" && zcat "$dir.img" | cpio --quiet -id)
}

# Before there is any livepatch, klpdep leaves no trace.  it-none is what others are
# compared with.
test_it_unpatched() {
	make_image it-none
	expected='status 0'
	expect "mkinitramfs: works here" <"$images/it-none.said"
	install_klpdep
	refresh
	make_image it-unused
	if cmp -s "$images/it-none.img" "$images/it-unused.img"; then
		ok "mkinitramfs: no livepatches: the image is the same, byte by byte"
	else
		not_ok "mkinitramfs: no livepatches: the image is the same, byte by byte"
	fi
}

# Without the hooks there is the trap, or these tests show nothing.
test_it_trap() {
	hooks_away
	make_image it-trap
	hooks_back
	expected=virtio
	comm -23 <(modules_in "$images/it-none") <(modules_in "$images/it-trap") |
		expect "mkinitramfs: without the hooks, what has an install rule is missing"
}

test_it_patched() {
	make_image it-patched
	expected='status 0'
	expect "mkinitramfs: with patches it says nothing" <"$images/it-patched.said"
	expected=$(sort <(modules_in "$images/it-none") <(printf '%s\n' klp_base klp_e1000_2 \
		klp_ext4 klp_jbd2 klp_mbcache klp_scsi_mod klp_virtio klp_virtio_blk))
	modules_in "$images/it-patched" |
		expect "mkinitramfs: all modules, and the patches that are active"
	expected=$(printf 'etc/klpdep.d/%s\n' mask.conf site.conf)
	(cd "$images/it-patched" && find etc/klpdep.d -mindepth 1 | sort) |
		expect "mkinitramfs: the configuration, with what masks some of it"
	expected=$(cat "$root$tree/modules.klpdep")
	expect "mkinitramfs: the index" <"$images/it-patched$tree/modules.klpdep"
	expected="klpdep $(sed -n 's/^PACKAGE_VERSION = //p' "$builddir/Makefile")"
	chroot "$images/it-patched" /usr/libexec/klpdep-modprobe --version 2>&1 |
		expect "mkinitramfs: the helper starts in the image"
	expected='install --before scsi_mod
insmod scsi_mod
install virtio'
	for name in scsi_mod virtio; do
		chroot "$images/it-patched" /sbin/modprobe -S "$KVER" --show-depends $name
	done | sed -n -e 's/^\(install\) .*\(--before scsi_mod\);.*/\1 \2/p' \
		-e 's/^\(install\) .*klpdep-modprobe \(virtio\);.*/\1 \2/p' \
		-e 's|^\(insmod\) .*/\(scsi_mod\)\.ko.*|\1 \2|p' |
		expect "mkinitramfs: modprobe in the image has hooks and rules"
}

# Targets in the tree, and none of them in the image.
test_it_no_targets() {
	set_modules af_packet
	make_image it-others
	hooks_away
	rules_away
	make_image it-others-none
	rules_back
	hooks_back
	set_modules "$MODULES"
	expected=
	differences "$images/it-others" "$images/it-others-none" |
		expect "mkinitramfs: no patched module in it: the hooks change nothing"
	expected=
	brought_to "$images/it-others" |
		expect "mkinitramfs: no patched module in it: no rules"
}

test_it_vmlinux() {
	set_modules af_packet
	echo 'initrd-vmlinux yes' >"$root/etc/klpdep.d/vmlinux.conf"
	make_image it-vmlinux
	rm "$root/etc/klpdep.d/vmlinux.conf"
	set_modules "$MODULES"
	expected=klp_vmlinux
	comm -13 <(modules_in "$images/it-others") <(modules_in "$images/it-vmlinux") |
		expect "mkinitramfs: patches of vmlinux where that is configured"
	expected=$(printf '%s\n' af_packet klp_vmlinux)
	sed 's/ *$//' "$images/it-vmlinux/conf/modules" |
		expect "mkinitramfs: they are loaded"
	expected="install klp_vmlinux /usr/libexec/klpdep-modprobe klp_vmlinux '\$CMDLINE_OPTS'"
	expect "mkinitramfs: by the helper" \
		<"$images/it-vmlinux/etc/modprobe.d/klpdep-vmlinux.conf"
}

# What may be missing or broken: the image has all modules, and mkinitramfs succeeds.
test_it_broken() {
	expected=$(modules_in "$images/it-none")

	mv "$root$tree/modules.klpdep" "$work/layer"
	make_image it-no-index
	mv "$work/layer/modules.klpdep" "$root$tree"
	modules_in "$images/it-no-index" | expect "mkinitramfs: no index: all modules"

	echo damaged >"$work/layer/damaged"
	mount --bind "$work/layer/damaged" "$root$tree/modules.klpdep"
	make_image it-damaged
	umount "$root$tree/modules.klpdep"
	modules_in "$images/it-damaged" | expect "mkinitramfs: a damaged index: all modules"

	break_klpdep
	make_image it-no-klpdep
	repair_klpdep
	modules_in "$images/it-no-klpdep" |
		expect "mkinitramfs: klpdep does not start: all modules"

	mv "$root/usr/share/initramfs-tools/hooks"/{klibc-utils,*busybox} "$work/layer"
	make_image it-no-shell
	mv "$work/layer"/{klibc-utils,*busybox} "$root/usr/share/initramfs-tools/hooks"

	# The rules cannot be written, and they have to be.
	echo 'install zram /bin/false' >"$root/etc/modprobe.d/block.conf"
	mount --bind "$work/layer/damaged" "$root/usr/lib/modprobe.d/zz-klpdep.conf"
	make_image it-stale
	umount "$root/usr/lib/modprobe.d/zz-klpdep.conf"
	rm "$root/etc/modprobe.d/block.conf"

	mv "$root/usr/libexec/klpdep-modprobe" "$work/layer"
	make_image it-no-helper
	mv "$work/layer/klpdep-modprobe" "$root/usr/libexec"

	expected="it-no-index: 0
it-damaged: W: klpdep: klpdep plan failed$WITHOUT 0
it-no-klpdep: W: klpdep: klpdep plan failed$WITHOUT 0
it-no-shell: W: klpdep: there is no /bin/sh$WITHOUT 0
it-stale: W: klpdep: klpdep depmod --rules failed$WITHOUT 0
it-no-helper: W: klpdep: the helper could not be added$WITHOUT 0"
	for name in it-no-index it-damaged it-no-klpdep it-no-shell it-stale it-no-helper; do
		# shellcheck disable=SC2046 # words
		echo $name: $(grep '^W: klpdep: ' "$images/$name.said") \
			$(sed -n 's/^status //p' "$images/$name.said")
	done | expect "mkinitramfs: what is broken is said, and no failure"
	expected=
	for name in it-no-index it-damaged it-no-klpdep it-no-shell it-stale it-no-helper; do
		brought_to "$images/$name"
	done | expect "mkinitramfs: where something is broken, there is nothing of klpdep's"
}

# The rules in it are those of this moment.
test_it_rules() {
	echo 'install scsi_mod /bin/false' >"$root/etc/modprobe.d/block.conf"
	make_image it-block
	rm "$root/etc/modprobe.d/block.conf"
	expected=0
	cat "$images"/it-block/lib/modprobe.d/*klpdep*.conf | grep -c scsi_mod |
		expect "mkinitramfs: a block that is newer than the rules is obeyed"
	expected='klpdep: rules-renewed: modprobe.d: has changed since the rules were written: they are written anew'
	in_root klpdep depmod --rules -v 2>&1 | sed -n 's/^klpdep depmod: \(rules-renewed\)/klpdep: \1/p' |
		expect "mkinitramfs: the block is gone, and the rules are back"
	ln -s /dev/null "$root/etc/modprobe.d/zz-klpdep.conf"
	make_image it-masked
	rm "$root/etc/modprobe.d/zz-klpdep.conf"
	expected='lib/modprobe.d/00-klpdep-softdep.conf'
	(cd "$images/it-masked" && find lib/modprobe.d/ -name '*klpdep*') |
		expect "mkinitramfs: rules that are masked are not in it"
}

# A hook that is run late, whatever its name, and adds a module.
test_it_late_hook() {
	printf '%s\n' '#!/bin/sh' 'case $1 in prereqs) echo fsck; exit;; esac' \
		'. /usr/share/initramfs-tools/hook-functions' 'manual_add_modules zram' \
		>"$root/usr/share/initramfs-tools/hooks/zzz"
	printf '%s\n' 'this ( is no script' >"$root/usr/share/initramfs-tools/hooks/bad"
	chmod +x "$root/usr/share/initramfs-tools/hooks"/{zzz,bad}
	make_image it-late
	rm "$root/usr/share/initramfs-tools/hooks"/{zzz,bad}
	expected=$(sort <(modules_in "$images/it-patched") \
		<(printf '%s\n' klp_zram zram zsmalloc))
	modules_in "$images/it-late" |
		expect "mkinitramfs: a module that another hook adds has its patch"
}

# As kdump-tools does it: a copy of the configuration, and mkinitramfs -d.
test_it_kdump() {
	local conf=$root/var/lib/kdump/initramfs-tools
	mkdir -p "$root/var/lib/kdump"
	cp -pr "$root/etc/initramfs-tools" "$conf"
	make_image it-kdump -d /var/lib/kdump/initramfs-tools
	rm -r "$root/var/lib/kdump"
	expected=$(modules_in "$images/it-none")
	modules_in "$images/it-kdump" |
		expect "mkinitramfs: of kdump-tools: all modules, and no patch"
	expected=
	brought_to "$images/it-kdump" |
		expect "mkinitramfs: of kdump-tools: nothing of klpdep's, the rules included"
}

test_it_readonly() {
	make_readonly 2>&1 | expect "a read-only /usr can be had"
	make_image it-readonly
	expect_readonly mkinitramfs "$images/it-readonly"
	make_writable
}

test_initramfs_tools() {
	test_it_trap
	test_it_patched
	test_it_no_targets
	test_it_vmlinux
	test_it_broken
	test_it_rules
	test_it_late_hook
	test_it_kdump
	test_it_readonly
}

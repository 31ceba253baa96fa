# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Images by dracut.

# make_dracut NAME MODULES [OPTION...]: with these modules of dracut's.
make_dracut() {
	local dir=$images/$1 modules=$2 status=0
	shift 2
	in_root env SOURCE_DATE_EPOCH=1000000000 dracut --force --quiet --reproducible \
		--no-hostonly --no-compress --no-early-microcode --kver "$KVER" -m "$modules" \
		"$@" /tmp/image >"$dir.said" 2>&1 || status=$?
	echo "status $status" >>"$dir.said"
	mkdir -p "$dir" && (cd "$dir" && cpio --quiet -id <"$root/tmp/image")
}

# Modules that dracut adds after its modules have been run, ours being the last.
test_dr_patched() {
	make_dracut dr-none "base kernel-modules" --drivers "$MODULES"
	make_dracut dr-patched "base kernel-modules klpdep" --drivers "$MODULES"
	# Some are there already: dracut-install follows softdeps.
	expected=$(sort -u <(modules_in "$images/dr-none") <(printf '%s\n' klp_base klp_e1000_2 \
		klp_ext4 klp_jbd2 klp_mbcache klp_scsi_mod klp_virtio klp_virtio_blk))
	modules_in "$images/dr-patched" |
		expect "dracut: all modules, and the patches that are active"
	expected=$(printf '%s\n' jbd2 mbcache scsi_mod virtio)
	modules_in "$images/dr-none" | grep -xE 'mbcache|scsi_mod|virtio|jbd2' |
		expect "dracut: what others depend on is there without the hook, too"
	expected=$(printf 'etc/klpdep.d/%s\n' mask.conf site.conf)
	(cd "$images/dr-patched" && find etc/klpdep.d -mindepth 1 | sort) |
		expect "dracut: the configuration, with what masks some of it"
	expected=$(cat "$root$tree/modules.klpdep")
	expect "dracut: the index" <"$images/dr-patched$tree/modules.klpdep"
	expected="klpdep $(sed -n 's/^PACKAGE_VERSION = //p' "$builddir/Makefile")"
	chroot "$images/dr-patched" /usr/libexec/klpdep-modprobe --version 2>&1 |
		expect "dracut: the helper starts in the image"
	expected=$(printf '%s\n' "$tree/updates/klp_scsi_mod.ko")
	chroot "$images/dr-patched" /sbin/modprobe -S "$KVER" --show-depends klp_scsi_mod |
		sed -n 's/^insmod \(.*\) $/\1/p' |
		expect "dracut: its depmod knows the patches"
}

# dracut lists its modules in the image, and the command line; else nothing differs.
test_dr_no_targets() {
	make_dracut dr-others-none "base kernel-modules" --drivers af_packet
	make_dracut dr-others "base kernel-modules klpdep" --drivers af_packet
	expected='> klpdep'
	differences "$images/dr-others-none" "$images/dr-others" |
		grep -v build-parameter | grep '^[<>O]' | grep -v ' -m ' |
		expect "dracut: no patched module in it: nothing but the module's name"
}

# Modules that are there when ours is run; and patches of vmlinux.
test_dr_vmlinux() {
	echo 'initrd-vmlinux yes' >"$root/etc/klpdep.d/vmlinux.conf"
	make_dracut dr-vmlinux "base qemu klpdep"
	rm "$root/etc/klpdep.d/vmlinux.conf"
	expected=$(printf '%s\n' klp_scsi_mod klp_virtio klp_virtio_blk klp_vmlinux)
	modules_in "$images/dr-vmlinux" | grep ^klp_ |
		expect "dracut: patches of what other modules of dracut's have added, and of vmlinux"
	expected='klp_vmlinux'
	expect "dracut: patches of vmlinux are listed" <"$images/dr-vmlinux/etc/klpdep.vmlinux"
	expected='/usr/libexec/klpdep-modprobe "$patch" </dev/null'
	sed -n 's/^\t//p' "$images"/dr-vmlinux/lib/dracut/hooks/pre-udev/00-load-vmlinux.sh |
		expect "dracut: and loaded by the helper"
}

test_dr_broken() {
	echo damaged >"$work/layer/damaged"
	mount --bind "$work/layer/damaged" "$root$tree/modules.klpdep"
	make_dracut dr-damaged "base kernel-modules klpdep" --drivers "$MODULES"
	umount "$root$tree/modules.klpdep"
	expected=$(modules_in "$images/dr-none")
	modules_in "$images/dr-damaged" | expect "dracut: a damaged index: all modules"
	expected='dracut: klpdep plan failed: patched modules may be loaded unpatched at first
status 0'
	grep -E '^dracut: klpdep|^status' "$images/dr-damaged.said" |
		expect "dracut: what is broken is said, and no failure"
	expected=1
	(
		srcmods=/nonexistent
		# shellcheck source=/dev/null
		. "$root/usr/lib/dracut/modules.d/99klpdep/module-setup.sh"
		check
		echo $?
	) | expect "dracut: no index: the module is left out"
}

test_dracut() {
	if ! in_root dracut --list-modules --kver "$KVER" 2>&1 | grep -qx klpdep; then
		not_ok "dracut: the module is found"
		return
	fi
	ok "dracut: the module is found"
	test_dr_patched
	test_dr_no_targets
	test_dr_vmlinux
	test_dr_broken
}

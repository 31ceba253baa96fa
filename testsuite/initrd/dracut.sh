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
	rules_away
	make_dracut dr-others-none "base kernel-modules" --drivers af_packet
	rules_back
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

# Where something is missing or broken: dracut-install follows softdeps, so patches may be there.
test_dr_broken() {
	local name names="dr-damaged dr-no-klpdep dr-no-shell dr-stale dr-no-helper dr-no-index"

	echo damaged >"$work/layer/damaged"
	mount --bind "$work/layer/damaged" "$root$tree/modules.klpdep"
	make_dracut dr-damaged "base kernel-modules klpdep" --drivers "$MODULES"
	umount "$root$tree/modules.klpdep"
	expected=$(modules_in "$images/dr-none")
	modules_in "$images/dr-damaged" | expect "dracut: a damaged index: all modules"

	break_klpdep
	make_dracut dr-no-klpdep "base kernel-modules klpdep" --drivers "$MODULES"
	repair_klpdep
	modules_in "$images/dr-no-klpdep" | expect "dracut: klpdep does not start: all modules"

	# base brings a shell.
	make_dracut dr-no-shell "kernel-modules klpdep" --drivers "$MODULES"

	echo 'install zram /bin/false' >"$root/etc/modprobe.d/block.conf"
	mount --bind "$work/layer/damaged" "$root/usr/lib/modprobe.d/zz-klpdep.conf"
	make_dracut dr-stale "base kernel-modules klpdep" --drivers "$MODULES"
	umount "$root/usr/lib/modprobe.d/zz-klpdep.conf"
	rm "$root/etc/modprobe.d/block.conf"

	mv "$root/usr/libexec/klpdep-modprobe" "$work/layer"
	make_dracut dr-no-helper "base kernel-modules klpdep" --drivers "$MODULES"
	mv "$work/layer/klpdep-modprobe" "$root/usr/libexec"

	mv "$root$tree/modules.klpdep" "$work/layer"
	make_dracut dr-no-index "base kernel-modules klpdep" --drivers "$MODULES"
	mv "$work/layer/modules.klpdep" "$root$tree"

	expected="dr-damaged: klpdep plan failed$WITHOUT 0
dr-no-klpdep: klpdep plan failed$WITHOUT 0
dr-no-shell: there is no /bin/sh$WITHOUT 0
dr-stale: klpdep depmod --rules failed$WITHOUT 0
dr-no-helper: the helper could not be added$WITHOUT 0
dr-no-index: 0"
	for name in $names; do
		# shellcheck disable=SC2046 # words
		echo $name: $(sed -n 's/^dracut: klpdep: //p' "$images/$name.said") \
			$(sed -n 's/^status //p' "$images/$name.said")
	done | expect "dracut: what is broken is said, and no failure"
	expected=
	for name in $names; do
		brought_to "$images/$name" | grep -v -e '\.ko$' -e '^lib/depmod\.d/'
	done | expect "dracut: where something is broken, there are neither rules nor helper"
	expected='1 0'
	(
		srcmods=/nonexistent
		# shellcheck source=/dev/null
		. "$root/usr/lib/dracut/modules.d/99klpdep/module-setup.sh"
		rules=/nonexistent
		check
		without=$?
		rules=$root/lib/modprobe.d
		check
		echo $without $?
	) | expect "dracut: no index: the module is left out, unless there are rules"
}

# The rules in it are those of this moment.
test_dr_rules() {
	expected=$(cd "$root/lib/modprobe.d" && cat 00-klpdep-softdep.conf zz-klpdep.conf)
	(cd "$images/dr-patched/lib/modprobe.d" && cat 00-klpdep-softdep.conf zz-klpdep.conf) |
		expect "dracut: the rules"
	echo 'install scsi_mod /bin/false' >"$root/etc/modprobe.d/block.conf"
	make_dracut dr-block "base kernel-modules klpdep" --drivers "$MODULES"
	rm "$root/etc/modprobe.d/block.conf"
	in_root klpdep depmod --rules
	expected=0
	cat "$images"/dr-block/lib/modprobe.d/*klpdep*.conf | grep -c scsi_mod |
		expect "dracut: a block that is newer than the rules is obeyed"
	ln -s /dev/null "$root/etc/modprobe.d/zz-klpdep.conf"
	make_dracut dr-masked "base kernel-modules klpdep" --drivers "$MODULES"
	rm "$root/etc/modprobe.d/zz-klpdep.conf"
	expected='lib/modprobe.d/00-klpdep-softdep.conf'
	(cd "$images/dr-masked" && find lib/modprobe.d/ -name '*klpdep*') |
		expect "dracut: rules that are masked are not in it"
}

# A module with an install rule has its own softdeps in no line that dracut-install reads.
test_dr_softdeps() {
	local vermagic
	vermagic=$(in_root modinfo -k "$KVER" -F vermagic btrfs)
	patch klp_btrfs btrfs btrfs_statfs
	echo 'policy btrfs require' >"$root/etc/klpdep.d/btrfs.conf"
	refresh
	rules_away
	make_dracut dr-softdeps-none base --drivers btrfs
	rules_back
	make_dracut dr-softdeps "base klpdep" --drivers btrfs
	expected=$(sort <(modules_in "$images/dr-softdeps-none") <(echo klp_btrfs))
	modules_in "$images/dr-softdeps" |
		expect "dracut: a module with an install rule, and what its softdeps name"
	# The rules are for all kernels, and this one may be without the patch.
	mv "$root$tree/modules.klpdep" "$work/layer"
	make_dracut dr-softdeps-other "base klpdep" --drivers btrfs
	mv "$work/layer/modules.klpdep" "$root$tree"
	expected=$(modules_in "$images/dr-softdeps-none")
	modules_in "$images/dr-softdeps-other" |
		expect "dracut: and for a kernel without an index"
	rm "$root$tree/updates/klp_btrfs.ko" "$root/etc/klpdep.d/btrfs.conf"
	refresh
}

# kdump_dracut NAME MODULES [ENVIRONMENT]: as mkdumprd of the one or the other makes it.
kdump_dracut() {
	IN_KDUMP=${3-} make_dracut "$1" "$2" --drivers "$MODULES"
	expected=$(modules_in "$images/dr-none")
	modules_in "$images/$1" | expect "dracut: $1: all modules, and no patch"
	# dracut itself copies what softdeps name, and depmod.d.
	expected=
	brought_to "$images/$1" | grep -v -e '/updates/' -e '/depmod\.d/' |
		expect "dracut: $1: neither rules nor helper nor index"
}

test_dr_kdump() {
	local module=$root/usr/lib/dracut/modules.d/99kdump
	kdump_dracut dr-kdump-utils "base kernel-modules klpdep" 1
	mkdir "$module"
	echo 'check() { return 255; }' >"$module/module-setup.sh"
	kdump_dracut dr-kdump-module "base kernel-modules klpdep kdump"
	rm -r "$module"
}

test_dr_readonly() {
	make_readonly
	make_dracut dr-readonly "base kernel-modules klpdep" --drivers "$MODULES"
	expect_readonly dracut "$images/dr-readonly"
	make_writable
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
	test_dr_rules
	test_dr_broken
	test_dr_softdeps
	test_dr_kdump
	test_dr_readonly
}
